"""The proof that a record was not changed: its chain, walked from one event to the next.

Where retention has removed events an anchor stands in their place, sealed under the same key as the
chain: so nobody removes more than was pruned, or puts something in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

from django.db.models import Max, QuerySet

from accounts import events, vault
from accounts.models import Account, Event, EventAnchor, Instance

#: A piece of a chain.
Link = Event | EventAnchor
_AT_ONCE = 2000


class Broken(Exception):
    """The chain is broken: an event of this number was changed, removed or moved."""

    def __init__(self, sequence: int) -> None:
        super().__init__(f"event {sequence} was changed or removed")
        self.sequence = sequence


def broken_link(account: Account | None) -> int | None:
    """The sequence number of the first event that was changed, removed or moved, or nothing.

    Others may go on adding events meanwhile, but not pruning them.
    """
    count, head = _owners_head(account)
    last, chain = 0, ""
    try:
        for link in links(account, upto=count):
            last, chain = end_of(link), link.chain
    except Broken as error:
        return error.sequence
    if last != count or head != (events.head_of(chain) if chain else ""):
        return last + 1
    newest = Event.objects.filter(account=account).aggregate(newest=Max("sequence"))["newest"] or 0
    # In this order: what was added meanwhile is counted, too.
    count, _head = _owners_head(account)
    return count + 1 if newest > count else None


def length(account: Account | None) -> int:
    """How many events the record has ever had, those that were pruned among them."""
    return _owners_head(account)[0]


def links(account: Account | None, *, after: int = 0, chain: str = "", upto: int) -> Iterator[Link]:
    """The chain behind the event `after`, whose own HMAC is `chain`, checked link by link.

    Raises Broken at the first that is not what it was.
    """
    expected = after + 1
    anchors = _anchors(account, after)
    anchor = next(anchors, None)
    for event in _events(account, after, upto):
        while anchor is not None and anchor.first == expected:
            yield _checked_anchor(anchor, chain)
            expected, chain = anchor.last + 1, anchor.chain
            anchor = next(anchors, None)
        if event.sequence != expected or not _is_whole(event, chain):
            raise Broken(expected)
        yield event
        expected, chain = expected + 1, event.chain
    while anchor is not None and anchor.first == expected and anchor.last <= upto:
        yield _checked_anchor(anchor, chain)
        expected, chain = anchor.last + 1, anchor.chain
        anchor = next(anchors, None)
    if expected <= upto:
        raise Broken(expected)


def seal(anchor: EventAnchor, chain: str) -> str:
    """The seal of an anchor behind the event whose HMAC is `chain`."""
    said = [
        anchor.account_id, anchor.first, anchor.last, anchor.chain, anchor.pruned_at.isoformat()
    ]  # fmt: skip
    # No event's content begins so.
    return vault.chain_hmac(chain, f"anchor {json.dumps(said)}")


def end_of(link: Link) -> int:
    """The number of the last event that a link stands for."""
    return link.sequence if isinstance(link, Event) else link.last


def start_of(link: Link) -> int:
    """The number of the first one."""
    return link.sequence if isinstance(link, Event) else link.first


def _is_whole(event: Event, chain: str) -> bool:
    previous = events.head_of(chain) if chain else ""
    keys = events.search_keys(event)
    return event.chain == vault.chain_hmac(previous, events.content(event)) and all(
        getattr(event, column) == key for column, key in keys.items()
    )


def _checked_anchor(anchor: EventAnchor, chain: str) -> EventAnchor:
    if anchor.seal != seal(anchor, chain):
        raise Broken(anchor.first)
    return anchor


def _owners_head(account: Account | None) -> tuple[int, str]:
    rows: QuerySet[Account] | QuerySet[Instance] = (
        Account.objects.filter(pk=account.pk) if account else Instance.objects.filter(pk=1)
    )
    return rows.values_list("event_count", "event_head").first() or (0, "")


def _events(account: Account | None, after: int, upto: int) -> Iterator[Event]:
    """The events in their order, some at a time: no transaction stays open on the way."""
    rows = Event.objects.filter(account=account, sequence__lte=upto).order_by("sequence")
    while some := list(rows.filter(sequence__gt=after)[:_AT_ONCE]):
        yield from some
        after = some[-1].sequence


def _anchors(account: Account | None, after: int) -> Iterator[EventAnchor]:
    rows = EventAnchor.objects.filter(account=account).order_by("first")
    while some := list(rows.filter(first__gt=after)[:_AT_ONCE]):
        yield from some
        after = some[-1].first


def some_links(
    account: Account | None, *, after: int, chain: str, upto: int, most: int
) -> list[Link]:
    """The next so many links."""
    return list(islice(links(account, after=after, chain=chain, upto=upto), most))
