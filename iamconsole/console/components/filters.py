"""Property filters in an address: `filter=groups>=2` is read, written and put into words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from accounts.actions.filters import OPERATORS, Filter, Kind, Property, makes_sense

_TOKEN = re.compile(r"([a-z_]{1,32}) ?(!=|!:|<=|>=|=|:|\^|<|>)(.*)", re.DOTALL)
#: Conditions of one list; more are passed over.
MOST = 20

OPERATOR_WORDS = {
    "=": "is",
    "!=": "is not",
    ":": "contains",
    "!:": "does not contain",
    "^": "begins with",
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}


class Chip(NamedTuple):
    """A condition as drawn: its words, and the list without it."""

    words: str
    url: str


class Choice(NamedTuple):
    """A property as the form offers it."""

    name: str
    label: str
    hint: str


def read(text: str, known: Mapping[str, Property]) -> Filter | None:
    """A condition of an address, or nothing where it makes no sense."""
    found = _TOKEN.fullmatch(text.strip())
    if found is None or found[1] not in known:
        return None
    asked = Filter(found[1], found[2], found[3].strip())
    return asked if makes_sense(asked, known[asked.name]) else None


def written(asked: Filter) -> str:
    """The same condition as an address has it."""
    return f"{asked.name}{asked.operator}{asked.value}"


def in_words(asked: Filter, label: str) -> str:
    """`Groups >= 2`."""
    return f"{label} {asked.operator} {asked.value}"


def choices(labels: Mapping[str, str], known: Mapping[str, Property]) -> Sequence[Choice]:
    """What the form offers, in the order of the columns."""
    return [Choice(name, label, _hint(known[name])) for name, label in labels.items()]


def operators(known: Mapping[str, Property]) -> list[tuple[str, str]]:
    """Every operator that some property takes, with words for it."""
    some = {each for about in known.values() for each in OPERATORS[about.kind]}
    return [
        (sign, f"{sign} {words}")
        for sign, words in OPERATOR_WORDS.items() if sign in some
    ]  # fmt: skip


def _hint(about: Property) -> str:
    if about.kind is Kind.DAYS:
        return "days, or never"
    return " / ".join(about.choices)
