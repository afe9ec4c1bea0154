"""Condition keys and values that somebody typed, one value a row, as the simulation takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from django.http import QueryDict

from accounts.engine import catalog
from accounts.errors import InvalidInput
from accounts.simulation.kinds import ContextEntry

#: Rows of one form; a request of AWS's has some thirty keys.
MOST_ROWS = 60
#: Characters of a value; no ARN is longer. Every statement that asks for it repeats it.
LONGEST = 2048
#: Empty rows that a form offers beyond those that are filled in.
SPARE = 2

#: The types of AWS's simulator, by those of the catalogue. What is not known is text.
_TYPES: Mapping[str, str] = {
    "Bool": "boolean",
    "Numeric": "numeric",
    "Date": "date",
    "IPAddress": "ip",
}

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Row(NamedTuple):
    """One row of the form. A key that policies mention is given; any other can be typed."""

    key: str
    value: str
    given: bool = False

    @property
    def hint(self) -> str:
        """What the value looks like."""
        known = catalog.condition_key(self.key) if self.key else None
        return {
            "Bool": "true or false",
            "Numeric": "a number",
            "Date": "2026-01-31T12:00:00Z",
            "IPAddress": "203.0.113.7",
            "ARN": "arn:aws:…",
        }.get(known.type if known else "", "")


def rows(
    query: QueryDict, mentioned: Sequence[str] = (), known: Mapping[str, str] = _NOTHING
) -> list[Row]:
    """What was typed, then keys that the policies mention, then some empty rows.

    `known` are the values of keys in lower case that are filled in for whoever is simulated.
    """
    typed = [
        Row(key, value, given=key.lower() in {each.lower() for each in mentioned})
        for key, value in _pairs(query)
    ]
    there = {row.key.lower() for row in typed}
    more = [
        Row(key, known.get(key.lower(), ""), given=True)
        for key in mentioned
        if key.lower() not in there
    ]
    return [*typed, *more, *[Row("", "")] * SPARE][: MOST_ROWS + SPARE]


def entries(query: QueryDict, known: Mapping[str, str] = _NOTHING) -> list[ContextEntry]:
    """The context that was typed; a key without a value is left out, as if it were not there.

    A key of `known` that has no row counts as well: nobody had the chance to change it.
    Raises InvalidInput for more than MOST_ROWS of them, or values of more than LONGEST.
    """
    values: dict[str, list[str]] = {}
    spelled: dict[str, str] = {}
    for key, value in _pairs(query):
        if value:
            spelled.setdefault(key.lower(), key)
            values.setdefault(key.lower(), []).append(value)
    if sum(map(len, values.values())) > MOST_ROWS:
        raise InvalidInput(
            f"That are too many condition keys: {MOST_ROWS} values at most can be tried at once.",
            argument="context_entries",
        )
    if any(len(value) > LONGEST for found in values.values() for value in found):
        raise InvalidInput(
            f"A value of a condition key can have {LONGEST:,} characters at most here.",
            argument="context_entries",
        )
    rowed = {key.lower() for key, _ in _pairs(query)}
    for key, value in known.items():
        # An empty value is all the same a value: tags can have it, a row can't say it.
        if key not in rowed or not value:
            values.setdefault(key, [value])
    return [
        ContextEntry(spelled.get(key, key), found, _type(key, several=len(found) > 1))
        for key, found in values.items()
    ]


def _pairs(query: QueryDict) -> Iterable[tuple[str, str]]:
    keys, values = query.getlist("key"), query.getlist("value")
    for key, value in zip(keys, values, strict=False):
        if key.strip():
            yield key.strip(), value.strip()


def _type(key: str, *, several: bool) -> str:
    known = catalog.condition_key(key)
    single = _TYPES.get(known.type if known else "", "string")
    several = several or (known is not None and known.multivalued)
    return f"{single}List" if several else single
