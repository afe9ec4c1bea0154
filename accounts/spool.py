"""Files in which events of successful reads wait until they are taken into the record.

A read that waited for the disk would take three times as long. So each process that serves appends
its reads' events to a file of its own, one line a request: once written, a line outlasts the
process, however that ends; a power cut may take the last seconds. `accounts.events` says what is
in a line, and takes lines in. A file belongs to whoever holds a lock on it, which the system frees
with the process; it is removed by whoever took in all of it once its owner is gone. How much of it
was taken stands in the database, so nobody ever moves or cuts a file that somebody writes to.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import BinaryIO

#: Bytes after which a process begins a new file, so that those that are taken in can go.
LARGEST = 4 * 1024 * 1024
_ENDING = ".jsonl"


class Spool:
    """One process's file, and those before it. Any thread may write."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._file: int | None = None
        self._size = 0
        #: Bytes written in all: whoever looks twice knows whether anything came meanwhile.
        self.written = 0

    def put(self, line: bytes) -> bool:
        """Write a line, which ends in a newline; whether all of it is written."""
        with self._lock:
            try:
                if self._file is None or self._size >= LARGEST:
                    self._begin()
                whole = os.write(self._file, line) == len(line)  # type: ignore[arg-type]
            except OSError:
                whole = False
            if whole:
                self._size += len(line)
                self.written += len(line)
            else:
                # Half a line may be there: the next one must not be joined to it.
                self._end()
            return whole

    def close(self) -> None:
        """Give the file up."""
        with self._lock:
            self._end()

    def _begin(self) -> None:
        self._end()
        self._folder.mkdir(mode=0o700, exist_ok=True)
        name = f"{os.getpid()}-{secrets.token_hex(8)}"
        draft = self._folder / name
        file = os.open(draft, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        # Locked before it has the name by which others find it.
        fcntl.flock(file, fcntl.LOCK_SH)
        draft.rename(draft.with_suffix(_ENDING))
        self._file, self._size = file, 0

    def _end(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def waiting(folder: Path) -> dict[str, int]:
    """The sizes of the files in a folder, by name."""
    found = {}
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(_ENDING):
                with suppress(FileNotFoundError):
                    found[entry.name] = entry.stat().st_size
    return dict(sorted(found.items()))


def lines(file: BinaryIO, most: int) -> Iterator[bytes]:
    """Whole lines from where the file stands, until they have `most` bytes or a little more."""
    for line in file.readlines(most):
        # Not yet written to its end, or never to be.
        if line.endswith(b"\n"):
            yield line


def remove_if_ended(path: Path, taken: int) -> bool:
    """Remove a file of which that many bytes were taken in, if nothing more will come of it."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Without its owner, a line that has no end will never have one.
            file.seek(taken)
            if any(lines(file, LARGEST)):
                return False
            path.unlink()
    except OSError:  # somebody writes to it, or has removed it
        return False
    return True
