"""Wildcards: `*` stands for any characters, `?` for exactly one; everything else for itself.

Matching never backtracks. A pattern without `?` is cut at its stars and the pieces are searched
for in turn; a pattern with `?` is matched by one pass over the text that keeps, as the bits of one
integer, every place in the pattern the text may have reached.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum


class Wildcard(Enum):
    """A wildcard, told apart from the characters `*` and `?` that a variable's value may hold."""

    ANY = "*"
    ONE = "?"


ANY, ONE = Wildcard.ANY, Wildcard.ONE

Token = str | Wildcard
Matcher = Callable[[str], bool]


def tokens(pattern: str) -> tuple[Token, ...]:
    """`a*b` as `("a", ANY, "b")`."""
    found: list[Token] = []
    literal_from = 0
    for index, character in enumerate(pattern):
        if character in "*?":
            if literal_from < index:
                found.append(pattern[literal_from:index])
            found.append(ANY if character == "*" else ONE)
            literal_from = index + 1
    if literal_from < len(pattern):
        found.append(pattern[literal_from:])
    return tuple(found)


def matcher(pattern: str | Sequence[Token]) -> Matcher:
    """A function that says whether a text matches `pattern` from end to end."""
    parts = tokens(pattern) if isinstance(pattern, str) else pattern
    if ONE in parts:
        return _one_pass(parts)
    pieces = [""]
    for part in parts:
        if isinstance(part, str):
            pieces[-1] += part
        else:
            pieces.append("")
    if len(pieces) == 1:
        return pieces[0].__eq__
    first, *middle, last = pieces
    return _pieces(first, [piece for piece in middle if piece], last)


def matches(pattern: str, text: str) -> bool:
    """Whether `text` matches `pattern`; for patterns used once."""
    return matcher(pattern)(text)


def _pieces(first: str, middle: list[str], last: str) -> Matcher:
    shortest = len(first) + sum(map(len, middle)) + len(last)

    def match(text: str) -> bool:
        if len(text) < shortest or not text.startswith(first) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in middle:
            # The leftmost place is always the best: it leaves the most for what follows.
            at = text.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return match


def _one_pass(parts: Sequence[Token]) -> Matcher:
    accepts: dict[str, int] = {}  # character -> the places that take it
    accepts_all = 0  # the places that take any character: `?`
    stays = 0  # the places where a star lets the text run on
    length = 0
    for part in parts:
        if isinstance(part, str):
            for character in part:
                accepts[character] = accepts.get(character, 0) | 1 << length
                length += 1
        elif part is ANY:
            stays |= 1 << length
        else:
            accepts_all |= 1 << length
            length += 1
    accepts = {character: places | accepts_all for character, places in accepts.items()}
    finished = 1 << length

    def match(text: str) -> bool:
        if len(text) < length:
            return False
        reached = 1
        for character in text:
            taken = reached & accepts.get(character, accepts_all)
            reached = taken << 1 | reached & stays
            if not reached:
                return False
        return bool(reached & finished)

    return match


class PatternSet:
    """Many patterns asked at once: exact texts and beginnings, by far the most common, in bulk."""

    __slots__ = ("_beginnings", "_exact", "_others", "everything")

    def __init__(self, patterns: Iterable[str | Sequence[Token]]) -> None:
        exact, beginnings, others = set(), set(), []
        for pattern in patterns:
            match tokens(pattern) if isinstance(pattern, str) else tuple(pattern):
                case ():
                    exact.add("")
                case (str() as text,):
                    exact.add(text)
                case (Wildcard.ANY,):
                    beginnings.add("")
                case (str() as text, Wildcard.ANY):
                    beginnings.add(text)
                case parts:
                    others.append(matcher(parts))
        self._exact = frozenset(exact)
        self._beginnings = tuple(beginnings)
        self._others = tuple(others)
        self.everything = "" in beginnings

    def __contains__(self, text: str) -> bool:
        return (
            text in self._exact
            or text.startswith(self._beginnings)
            or any(match(text) for match in self._others)
        )
