"""prunesessions: remove what has run out: sessions of browsers, counters of failed sign-ins."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import throttle
from accounts.management.operator import OperatorCommand


class Command(OperatorCommand):
    """Remove expired sessions; the server does the same whenever it starts."""

    help = "Remove expired sessions and the counters of failed sign-ins that are forgiven."

    def operate(self, **options: Any) -> None:
        """Remove them, and say how many there were."""
        now = timezone.now()
        removed, _ = Session.objects.filter(expire_date__lt=now).delete()
        throttle.prune(now)
        self.stdout.write(f"{removed} expired sessions removed")
