"""Bodies as they come in: whole, in chunks, signed, cut off, and not what was said of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from botocore.httpchecksum import AwsChunkedWrapper, Crc32Checksum
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.errors import ServiceError
from iamconsole.api.s3 import bodies, chunks
from iamconsole.api.s3.bodies import Plain, Sent
from iamconsole.api.s3.chunks import Chain, Chunks
from iamconsole.sandbox.s3_errors import S3Error

TRAILER = ("x-amz-checksum-crc32",)
KEY = b"k" * 32
SIZES = st.integers(1, 70_000)


def sent(raw: bytes, length: int | None = None) -> Sent:
    return Sent({"wsgi.input": BytesIO(raw)}, len(raw) if length is None else length)


def read(body: Any, size: int = 1000) -> bytes:
    found = b""
    while piece := body.read(size):
        assert len(piece) <= size
        found += piece
    return found


def code_of(body: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        read(body)
    return caught.value.code


def crc32(text: bytes) -> str:
    return base64.b64encode(zlib.crc32(text).to_bytes(4, "big")).decode()


# --- Plain ---------------------------------------------------------------------------------------


@given(text=st.binary(max_size=3000), size=st.integers(1, 2000))
def test_a_plain_body_is_what_was_hashed_or_is_refused_at_its_end(text, size):
    right = hashlib.sha256(text).hexdigest()
    assert read(Plain(sent(text), len(text), right), size) == text
    assert read(Plain(sent(text), len(text), "UNSIGNED-PAYLOAD"), size) == text
    other = hashlib.sha256(text + b"x").hexdigest()
    assert code_of(Plain(sent(text), len(text), other)) == "XAmzContentSHA256Mismatch"


def test_no_more_is_read_than_was_announced_and_no_less_will_do():
    assert read(Plain(sent(b"0123456789", 4), 4, "UNSIGNED-PAYLOAD")) == b"0123"
    assert code_of(Plain(sent(b"0123", 5), 5, "UNSIGNED-PAYLOAD")) == "IncompleteBody"


def test_a_connection_that_breaks_is_a_body_that_ended_too_soon():
    class Broken:
        def read(self, size: int) -> bytes:
            raise ConnectionResetError

    body = Plain(Sent({"wsgi.input": Broken()}, 10), 10, "UNSIGNED-PAYLOAD")
    assert code_of(body) == "IncompleteBody"


def test_a_document_is_no_longer_than_the_longest_that_there_is(monkeypatch):
    monkeypatch.setattr(bodies, "LARGEST_DOCUMENT", 100)
    assert bodies.whole(Plain(sent(b"x" * 100), 100, "UNSIGNED-PAYLOAD")) == b"x" * 100
    unread = BytesIO(b"x" * 101)
    body = Plain(Sent({"wsgi.input": unread}, 101), 101, "UNSIGNED-PAYLOAD")
    with pytest.raises(S3Error) as caught:
        bodies.whole(body)
    assert (caught.value.code, unread.tell()) == ("MaxMessageLengthExceeded", 0)


# --- Chunks --------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def chunks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let examples have chunks that are short enough to be read by people."""
    monkeypatch.setattr(chunks, "SMALLEST", 0)


def test_only_the_last_chunk_may_be_small(monkeypatch):
    monkeypatch.undo()
    large = b"x" * chunks.SMALLEST

    def in_chunks(*pieces: bytes) -> Chunks:
        raw = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (*pieces, b""))
        return Chunks(sent(raw), len(b"".join(pieces)), chain=None, trailers=())

    assert read(in_chunks(large, large, b"abc"), 65536) == large + large + b"abc"
    assert code_of(in_chunks(large, b"abc", large)) == "InvalidChunkSizeError"
    unread = BytesIO(b"1\r\na\r\n" * 100_000)
    body = Chunks(Sent({"wsgi.input": unread}, 600_000), 100_000, chain=None, trailers=())
    assert code_of(body) == "InvalidChunkSizeError"
    assert unread.tell() < 100_000


@settings(max_examples=50, deadline=None)
@given(text=st.binary(max_size=5000), chunk=st.integers(1, 3000), size=SIZES)
def test_what_botocore_sends_in_chunks_is_read_back(text, chunk, size):
    raw = AwsChunkedWrapper(BytesIO(text), Crc32Checksum, TRAILER[0], chunk).read()
    body = Chunks(sent(raw), len(text), chain=None, trailers=TRAILER)
    assert read(body, size) == text
    assert body.checksums == {"CRC32": crc32(text)}


def signed(
    text: bytes, size: int, *, trailers: dict[str, str] | None = None, key: bytes = KEY
) -> tuple[bytes, Chain]:
    """A body in signed chunks as AWS's documentation has it, and the chain that it begins with."""
    chain = Chain(KEY, "20260115T120000Z", "20260115/us-east-1/s3/aws4_request", "0" * 64)
    before, raw = chain.signature, b""
    nothing = hashlib.sha256(b"").hexdigest()
    for start in [*range(0, len(text), size), len(text)]:
        piece = text[start : start + size]
        parts = [nothing, hashlib.sha256(piece).hexdigest()]
        before = _next(key, "AWS4-HMAC-SHA256-PAYLOAD", chain, before, *parts)
        raw += b"%x;chunk-signature=%s\r\n" % (len(piece), before.encode())
        raw += piece + b"\r\n" if piece else b""
    if trailers:
        lines = "".join(f"{name}:{value}\n" for name, value in trailers.items())
        digest = hashlib.sha256(lines.encode()).hexdigest()
        before = _next(key, "AWS4-HMAC-SHA256-TRAILER", chain, before, digest)
        raw += lines.replace("\n", "\r\n").encode()
        raw += b"x-amz-trailer-signature:" + before.encode() + b"\r\n"
    return raw + b"\r\n", chain


def _next(key: bytes, kind: str, chain: Chain, before: str, *parts: str) -> str:
    text = "\n".join((kind, chain.stamp, chain.scope, before, *parts))
    return hmac.digest(key, text.encode(), "sha256").hex()


@settings(max_examples=50, deadline=None)
@given(text=st.binary(max_size=5000), chunk=st.integers(1, 3000), size=SIZES, ends=st.booleans())
def test_signed_chunks_are_read_back_and_every_changed_byte_is_noticed(text, chunk, size, ends):
    trailers = {TRAILER[0]: crc32(text)} if ends else {}
    raw, chain = signed(text, chunk, trailers=trailers)
    assert read(Chunks(sent(raw), len(text), chain=chain, trailers=tuple(trailers)), size) == text
    if text:
        at = raw.index(b"\r\n") + 2
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        _, chain = signed(text, chunk)
        body = Chunks(sent(changed), len(text), chain=chain, trailers=tuple(trailers))
        assert code_of(body) == "SignatureDoesNotMatch"


def test_chunks_signed_with_another_key_or_left_out_are_refused():
    text = b"0123456789" * 3
    raw, chain = signed(text, 10, key=b"other" * 8)
    assert code_of(Chunks(sent(raw), 30, chain=chain, trailers=())) == "SignatureDoesNotMatch"
    raw, chain = signed(text, 10)
    second = raw.index(b"a;", 3)
    without_first = raw[second:]
    body = Chunks(sent(without_first), 20, chain=chain, trailers=())
    assert code_of(body) == "SignatureDoesNotMatch"
    unsigned = b"1e\r\n" + text + b"\r\n0\r\n\r\n"
    _, chain = signed(text, 10)
    assert code_of(Chunks(sent(unsigned), 30, chain=chain, trailers=())) == "InvalidRequest"
    raw, chain = signed(text, 10)
    body = Chunks(sent(raw), 30, chain=chain, trailers=TRAILER)
    assert code_of(body) == "SignatureDoesNotMatch", "the trailer is signed, too"


RIGHT = b"5\r\nabcde\r\n0\r\nx-amz-checksum-crc32:" + crc32(b"abcde").encode() + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "length", "code"),
    [
        (RIGHT, 6, "IncompleteBody"),
        (RIGHT, 4, "IncompleteBody"),
        (RIGHT[:7], 5, "IncompleteBody"),
        (RIGHT[:10], 5, "IncompleteBody"),
        (RIGHT[:13], 5, "MalformedTrailerError"),
        (b"5\r\nabcde\r\n0\r\n\r\n", 5, "MalformedTrailerError"),
        (RIGHT.replace(b"crc32", b"sha1"), 5, "MalformedTrailerError"),
        (RIGHT[:-2] + b"x-amz-meta-a:b\r\n\r\n", 5, "MalformedTrailerError"),
        (RIGHT + b"more", 5, "MalformedTrailerError"),
        (RIGHT.replace(b"abcde\r\n", b"abcdef"), 5, "InvalidRequest"),
        (b"-5\r\nabcde\r\n0\r\n\r\n", 5, "InvalidRequest"),
        (b"0x5\r\nabcde\r\n0\r\n\r\n", 5, "InvalidRequest"),
        (b"5;a=b\r\nabcde\r\n0\r\n\r\n", 5, "InvalidRequest"),
        (b"\r\nabcde\r\n0\r\n\r\n", 5, "InvalidRequest"),
        (b"fffffffff\r\nabcde", 5, "InvalidRequest"),
        (b"5" * 100_000, 5, "InvalidRequest"),
        (b"ffffffff\r\nabcde", 5, "IncompleteBody"),
        (b"", 5, "IncompleteBody"),
        (b"", 0, "IncompleteBody"),
        (b"5\r\nabcde\r\n0\r\n" + b"x-amz-checksum-crc32:a\r\n" * 9 + b"\r\n", 5,
         "MalformedTrailerError"),
    ],
    ids=range(20),
)  # fmt: skip
def test_what_are_no_chunks_is_refused(raw, length, code):
    assert code_of(Chunks(sent(raw), length, chain=None, trailers=TRAILER)) == code


@settings(max_examples=200, deadline=None)
@given(raw=st.binary(max_size=200), cut=st.integers(0, len(RIGHT)), length=st.integers(0, 20))
def test_chunks_of_anything_are_an_object_or_an_error_of_s3(raw, cut, length):
    body = Chunks(sent(RIGHT[:cut] + raw), length, chain=None, trailers=TRAILER)
    with suppress(S3Error):
        assert len(read(body)) == length


def test_the_checksum_that_follows_is_known_before():
    assert chunks.announced({"x-amz-trailer": "X-Amz-Checksum-CRC64NVME"}) == (
        "x-amz-checksum-crc64nvme",
    )
    assert chunks.algorithm_of(("x-amz-checksum-crc64nvme",)) == "CRC64NVME"
    assert chunks.algorithm_of(("x-amz-meta-a",)) is None
