"""iam: every operation of IAM from the shell, as the root user of an account."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.core.management.base import CommandParser

from accounts import actions, instance
from accounts.actions import lifecycle
from accounts.actions.registry import ACTIONS, Operation
from accounts.management.operator import OperatorCommand, Parser, first_line_of_input
from iamconsole.answers import ANSWERS
from iamconsole.cli import flags

#: Members that IAM percent-encodes, and which people read as JSON.
_DOCUMENTS = frozenset({"PolicyDocument", "AssumeRolePolicyDocument", "Document"})


class Command(OperatorCommand):
    """Call an operation, and print its answer as the `aws` command does."""

    help = (
        "Call an operation of IAM as the root user of an account: "
        "iam list-users --account 111122223333. It is recorded as such."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """A command for each operation, with the flags that its action takes."""
        actions.load()
        commands = parser.add_subparsers(
            title="operations",
            dest="operation",
            required=True,
            metavar="OPERATION",
            parser_class=Parser,
        )
        for name, operation in sorted(_operations().items()):
            one = commands.add_parser(name, allow_abbrev=False)
            one.add_argument("--account", required=True, metavar="ID", help="12 digits")
            flags.add(one, operation)

    def operate(self, **options: Any) -> None:
        """Call it."""
        operation = _operations()[options["operation"]]
        account = lifecycle.find_account(options["account"])
        arguments = flags.read(operation, options, secret=first_line_of_input)
        result = operation.run(instance.root(account), **arguments)
        if answer := ANSWERS.get(operation.name):
            self.stdout.write(json.dumps(_told(answer(result)), indent=4, ensure_ascii=False))


def _operations() -> dict[str, Operation]:
    return {
        flags.command_name(name): operation
        for name, operation in ACTIONS.items()
        if name.startswith("iam:")
    }


def _told(value: Any, name: str = "") -> Any:
    """Members as they are printed: times as ISO 8601, bytes as Base64, documents as JSON."""
    match value:
        case dict():
            return {key: _told(each, key) for key, each in value.items() if each is not None}
        case list() | tuple():
            return [_told(each, name) for each in value]
        case datetime():
            return value.isoformat(timespec="seconds")
        case bytes():
            return base64.b64encode(value).decode()
        case str() if name in _DOCUMENTS:
            return json.loads(unquote(value))
        case _:
            return value
