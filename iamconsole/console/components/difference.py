"""Two texts side by side, line by line, as a table that shows what was taken out and put in."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple


class Line(NamedTuple):
    """A row of the table: a line of each text, or only of one. Number 0: there is no line."""

    #: "same", "changed", "removed" or "added".
    kind: str
    left_number: int
    left: str
    right_number: int
    right: str


def side_by_side(left: str, right: str) -> list[Line]:
    """The lines of both texts, like beside like."""
    before, after = left.splitlines(), right.splitlines()
    return list(_lines(before, after))


def _lines(before: list[str], after: list[str]) -> Iterator[Line]:
    # Without autojunk: a line as common as "}" is still worth to be matched.
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for _what, left, left_end, right, right_end in matcher.get_opcodes():
        pairs = zip_longest(range(left, left_end), range(right, right_end))
        for old, new in pairs:
            yield Line(
                _kind(old is not None, new is not None, _what == "equal"),
                0 if old is None else old + 1,
                "" if old is None else before[old],
                0 if new is None else new + 1,
                "" if new is None else after[new],
            )


def _kind(in_left: bool, in_right: bool, same: bool) -> str:
    if same:
        return "same"
    if in_left and in_right:
        return "changed"
    return "removed" if in_left else "added"
