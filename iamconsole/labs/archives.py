"""A pack's files, out of a folder or a zip archive and into one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def files_of(path: Path) -> dict[str, str]:
    """The text of each file by its path in the pack; raise PackError."""
    raise NotImplementedError


def packed(files: Mapping[str, str]) -> bytes:
    """The files as a zip archive: the same bytes for the same files."""
    raise NotImplementedError
