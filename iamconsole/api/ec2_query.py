"""Requests of EC2's clients: parameters such as `Filter.1.Value.2` → the arguments of actions.

EC2 has a protocol of its own, close to AWS Query: lists are numbered without `member`, and names
are capitalised. Smithy specification, "AWS EC2 query protocol". Unlike IAM, EC2 refuses parameters
that it does not know; here also those that it knows and that are not built, since an instance that
ignores what was asked for would teach the wrong thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from botocore import xform_name

from accounts.types import Rule, Several, Structure, Tag, TagRule
from iamconsole.api import query
from iamconsole.api.shapes import Service
from iamconsole.sandbox.ec2_errors import (
    InvalidParameterValue,
    UnknownParameter,
    UnsupportedParameter,
)

Node = str | dict[str, Any]
Reader = Callable[[Node, str], Any]

#: What stands beside the operation's own parameters.
_ENVELOPE = frozenset({"Action", "Version"})
_MOST_ITEMS = 1000
_DEEPEST = 8
_INDEX = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)


def reader(
    service: Service, operation: str, rules: Mapping[str, Rule]
) -> Callable[[Mapping[str, str]], dict[str, Any]]:
    """The reader of one operation's arguments, which are those that have a rule."""
    given = service.operations[operation].get("input")
    read_members = _members(service, given["shape"], rules) if given else {}

    def read(parameters: Mapping[str, str]) -> dict[str, Any]:
        return _read_members(_tree(parameters), "", read_members)

    return read


def _tree(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Parameters as a tree along the dots in their names."""
    tree: dict[str, Any] = {}
    for name, value in parameters.items():
        if name in _ENVELOPE:
            continue
        path = name.split(".", _DEEPEST)
        if len(path) > _DEEPEST:
            raise _unknown(name)
        node = tree
        for step in path[:-1]:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise _unknown(name)
        if path[-1] in node:
            raise _unknown(name)
        node[path[-1]] = value
    return tree


#: By the name on the wire: the argument, and its reader where it is built.
_Members = dict[str, tuple[str, Reader | None]]


def _members(service: Service, shape_name: str, rules: Mapping[str, Rule]) -> _Members:
    found: _Members = {}
    for name, member in service.shapes[shape_name].get("members", {}).items():
        argument = xform_name(name)
        rule = rules.get(argument)
        read = _reader(service, member["shape"], rule) if rule is not None else None
        found[_on_the_wire(name, member)] = argument, read
    return found


def _on_the_wire(name: str, member: Mapping[str, Any]) -> str:
    """What clients call a member: its query name, or its name in XML, capitalised."""
    if "queryName" in member:
        return str(member["queryName"])
    written = str(member.get("locationName", name))
    return written[:1].upper() + written[1:]


def _read_members(node: Mapping[str, Any], at: str, members: _Members) -> dict[str, Any]:
    found = {}
    for name, inner in node.items():
        place = f"{at}.{name}" if at else name
        if name not in members:
            raise _unknown(place)
        argument, read = members[name]
        if read is None:
            raise UnsupportedParameter(
                f"The parameter {place[:128]} is one of AWS's that is not built here."
            )
        found[argument] = read(inner, place)
    return found


def _reader(service: Service, shape_name: str, rule: Rule | None) -> Reader:
    match service.shapes[shape_name]["type"]:
        case "structure":
            return _structure(service, shape_name, rule)
        case "list":
            return _list(service, shape_name, rule)
        case "integer":
            return _scalar(_whole)
        case "boolean":
            return _scalar(query.truth)
        case _:
            return _scalar(str)


def _structure(service: Service, shape_name: str, rule: Rule | None) -> Reader:
    of: Callable[..., Any]
    if isinstance(rule, Structure):
        of, rules = rule.of, rule.members()
        absent = dict.fromkeys(one.name for one in fields(rule.of))
    elif isinstance(rule, TagRule):
        of, rules, absent = Tag, {"key": rule.key, "value": rule.value}, {"key": None, "value": ""}
    else:
        raise TypeError(f"{shape_name} has no rule that says which class it is")
    members = _members(service, shape_name, rules)

    def read(node: Node, at: str) -> Any:
        if isinstance(node, str):
            raise _unknown(at)
        return of(**{**absent, **_read_members(node, at, members)})

    return read


def _list(service: Service, shape_name: str, rule: Rule | None) -> Reader:
    of = rule.of if isinstance(rule, Several) else None
    read_item = _reader(service, service.shapes[shape_name]["member"]["shape"], of)

    def read(node: Node, at: str) -> list[Any]:
        if isinstance(node, str):
            raise _unknown(at)
        if any(_INDEX.fullmatch(index) is None for index in node):
            raise _unknown(f"{at}.{next(iter(node))}")
        if len(node) > _MOST_ITEMS:
            raise InvalidParameterValue(f"{at[:128]} may have {_MOST_ITEMS} items at most.")
        numbered = sorted(node.items(), key=lambda pair: int(pair[0]))
        return [read_item(item, f"{at}.{index}") for index, item in numbered]

    return read


def _scalar(value: Callable[[str], Any]) -> Reader:
    def read(node: Node, at: str) -> Any:
        if not isinstance(node, str):
            raise _unknown(f"{at}.{next(iter(node))}")
        try:
            return value(node)
        except ValueError:
            raise InvalidParameterValue(
                f"Invalid value '{node[:64]}' for {at[:128]}: it is not of its type."
            ) from None

    return read


def _whole(text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise ValueError
    return int(text)


def _unknown(name: str) -> UnknownParameter:
    return UnknownParameter(f"The parameter {name[:128]} is not recognized")
