"""deleteaccount: remove an account with everything in it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import instance
from accounts.actions import lifecycle
from accounts.management.operator import BAD_ARGUMENTS, OperatorCommand


class Command(OperatorCommand):
    """Delete an account, its events too; without --yes say what would go."""

    help = "Delete an account with everything in it, its events too."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one, and that it is meant."""
        parser.add_argument("account_id")
        parser.add_argument("--yes", action="store_true", help="do it")

    def operate(self, **options: Any) -> None:
        """Delete it."""
        account = lifecycle.find_account(options["account_id"])
        if not options["yes"]:
            contents = lifecycle.contents(account)
            counted = ", ".join(f"{number} {name}" for name, number in contents.items())
            raise CommandError(
                f"This would delete the account {account.name} ({account.id}) with its root user"
                f"{' and ' + counted if counted else ''}. Say --yes to do it.",
                returncode=BAD_ARGUMENTS,
            )
        lifecycle.delete_account(instance.operator(), account_id=account.id)
        self.stdout.write(f"Deleted the account {account.name} ({account.id}).")
