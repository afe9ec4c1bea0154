"""pruneevents: remove old events, so that the record does not grow for ever."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts import instance
from accounts.actions.history_retention import Cut, prune
from accounts.event_chain import Broken
from accounts.management.operator import OperatorCommand
from accounts.models import Account

#: Days that successful reads stay.
READS_DAYS = 90


class Command(OperatorCommand):
    """Remove old reads, and everything older if asked to; the chain still proves what is left."""

    help = "Remove successful reads older than 90 days; the chain still proves what is left."

    def add_arguments(self, parser: CommandParser) -> None:
        """How old is too old."""
        parser.add_argument(
            "--reads-days", type=_days, default=READS_DAYS, help="days that reads stay (90)"
        )
        parser.add_argument(
            "--days", type=_days, help="days that everything stays; for ever unless said"
        )

    def operate(self, **options: Any) -> None:
        """Prune every record, the instance's own as well."""
        cut = Cut(_before(options["reads_days"]), _before(options["days"]))
        for account in [None, *Account.objects.order_by("pk")]:
            name = f"account {account.id}" if account else "the instance"
            try:
                removed = prune(instance.operator(account), cut)
            except Broken as error:
                raise CommandError(
                    f"The record of {name} is not what it was: {error}. From there on nothing was "
                    "pruned; see verifyevents.",
                    returncode=1,
                ) from None
            self.stdout.write(f"{name}: {removed} events removed")


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 36500):
        raise ArgumentTypeError("days are a whole number from 1 to 36500")
    return int(text)


def _before(days: int | None) -> datetime | None:
    return timezone.now() - timedelta(days=days) if days is not None else None
