"""AWS Query requests: parameters such as `Tags.member.1.Key` → the arguments that actions take.

Readers are compiled from botocore's models and the rules of the actions, once. Only members of the
operation's own shape are read: a parameter that AWS does not know is passed over, as AWS does, so
that nothing but AWS's arguments gets in.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import unquote_to_bytes

from botocore import xform_name

from accounts.types import Rule, Several, Structure, Tag, TagRule
from iamconsole.api.errors import FrontDoorError
from iamconsole.api.shapes import Service
from iamconsole.sandbox.rules import Entries

#: Bytes of a body, parameters of a request, items of a list, names in a parameter's path.
LARGEST_BODY = 1024 * 1024
MOST_PARAMETERS = 10_000
MOST_ITEMS = 1000
DEEPEST = 12

Node = str | dict[str, Any]
Reader = Callable[[Node, str], Any]
Arguments = dict[str, Any]

_INDEX = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})")


def pairs(text: str) -> list[tuple[str, str]]:
    """The parameters of a query string or form, decoded. Raise FrontDoorError for what is none."""
    if not text:
        return []
    if text.count("&") >= MOST_PARAMETERS:
        raise FrontDoorError(
            "MalformedQueryString", f"A request may have {MOST_PARAMETERS} parameters at most."
        )
    found = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.append((_decoded(name), _decoded(value)))
    return found


def _decoded(text: str) -> str:
    if "%" not in text and "+" not in text and text.isascii():
        return text
    if _ENCODED.search(text):
        raise FrontDoorError("MalformedQueryString", "The query string contains a syntax error.")
    try:
        # What came is bytes, which WSGI shows as Latin-1.
        return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode()
    except UnicodeError:
        raise FrontDoorError(
            "MalformedQueryString", "The query string contains characters that are not UTF-8."
        ) from None


def unique(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters by name. Raise FrontDoorError where one is given twice."""
    named: dict[str, str] = {}
    for name, value in found:
        if name in named:
            raise FrontDoorError(
                "MalformedInput", f"The parameter {name[:128]} is given more than once."
            )
        named[name] = value
    return named


# --- Readers -------------------------------------------------------------------------------------


def reader(
    service: Service, operation: str, rules: Mapping[str, Rule]
) -> Callable[[Mapping[str, str]], Arguments]:
    """The reader of one operation's arguments; `rules` say which structures are what class."""
    given = service.operations[operation].get("input")
    members = service.shapes[given["shape"]]["members"] if given else {}
    readers = {
        name: (xform_name(name), _reader(service, member["shape"], rules.get(xform_name(name))))
        for name, member in members.items()
    }

    def read(parameters: Mapping[str, str]) -> Arguments:
        arguments = {}
        for name, node in _tree(parameters, readers).items():
            argument, read_member = readers[name]
            arguments[argument] = read_member(node, name)
        return arguments

    return read


def _tree(parameters: Mapping[str, str], wanted: Mapping[str, Any]) -> dict[str, Node]:
    """Parameters as a tree along the dots in their names; of those that are wanted only."""
    tree: dict[str, Any] = {}
    for name, value in parameters.items():
        first, dot, rest = name.partition(".")
        if first not in wanted:
            continue
        if not dot:
            if first in tree:
                raise _unexpected(name)
            tree[first] = value
            continue
        path = [first, *rest.split(".", DEEPEST)]
        if len(path) > DEEPEST:
            raise _unexpected(name)
        node = tree
        for step in path[:-1]:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise _unexpected(name)
        if path[-1] in node:
            raise _unexpected(name)
        node[path[-1]] = value
    return tree


def _reader(service: Service, shape_name: str, rule: Rule | None) -> Reader:
    shape = service.shapes[shape_name]
    match shape["type"]:
        case "structure":
            return _structure(service, shape, rule)
        case "list":
            return _list(service, shape, rule)
        case "map":
            return _map(service, shape, rule)
        case scalar:
            return _scalar(_VALUES[scalar])


def _structure(service: Service, shape: Mapping[str, Any], rule: Rule | None) -> Reader:
    make: Callable[..., Any] = dict
    rules: Mapping[str, Rule] = {}
    # What is left out is None: the rule says whether it may be, in AWS's words.
    absent: dict[str, None] = {}
    if isinstance(rule, TagRule):
        make, absent = Tag, _absent(Tag)
    elif isinstance(rule, Structure):
        make, rules, absent = rule.of, rule.members(), _absent(rule.of)
    arguments = {name: xform_name(name) for name in shape["members"]}
    readers = {
        name: _reader(service, member["shape"], rules.get(arguments[name]))
        for name, member in shape["members"].items()
    }

    def read(node: Node, at: str) -> Any:
        if isinstance(node, str):
            raise _unexpected(at)
        found = {
            arguments[name]: readers[name](inner, f"{at}.{name}")
            for name, inner in node.items()
            if name in readers
        }
        return make(**{**absent, **found})

    return read


def _absent(structure: type) -> dict[str, None]:
    return dict.fromkeys(one.name for one in fields(structure))


def _list(service: Service, shape: Mapping[str, Any], rule: Rule | None) -> Reader:
    of = rule.of if isinstance(rule, Several) else None
    member = shape["member"].get("locationName", "member")
    read_item = _reader(service, shape["member"]["shape"], of)

    def read(node: Node, at: str) -> list[Any]:
        return [
            read_item(item, f"{at}.{member}.{index}") for index, item in _numbered(node, member, at)
        ]

    return read


def _map(service: Service, shape: Mapping[str, Any], rule: Rule | None) -> Reader:
    of = rule.of if isinstance(rule, Entries) else None
    key = shape["key"].get("locationName", "key")
    value = shape["value"].get("locationName", "value")
    read_value = _reader(service, shape["value"]["shape"], of)

    def read(node: Node, at: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for index, entry in _numbered(node, "entry", at):
            place = f"{at}.entry.{index}"
            if not isinstance(entry, dict) or not isinstance(entry.get(key), str):
                raise _unexpected(place)
            if entry[key] in found:
                raise FrontDoorError("MalformedInput", f"A key is given more than once: {at[:128]}")
            found[entry[key]] = read_value(entry.get(value, ""), f"{place}.{value}")
        return found

    return read


def _numbered(node: Node, member: str, at: str) -> list[tuple[int, Node]]:
    """The items of a list or map in the order of their numbers."""
    if node == "":
        return []
    items = node.get(member) if isinstance(node, dict) and len(node) == 1 else None
    if not isinstance(items, dict):
        raise _unexpected(at)
    found = []
    for index, item in items.items():
        if _INDEX.fullmatch(index) is None:
            raise _unexpected(f"{at}.{member}.{index}")
        if int(index) > MOST_ITEMS:
            raise FrontDoorError(
                "MalformedInput", f"A list may have {MOST_ITEMS} items at most: {at[:128]}"
            )
        found.append((int(index), item))
    return sorted(found, key=lambda pair: pair[0])


def _scalar(value: Callable[[str], Any]) -> Reader:
    def read(node: Node, at: str) -> Any:
        if not isinstance(node, str):
            raise FrontDoorError(
                "MalformedInput",
                f"Start of structure or map found where not expected: {at[:128]}",
            )
        try:
            return value(node)
        except ValueError:
            raise FrontDoorError(
                "MalformedInput", f"The value of {at[:128]} is not of its type."
            ) from None

    return read


def _unexpected(at: str) -> FrontDoorError:
    return FrontDoorError("MalformedInput", f"Key {at[:128]} found where not expected.")


def _whole(text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise ValueError
    return int(text)


def truth(text: str) -> bool:
    """What a boolean says, in any case. Raise ValueError for another word."""
    folded = text.lower()
    if folded not in ("true", "false"):
        raise ValueError
    return folded == "true"


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


#: The types that arguments have.
_VALUES: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": _whole,
    "boolean": truth,
    "blob": _bytes,
}
