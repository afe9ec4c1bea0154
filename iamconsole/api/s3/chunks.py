"""Bodies that come as `aws-chunked`: signed or unsigned chunks, and what trails them.

Amazon S3 API reference, "Signature calculations: transferring payload in multiple chunks", and
"Including trailing headers".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from iamconsole.api.s3.bodies import Sent
from iamconsole.api.s3.errors import Refusal
from iamconsole.sandbox.s3_errors import IncompleteBody

_PAYLOAD, _TRAILER = "AWS4-HMAC-SHA256-PAYLOAD", "AWS4-HMAC-SHA256-TRAILER"
_NOTHING = hashlib.sha256(b"").hexdigest()
#: The line before a chunk: its size, and its signature where chunks are signed.
_HEAD = re.compile(rb"([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?")
_TRAILING = re.compile(r"x-amz-checksum-([a-z0-9]{1,16})", re.ASCII)
_TRAILER_SIGNATURE = "x-amz-trailer-signature"
#: Bytes of every chunk but the last; each takes its time, however small it is.
SMALLEST = 8192
#: Bytes of a line, and lines of a trailer.
_LONGEST_LINE, _MOST_LINES = 1024, 8
_PIECE = 65536


@dataclass(slots=True)
class Chain:
    """Signatures of chunks, each of which covers the one before; the first is the request's."""

    key: bytes = field(repr=False)
    stamp: str
    scope: str
    signature: str

    def check(self, given: str, kind: str, *parts: str) -> None:
        """Raise Refusal unless this is the next signature."""
        text = "\n".join((kind, self.stamp, self.scope, self.signature, *parts))
        expected = hmac.digest(self.key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise Refusal(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method.",
                StringToSign=text,
                SignatureProvided=given,
            )
        self.signature = expected


class Chunks:
    """The object that a body holds in chunks."""

    def __init__(
        self, sent: Sent, length: int, *, chain: Chain | None, trailers: tuple[str, ...]
    ) -> None:
        """`chain` where chunks are signed; `trailers` are the headers that come at the end."""
        self.length = length
        self.checksums: dict[str, str] = {}
        self._sent = sent
        self._chain = chain
        self._trailers = trailers
        self._buffer = b""
        #: Bytes of the object that are still to come, and those of this chunk.
        self._left = length
        self._chunk = 0
        #: Whether a chunk came that only the last one may be as small as.
        self._is_small = False
        self._is_over = False
        self._signature = ""
        self._hash = hashlib.sha256()

    def read(self, size: int = _PIECE, /) -> bytes:
        """Up to so many bytes of the object, or none once everything about it was right."""
        if self._is_over or size == 0:
            return b""
        if self._chunk == 0:
            self._begin_chunk()
            if self._chunk == 0:
                self._end()
                return b""
        piece = self._take(min(size, self._chunk) if size > 0 else self._chunk)
        self._chunk -= len(piece)
        self._left -= len(piece)
        if self._chain is not None:
            self._hash.update(piece)
        if self._chunk == 0:
            self._end_chunk()
        return piece

    # --- Chunks ----------------------------------------------------------------------------------

    def _begin_chunk(self) -> None:
        head = _HEAD.fullmatch(self._line())
        if head is None or (head[2] is None) != (self._chain is None):
            raise Refusal("InvalidRequest", "A chunk does not begin as chunks begin.")
        self._chunk = int(head[1], 16)
        self._signature = (head[2] or b"").decode()
        self._hash = hashlib.sha256()
        if self._chunk > self._left:
            raise _other_length()
        if self._chunk and self._is_small:
            raise Refusal(
                "InvalidChunkSizeError",
                f"Only the last chunk is allowed to have a size less than {SMALLEST} bytes",
            )
        self._is_small = self._chunk < SMALLEST

    def _end_chunk(self) -> None:
        if self._take_exactly(2) != b"\r\n":
            raise Refusal("InvalidRequest", "A chunk does not end where it said that it would.")
        self._check_chunk()

    def _check_chunk(self) -> None:
        if self._chain is not None:
            digest = self._hash.hexdigest()
            self._chain.check(self._signature, _PAYLOAD, _NOTHING, digest)

    def _end(self) -> None:
        """What follows the last chunk, which is empty."""
        if self._left:
            raise _other_length()
        self._check_chunk()
        found = self._trailer()
        if self._buffer or self._sent.read(1):
            raise _malformed_trailer()
        for name in self._trailers:
            if name not in found:
                raise _malformed_trailer()
            if known := _TRAILING.fullmatch(name):
                self.checksums[known[1].upper()] = found[name]
        self._is_over = True

    def _trailer(self) -> dict[str, str]:
        """The headers after the chunks. Raise Refusal for others than were announced."""
        found: dict[str, str] = {}
        signature = ""
        for _ in range(_MOST_LINES):
            line = self._line(at_end=True)
            if not line:
                break
            name, colon, value = line.decode("ascii", "replace").partition(":")
            name, value = name.strip().lower(), value.strip()
            if name == _TRAILER_SIGNATURE and self._chain is not None:
                signature = value
            elif colon and name in self._trailers and name not in found:
                found[name] = value
            else:
                raise _malformed_trailer()
        if self._chain is not None and self._trailers:
            text = "".join(f"{name}:{value}\n" for name, value in found.items())
            digest = hashlib.sha256(text.encode()).hexdigest()
            self._chain.check(signature, _TRAILER, digest)
        return found

    # --- Bytes -----------------------------------------------------------------------------------

    def _take(self, size: int) -> bytes:
        """At least one byte, and so many at most."""
        if not self._buffer:
            self._buffer = self._sent.read(_PIECE)
            if not self._buffer:
                raise IncompleteBody
        piece, self._buffer = self._buffer[:size], self._buffer[size:]
        return piece

    def _take_exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            found += self._take(size - len(found))
        return found

    def _line(self, *, at_end: bool = False) -> bytes:
        """The next line. Where the body may end: what is left of it."""
        while b"\r\n" not in self._buffer:
            if len(self._buffer) > _LONGEST_LINE:
                break
            more = self._sent.read(_PIECE)
            if not more:
                if not at_end:
                    raise IncompleteBody
                line, self._buffer = self._buffer, b""
                return line
            self._buffer += more
        line, _, rest = self._buffer.partition(b"\r\n")
        if len(line) > _LONGEST_LINE:
            raise Refusal("InvalidRequest", "A line between chunks is too long.")
        self._buffer = rest
        return line


def announced(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the headers that follow the body."""
    names = (name.strip().lower() for name in headers.get("x-amz-trailer", "").split(","))
    return tuple(name for name in names if name)


def algorithm_of(trailers: tuple[str, ...]) -> str | None:
    """The algorithm of the checksum among some trailers, such as CRC32."""
    known = (_TRAILING.fullmatch(name) for name in trailers)
    return next((found[1].upper() for found in known if found), None)


def _other_length() -> IncompleteBody:
    return IncompleteBody(
        "The chunks do not hold the number of bytes that x-amz-decoded-content-length announces"
    )


def _malformed_trailer() -> Refusal:
    return Refusal(
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our "
        "published schema.",
    )
