"""A policy's document as pages show it: laid out, summed up, with what the checks say of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from accounts import engine
from accounts.engine import ActionRow, Finding, FindingType, Row, catalog

#: The four counters of the real console's editor, in its order and words.
_COUNTED = (
    ("Security", FindingType.SECURITY_WARNING),
    ("Errors", FindingType.ERROR),
    ("Warnings", FindingType.WARNING),
    ("Suggestions", FindingType.SUGGESTION),
)


@dataclass(frozen=True, slots=True)
class Section:
    """What a document allows, or what it denies: a row for each service."""

    effect: str
    rows: Sequence[Row]
    #: How many services there are in all.
    services: int
    #: Names of the services that it is not about.
    remaining: Sequence[str]


def laid_out(text: str) -> str:
    """The text to be read line by line: as it was written, or in lines where it has none."""
    if "\n" in text.strip():
        return text
    try:
        return json.dumps(json.loads(text), indent=4, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


# Working out what a policy of a hundred thousand characters allows takes a while.
@lru_cache(maxsize=32)
def sections(text: str) -> tuple[Section, ...]:
    """The summary, what is denied first; nothing where the text can't be understood."""
    try:
        summary = engine.summarize(engine.load(text), catalog)
    except engine.MalformedPolicy:
        return ()
    names = {service.prefix: service.name for service in catalog.services()}
    return tuple(
        Section(effect, rows, summary.services, _others(names, rows))
        for effect, rows in (("Deny", summary.deny), ("Allow", summary.allow))
        if rows or effect == "Allow"
    )


def actions_of(text: str, prefix: str, effect: str) -> tuple[ActionRow, ...]:
    """The actions of one service that the document allows or denies."""
    return engine.summarize_service(engine.load(text), prefix, catalog, allow=effect == "Allow")


@lru_cache(maxsize=32)
def findings(text: str) -> tuple[Finding, ...]:
    """What the policy checks say of the document as it is laid out, so that the lines fit."""
    return engine.lint(laid_out(text))


def counted(found: Sequence[Finding]) -> list[tuple[str, int]]:
    """How many findings there are of each class."""
    numbers = Counter(each.type for each in found)
    return [(label, numbers[kind]) for label, kind in _COUNTED]


def _others(names: dict[str, str], rows: Sequence[Row]) -> list[str]:
    here = {row.prefix for row in rows}
    return sorted((name for prefix, name in names.items() if prefix not in here), key=str.lower)
