"""Pages of lists: AWS's marker and count, and the console's numbered pages."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from accounts.errors import ValidationError

Item = TypeVar("Item")

#: AWS's count where a client names none.
DEFAULT_ITEMS = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a list. `marker` is where the next page begins, nothing on the last.

    `total` and `number` are for the console's numbered pages; AWS has neither.
    """

    items: Sequence[Item]
    marker: str | None = None
    total: int | None = None
    number: int = 1
    pages: int = 1

    @property
    def is_truncated(self) -> bool:
        """Whether there is more."""
        return self.marker is not None


def after_marker(
    rows: QuerySet[Any], order: str, marker: str | None, max_items: int | None
) -> Page[Any]:
    """The rows after the marker, sorted by a unique column: stable while others add and remove."""
    limit = max_items or DEFAULT_ITEMS
    if marker is not None:
        rows = rows.filter(**{f"{order}__gt": unwrapped(marker)})
    found = list(rows.order_by(order)[: limit + 1])
    if len(found) <= limit:
        return Page(found)
    found.pop()
    return Page(found, marker=wrapped(str(getattr(found[-1], order))))


def slice_after_marker(
    items: Sequence[Item], key: Callable[[Item], str], marker: str | None, max_items: int | None
) -> Page[Item]:
    """The same for a list in memory that is sorted by `key`."""
    limit = max_items or DEFAULT_ITEMS
    start = unwrapped(marker) if marker is not None else None
    left = [item for item in items if start is None or key(item) > start]
    if len(left) <= limit:
        return Page(left)
    return Page(left[:limit], marker=wrapped(key(left[limit - 1])))


def numbered(rows: QuerySet[Any], number: int, size: int) -> Page[Any]:
    """The console's page of that number; past the end it is the last one. Two queries."""
    return _cut(rows, rows.count(), number, size)


def numbered_slice(items: Sequence[Item], number: int, size: int) -> Page[Item]:
    """The same for a sorted list in memory."""
    return _cut(items, len(items), number, size)


def _cut(items: Any, total: int, number: int, size: int) -> Page[Any]:
    pages = max(1, math.ceil(total / size))
    number = min(max(1, number), pages)
    start = (number - 1) * size
    return Page(list(items[start : start + size]), total=total, number=number, pages=pages)


def wrapped(text: str) -> str:
    """The marker for a place in a list."""
    # AWS's markers have 320 characters at most: in base 85 that is a serial number's 256.
    return base64.b85encode(text.encode()).decode()


def unwrapped(marker: str) -> str:
    """The place that a marker stands for. Raise ValidationError for what is no marker."""
    try:
        text = base64.b85decode(marker.encode()).decode()
    except ValueError:
        text = ""
    if wrapped(text) != marker or "\x00" in text:
        raise ValidationError("Invalid Marker.", argument="marker")
    return text
