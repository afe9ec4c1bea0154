"""recoverroot: a way back for a root user who forgot the password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from accounts import instance
from accounts.actions import lifecycle, root
from accounts.management.operator import OperatorCommand


class Command(OperatorCommand):
    """Print a link that sets a new root password, once, within 15 minutes."""

    help = (
        "Print a single-use link, valid for 15 minutes, that sets a new root password. MFA stays: "
        "signing in asks for a code as before."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which account."""
        parser.add_argument("account_id")

    def operate(self, **options: Any) -> None:
        """Make the link and print it."""
        account = lifecycle.find_account(options["account_id"])
        token = root.create_recovery_link(instance.operator(account))
        self.stdout.write(f"{settings.BASE_URL}/session/recover/{token}/")
