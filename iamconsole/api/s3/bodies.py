"""A request's body as it comes in: no more than announced, checked piece by piece, never whole.

What the client says of it stands in `x-amz-content-sha256`: the hash, that there is none, or that
the body comes in chunks (`chunks`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Protocol

from iamconsole.api.exchange import Environ
from iamconsole.api.s3.errors import Refusal
from iamconsole.sandbox.s3_errors import IncompleteBody

#: What `x-amz-content-sha256` may be beside a hash.
UNSIGNED = "UNSIGNED-PAYLOAD"
SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_CHUNKS_AND_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_CHUNKS_AND_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
CHUNKED = frozenset({SIGNED_CHUNKS, SIGNED_CHUNKS_AND_TRAILER, UNSIGNED_CHUNKS_AND_TRAILER})

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)
#: Of a document, that is of everything that is not an object. A list of 1,000 keys of 1,024 bytes,
#: each byte an entity, does not have more.
LARGEST_DOCUMENT = 8 * 1024 * 1024


class Body(Protocol):
    """What actions read an object from."""

    @property
    def length(self) -> int | None:
        """Bytes of the object; nothing where the client does not say."""

    @property
    def checksums(self) -> Mapping[str, str]:
        """Checksums that came after the bytes, in base64 by algorithm; complete at the end."""

    def read(self, size: int = ..., /) -> bytes:
        """Up to so many bytes, or none at the end. Raise S3Error for what is not as announced."""


class Sent:
    """The bytes as they were sent, no more of them than the request announced."""

    def __init__(self, environ: Environ, length: int | None) -> None:
        self._raw: Any = environ["wsgi.input"]
        self._left = length
        #: Chunked transfer: the server knows where the body ends.
        self._ends = length is None and bool(environ.get("wsgi.input_terminated"))

    def read(self, size: int) -> bytes:
        """Up to so many bytes, or none at the end."""
        if self._left is not None:
            size = min(size, self._left)
        elif not self._ends:
            return b""
        if size == 0:
            return b""
        try:
            piece: bytes = self._raw.read(size)
        except OSError:
            raise IncompleteBody from None
        if self._left is not None:
            if not piece:
                raise IncompleteBody
            self._left -= len(piece)
        return piece


class Plain:
    """A body that is the object, or a document."""

    checksums: Mapping[str, str] = {}

    def __init__(self, sent: Sent, length: int | None, claimed: str) -> None:
        self.length = length
        self._sent = sent
        self._claimed = claimed if _HASH.fullmatch(claimed) else ""
        self._hash = hashlib.sha256()

    def read(self, size: int = 65536, /) -> bytes:
        """Up to so many bytes, or none once all of them had the hash that the client signed."""
        piece = self._sent.read(size)
        if not self._claimed:
            return piece
        if piece:
            self._hash.update(piece)
        elif self._hash.hexdigest() != self._claimed:
            raise Refusal(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                ClientComputedContentSHA256=self._claimed,
                S3ComputedContentSHA256=self._hash.hexdigest(),
            )
        return piece


def whole(body: Body) -> bytes:
    """A document's bytes."""
    pieces = []
    left = LARGEST_DOCUMENT
    if body.length is not None and body.length > left:
        raise _too_long()
    while piece := body.read(65536):
        left -= len(piece)
        if left < 0:
            raise _too_long()
        pieces.append(piece)
    return b"".join(pieces)


def claim(headers: Mapping[str, str], *, presigned: bool) -> str:
    """What the client says of the body's hash. Raise Refusal where it says nothing that is one."""
    found = headers.get("x-amz-content-sha256", UNSIGNED if presigned else "")
    if not found:
        raise Refusal(
            "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"
        )
    if found.startswith("STREAMING-AWS4-ECDSA"):
        raise Refusal("NotImplemented", "Chunks signed with Signature Version 4a are not built.")
    if found != UNSIGNED and found not in CHUNKED and _HASH.fullmatch(found) is None:
        raise Refusal(
            "InvalidArgument",
            f"x-amz-content-sha256 must be {UNSIGNED}, {UNSIGNED_CHUNKS_AND_TRAILER}, "
            f"{SIGNED_CHUNKS}, {SIGNED_CHUNKS_AND_TRAILER} or a valid sha256 value.",
            ArgumentName="x-amz-content-sha256",
            ArgumentValue=found[:128],
        )
    return found


def length(headers: Mapping[str, str], name: str = "content-length") -> int | None:
    """A number of bytes that a header announces, or nothing. Raise Refusal for what is none."""
    text = headers.get(name)
    if text is None:
        return None
    if _LENGTH.fullmatch(text) is None:
        raise Refusal("InvalidArgument", f"{name} is not a number.", ArgumentName=name)
    return int(text)


def _too_long() -> Refusal:
    return Refusal(
        "MaxMessageLengthExceeded",
        "Your request was too big.",
        MaxMessageLengthBytes=str(LARGEST_DOCUMENT),
    )
