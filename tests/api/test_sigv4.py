"""Our check of signatures against botocore's signer, whatever is signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from iamconsole.api import sigv4
from iamconsole.api.errors import FrontDoorError
from iamconsole.api.query import pairs

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"

# What may stand in a URL's path as it is sent: anything, percent-encoded or not.
PATHS = st.lists(
    st.one_of(
        st.sampled_from(["", ".", "..", "%2F", "%2e%2E", "a b", "~", "é", "%25", "*", "+", ";"]),
        st.text(st.characters(exclude_characters="/?#%\r\n\t", codec="utf-8"), max_size=8),
    ),
    max_size=6,
).map(lambda parts: "/" + "/".join(quote(part, safe="%~.*+;") for part in parts))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
QUERIES = st.lists(st.tuples(TEXTS.filter(bool), TEXTS), max_size=5)
# HTTP allows no control characters in headers; what the wire has is Latin-1.
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20)
HEADERS = st.dictionaries(
    st.from_regex(r"(x-amz-)?[a-z][a-z0-9-]{0,10}", fullmatch=True).filter(
        lambda name: (
            name
            not in ("host", "date", "expect", "transfer-encoding", "user-agent", "authorization")
            and not name.startswith("x-amz-")
        )
    ),
    VALUES,
    max_size=4,
)
REGIONS = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)


def written(query: list[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)


def arrived(request: AWSRequest) -> sigv4.Request:
    """A request of botocore's as the front door hands it to the check."""
    url = urlsplit(request.url)
    body = request.body or b""
    return sigv4.Request(
        method=request.method,
        path=url.path,
        query=pairs(url.query),
        headers={name.lower(): str(value) for name, value in request.headers.items()}
        | {"host": url.netloc},
        body=body.encode() if isinstance(body, str) else body,
    )


def signed(
    *,
    method: str = "POST",
    path: str = "/",
    query: str = "",
    headers: dict[str, str] | None = None,
    body: bytes = b"Action=GetUser",
    region: str = "us-east-1",
    token: str | None = None,
    presigned: bool = False,
) -> AWSRequest:
    url = f"http://localhost:8000{path}" + (f"?{query}" if query else "")
    request = AWSRequest(
        method=method, url=url, data=b"" if presigned else body, headers=dict(headers or {})
    )
    signer = SigV4QueryAuth if presigned else SigV4Auth
    signer(Credentials(KEY_ID, SECRET, token), "iam", region).add_auth(request)
    return request


def check(request: sigv4.Request, secret: str = SECRET, now: datetime | None = None) -> None:
    signature = sigv4.read(request)
    assert signature is not None
    sigv4.check(signature, request, secret, now or datetime.now(UTC))


@settings(max_examples=200, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST"]),
    path=PATHS,
    query=QUERIES,
    headers=HEADERS,
    body=st.binary(max_size=60),
    region=REGIONS,
    token=st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9+/=]{1,30}", fullmatch=True)),
)
def test_what_botocore_signs_is_right_and_what_another_secret_signs_is_not(
    method, path, query, headers, body, region, token
):
    request = arrived(
        signed(
            method=method,
            path=path,
            query=written(query),
            headers=headers,
            body=body,
            region=region,
            token=token,
        )
    )
    check(request)
    with pytest.raises(FrontDoorError) as refused:
        check(request, secret=SECRET[:-1])
    assert refused.value.code == "SignatureDoesNotMatch"


@settings(max_examples=100, deadline=None)
@given(
    path=PATHS,
    query=st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=4),
    token=st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9+/=]{1,30}", fullmatch=True)),
)
def test_what_botocore_presigns_is_right(path, query, token):
    request = signed(
        method="GET", path=path, query=written(list(query.items())), token=token, presigned=True
    )
    found = sigv4.read(arrived(request))
    assert found is not None
    assert (found.token, found.expires) == (token, 3600)
    check(arrived(request))


@settings(max_examples=100, deadline=None)
@given(body=st.binary(min_size=1, max_size=40), place=st.integers(0, 39), query=QUERIES)
def test_a_changed_body_is_noticed(body, place, query):
    request = arrived(signed(body=body, query=written(query)))
    place %= len(body)
    other = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
    changed = sigv4.Request(request.method, request.path, request.query, request.headers, other)
    with pytest.raises(FrontDoorError, match="does not match"):
        check(changed)


def test_a_query_written_another_way_is_the_same_query():
    request = arrived(signed(query="b=%2f&a=x%20y"))
    # botocore signs what stands there; AWS and every other client sign it in one form.
    with pytest.raises(FrontDoorError, match="does not match"):
        check(request)
    check(arrived(signed(query="a=x%20y&b=%2F")))


def test_a_request_without_a_signature_has_none():
    assert sigv4.read(sigv4.Request("POST", "/", [], {"host": "localhost"}, b"")) is None


def test_the_date_header_counts_where_there_is_no_other():
    request = signed(headers={"Date": "Mon, 01 Jan 2001 00:00:00 GMT"})
    assert "X-Amz-Date" not in request.headers
    check(arrived(request))


def test_the_time_allowed_ends_to_the_second():
    request = arrived(signed())
    found = sigv4.read(request)
    assert found is not None
    at = found.signed_at
    for within in (at - sigv4.SKEW, at, at + sigv4.SKEW):
        check(request, now=within)
    second = timedelta(seconds=1)
    for outside in (at - sigv4.SKEW - second, at + sigv4.SKEW + second):
        with pytest.raises(FrontDoorError) as refused:
            check(request, now=outside)
        assert refused.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("signature", ["", "0" * 64, "G" * 64, "é", "0" * 63, "0" * 65])
def test_what_has_not_the_form_of_a_signature_is_none(signature):
    request = signed()
    start = request.headers["Authorization"].rpartition("=")[0]
    request.headers.replace_header("Authorization", f"{start}={signature}")
    with pytest.raises(FrontDoorError) as refused:
        check(arrived(request))
    assert refused.value.code in ("SignatureDoesNotMatch", "IncompleteSignature")


@pytest.mark.parametrize("names", ["host", "Host;x-amz-date", "x-amz-date;host", "host;host"])
def test_signed_headers_are_named_in_one_way_only(names):
    request = signed()
    header = request.headers["Authorization"].replace("host;x-amz-date", names)
    request.headers.replace_header("Authorization", header)
    with pytest.raises(FrontDoorError) as refused:
        check(arrived(request))
    assert refused.value.code == "SignatureDoesNotMatch"
