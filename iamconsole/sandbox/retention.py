"""How long messages are kept: seven days, and of an account's the last 64 MiB that came in.

What is over is deleted while new ones are published, a little each time, and by the sweep for
accounts to which nothing comes any more. Nobody is shown a message that is too old.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models.prepared import Prepared
from iamconsole.sandbox.models import Message

KEPT_FOR = timedelta(days=7)
#: Bytes of bodies, subjects and attributes.
KEPT_OF_AN_ACCOUNT = 64 * 1024 * 1024
#: Messages deleted by one publishing at most: more than it adds, so nothing piles up.
_AT_ONCE = 100

_NEWEST = Prepared(
    lambda account: (
        Message.objects.filter(account=account).order_by("-position").values_list("position")
    )
)
_OLDEST = Prepared(
    lambda account: (
        Message.objects.filter(account=account)
        .order_by("position")
        .values_list("position", "published_at")
    )
)


def oldest_shown(now: datetime) -> datetime:
    """Messages from before are kept no longer."""
    return now - KEPT_FOR


def last_position(account: str) -> int:
    """How many bytes were published to the account's topics so far."""
    found = _NEWEST.first(account)
    return found[0] if found else 0


def make_room(account: str, position: int, now: datetime) -> None:
    """Delete the account's messages that are too old, or too far behind `position`; a few."""
    oldest = _OLDEST.first(account)
    behind, before = position - KEPT_OF_AN_ACCOUNT, oldest_shown(now)
    if oldest is None or (oldest[0] > behind and oldest[1] >= before):
        return
    first = Message.objects.filter(account=account).order_by("position")
    gone = [
        pk
        for pk, at, published in first.values_list("pk", "position", "published_at")[:_AT_ONCE]
        if at <= behind or published < before
    ]
    Message.objects.filter(pk__in=gone).delete()


def sweep(now: datetime, most: int = 1000) -> int:
    """Delete so many messages of any account that are too old; return how many there were."""
    old = Message.objects.filter(published_at__lt=oldest_shown(now)).order_by("published_at")
    deleted, _by_model = Message.objects.filter(
        pk__in=list(old.values_list("pk", flat=True)[:most])
    ).delete()
    return deleted
