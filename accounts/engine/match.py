"""Wildcards: `*` stands for any characters, `?` for exactly one; everything else for itself.

Matching never backtracks: its steps grow with the text, not with what the wildcards could mean.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import lru_cache


class Wildcard(Enum):
    """A wildcard, told apart from the characters `*` and `?` that a variable's value may hold."""

    ANY = "*"
    ONE = "?"


ANY, ONE = Wildcard.ANY, Wildcard.ONE

_WILDCARDS = {"*": ANY, "?": ONE}
_CUT = re.compile("([*?])")

Token = str | Wildcard
Matcher = Callable[[str], bool]

MANY = 100
"""Patterns from which on one pass for all is quicker than one search for each."""

REMEMBERED_BITS = 1 << 24
"""What one text's `Places` may remember: two megabytes."""


def tokens(pattern: str) -> tuple[Token, ...]:
    """`a*b` as `("a", ANY, "b")`."""
    return tuple([_WILDCARDS.get(part, part) for part in _CUT.split(pattern) if part])


def matcher(pattern: str) -> Matcher:
    """A function that says whether a text matches `pattern` from end to end."""
    return PatternSet([pattern]).__contains__


def matches(pattern: str, text: str) -> bool:
    """Whether `text` matches `pattern` from end to end; for patterns used once."""
    return places(text).match(tokens(pattern))


class PatternSet:
    """Many patterns asked at once: is this text matched, from end to end, by any of them?

    Exact texts and beginnings, by far the most common, are looked up in bulk.
    """

    __slots__ = ("_beginnings", "_exact", "_others", "everything")

    def __init__(self, patterns: Iterable[str | Sequence[Token]]) -> None:
        exact, beginnings = set(), set()
        others: list[Sequence[Token]] = []
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
                    others.append(parts)
        self._exact = frozenset(exact)
        self._beginnings = tuple(beginnings)
        self._others = _matchers(others)
        self.everything = "" in beginnings

    def __contains__(self, text: str) -> bool:
        return (
            text in self._exact
            or text.startswith(self._beginnings)
            or any(match(text) for match in self._others)
        )


def _matchers(patterns: list[Sequence[Token]]) -> tuple[Matcher, ...]:
    """One matcher each while there are few patterns, one for all when there are many."""
    if len(patterns) > MANY:
        return (one_pass(patterns),)
    return tuple(in_places(parts) if ONE in parts else pieces(parts) for parts in patterns)


def pieces(pattern: Sequence[Token]) -> Matcher:
    """A matcher for a pattern without `?`: cut it at its stars, search for each piece in turn."""
    found = [""]
    for token in pattern:
        if isinstance(token, str):
            found[-1] += token
        else:
            found.append("")
    if len(found) == 1:
        return found[0].__eq__
    first, *middle, last = found
    middle = [piece for piece in middle if piece]
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


class Places:
    """One text that many patterns are held against, such as those that variables fill in.

    A set of places in the text is an integer with a bit for each. A pattern is followed token by
    token through the places it can have reached: one step for each token, and for a literal that
    was not looked for before one for each of its characters. So a long value that a thousand
    patterns take from one variable is searched for once.
    """

    __slots__ = ("_all", "_found", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._all = (2 << len(text)) - 1
        self._found: dict[str, int] = {}

    def match(self, pattern: Iterable[Token]) -> bool:
        """Whether the pattern matches the text from end to end."""
        reached = 1
        for token in pattern:
            if isinstance(token, str):
                if reached & (reached - 1):  # more than one place
                    reached &= self._starts(token)
                elif not self._text.startswith(token, reached.bit_length() - 1):
                    return False
                reached <<= len(token)
            elif token is ANY:
                reached = -(reached & -reached) & self._all  # the first one, and all after it
            else:
                reached = reached << 1 & self._all
            if not reached:
                return False
        return reached >> len(self._text) != 0

    def _starts(self, literal: str) -> int:
        """The places where the literal stands."""
        found = self._found.get(literal)
        if found is None:
            found = self._all
            for offset, character in enumerate(literal):
                found &= self._holds(character) >> offset
                if not found:
                    break
            self._remember(literal, found)
        return found

    def _holds(self, character: str) -> int:
        """The places where the character stands."""
        found = self._found.get(character)
        if found is None:
            places, at = [], self._text.find(character)
            while at >= 0:
                places.append(at)
                at = self._text.find(character, at + 1)
            found = _bits(places, len(self._text))
            self._remember(character, found)
        return found

    def _remember(self, literal: str, found: int) -> None:
        if (len(self._found) + 1) * len(self._text) > REMEMBERED_BITS:
            self._found.clear()
        self._found[literal] = found


@lru_cache(maxsize=4)
def places(text: str) -> Places:
    """The text, ready for patterns; the last few are kept, for the next statements."""
    return Places(text)


def in_places(pattern: Sequence[Token]) -> Matcher:
    """A matcher for one pattern with `?`."""
    return lambda text: places(text).match(pattern)


def one_pass(patterns: Iterable[Sequence[Token]]) -> Matcher:
    """A matcher for any of `patterns`, in a single pass over the text.

    All patterns stand in a row, one bit for each of their places. `reached` holds the places the
    text read so far may have come to; a character moves them on or lets them go.
    """
    takes: defaultdict[str, list[int]] = defaultdict(list)  # character -> places that take it
    takes_any: list[int] = []  # `?`
    stays: list[int] = []  # a star lets the text run on here
    starts, ends = [], []
    place = 0
    for pattern in patterns:
        starts.append(place)
        for token in pattern:
            if isinstance(token, str):
                for at, character in enumerate(token, place):
                    takes[character].append(at)
                place += len(token)
            elif token is ANY:
                stays.append(place)
            else:
                takes_any.append(place)
                place += 1
        ends.append(place)
        place += 1
    size = place
    free, any_one = _bits(stays, size), _bits(takes_any, size)
    moves = {character: _bits(places, size) | any_one for character, places in takes.items()}
    start, end = _bits(starts, size), _bits(ends, size)

    def match(text: str) -> bool:
        reached = start
        for character in text:
            reached = (reached & moves.get(character, any_one)) << 1 | reached & free
            if not reached:
                return False
        return bool(reached & end)

    return match


def _bits(places: Iterable[int], size: int) -> int:
    """An integer with the bits at `places` set; built at once, for setting them singly copies it
    every time.
    """
    cells = bytearray(size // 8 + 1)
    for place in places:
        cells[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(cells, "little")
