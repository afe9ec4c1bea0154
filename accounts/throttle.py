"""Slowing down whoever guesses: failures counted in the database, delays that grow and end.

Two counters for each name, whether or not it exists: one for the name from one address, and a
looser one for the name from anywhere. Passwords and codes are counted apart. An attempt is counted
before it is checked and taken back when it succeeds, so that parallel guesses can't slip past. The
longest delay is 15 minutes: nobody is locked out for good. AWS has no lockout, and this is not
shown as one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Throttle

LONGEST = timedelta(minutes=15)
#: A counter that saw no failure for so long starts anew.
_FORGOTTEN = timedelta(hours=1)
#: Failures that cost nothing: people mistype.
_FREE_FROM_ADDRESS = 5
_FREE_FROM_ANYWHERE = 50


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter: what it counts, and how many failures are free."""

    key: str
    free: int


def password_counters(account: str, name: str, address: str) -> tuple[Counter, Counter]:
    """The counters of a password, by what was typed."""
    return _counters("password", f"{account}\n{name.lower()}", address)


def code_counters(handle: str, address: str) -> tuple[Counter, Counter]:
    """The counters of a login's MFA codes."""
    return _counters("code", handle, address)


def change_counters(handle: str, address: str) -> tuple[Counter, Counter]:
    """The counters of a login's old password, asked for when it is changed."""
    return _counters("change", handle, address)


def admit(counters: tuple[Counter, ...], now: datetime) -> bool:
    """Whether an attempt may be checked now; if so it is counted as failed until `forgive`.

    An attempt during a delay is refused without being counted: it makes the delay no longer.
    """
    with transaction.atomic():
        rows = {row.key: row for row in _locked(counters)}
        if any(row.blocked_until and row.blocked_until > now for row in rows.values()):
            # Written back as they are: the time it takes must not tell a delay from a failure.
            for row in rows.values():
                row.save()
            return False
        for counter in sorted(counters, key=lambda one: one.key):
            _count(rows.get(counter.key), counter, now)
    return True


def forgive(counters: tuple[Counter, Counter]) -> None:
    """Take back what `admit` counted, after a success.

    From this address the name starts anew; from anywhere only this attempt is taken back, since
    somebody else may be guessing elsewhere.
    """
    here, anywhere = counters
    with transaction.atomic():
        Throttle.objects.filter(key=here.key).delete()
        for row in _locked((anywhere,)):
            row.failures = max(0, row.failures - 1)
            # It was over when the attempt was admitted; a success begins no new delay.
            row.blocked_until = None
            row.save()


def delay(failures: int, free: int) -> timedelta:
    """How long after so many failures the next attempt is refused: 2, 4, 8 … seconds."""
    if failures < free:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - free + 1, 12)), LONGEST)


def prune(now: datetime) -> None:
    """Drop counters that start anew anyway."""
    Throttle.objects.filter(last_failure__lt=now - _FORGOTTEN).delete()


def _count(row: Throttle | None, counter: Counter, now: datetime) -> None:
    if row is None:
        Throttle.objects.get_or_create(key=counter.key, defaults={"last_failure": now})
        row = Throttle.objects.select_for_update().get(key=counter.key)
    if row.last_failure < now - _FORGOTTEN:
        row.failures = 0
    row.failures += 1
    row.last_failure = now
    row.blocked_until = _blocked_until(row.failures, counter.free, now)
    row.save()


def _blocked_until(failures: int, free: int, now: datetime) -> datetime | None:
    wait = delay(failures, free)
    return now + wait if wait else None


def _locked(counters: tuple[Counter, ...]) -> list[Throttle]:
    keys = [counter.key for counter in counters]
    return list(Throttle.objects.select_for_update().filter(key__in=keys).order_by("key"))


def _counters(kind: str, name: str, address: str) -> tuple[Counter, Counter]:
    return (
        Counter(_key(kind, name, address), _FREE_FROM_ADDRESS),
        Counter(_key(kind, name), _FREE_FROM_ANYWHERE),
    )


def _key(*parts: str) -> str:
    # Hashed: names that somebody mistyped may be passwords, and lengths are fixed.
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
