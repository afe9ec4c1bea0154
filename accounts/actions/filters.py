"""Property filters of the console's lists: what may be compared how, as conditions of a query.

A closed language: a property that the list declares, one of its operators, and a value of its kind.
Anything else is refused, so that no text of an address becomes a lookup.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q

from accounts.errors import InvalidInput

#: What stands for no value at all, such as a password that was never used.
NOTHING = frozenset({"-", "never", "none"})
#: No name, path or ARN is longer.
LONGEST = 2048
_WHOLE_NUMBER = re.compile(r"[0-9]{1,5}", re.ASCII)


class Kind(Enum):
    """What sort of values a property has."""

    TEXT = "text"
    NUMBER = "number"
    #: A moment, compared by how many whole days ago it was; some have none.
    DAYS = "days"
    #: One of a few words.
    CHOICE = "choice"


#: What each kind can be asked, "^" for begins with and ":" for contains.
OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("=", "!=", ":", "!:", "^"),
    Kind.NUMBER: ("=", "!=", "<", "<=", ">", ">="),
    Kind.DAYS: ("=", "!=", "<", "<=", ">", ">="),
    Kind.CHOICE: ("=", "!="),
}
_LOOKUPS = {"=": "iexact", ":": "icontains", "^": "istartswith"}
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. All conditions of a list must hold."""

    name: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Property:
    """What a list can be filtered by. `column` is the field or annotation that is compared.

    `through` is the table that holds it, where one row has several. `choices` are the words of a
    CHOICE and what each asks.
    """

    kind: Kind
    column: str = ""
    through: type[Model] | None = None
    choices: Mapping[str, Q] = field(default_factory=dict)


def makes_sense(asked: Filter, about: Property) -> bool:
    """Whether the property can be asked this, with a value of its kind."""
    value = asked.value.strip()
    if asked.operator not in OPERATORS[about.kind] or not value or len(value) > LONGEST:
        return False
    if about.kind is Kind.TEXT:
        return "\0" not in value
    if about.kind is Kind.CHOICE:
        return value.lower() in {word.lower() for word in about.choices}
    if about.kind is Kind.DAYS and value.lower() in NOTHING:
        return asked.operator in ("=", "!=")
    return _WHOLE_NUMBER.fullmatch(value) is not None


def where(asked: Iterable[Filter], properties: Mapping[str, Property], now: datetime) -> Q:
    """The filters as one condition of a query. Raise InvalidInput for what makes no sense."""
    condition = Q()
    for each in asked:
        about = properties.get(each.name)
        if about is None or not makes_sense(each, about):
            raise InvalidInput(f"{each.name} can't be filtered so.", argument="filters")
        condition &= _condition(each, about, now)
    return condition


def fits(asked: Filter, kind: Kind, value: Any, now: datetime) -> bool:
    """The same for a value in memory: text, number, moment or nothing, or a CHOICE's word."""
    wanted = asked.value.strip()
    if kind in (Kind.TEXT, Kind.CHOICE):
        return _text_fits(asked.operator, str(value).lower(), wanted.lower())
    if kind is Kind.NUMBER:
        return _COMPARED[asked.operator](value, int(wanted))
    if wanted.lower() in NOTHING:
        return (value is None) is (asked.operator == "=")
    if value is None:
        return asked.operator == "!="
    return _COMPARED[asked.operator]((now - value).days, int(wanted))


def _text_fits(asked: str, value: str, wanted: str) -> bool:
    if asked.startswith("!"):
        return not _text_fits(asked[1:] or "=", value, wanted)
    if asked == "^":
        return value.startswith(wanted)
    return wanted in value if asked == ":" else value == wanted


def _condition(asked: Filter, about: Property, now: datetime) -> Q:
    value = asked.value.strip()
    if about.kind is Kind.TEXT:
        return _text(asked, about, value)
    if about.kind is Kind.CHOICE:
        words = {word.lower(): condition for word, condition in about.choices.items()}
        found = words[value.lower()]
        return found if asked.operator == "=" else ~found
    if about.kind is Kind.DAYS:
        return _days(asked.operator, about.column, value, now)
    if asked.operator == "!=":
        return ~Q(**{about.column: int(value)})
    lookup = {"=": "exact", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}[asked.operator]
    return Q(**{f"{about.column}__{lookup}": int(value)})


def _text(asked: Filter, about: Property, value: str) -> Q:
    plain = asked.operator.removeprefix("!") or "="
    found = Q(**{f"{about.column}__{_LOOKUPS['=' if plain == '=' else plain]}": value})
    if about.through is not None:
        rows = about.through._default_manager.filter(found, user=OuterRef("pk"))
        found = Q(Exists(rows))
    return ~found if asked.operator.startswith("!") else found


def _days(asked: str, column: str, value: str, now: datetime) -> Q:
    empty = Q(**{f"{column}__isnull": True})
    if value.lower() in NOTHING:
        return empty if asked == "=" else ~empty
    # A whole day is counted as n from n days after the moment until n + 1 days after it.
    at_least = Q(**{f"{column}__lte": now - timedelta(days=int(value))})
    more = Q(**{f"{column}__lte": now - timedelta(days=int(value) + 1)})
    there = ~empty
    return {
        "=": at_least & ~more,
        "!=": empty | more | ~at_least,
        "<": there & ~at_least,
        "<=": there & ~more,
        ">": more,
        ">=": at_least,
    }[asked]
