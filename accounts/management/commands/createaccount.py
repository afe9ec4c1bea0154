"""createaccount: make an account with its root user."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import instance
from accounts.actions import lifecycle
from accounts.management.operator import (
    BAD_ARGUMENTS,
    OperatorCommand,
    describe,
    first_line_of_input,
)


class Command(OperatorCommand):
    """Make an account; print its id, sign-in URL and, once, what is secret."""

    help = "Make an account with its root user."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account's names, and how its secrets are made."""
        parser.add_argument("--name", required=True)
        parser.add_argument("--root-email", required=True)
        parser.add_argument("--account-id", help="12 digits; random unless given")
        parser.add_argument("--alias", help="what people type instead of the id")
        parser.add_argument(
            "--root-password-stdin",
            action="store_true",
            help="read the root password from standard input; generated and printed unless given",
        )
        parser.add_argument("--access-key", action="store_true", help="make a root access key")
        parser.add_argument("--json", action="store_true")

    def operate(self, **options: Any) -> None:
        """Make it."""
        password = first_line_of_input() if options["root_password_stdin"] else None
        if password == "":
            raise CommandError("No password came from standard input.", returncode=BAD_ARGUMENTS)
        made = lifecycle.create_account(
            instance.operator(),
            name=options["name"],
            root_email=options["root_email"],
            account_id=options["account_id"],
            alias=options["alias"],
            root_password=password,
            access_key=options["access_key"],
        )
        described = describe(
            made.account, root_password=made.root_password, access_key=made.access_key
        )
        self.show(described, as_json=options["json"])
