"""Retention: old events go out of the record, and its chain still proves all that is left.

What users and roles have last tried is known beyond that: `attempts` sums it up before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max, Q

from accounts import event_chain, events
from accounts.actions.attempts import sum_up
from accounts.actions.registry import command, only
from accounts.caller import Caller, CallerKind
from accounts.event_chain import Link
from accounts.models import Account, Event, EventAnchor

#: Links of the chain that are looked at, and pruned, at once, two or more: nobody else writes
#: meanwhile.
_AT_ONCE = 4000


@dataclass(frozen=True, slots=True)
class Run:
    """Events one after another that are to go, or are gone in part."""

    first: int
    last: int
    #: The HMAC of the event before, and of the last one.
    before: str
    chain: str
    #: Whether the chain has fewer links once it is pruned: else it is an anchor already.
    shortens: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """What is too old: reads from before a moment, and everything from before another."""

    reads_before: datetime | None
    all_before: datetime | None = None

    def takes(self, event: Event) -> bool:
        """Whether an event goes. Refused reads stay as long as changes do."""
        if self.all_before is not None and event.time < self.all_before:
            return True
        plain_read = event.read_only and event.outcome == events.SUCCESS
        return plain_read and self.reads_before is not None and event.time < self.reads_before

    @property
    def condition(self) -> Q:
        """The same for the database."""
        taken = Q(pk__in=())
        if self.all_before is not None:
            taken |= Q(time__lt=self.all_before)
        if self.reads_before is not None:
            taken |= Q(read_only=True, outcome=events.SUCCESS, time__lt=self.reads_before)
        return taken


@command("account:PruneEvents", may=only(CallerKind.OPERATOR))
def prune_events(
    caller: Caller,
    /,
    *,
    runs: Sequence[Run],
    reads_before: datetime | None = None,
    all_before: datetime | None = None,
) -> int:
    """Remove runs of events whose chain was checked, and put an anchor in each one's place.

    Return how many events went.
    """
    removed = 0
    for run in runs:
        span = (run.first, run.last)
        gone = Event.objects.filter(account=caller.account, sequence__range=span)
        removed += gone.delete()[0]
        EventAnchor.objects.filter(account=caller.account, first__range=span).delete()
        anchor = EventAnchor(
            account=caller.account, first=run.first, last=run.last, chain=run.chain,
            pruned_at=caller.now,
        )  # fmt: skip
        anchor.seal = event_chain.seal(anchor, run.before)
        anchor.save(force_insert=True)
    return removed


def prune(operator: Caller, cut: Cut) -> int:
    """Prune the record of the operator's account, or the instance's own; return how many went.

    Some thousand events at a time, so that others can write in between. Raises Broken before a
    link that is not whole: what somebody has tampered with is not to be sealed.
    """
    account, removed = operator.account, 0
    events.catch_up()
    if account is not None:
        sum_up(account)
    for runs in _batches(account, cut):
        removed += prune_events(
            operator, runs=runs, reads_before=cut.reads_before, all_before=cut.all_before
        )
    return removed


def _batches(account: Account | None, cut: Cut) -> Iterator[list[Run]]:
    """What is to go, as far as the newest event that is."""
    old = Event.objects.filter(cut.condition, account=account)
    upto: int = old.aggregate(newest=Max("sequence"))["newest"] or 0
    after, chain, reached = 0, "", 0
    while reached < upto:
        some = event_chain.some_links(account, after=after, chain=chain, upto=upto, most=_AT_ONCE)
        runs = _runs(some, chain, cut)
        if changed := [run for run in runs if run.shortens]:
            yield changed
        reached = event_chain.end_of(some[-1])
        after, chain = reached, some[-1].chain
        if runs and runs[-1].last == reached:
            # It is one anchor by now, which what follows may make longer.
            after, chain = runs[-1].first - 1, runs[-1].before


def _runs(some: Sequence[Link], chain: str, cut: Cut) -> list[Run]:
    """The links that go, put together where they follow one another."""
    runs: list[Run] = []
    going = False
    for link in some:
        first, last = event_chain.start_of(link), event_chain.end_of(link)
        goes = isinstance(link, EventAnchor) or cut.takes(link)
        if goes and going:
            runs[-1] = replace(runs[-1], last=last, chain=link.chain, shortens=True)
        elif goes:
            runs.append(Run(first, last, chain, link.chain, shortens=isinstance(link, Event)))
        going, chain = goes, link.chain
    return runs
