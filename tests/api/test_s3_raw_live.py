"""What a client of S3 that does not keep to HTTP or to its own word leaves behind: nothing."""

from __future__ import annotations

import base64
import hashlib
import socket
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

from iamconsole.sandbox.models import StoredObject
from tests.api.clients import key_of
from tests.api.servers import fetched, s3_client

MIB = 1024 * 1024
Put = Callable[..., bytes]


@pytest.fixture
def put(endpoint, s3_key, bucket) -> Put:
    """`put(body, …)`: the first line and the body of the answer to a signed upload, byte by byte.

    `sent` are the bytes that really go out, after which the client says no more.
    """

    def put(body: bytes, *, sent: bytes | None = None, claim: str = "", **headers: str) -> bytes:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Length", str(len(body)))
        named = {name: value for name, value in named.items() if value}
        url = f"{endpoint}/{bucket}/a"
        request = AWSRequest(method="PUT", url=url, data=body, headers=dict(named))
        signer = S3SigV4Auth(s3_key.credentials, "s3", "us-east-1")
        if claim:
            signer.payload = lambda _: claim
        signer.add_auth(request)
        lines = [f"PUT /{bucket}/a HTTP/1.1", f"Host: {urlsplit(endpoint).netloc}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        head = "\r\n".join([*lines, "Connection: close", "", ""]).encode()
        at = urlsplit(endpoint)
        with socket.create_connection((at.hostname, at.port), timeout=20) as connection:
            connection.sendall(head + (body if sent is None else sent))
            connection.shutdown(socket.SHUT_WR)
            found = b""
            while piece := connection.recv(65536):
                found += piece
        return found

    return put


@pytest.fixture
def files(settings) -> Callable[[], list[Path]]:
    """`files()`: what lies where objects are kept."""
    return lambda: [path for path in Path(settings.OBJECTS).rglob("*") if path.is_file()]


def code(answer: bytes) -> str:
    return answer.partition(b"<Code>")[2].partition(b"</Code>")[0].decode()


def test_a_body_as_announced_is_stored(put, files):
    assert put(b"hello").startswith(b"HTTP/1.1 200")
    assert StoredObject.objects.get().size == 5
    assert len(files()) == 1


@pytest.mark.parametrize(
    ("body", "sent", "headers", "expected"),
    [
        (b"x" * 100_000, b"x" * 50_000, {}, "IncompleteBody"),
        (b"hello", b"", {}, "IncompleteBody"),
        (b"hello", b"jello", {}, "XAmzContentSHA256Mismatch"),
        (b"hello", None, {"Content_MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, "BadDigest"),
        (b"hello", None, {"x_amz_checksum_crc32": "AAAAAA=="}, "BadDigest"),
        (b"hello", None, {"x_amz_checksum_xxhash3": "AAAAAA=="}, "InvalidRequest"),
        (b"hello", b"", {"Content_Length": "-5"}, "InvalidArgument"),
        (b"hello", b"", {"Content_Length": "5x"}, "InvalidArgument"),
        (b"hello", b"", {"Content_Length": "9" * 30}, "InvalidArgument"),
        (b"hello", b"", {"Content_Length": str(16 * MIB + 1)}, "EntityTooLarge"),
        (b"hello", b"", {"Content_Length": str(10**14)}, "EntityTooLarge"),
    ],
    ids=range(11),
)
def test_a_body_that_is_not_as_announced_leaves_nothing(put, files, body, sent, headers, expected):
    answer = put(body, sent=sent, **headers)
    assert code(answer) == expected
    assert not StoredObject.objects.exists()
    assert files() == []


def chunked(text: bytes, size: int) -> bytes:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    raw = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    crc = base64.b64encode(zlib.crc32(text).to_bytes(4, "big"))
    return raw + b"0\r\nx-amz-checksum-crc32:" + crc + b"\r\n\r\n"


def trailing(text: bytes, **more: str) -> dict[str, str]:
    return {
        "claim": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "Content_Encoding": "gzip,aws-chunked",
        "x_amz_trailer": "x-amz-checksum-crc32",
        "x_amz_decoded_content_length": str(len(text)),
        **more,
    }


def test_a_body_in_chunks_is_stored_as_what_it_holds(put, s3, bucket):
    text = b"0123456789" * 20_000
    assert put(chunked(text, 70_000), **trailing(text)).startswith(b"HTTP/1.1 200")
    got = s3.get_object(Bucket=bucket, Key="a")
    assert got["Body"].read() == text
    assert got["ContentEncoding"] == "gzip", "aws-chunked is how it came, not what it is"
    assert got["ETag"] == f'"{hashlib.md5(text, usedforsecurity=False).hexdigest()}"'
    assert got["ChecksumCRC32"]


def test_chunks_that_are_not_as_announced_leave_nothing(put, files):
    text = b"0123456789" * 20_000
    raw = chunked(text, 70_000)
    answers = [
        put(raw, sent=raw[:100_000], **trailing(text)),
        put(raw.replace(b"crc32:", b"crc32:A"), **trailing(text)),
        put(raw, **trailing(text, x_amz_decoded_content_length="199999")),
        put(raw, **trailing(text, x_amz_decoded_content_length="")),
        put(raw, **trailing(text, x_amz_decoded_content_length=str(16 * MIB + 1))),
        put(raw, **trailing(text, x_amz_trailer="x-amz-checksum-sha256")),
    ]
    assert [code(answer) for answer in answers] == [
        "IncompleteBody", "BadDigest", "IncompleteBody", "MissingContentLength", "EntityTooLarge",
        "MalformedTrailerError",
    ]  # fmt: skip
    assert not StoredObject.objects.exists()
    assert files() == []


def test_what_was_there_stays_when_its_successor_is_cut_off(put, s3, bucket, files):
    s3.put_object(Bucket=bucket, Key="a", Body=b"before")
    assert code(put(b"x" * 100_000, sent=b"x" * 99_999)) == "IncompleteBody"
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"before"
    assert len(files()) == 1


def test_whoever_may_not_upload_is_told_so(endpoint, bucket, alice):
    stranger = s3_client(key_of(alice), endpoint, signature_version="s3v4")
    url = stranger.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a"})
    answer = fetched(url, "PUT", b"x" * MIB)
    assert (answer.status, "<Code>AccessDenied</Code>" in answer.body) == (403, True)
    assert not StoredObject.objects.exists()


def test_a_client_that_goes_away_in_the_middle_of_a_download_costs_no_file(
    endpoint, s3_key, s3, bucket
):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x" * 8 * MIB)
    client = s3_client(s3_key, endpoint, signature_version="s3v4")
    url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
    at = urlsplit(url)
    for _ in range(3):
        with socket.create_connection((at.hostname, at.port), timeout=20) as connection:
            connection.sendall(f"GET {at.path}?{at.query} HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n"
                               .encode())  # fmt: skip
            assert connection.recv(1000)
    blob = StoredObject.objects.get().blob
    end = time.monotonic() + 10
    while still_open(blob) and time.monotonic() < end:
        time.sleep(0.05)
    assert not still_open(blob)


def still_open(blob: str) -> bool:
    """Whether this process holds the file open."""
    for path in Path("/proc/self/fd").iterdir():
        try:
            if blob in str(path.readlink()):
                return True
        except OSError:
            continue
    return False
