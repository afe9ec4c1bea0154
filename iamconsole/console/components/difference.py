"""Two texts side by side, line by line, as a table that shows what was taken out and put in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

#: Lines of a page at most. Of longer texts only what differs is shown.
MOST = 5_000
#: What is compared line by line: lines of both texts together, and pairs of like ones. Both are
#: counted without what the texts have in common at their beginning and end. White space is free in
#: a policy, so that a document may hold a hundred thousand lines, all of them alike.
_LINES, _PAIRS = 6_000, 400_000

Change = tuple[bool, int, int, int, int]


class Line(NamedTuple):
    """A row of the table: a line of each text, or only of one. Number 0: there is no line."""

    #: "same", "changed", "removed" or "added".
    kind: str
    left_number: int
    left: str
    right_number: int
    right: str


def side_by_side(left: str, right: str) -> list[Line]:
    """The lines of both texts, like beside like; MOST of them, and one that says what is left out.

    Texts that are too long to be compared line by line stand beside each other as they are.
    """
    before, after = left.splitlines(), right.splitlines()
    changes = _changes(before, after)
    long = max(len(before), len(after)) > MOST
    # What differs goes before what doesn't: no change hides behind a thousand equal lines.
    lines = _lines(before, after, [each for each in changes if not (long and each[0])])
    found = [line for line, _ in zip(lines, range(MOST), strict=False)]
    if more := sum(1 for _ in lines):
        told = f"{more:,} more lines differ and are not shown."
        found.append(Line("changed", 0, told, 0, told))
    return found


def _changes(before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """Which lines of the texts stand beside each other, and whether they are the same."""
    shorter = min(len(before), len(after))
    head = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    rest = range(shorter - head)
    tail = next((n for n in rest if before[-1 - n] != after[-1 - n]), shorter - head)
    ends = len(before) - tail, len(after) - tail
    middle = before[head : ends[0]], after[head : ends[1]]
    found: list[Change] = [(True, 0, head, 0, head)]
    if _is_quick(*middle):
        # Without autojunk: a line as common as "}" is still worth to be matched.
        matcher = SequenceMatcher(None, *middle, autojunk=False)
        found += [
            (what == "equal", i + head, i_end + head, j + head, j_end + head)
            for what, i, i_end, j, j_end in matcher.get_opcodes()
        ]
    else:
        found.append((False, head, ends[0], head, ends[1]))
    return [*found, (True, ends[0], len(before), ends[1], len(after))]


def _is_quick(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether comparing the lines takes no time to speak of; the worst of texts take minutes."""
    if len(before) + len(after) > _LINES:
        return False
    there = Counter(after)
    return sum(there[line] for line in before) <= _PAIRS


def _lines(before: Sequence[str], after: Sequence[str], changes: list[Change]) -> Iterator[Line]:
    for same, left, left_end, right, right_end in changes:
        pairs = zip_longest(range(left, left_end), range(right, right_end))
        for old, new in pairs:
            yield Line(
                _kind(old is not None, new is not None, same),
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
