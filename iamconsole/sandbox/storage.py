"""The files in which S3's objects lie: written before their row, removed after it.

A file belongs to the row that names it, or to whoever holds its lock. The kernel lets go of a lock
when its process ends, however it ends; so what has neither row nor lock was left behind by a crash,
and the next `sweep` removes it. Whoever reads keeps a descriptor open: a file that is removed
meanwhile is there for him to its end.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Self

from django.conf import settings
from django.db import transaction

from iamconsole.sandbox.crc import Crc32c, Crc64Nvme
from iamconsole.sandbox.models import ObjectStore, Part, StoredObject
from iamconsole.sandbox.s3_errors import BadDigest, IncompleteBody
from iamconsole.sandbox.s3_types import Body

#: What is held of an object at once.
CHUNK = 256 * 1024
_ASKED_AT_ONCE = 500


class Crc32:
    """Python's own CRC-32, with the face of the others."""

    def __init__(self) -> None:
        self._crc = 0

    def update(self, piece: bytes) -> None:
        """Add bytes."""
        self._crc = zlib.crc32(piece, self._crc)

    def digest(self) -> bytes:
        """The CRC, its highest byte first."""
        return self._crc.to_bytes(4, "big")


#: By their names in S3, in the order in which AWS lists them.
ALGORITHMS: Mapping[str, Any] = {
    "CRC32": Crc32,
    "CRC32C": Crc32c,
    "CRC64NVME": Crc64Nvme,
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
}


@dataclass(slots=True)
class Incoming:
    """A file that was written, is on the disk, and has no row yet.

    It stays locked for as long as this object lives, or until its row is committed. Used as a
    context manager, it is discarded where what makes its row fails.
    """

    blob: str
    file: BinaryIO
    size: int = 0
    #: Hexadecimal.
    md5: str = ""
    #: By algorithm, in Base64.
    checksums: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self.discard()

    def keep(self) -> None:
        """Let go of the file once the running transaction, which made its row, has committed."""
        transaction.on_commit(self.file.close)

    def discard(self) -> None:
        """Remove the file: its row was not made."""
        with suppress(FileNotFoundError):
            path_of(self.blob).unlink()
        self.file.close()


def path_of(blob: str) -> Path:
    """Where the file of this name lies."""
    return Path(settings.OBJECTS) / blob[:2] / blob


def receive(
    body: Body | None, length: int, algorithms: Iterable[str], expected: Mapping[str, str]
) -> Incoming:
    """Write `length` bytes of a body to a new file, and its checksums by these algorithms.

    `expected` are checksums by algorithm, or "Content-MD5", in Base64. Raises IncompleteBody for a
    body of another length, BadDigest for other bytes than expected, and whatever ServiceError
    reading raises; then there is no file.
    """

    def pieces() -> Iterator[bytes]:
        left = length
        while left > 0:
            piece = _read(body, min(CHUNK, left))
            if not piece:
                raise IncompleteBody
            left -= len(piece)
            yield piece
        # What follows a body in chunks, and the check of what was signed, come with its end.
        if _read(body, 1):
            raise IncompleteBody

    with write(pieces(), algorithms) as incoming:
        _compare(incoming, {**expected, **getattr(body, "checksums", {})})
        return incoming


def write(pieces: Iterable[bytes], algorithms: Iterable[str] = ()) -> Incoming:
    """Write pieces to a new file that is locked and safely on the disk."""
    with _new() as incoming:
        md5 = hashlib.md5(usedforsecurity=False)
        sums = {name: ALGORITHMS[name]() for name in algorithms}
        for piece in pieces:
            incoming.file.write(piece)
            incoming.size += len(piece)
            md5.update(piece)
            for each in sums.values():
                each.update(piece)
        incoming.file.flush()
        os.fsync(incoming.file.fileno())
        _sync(path_of(incoming.blob).parent)
        incoming.md5 = md5.hexdigest()
        incoming.checksums = {name: base64_of(each.digest()) for name, each in sums.items()}
        return incoming


def open_blob(blob: str) -> BinaryIO:
    """The file of a row, to be read. Raise FileNotFoundError where the row is gone by now."""
    return path_of(blob).open("rb", buffering=0)


def pieces_of(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    """So many bytes of a file from a place on."""
    file.seek(start)
    while length > 0:
        piece = file.read(min(CHUNK, length))
        if not piece:
            return
        length -= len(piece)
        yield piece


def drop(blobs: Iterable[str]) -> None:
    """Remove files once the running transaction, which deleted their rows, has committed."""
    gone = list(blobs)

    def remove() -> None:
        for blob in gone:
            with suppress(FileNotFoundError):
                path_of(blob).unlink()

    if gone:
        transaction.on_commit(remove)


def base64_of(digest: bytes) -> str:
    """A digest as S3 writes it."""
    return base64.b64encode(digest).decode()


def sweep() -> int:
    """Remove every file that has neither row nor lock; return how many there were."""
    removed = 0
    with suppress(FileNotFoundError):
        for folder in sorted(Path(settings.OBJECTS).iterdir()):
            if folder.is_dir():
                with os.scandir(folder) as found:
                    names = [each.name for each in found if each.is_file()]
                for start in range(0, len(names), _ASKED_AT_ONCE):
                    some = set(names[start : start + _ASKED_AT_ONCE])
                    removed += sum(map(_remove_unless_owned, some - _named(some)))
    return removed


def belongs_here() -> bool:
    """Whether the folder is this database's; one that nobody has yet becomes so.

    Started with another database by mistake, a sweep would find a row for none of the files.
    """
    path = Path(settings.OBJECTS) / "mark"
    row, _ = ObjectStore.objects.get_or_create(pk=1, defaults={"mark": secrets.token_hex(16)})
    with suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole from the moment it has its name.
        draft = path.with_name(f"mark-{secrets.token_hex(8)}")
        draft.write_text(row.mark, encoding="ascii")
        try:
            os.link(draft, path)
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii") == row.mark


def lock(file: BinaryIO) -> bool:
    """Lock a file without waiting; whether nobody else had it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _named(blobs: set[str]) -> set[str]:
    """Those of the files that a row names."""
    found: set[str] = set()
    for model in (StoredObject, Part):
        rows = model._default_manager.filter(blob__in=blobs)
        found |= set(rows.values_list("blob", flat=True))
    return found


def _remove_unless_owned(blob: str) -> bool:
    try:
        file = path_of(blob).open("rb")
    except FileNotFoundError:
        return False
    with file:
        # Once nobody holds the lock, whoever wrote the file is done: with a row, or for good.
        if not lock(file) or _named({blob}):
            return False
        with suppress(FileNotFoundError):
            path_of(blob).unlink()
        return True


def _new() -> Incoming:
    while True:
        blob = secrets.token_hex(16)
        path = path_of(blob)
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync(path.parent.parent)
            _sync(path.parent.parent.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        file = os.fdopen(descriptor, "w+b")
        # Between its making and its lock, a sweep may have taken it for an orphan.
        if lock(file) and os.fstat(file.fileno()).st_nlink:
            return Incoming(blob, file)
        file.close()


def _sync(folder: Path) -> None:
    """Have a folder's entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(body: Body | None, size: int) -> bytes:
    if body is None:
        return b""
    try:
        return body.read(size)
    except OSError:
        # The connection broke.
        raise IncompleteBody from None


def _compare(incoming: Incoming, expected: Mapping[str, str]) -> None:
    computed = {"Content-MD5": base64_of(bytes.fromhex(incoming.md5)), **incoming.checksums}
    for name, value in expected.items():
        if name in computed and computed[name] != value:
            raise BadDigest(name)
