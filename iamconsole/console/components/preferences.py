"""How somebody wants a list to look: which columns, how many rows, how dense."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.actions import preferences as kept
from accounts.caller import Caller

#: Rows of a page, as in the real console's tables, unless chosen otherwise.
PAGE_SIZE = 20
SIZES = (10, 20, 50, 100)
#: No list has more columns.
_MOST_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class Preferences:
    """The look of one list. Its address may say otherwise for columns and size."""

    #: What the list is called in the address of its preferences.
    table: str
    #: The visible columns in their order; empty: those that the list shows by itself.
    columns: tuple[str, ...] = ()
    size: int = PAGE_SIZE
    #: Whether long texts go on in the next line, and the list need not be scrolled sideways.
    wrap: bool = False
    compact: bool = False
    stripes: bool = False


def preferences_of(caller: Caller, table: str) -> Preferences:
    """What the caller chose for a list. What makes no sense any more is passed over."""
    value = kept.preferences_of(caller).get(_name(table))
    return _read(table, value) if isinstance(value, Mapping) else Preferences(table)


def keep(caller: Caller, chosen: Preferences) -> None:
    """Keep it for the caller's next visits, on every device."""
    value = {
        "columns": list(chosen.columns),
        "size": chosen.size,
        "wrap": chosen.wrap,
        "compact": chosen.compact,
        "stripes": chosen.stripes,
    }
    kept.set_preference(caller, name=_name(chosen.table), value=value)


def _name(table: str) -> str:
    return f"table-{table}"


def _read(table: str, value: Mapping[str, Any]) -> Preferences:
    columns = value.get("columns")
    names = columns[:_MOST_COLUMNS] if isinstance(columns, list) else []
    return Preferences(
        table,
        columns=tuple(str(name) for name in names),
        size=size_or_nothing(value.get("size")) or PAGE_SIZE,
        wrap=value.get("wrap") is True,
        compact=value.get("compact") is True,
        stripes=value.get("stripes") is True,
    )


def size_or_nothing(value: object) -> int | None:
    """One of the sizes that a page may have, also from text."""
    return next((size for size in SIZES if str(size) == str(value)), None)
