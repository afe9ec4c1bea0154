"""When users and roles last tried which permission, whatever came of it: read off the record.

The record is summed up as it grows: reads go out of it before the 400 days are over that are asked
about, and nobody wants to count a million events for one page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max

from accounts import events
from accounts.actions.registry import ACTIONS
from accounts.caller import CallerKind
from accounts.models import Account, Event, LastTried, Role, User

#: Events that are counted anew each time, rather than summed up.
_MOST_LOOSE = 1000
#: Events that are summed up in one transaction: it holds the account's row.
_AT_ONCE = 20_000
#: Ids in one query: databases take only so many.
_IDS = 500
#: Operations whose parts are asked for one by one (`authorize.ASKED_FOR_EACH`), and as what.
_OF_EACH = {"s3:DeleteObjects": "s3:DeleteObject"}
_KINDS = (CallerKind.USER.value, CallerKind.ROLE.value)


class Attempt(NamedTuple):
    """The newest attempt at something."""

    time: datetime
    region: str


#: By unique id and permission, "s3:ListBucket".
Attempts = Mapping[tuple[str, str], Attempt]


def bring_up_to_date(account: Account) -> int:
    """Take in what waits to be recorded, and sum up what came since the last time.

    Return the sequence number of the last event that is summed up, for `attempts`. Not within the
    transaction of a change: others would wait for it.
    """
    events.catch_up()
    return sum_up(account, leave=_MOST_LOOSE)


def sum_up(account: Account, *, leave: int = 0) -> int:
    """Add the events that are not summed up yet, if there are more than `leave`.

    With none left behind, events can go from the record and are still known of here.
    """
    rows = Account.objects.filter(pk=account.pk).values_list("tried_to", "event_count")
    done, count = rows.get()
    while count - done > leave:
        done, count = _sum_up_some(account)
    return done


def attempts(
    account: Account, whom: Iterable[User | Role] | None, since: datetime, summed_up_to: int
) -> Attempts:
    """The newest attempts of some users and roles, or of all of them, since a moment."""
    ids = None if whom is None else {each.unique_id for each in whom}
    newest: dict[tuple[str, str], Attempt] = {}
    known = LastTried.objects.filter(account=account, time__gte=since)
    for rows in [known] if ids is None else _by_ids(known, ids):
        for who, name, time, region in rows.values_list("principal_id", "action", "time", "region"):
            _keep(newest, (who, permission_of(name)), Attempt(time, region))
    for who, name, attempt in _loose(account, summed_up_to, None):
        if attempt.time >= since and (ids is None or who in ids):
            _keep(newest, (who, permission_of(name)), attempt)
    return newest


def permission_of(name: str) -> str:
    """What policies call an operation, or each part of one that is asked for part by part."""
    known = ACTIONS.get(name)
    permission = known.permission if known is not None else name
    return _OF_EACH.get(permission, permission)


def _by_ids(rows: Any, ids: Collection[str]) -> Iterable[Any]:
    listed = sorted(ids)
    for start in range(0, len(listed), _IDS):
        yield rows.filter(principal_id__in=listed[start : start + _IDS])


def _keep(newest: dict[tuple[str, str], Attempt], key: tuple[str, str], attempt: Attempt) -> None:
    if key not in newest or newest[key].time < attempt.time:
        newest[key] = attempt


def _loose(account: Account, after: int, up_to: int | None) -> Iterable[tuple[str, str, Attempt]]:
    """What users and roles tried in the events after a sequence number, and up to another."""
    rows = Event.objects.filter(account=account, sequence__gt=after, principal_kind__in=_KINDS)
    if up_to is not None:
        rows = rows.filter(sequence__lte=up_to)
    grouped = rows.order_by().values_list("principal_id", "action", "region")
    for who, name, region, time in grouped.annotate(newest=Max("time")):
        # A session's id is the role's and the session's name.
        yield who.partition(":")[0], name, Attempt(time, region)


def _sum_up_some(account: Account) -> tuple[int, int]:
    """Sum up some events; return up to which one, and how many events there are."""
    with transaction.atomic():
        locked = Account.objects.select_for_update(no_key=True).filter(pk=account.pk)
        done, count = locked.values_list("tried_to", "event_count").get()
        end = min(count, done + _AT_ONCE)
        newest: dict[tuple[str, str], Attempt] = {}
        for who, name, attempt in _loose(account, done, end):
            _keep(newest, (who, name), attempt)
        known = LastTried.objects.filter(account=account)
        for rows in _by_ids(known, {who for who, _name in newest}):
            for row in rows.values_list("principal_id", "action", "time", "region"):
                if row[:2] in newest:
                    _keep(newest, row[:2], Attempt(*row[2:]))
        LastTried.objects.bulk_create(
            [
                LastTried(account=account, principal_id=who, action=name, time=time, region=region)
                for (who, name), (time, region) in newest.items()
            ],
            update_conflicts=True,
            unique_fields=["account", "principal_id", "action"],
            update_fields=["time", "region"],
        )
        locked.update(tried_to=end)
        return end, count
