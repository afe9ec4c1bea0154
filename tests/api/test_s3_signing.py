"""Our check of S3's signatures against botocore's signers, whatever is signed."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Event
from iamconsole.api import sigv4
from iamconsole.api.query import pairs
from iamconsole.api.s3 import routes, sigv2
from tests.api.clients import Key, ask, key_of

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
HOST = "localhost:8000"

PARTS = st.one_of(
    st.sampled_from(["", ".", "..", "%2F", "%2e%2E", "a b", "~", "é", "%25", "*", "+", ";", "?"]),
    st.text(st.characters(exclude_characters="/\x00", codec="utf-8"), max_size=8),
)
KEYS = st.lists(PARTS, min_size=1, max_size=6).map("/".join).filter(bool)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
QUERIES = st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=4)
TOKENS = st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9+/=]{1,30}", fullmatch=True))
METHODS = st.sampled_from(["GET", "HEAD", "PUT", "DELETE"])


def signed(signer: Any, method: str, key: str, query: dict[str, str], **headers: str) -> AWSRequest:
    """A request as boto3 makes it: the key percent-encoded once, and nothing of it resolved."""
    written = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in
                       query.items())  # fmt: skip
    url = f"http://{HOST}/bucket/{quote(key, safe='/~')}" + (f"?{written}" if written else "")
    request = AWSRequest(method=method, url=url, headers=headers, data=b"")
    signer.add_auth(request)
    return request


def arrived(request: AWSRequest, payload: str = "") -> sigv4.Request:
    """The same as the front door hands it to the check."""
    path, _, query = request.url.partition(HOST)[2].partition("?")
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    claimed = payload or headers["x-amz-content-sha256"]
    found = {**headers, "host": HOST}
    return sigv4.Request(request.method, path, pairs(query), found, b"", claimed)


def holds(request: sigv4.Request, secret: str = SECRET) -> bool:
    signature = sigv4.read(request)
    assert signature is not None
    assert signature.is_of_s3
    return sigv4.prove(signature, request, secret).holds


@settings(max_examples=200, deadline=None)
@given(method=METHODS, key=KEYS, query=QUERIES, token=TOKENS)
def test_what_botocore_signs_for_s3_is_right_and_its_key_is_the_one_that_was_meant(
    method, key, query, token
):
    signer = S3SigV4Auth(Credentials(KEY_ID, SECRET, token), "s3", "eu-west-1")
    request = arrived(signed(signer, method, key, query))
    assert holds(request)
    assert not holds(request, SECRET[:-1])
    assert routes.address(request.path) == routes.Address("bucket", key)


@settings(max_examples=100, deadline=None)
@given(method=METHODS, key=KEYS, query=QUERIES, token=TOKENS)
def test_what_botocore_presigns_for_s3_is_right(method, key, query, token):
    signer = S3SigV4QueryAuth(Credentials(KEY_ID, SECRET, token), "s3", "eu-west-1", expires=60)
    request = arrived(signed(signer, method, key, query), "UNSIGNED-PAYLOAD")
    assert holds(request)
    assert not holds(request, SECRET[:-1])


@settings(max_examples=100, deadline=None)
@given(
    method=METHODS,
    key=KEYS,
    query=st.dictionaries(
        st.sampled_from(["uploadId", "partNumber", "tagging", "response-content-type"]),
        TEXTS.filter(bool),
        max_size=3,
    ),
    token=TOKENS,
    value=st.text(string.ascii_letters + string.digits + ' "=;é', max_size=12).map(str.strip),
)
def test_what_botocore_presigns_by_version_2_is_right(method, key, query, token, value):
    signer = HmacV1QueryAuth(Credentials(KEY_ID, SECRET, token), expires=60)
    request = arrived(
        signed(signer, method, key, query, **{"x-amz-meta-a": value, "content-type": "text/a"}), "-"
    )
    # What was signed may stand in the address alone, or in a header as well.
    bare = sigv4.Request(request.method, request.path, request.query, {"host": HOST}, b"")
    for each in (request, bare):
        signature = sigv2.read(each)
        assert (signature.access_key_id, signature.token) == (KEY_ID, token)
        assert sigv2.check(signature, each, SECRET) is None
        assert sigv2.check(signature, each, SECRET[:-1]) is not None
        other = sigv4.Request(each.method, f"{each.path}x", each.query, each.headers, b"")
        assert sigv2.check(signature, other, SECRET) is not None


# --- What whoever is refused is told -------------------------------------------------------------


@pytest.fixture
def key(admin) -> Key:
    return key_of(admin)


def asked(
    key: Key, method: str = "GET", path: str = "/", *, at: datetime | None = None, **headers: str
) -> Any:
    """A signed request without a body, and what is answered."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest(method=method, url=f"http://{HOST}{path}", headers=named, data=b"")
    signer = S3SigV4Auth(key.credentials, "s3", "us-east-1")
    if at is not None:
        stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        signer._modify_request_before_signing = lambda made: _dated(signer, made, stamp)
    signer.add_auth(request)
    url = urlsplit(request.url)
    sent = {"Host": HOST, **dict(request.headers.items())}
    path_info = unquote_to_bytes(url.path).decode("latin-1")
    return ask(method, path_info, url.query, sent, RAW_URI=path)


def _dated(signer: Any, request: AWSRequest, stamp: str) -> None:
    request.context["timestamp"] = stamp
    S3SigV4Auth._modify_request_before_signing(signer, request)


def test_a_signed_call_is_answered_and_on_record_under_its_id(key, admin):
    answer = asked(key)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/xml")
    event = Event.objects.get(request_id=answer.headers["x-amz-request-id"])
    assert (event.action, event.principal_arn) == ("s3:ListBuckets", admin.arn)
    assert "Set-Cookie" not in answer.headers
    assert len(answer.headers["x-amz-id-2"]) == 64


def test_an_error_says_what_to_whom(key):
    answer = asked(key, path="/nowhere/a%20b")
    assert (answer.status, answer.code) == (404, "NoSuchBucket")
    assert "<BucketName>nowhere</BucketName><Resource>/nowhere/a%20b</Resource>" in answer.body
    assert answer.request_id == answer.headers["x-amz-request-id"]
    head = asked(key, "HEAD", "/nowhere")
    assert (head.status, head.body) == (404, "")


def test_unknown_keys_are_called_so_as_s3_does(key):
    stranger = asked(Key("AKIAAAAAAAAAAAAAAAAA", key.secret))
    assert (stranger.status, stranger.code) == (403, "InvalidAccessKeyId")
    assert stranger.message == "The AWS Access Key Id you provided does not exist in our records."
    assert "<AWSAccessKeyId>AKIAAAAAAAAAAAAAAAAA</AWSAccessKeyId>" in stranger.body
    with_token = asked(Key(key.access_key_id, key.secret, "token"))
    assert (with_token.status, with_token.code) == (400, "InvalidToken")


def test_a_wrong_secret_is_told_what_should_have_been_signed(key):
    answer = asked(Key(key.access_key_id, "wrong"))
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    for name in ("StringToSign", "SignatureProvided", "CanonicalRequest", "AWSAccessKeyId"):
        assert f"<{name}>" in answer.body
    assert key.secret not in answer.body
    assert not Event.objects.exists()


def test_a_clock_may_be_off_by_a_quarter_of_an_hour(key):
    now = timezone.now()
    for minutes in (-14, 14):
        assert asked(key, at=now + timedelta(minutes=minutes)).status == 200
    for minutes in (-16, 16):
        answer = asked(key, at=now + timedelta(minutes=minutes))
        assert (answer.status, answer.code) == (403, "RequestTimeTooSkewed")
        assert "<MaxAllowedSkewMilliseconds>900000<" in answer.body


def test_every_header_of_amazon_has_to_be_signed(key):
    request = AWSRequest(method="GET", url=f"http://{HOST}/", data=b"")
    S3SigV4Auth(key.credentials, "s3", "us-east-1").add_auth(request)
    headers = {"Host": HOST, **dict(request.headers.items()), "X-Amz-Acl": "private"}
    answer = ask("GET", "/", "", headers)
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert "<HeadersNotSigned>x-amz-acl</HeadersNotSigned>" in answer.body


def test_what_was_signed_for_another_service_is_good_for_that_alone(key):
    request = AWSRequest(method="GET", url=f"http://{HOST}/", data=b"")
    S3SigV4Auth(key.credentials, "iam", "us-east-1").add_auth(request)
    headers = {"Host": HOST, **dict(request.headers.items())}
    headers["Authorization"] += ", Other=/s3/aws4_request"
    answer = ask("GET", "/", "", headers)
    assert (answer.status, answer.code) == (400, "AuthorizationHeaderMalformed")


def test_what_a_body_is_said_to_be_has_to_be_said(key):
    request = AWSRequest(method="GET", url=f"http://{HOST}/", data=b"")
    S3SigV4Auth(key.credentials, "s3", "us-east-1").add_auth(request)
    headers = {"Host": HOST, **dict(request.headers.items())}
    missing = {name: text for name, text in headers.items() if name != "X-Amz-Content-SHA256"}
    assert ask("GET", "/", "", missing).code == "InvalidRequest"
    nonsense = {**headers, "X-Amz-Content-SHA256": "nonsense"}
    assert ask("GET", "/", "", nonsense).code == "InvalidArgument"
    other = {**headers, "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    assert ask("GET", "/", "", other).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/bucket", 405, "MethodNotAllowed"),
        ("PATCH", "/bucket/a", 405, "MethodNotAllowed"),
        ("PUT", "/", 405, "MethodNotAllowed"),
        ("GET", "//a", 400, "InvalidURI"),
        ("GET", "/bucket/%FF", 400, "InvalidURI"),
        ("GET", "/bucket?a=%FF", 400, "InvalidURI"),
        ("GET", "/bucket?a=%zz", 400, "InvalidURI"),
        ("GET", "/bucket?prefix=a&prefix=b", 400, "InvalidArgument"),
        ("GET", "/bucket?list-type=2&max-keys=x", 400, "InvalidArgument"),
        ("GET", "/bucket?list-type=2&max-keys=-1", 400, "InvalidArgument"),
        ("GET", "/bucket?cors", 501, "NotImplemented"),
        ("PUT", "/bucket?lifecycle", 501, "NotImplemented"),
        ("PUT", "/bucket/a?partNumber=1", 400, "InvalidArgument"),
        ("PUT", "/bucket/a?partNumber=x&uploadId=a", 400, "InvalidArgument"),
        ("GET", "/bucket/a?versionId=abc", 404, "NoSuchVersion"),
        ("PUT", "/bucket?policy", 400, "InvalidRequest"),
        ("PUT", "/bucket?publicAccessBlock", 400, "InvalidRequest"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_an_error_of_the_sender(key, method, path, status, code):
    answer = asked(key, method, path)
    assert (answer.status, answer.code) == (status, code)


def test_addresses_with_half_a_signature_are_refused(key):
    for query, code in [
        ("X-Amz-Credential=a%2F20260101%2Fr%2Fs3%2Faws4_request",
         "AuthorizationQueryParametersError"),
        ("AWSAccessKeyId=a", "AccessDenied"),
        ("AWSAccessKeyId=a&Signature=b&Expires=never", "AccessDenied"),
        ("AWSAccessKeyId=a&Signature=b&Expires=1&policyStatus", "AccessDenied"),
        ("AWSAccessKeyId=a&AWSAccessKeyId=b&Signature=b&Expires=1", "InvalidArgument"),
    ]:  # fmt: skip
        assert dict(parse_qsl(query))
        answer = ask("GET", "/bucket/a", query, {"Host": HOST})
        assert answer.code == code, query
    header = "AWS4-HMAC-SHA256 Credential=a/20260101/r/s3/aws4_request, Signature=c"
    answer = ask("GET", "/bucket", "", {"Host": HOST, "Authorization": header,
                                        "x-amz-content-sha256": "UNSIGNED-PAYLOAD"})  # fmt: skip
    assert answer.code == "AuthorizationHeaderMalformed"
