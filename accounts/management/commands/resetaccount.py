"""resetaccount: bring an account back to how it was made."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts import instance
from accounts.actions import lifecycle
from accounts.management.operator import OperatorCommand, describe


class Command(OperatorCommand):
    """Reset an account: id, name, root's e-mail, password and the events stay."""

    help = (
        "Bring an account back to how it was made. Its id, name, root e-mail, root password and "
        "events stay; everything else goes, every session included."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one, and whether root gets a key."""
        parser.add_argument("account_id")
        parser.add_argument("--access-key", action="store_true", help="make a root access key")
        parser.add_argument("--json", action="store_true")

    def operate(self, **options: Any) -> None:
        """Reset it."""
        account = lifecycle.find_account(options["account_id"])
        key = lifecycle.reset_account(instance.operator(account), access_key=options["access_key"])
        self.show(describe(account, access_key=key), as_json=options["json"])
