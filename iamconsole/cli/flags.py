"""The flags of an operation, from its action's signature; and what was typed → its arguments.

They are those of the `aws` command: `--user-name bob`, `--tags Key=Team,Value=Red`, a list's items
one after the other, anything with structure also as JSON, and a text from a file as `file://PATH`.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from botocore import xform_name

from accounts.actions.registry import CONSOLE_ONLY, Operation
from accounts.errors import InvalidInput
from accounts.types import Choice, Number, Rule, Several, Structure, Tag, TagRule, Text, Truth

#: Where what was typed for an argument stands among the options of a command.
_PREFIX = "given_"
_FILE = "file://"
#: What the wrapper of actions fills in itself.
_FILLED_IN = frozenset({"prepared"})


def flag(argument: str) -> str:
    """The flag of an argument: `--user-name`."""
    return "--" + argument.replace("_", "-")


def add(parser: ArgumentParser, operation: Operation) -> None:
    """Have a parser take the flags of an operation."""
    for argument in _arguments(operation):
        rule = operation.rules[argument]
        taken: dict[str, Any] = {"help": _told(rule)}
        if isinstance(rule, Truth):
            taken["action"] = BooleanOptionalAction
        elif isinstance(rule, Several):
            taken |= {"nargs": "*", "metavar": _metavar(rule.of)}
        else:
            taken["metavar"] = _metavar(rule)
        if isinstance(rule, Number):
            taken["type"] = int
        parser.add_argument(
            flag(argument),
            dest=_PREFIX + argument,
            required=argument in operation.required,
            default=None,
            **taken,
        )


def read(operation: Operation, options: Mapping[str, Any], secret: Any) -> dict[str, Any]:
    """The arguments of a call. `secret()` reads what is not typed but handed over: `-`.

    Raises InvalidInput for what can't be read as what it has to be.
    """
    found = {}
    for argument in _arguments(operation):
        typed = options.get(_PREFIX + argument)
        if typed is None:
            continue
        if argument in operation.secrets and typed == "-":
            found[argument] = secret()
        else:
            found[argument] = _value(operation.rules[argument], typed, flag(argument))
    return found


def _arguments(operation: Operation) -> list[str]:
    hidden = CONSOLE_ONLY.get(operation.name, frozenset()) | _FILLED_IN
    names = list(operation.signature.parameters)[1:]
    return [name for name in names if name not in hidden]


def _metavar(rule: Rule) -> str:
    match rule:
        case Choice():
            return "|".join(rule.words)
        case Number():
            return "NUMBER"
        case TagRule():
            return "Key=K,Value=V"
        case Structure():
            return ",".join(f"{_camel_case(each.name)}=…" for each in fields(rule.of))
        case _:
            return "TEXT"


def _told(rule: Rule) -> str | None:
    if isinstance(rule, Number) and rule.min is not None and rule.max is not None:
        return f"{rule.min} to {rule.max}"
    return None


# --- Values --------------------------------------------------------------------------------------


def _value(rule: Rule, typed: Any, at: str) -> Any:
    match rule:
        case Several():
            return _list(rule, typed, at)
        case TagRule() | Structure():
            return _structure(rule, typed, at)
        case _ if isinstance(typed, str) and typed.startswith(_FILE):
            return _file(typed.removeprefix(_FILE), at)
        case _:
            return typed


def _list(rule: Several, typed: list[str], at: str) -> list[Any]:
    items: list[Any] = typed
    if len(typed) == 1:
        text = _value_of_file(typed[0], at)
        items = _json(text, list, at) if text.lstrip().startswith("[") else [text]
    if isinstance(rule.of, Text | Choice) and not all(map(_is_text, items)):
        raise InvalidInput(f"{at} takes texts, in JSON between quotes.")
    return [_value(rule.of, item, at) for item in items]


def _structure(rule: TagRule | Structure, typed: Any, at: str) -> Any:
    of = Tag if isinstance(rule, TagRule) else rule.of
    named = typed if isinstance(typed, dict) else _members(typed, at)
    known = {_camel_case(each.name): each.name for each in fields(of)}
    if strange := sorted(named.keys() - known.keys()):
        raise InvalidInput(f"{at} takes {', '.join(known)}, and not {', '.join(strange)}.")
    if not all(_is_text(value) for value in named.values()):
        raise InvalidInput(f"{at} takes texts, in JSON between quotes.")
    absent: dict[str, Any] = dict.fromkeys(known.values())
    return of(**absent | {known[name]: value for name, value in named.items()})


def _members(typed: Any, at: str) -> dict[str, Any]:
    """`Key=a,Value=b`, or a JSON object."""
    if not isinstance(typed, str):
        raise InvalidInput(f"{at} takes objects.")
    if typed.lstrip().startswith("{"):
        named: dict[str, Any] = _json(typed, dict, at)
        return named
    pairs = [part.partition("=") for part in typed.split(",")]
    if not all(equals for _, equals, _ in pairs):
        raise InvalidInput(f"{at} takes Name=value,… or JSON: {typed}")
    return {name: value for name, _, value in pairs}


def _is_text(value: Any) -> bool:
    """A text or a list of them: there is nothing else in the structures that IAM takes."""
    return isinstance(value, str) or (isinstance(value, list) and all(map(_is_text, value)))


def _json(text: str, kind: type, at: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{at} is not JSON: {error}") from None
    if not isinstance(found, kind):
        raise InvalidInput(f"{at} is not the JSON that it takes: {text[:100]}")
    return found


def _value_of_file(typed: str, at: str) -> str:
    return _file(typed.removeprefix(_FILE), at) if typed.startswith(_FILE) else typed


def _file(path: str, at: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{at} could not be read: {error}") from None


def _camel_case(argument: str) -> str:
    """`context_key_name` → ContextKeyName."""
    return "".join(part.capitalize() for part in argument.split("_"))


def command_name(operation: str) -> str:
    """`iam:ListUsers` → `list-users`."""
    found: str = xform_name(operation.partition(":")[2], "-")
    return found
