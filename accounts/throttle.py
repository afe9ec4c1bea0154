"""Slowing down whoever guesses: failures counted in the database, delays that grow and end.

Two counters for each name, whether or not it exists: one for the name from one address, and a
looser one for the name from anywhere. Passwords and codes are counted apart. Calls that name nobody
have one counter, their address. Only failures count,
so a whole class may sign in at once, also as one user. Once there were enough failures for a delay,
attempts are checked one at a time, so that parallel guesses can't slip past. The longest delay is
15 minutes: nobody is locked out for good. AWS has no lockout, and this is not shown as one.
"""

from __future__ import annotations

import hashlib
import ipaddress
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
_FREE_FEDERATION = 20
#: Who has one IPv6 address has all of its network.
_IPV6_NETWORK = 64


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter: what it counts, how many failures are free, and whether a success starts it
    anew.
    """

    key: str
    free: int
    forgiving: bool = False


Counters = tuple[Counter, ...]


def password_counters(account: str, name: str, address: str) -> Counters:
    """The counters of a password, by what was typed."""
    return _counters("password", f"{account}\n{name.lower()}", address)


def code_counters(handle: str, address: str) -> Counters:
    """The counters of a login's MFA codes."""
    return _counters("code", handle, address)


def change_counters(handle: str, address: str) -> Counters:
    """The counters of a login's old password, asked for when it is changed."""
    return _counters("change", handle, address)


def unsigned_counters(address: str) -> Counters:
    """The counter of unsigned calls: with an identity provider's word, or to a public bucket.

    By address alone: whatever else such a call says is the caller's choice. A success forgives
    nothing, or one good token would cover any number of bad ones.
    """
    return (Counter(_key("federation", _network(address)), _FREE_FEDERATION),)


def admit(counters: Counters, now: datetime) -> bool:
    """Whether an attempt may be checked now; `settle` says afterwards how it went.

    An attempt during a delay is refused without being counted: it makes the delay no longer.
    """
    with transaction.atomic():
        # First made, then locked: of parallel first attempts each must see the ones before it.
        Throttle.objects.bulk_create(
            [Throttle(key=key, last_failure=now) for key in sorted(one.key for one in counters)],
            ignore_conflicts=True,
        )
        rows = _locked(counters)
        admitted = not any(row.blocked_until and row.blocked_until > now for row in rows.values())
        for counter in counters:
            row = rows[counter.key]
            if row.last_failure < now - _FORGOTTEN:
                row.failures = 0
            if admitted and row.failures >= counter.free:
                # Held until this attempt is decided, as if it had failed already.
                row.blocked_until = now + delay(row.failures + 1, counter.free)
            # Also where nothing changed: the time must not tell a delay from a failure.
            row.save()
    return admitted


def settle(counters: Counters, now: datetime, *, admitted: bool, right: bool) -> None:
    """Say how an attempt went. Without an admission nothing changes, but as much is written.

    After a success the name starts anew at this address. What was counted from anywhere stays:
    somebody else may be guessing elsewhere.
    """
    with transaction.atomic():
        rows = _locked(counters)
        for counter in counters:
            row = rows[counter.key]
            if admitted and right:
                row.failures = 0 if counter.forgiving else row.failures
                # The delay was over when it was admitted; a success begins no new one.
                row.blocked_until = None
            elif admitted:
                row.failures += 1
                row.last_failure = now
                wait = delay(row.failures, counter.free)
                row.blocked_until = now + wait if wait else None
            row.save()


def delay(failures: int, free: int) -> timedelta:
    """How long after so many failures the next attempt is refused: 2, 4, 8 … seconds."""
    if failures < free:
        return timedelta()
    return min(timedelta(seconds=2 ** min(failures - free + 1, 12)), LONGEST)


def prune(now: datetime) -> None:
    """Drop counters that start anew anyway."""
    Throttle.objects.filter(last_failure__lt=now - _FORGOTTEN).delete()


def _locked(counters: Counters) -> dict[str, Throttle]:
    """The rows by key, always locked in the same order."""
    keys = [counter.key for counter in counters]
    rows = Throttle.objects.select_for_update().filter(key__in=keys).order_by("key")
    return {row.key: row for row in rows}


def _counters(kind: str, name: str, address: str) -> Counters:
    return (
        Counter(_key(kind, name, address), _FREE_FROM_ADDRESS, forgiving=True),
        Counter(_key(kind, name), _FREE_FROM_ANYWHERE),
    )


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:  # a socket of the machine has none
        return address
    if known.version == 4:
        return address
    return str(ipaddress.ip_network((known, _IPV6_NETWORK), strict=False))


def _key(*parts: str) -> str:
    # Hashed: names that somebody mistyped may be passwords, and lengths are fixed.
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
