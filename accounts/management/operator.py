"""What the operator's commands share: one line for a mistake, JSON for scripts."""

from __future__ import annotations

import json
import re
import sys
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import instance
from accounts.actions.access_keys import NewAccessKey
from accounts.errors import ServiceError
from accounts.models import Account

#: The exit code of a command that was asked for something it can't do.
BAD_ARGUMENTS = 2


class Parser(CommandParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        # One line: the operations of IAM alone would fill a screen.
        message = re.sub(r" \(choose from .*\)$", "; --help lists what there is", message)
        if self.called_from_command_line:
            self.exit(BAD_ARGUMENTS, f"{self.prog}: {message}\n")
        raise CommandError(message, returncode=BAD_ARGUMENTS)


class OperatorCommand(BaseCommand):
    """A command that works on accounts. Subclasses write `operate`."""

    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """A parser that answers a mistake in one line."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.__class__ = Parser
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare the installation, then do the work; a refusal is one line and exit code 2."""
        try:
            instance.prepare()
            self.operate(**options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        except ServiceError as error:
            # One line, whatever was typed into it.
            message = " ".join(error.message.split())
            raise CommandError(message, returncode=BAD_ARGUMENTS) from None

    def operate(self, **options: Any) -> None:
        """Do the command's work."""
        raise NotImplementedError

    def show(self, described: dict[str, str | None], *, as_json: bool) -> None:
        """Print what an account is, as JSON or a line for each thing."""
        known = {name: value for name, value in described.items() if value is not None}
        if as_json:
            self.stdout.write(json.dumps(known))
            return
        width = max(map(len, known))
        for name, value in known.items():
            self.stdout.write(f"{name.replace('_', ' '):{width}}  {value}")


def describe(
    account: Account,
    *,
    root_password: str | None = None,
    access_key: NewAccessKey | None = None,
) -> dict[str, str | None]:
    """An account as the operator's commands print it; what is None is left out."""
    return {
        "account_id": account.id,
        "alias": account.alias or "",
        "root_email": account.root_email,
        "root_password": root_password,
        "access_key_id": access_key.key.access_key_id if access_key else None,
        "secret_access_key": access_key.secret if access_key else None,
        "signin_url": instance.signin_url(account.signin_name),
    }


def first_line_of_input() -> str:
    """A secret that a script hands over: one line, without its end."""
    return sys.stdin.readline().rstrip("\r\n")
