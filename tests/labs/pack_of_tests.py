"""A small pack that can be read, for tests to break."""

from __future__ import annotations

from pathlib import Path

from iamconsole.labs import management
from iamconsole.labs.format.archives import files_of
from iamconsole.labs.format.reading import PackError, read

#: What `manage.py lab new` writes.
FIRST = Path(management.__file__).parents[1] / "first"
FILES = files_of(FIRST)


def with_lab(old: str, new: str) -> dict[str, str]:
    """The pack with one part of its lab.yaml replaced."""
    assert old in FILES["lab.yaml"]
    return {**FILES, "lab.yaml": FILES["lab.yaml"].replace(old, new, 1)}


def with_file(name: str, text: str) -> dict[str, str]:
    """The pack with one file more, or another text in one."""
    return {**FILES, name: text}


def refused(files: dict[str, str]) -> list[str]:
    """What is wrong with a pack, a line each; empty where it can be read."""
    try:
        read(files)
    except PackError as error:
        return [str(problem) for problem in error.problems]
    return []


def line_of(part: str) -> int:
    """The line of lab.yaml on which something stands first."""
    return FILES["lab.yaml"][: FILES["lab.yaml"].index(part)].count("\n") + 1
