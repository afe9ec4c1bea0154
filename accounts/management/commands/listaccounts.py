"""listaccounts: what accounts there are."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from accounts.management.operator import OperatorCommand, describe
from accounts.models import Account


class Command(OperatorCommand):
    """List the accounts, oldest first."""

    help = "List the accounts of this installation."

    def add_arguments(self, parser: CommandParser) -> None:
        """The form of the list."""
        parser.add_argument("--json", action="store_true")

    def operate(self, **options: Any) -> None:
        """Print them."""
        accounts = Account.objects.order_by("created_at", "pk")
        if options["json"]:
            listed = [
                {name: value for name, value in describe(account).items() if value is not None}
                for account in accounts
            ]
            self.stdout.write(json.dumps(listed))
            return
        for account in accounts:
            self.stdout.write(
                f"{account.id}  {account.alias or '-':20}  {account.root_email:30}  {account.name}"
            )
