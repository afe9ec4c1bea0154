"""Signed requests to S3 of every kind and with every nonsense: never an error of the server."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Event
from tests.api.clients import Key, ask, key_of

HOST = "localhost:8000"
TEXTS = st.one_of(
    st.sampled_from(["", "0", "-1", "1", "a", "2", "null", "é", "%2F", "a/b", "true", "*", '"a"']),
    st.text(st.characters(codec="utf-8"), max_size=8),
    st.integers(-(10**20), 10**20).map(str),
)
PARAMETERS = st.sampled_from(
    """acl attributes continuation-token cors delete delimiter encoding-type fetch-owner key-marker
    lifecycle list-type location marker max-buckets max-keys max-parts max-uploads
    part-number-marker partNumber policy policyStatus prefix publicAccessBlock
    response-content-type response-expires restore start-after tagging upload-id-marker uploadId
    uploads versionId versioning versions x-id""".split()
)
HEADERS = st.sampled_from(
    """cache-control content-disposition content-encoding content-md5 content-type expires if-match
    if-modified-since if-none-match if-unmodified-since range sec-fetch-dest sec-fetch-site
    x-amz-acl x-amz-checksum-algorithm x-amz-checksum-crc32 x-amz-checksum-crc64nvme
    x-amz-checksum-mode x-amz-checksum-sha512 x-amz-checksum-type x-amz-copy-source
    x-amz-copy-source-if-match x-amz-copy-source-if-modified-since x-amz-copy-source-range
    x-amz-decoded-content-length x-amz-expected-bucket-owner x-amz-grant-read x-amz-meta-a
    x-amz-metadata-directive x-amz-mp-object-size x-amz-object-attributes
    x-amz-sdk-checksum-algorithm x-amz-storage-class x-amz-tagging x-amz-tagging-directive
    x-amz-trailer x-amz-website-redirect-location""".split()
)
# HTTP knows no other characters in headers.
VALUES = TEXTS.map(lambda text: "".join(c for c in text if " " <= c <= "~"))
PATHS = st.one_of(
    st.sampled_from(["/", "/bucket", "/bucket/", "/bucket/a", "/bucket/../a", "/Bucket/a", "//"]),
    TEXTS.map(lambda text: "/bucket/" + quote(text, safe="/~")),
    st.binary(max_size=8).map(lambda text: "/bucket/" + quote(text, safe="/~")),
)
BODIES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=30).map(str.encode),
    st.sampled_from(
        [
            b"",
            b"{}",
            b'{"Version":"2012-10-17","Statement":[]}',
            b"<Delete><Object><Key>a</Key></Object></Delete>",
            b"<Tagging><TagSet><Tag><Key>a</Key><Value/></Tag></TagSet></Tagging>",
            b"<CompleteMultipartUpload><Part><PartNumber>0</PartNumber></Part>"
            b"</CompleteMultipartUpload>",
            b"<PublicAccessBlockConfiguration/>",
            b"<CreateBucketConfiguration><LocationConstraint>x</LocationConstraint>"
            b"</CreateBucketConfiguration>",
            b"1\r\na\r\n0\r\n\r\n",
        ]
    ),
)
CLAIMS = st.sampled_from(
    ["", "UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
     "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"]
)  # fmt: skip


@pytest.fixture
def key(admin, settings, tmp_path) -> Key:
    settings.OBJECTS = tmp_path / "objects"
    found = key_of(admin)
    for method, path, body in (("PUT", "/bucket", b""), ("PUT", "/bucket/a", b"hello")):
        assert answered(found, method, path, {}, {}, body, "").status == 200
    return found


def answered(
    key: Key, method: str, path: str, query: Any, headers: Any, body: bytes, claim: str
) -> Any:
    written = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in
                       query.items())  # fmt: skip
    url = f"http://{HOST}{path}" + (f"?{written}" if written else "")
    request = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
    signer = S3SigV4Auth(key.credentials, "s3", "us-east-1")
    if claim:
        signer.payload = lambda _: claim
    signer.add_auth(request)
    sent = {"Host": HOST, **{name: str(text) for name, text in request.headers.items()}}
    path_info = unquote_to_bytes(path).decode("latin-1")
    return ask(method, path_info, written, sent, body, RAW_URI=url.removeprefix(f"http://{HOST}"))


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE"]),
    path=PATHS,
    query=st.dictionaries(PARAMETERS, TEXTS, max_size=3),
    headers=st.dictionaries(HEADERS, VALUES, max_size=4),
    body=BODIES,
    claim=CLAIMS,
)
def test_whatever_is_asked_is_answered_by_s3(key, method, path, query, headers, body, claim):
    answer = answered(key, method, path, query, headers, body, claim)
    assert answer.status < 500 or answer.status == 501, answer.body
    assert answer.headers["x-amz-request-id"]
    assert not Event.objects.filter(outcome="failure").exists()
