"""verifyevents: prove that nobody has changed or removed what is on record."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import event_chain, events
from accounts.actions import lifecycle
from accounts.management.operator import OperatorCommand
from accounts.models import Account


class Command(OperatorCommand):
    """Walk the chains of events; exit with 1 where one is broken."""

    help = "Check that no event was changed or removed, but by pruneevents."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose record."""
        parser.add_argument("account_id", nargs="?", help="one account; without it, everything")

    def operate(self, **options: Any) -> None:
        """Walk, and say of each chain how it is."""
        events.catch_up()
        accounts: list[Account | None] = [None, *Account.objects.order_by("pk")]
        if options["account_id"]:
            accounts = [lifecycle.find_account(options["account_id"])]
        broken = [name for account in accounts if not self._whole(account, name := _name(account))]
        if broken:
            raise CommandError(f"Not what it was: the record of {', '.join(broken)}.", returncode=1)

    def _whole(self, account: Account | None, name: str) -> bool:
        sequence = event_chain.broken_link(account)
        if sequence is None:
            told = f"the chain is whole, {event_chain.length(account)} events so far"
            self.stdout.write(f"{name}: {told}")
        else:
            self.stdout.write(f"{name}: broken at event {sequence}, which was changed or removed")
        return sequence is None


def _name(account: Account | None) -> str:
    return f"account {account.id}" if account else "the instance"
