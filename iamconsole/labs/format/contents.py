"""Which files a pack may hold: their names, their sizes, their text; and the digest of them all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from iamconsole.labs.format.problem import PackError, Problem

MOST_FILES = 100
MOST_BYTES = 1024 * 1024
MOST_FILE_BYTES = 128 * 1024
_OTHER_BYTES = 64 * 1024
DEEPEST = 3
_LONGEST_NAME = 120

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_ENDINGS = (".yaml", ".md", ".json")
#: Names that are devices on Windows, whatever follows the first dot.
_DEVICES = frozenset(
    [
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{kind}{number}" for kind in ("com", "lpt") for number in "0123456789"),
    ]
)
#: Control characters, those that turn the direction of what follows, and what is no text at all.
_NO_TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def shown(text: str, longest: int = 60) -> str:
    """Anybody's text in quotation marks, in one line of plain characters."""
    if len(text) > longest:
        text = text[:longest] + "…"
    return f"‘{''.join(each if each.isprintable() else ascii(each)[1:-1] for each in text)}’"


def check_names(names: Iterable[str]) -> None:
    """Raise PackError for the first names that a pack can't have."""
    seen: dict[str, str] = {}
    for name in names:
        if problem := _name_problem(name):
            raise PackError([Problem("", problem)])
        if (other := seen.setdefault(name.casefold(), name)) != name:
            message = f"{shown(name)} and {shown(other)} are the same file on some machines."
            raise PackError([Problem("", message)])
        if len(seen) > MOST_FILES:
            raise PackError([Problem("", f"A pack has {MOST_FILES} files at most.")])


def _name_problem(name: str) -> str:
    parts = name.split("/")
    if len(name) > _LONGEST_NAME:
        return f"The name {shown(name)} is longer than {_LONGEST_NAME} characters."
    if "\\" in name:
        return f"{shown(name)}: folders are parted by /, not by a backslash."
    if name.startswith("/") or name[1:2] == ":":
        return f"{shown(name)}: a name within the pack is wanted, not an absolute one."
    if any(part in ("", ".", "..") for part in parts):
        return f"{shown(name)} leads out of the pack, or nowhere."
    if len(parts) > DEEPEST:
        return f"{shown(name)} lies more than {DEEPEST - 1} folders deep."
    if not all(map(_PART.fullmatch, parts)):
        return f"{shown(name)}: names are of a-z, A-Z, 0-9, _, - and dots, and begin with no dot."
    if any(part.split(".")[0].lower() in _DEVICES for part in parts):
        return f"{shown(name)} is a device on some machines."
    if not name.endswith(_ENDINGS):
        return f"{shown(name)}: a pack holds .yaml, .md and .json files only."
    return ""


def most_bytes(name: str) -> int:
    """How large a file of that name may be."""
    return MOST_FILE_BYTES if name.endswith(".yaml") else _OTHER_BYTES


def too_large(name: str) -> Problem:
    """What is said of a file that is larger."""
    return Problem(name, f"The file is larger than {most_bytes(name) // 1024} KiB.")


def text_of(name: str, content: bytes) -> str:
    """A file's text, its lines ended as everywhere; raise PackError for what is no UTF-8 text."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PackError([Problem(f"{name}:{line}", "This is not UTF-8 text.")]) from None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    for problem in _text_problems(name, text):
        raise PackError([problem])
    return text


def _text_problems(name: str, text: str) -> Iterator[Problem]:
    if found := _NO_TEXT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"The character U+{ord(found[0]):04X} may not stand in a pack."
        yield Problem(f"{name}:{line}", message)


def check(files: Mapping[str, str]) -> None:
    """Raise PackError unless these files can be a pack, by their names, sizes and characters."""
    check_names(files)
    total = 0
    for name, text in files.items():
        for problem in _text_problems(name, text):
            raise PackError([problem])
        size = len(text.encode())
        total += size
        if size > most_bytes(name):
            raise PackError([too_large(name)])
    if total > MOST_BYTES:
        raise PackError([whole_too_large()])


def whole_too_large() -> Problem:
    """What is said of a pack that is larger than it may be."""
    return Problem("", f"The pack is larger than {MOST_BYTES // 1024 // 1024} MiB.")


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over names and contents, in the order of the names: the pack's version."""
    found = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name].encode()):
            found.update(b"%d:" % len(part) + part)
    return found.hexdigest()
