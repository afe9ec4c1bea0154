"""How events are found at the same cost however many there are: by an index, in bounded steps.

Every name that people ask for has an index that is sorted by time. The condition with the fewest
events is looked up by its index; the others are compared row by row, in steps of so many rows of
the index, until the page is full or the time is up. Then the page ends where the search has come
to, and the next one goes on from there: no question takes longer than another.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.db.models.sql.datastructures import BaseTable

from accounts.models import Account, Event

#: When an event was, and its number in the chain, since many may be at one moment.
Place = tuple[datetime, int]
#: Seconds that one page may take where nearly nothing fits.
PATIENCE = 0.3
#: Events of the first step and of the largest one; each has four times those of the one before.
_FIRST_STEP, _LARGEST_STEP = 1000, 8000
#: Events that are counted to learn which condition has the fewest.
_COUNTED = 1000
#: Seeks of a condition; of one with more, such as all of a large service's actions, many events are
#: true anyway.
_MOST_SEEKS = 16


@dataclass(frozen=True, slots=True)
class Seek:
    """An equality, and the index that is sorted by time for each of its values."""

    where: Q
    index: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be true of an event, and how an index finds those of which it may be."""

    holds: Q
    #: Of all that it holds for one of these is true. None: there is no index.
    seeks: tuple[Seek, ...] = ()
    #: Whether it holds for all that the seeks find.
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """A page that is asked for."""

    conditions: Sequence[Condition]
    start: datetime | None
    end: datetime | None
    #: The event beside which the page begins; nothing for the newest ones.
    place: Place | None
    newer: bool
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """Events, the newest first, and where the pages beside it begin."""

    events: Sequence[Event]
    older: Place | None
    newer: Place | None
    #: Whether there may be more that the search has not come to.
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class _Some:
    """What one seek has found, in order, and how far it came; nothing where it came to the end."""

    events: Sequence[Event]
    reached: Place | None


_BY_TIME = Seek(Q(), "events_by_time")


def search_events(account: Account, wanted: Search) -> Page:
    """The page of an account's events that is asked for."""
    rows = Event.objects.filter(account=account)
    if wanted.start is not None:
        rows = rows.filter(time__gte=wanted.start)
    if wanted.end is not None:
        rows = rows.filter(time__lte=wanted.end)
    seeks, rest = _plan(rows, wanted.conditions)
    until = time.monotonic() + PATIENCE
    found = [_look(_sought(rows, seek), rest, wanted, until) for seek in seeks]
    return _page(found, wanted)


def _plan(
    rows: QuerySet[Event], conditions: Sequence[Condition]
) -> tuple[Sequence[Seek], Q | None]:
    """By which seeks to look, and what is to be compared then; nothing where they say it all."""
    usable = [each for each in conditions if 0 < len(each.seeks) <= _MOST_SEEKS]
    # Where there is no choice, nothing is counted.
    chosen = usable[0] if len(usable) == 1 else None
    if len(usable) > 1:
        chosen = min(usable, key=lambda each: _count(rows, each))
    rest = Q()
    for each in conditions:
        if each is not chosen or not each.exact:
            rest &= each.holds
    return chosen.seeks if chosen else (_BY_TIME,), rest or None


def _count(rows: QuerySet[Event], condition: Condition) -> int:
    """How many events its seeks find, as far as it is worth counting."""
    return sum(_sought(rows, seek)[:_COUNTED].count() for seek in condition.seeks)


def _sought(rows: QuerySet[Event], seek: Seek) -> QuerySet[Event]:
    """What a seek finds, by its index.

    SQLite has no statistics here and may well take another one, in which it then finds nothing for
    a long time.
    """
    rows = rows.filter(seek.where)
    if connection.vendor == "sqlite" and seek.index:
        table = rows.query.get_initial_alias()
        rows.query.alias_map[table] = _Indexed(table, table, seek.index)
    return rows


class _Indexed(BaseTable):
    """A table in FROM that is read by one index: SQLite, "The INDEXED BY Clause"."""

    def __init__(self, table_name: str, alias: str, index: str) -> None:
        super().__init__(table_name, alias)
        self.index = index

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = super().as_sql(compiler, connection)
        return f"{sql} INDEXED BY {connection.ops.quote_name(self.index)}", parameters


def _look(rows: QuerySet[Event], rest: Q | None, wanted: Search, until: float) -> _Some:
    """Go through what one seek finds, from the place on, until there is one more than a page."""
    order = ("time", "sequence") if wanted.newer else ("-time", "-sequence")
    rows = rows.order_by(*order)
    place, most = wanted.place, wanted.size + 1
    if rest is None:
        return _Some(list(_beyond(rows, place, wanted.newer)[:most]), None)
    # Within CASE, where no database looks for an index: a search by another one may never end.
    fits = Case(When(rest, then=Value(True)), default=Value(False), output_field=BooleanField())
    compared: QuerySet[Any] = rows.alias(fits=fits)
    found: list[Event] = []
    step = _FIRST_STEP
    while True:
        ahead = _beyond(compared, place, wanted.newer)
        # From the index alone.
        edge: Place | None = ahead.values_list("time", "sequence")[step - 1 : step].first()
        some = ahead if edge is None else _up_to(ahead, edge, wanted.newer)
        found += some.filter(fits=True)[: most - len(found)]
        if len(found) == most or edge is None:
            return _Some(found, None)
        if time.monotonic() > until:
            return _Some(found, edge)
        place, step = edge, min(step * 4, _LARGEST_STEP)


def _beyond(rows: QuerySet[Any], place: Place | None, newer: bool) -> QuerySet[Any]:
    if place is None:
        return rows
    moment, sequence = place
    # The first condition is for the index; the second for those of the same moment.
    if newer:
        return rows.filter(Q(time__gt=moment) | Q(sequence__gt=sequence), time__gte=moment)
    return rows.filter(Q(time__lt=moment) | Q(sequence__lt=sequence), time__lte=moment)


def _up_to(rows: QuerySet[Any], place: Place, newer: bool) -> QuerySet[Any]:
    moment, sequence = place
    if newer:
        return rows.filter(Q(time__lt=moment) | Q(sequence__lte=sequence), time__lte=moment)
    return rows.filter(Q(time__gt=moment) | Q(sequence__gte=sequence), time__gte=moment)


def _page(found: Sequence[_Some], wanted: Search) -> Page:
    """The events of all seeks in one order, as far as every seek has come."""
    newer = wanted.newer
    events = {each.pk: each for some in found for each in some.events}
    ordered = sorted(events.values(), key=place_of, reverse=not newer)
    reached = [some.reached for some in found if some.reached is not None]
    end = (min(reached) if newer else max(reached)) if reached else None
    if end is not None:
        ordered = [
            each for each in ordered
            if (place_of(each) <= end if newer else place_of(each) >= end)
        ]  # fmt: skip
    more = len(ordered) > wanted.size
    ordered = ordered[: wanted.size]
    beyond: Any = place_of(ordered[-1]) if more else end
    if newer:
        ordered.reverse()
        back = place_of(ordered[-1]) if ordered else wanted.place
        return Page(ordered, older=back, newer=beyond, given_up=not more and end is not None)
    back = place_of(ordered[0]) if ordered else wanted.place
    return Page(
        ordered,
        older=beyond,
        newer=back if wanted.place is not None else None,
        given_up=not more and end is not None,
    )


def place_of(event: Event) -> Place:
    """Where an event is in the order of the list."""
    return event.time, event.sequence
