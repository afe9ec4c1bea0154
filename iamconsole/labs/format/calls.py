"""Whether an operation of a pack is one of AWS's that is built here, or the labs' own, and whether
its arguments are that operation's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from botocore import xform_name

from accounts.actions.registry import ACTIONS
from iamconsole.api.s3.routes import MODEL as S3
from iamconsole.api.shapes import SERVICES, Service
from iamconsole.labs.format.contents import shown
from iamconsole.labs.format.documents import file_of
from iamconsole.labs.format.form import suggestion
from iamconsole.labs.format.problem import Problem
from iamconsole.labs.format.yaml_text import Path

_SERVICES: Mapping[str, Service] = {**SERVICES, "s3": S3}
#: The labs' own: each argument's kind, and which can't be left out.
OWN: Mapping[str, tuple[Mapping[str, str], frozenset[str]]] = {
    "SignIn": (
        {"User": "string", "Password": "string", "MFA": "boolean", "NewPassword": "string"},
        frozenset({"Password"}),
    ),
    "EnrolMFA": ({"User": "string", "Name": "string"}, frozenset()),
    "ChangeRootPassword": ({"Password": "string"}, frozenset({"Password"})),
}
_KINDS: Mapping[str, tuple[type, str]] = {
    "integer": (int, "a whole number"),
    "long": (int, "a whole number"),
    "boolean": (bool, "true or false"),
    "list": (list, "a list"),
    "structure": (dict, "a mapping"),
    "map": (dict, "a mapping"),
}
#: Where a part of the call's arguments stands.
Place = Callable[[Path], str]


def name_of(call: str) -> str:
    """An operation's whole name: "iam:CreateUser" for CreateUser, "SignIn" for the labs' own."""
    return call if call in OWN or ":" in call else f"iam:{call}"


def problems(name: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    """What is wrong with a call: `name` is whole, `place` says where its arguments stand."""
    if name in OWN:
        yield from _own_problems(name, arguments, place)
        return
    service, _, operation = name.partition(":")
    if name not in ACTIONS or service not in _SERVICES:
        yield Problem(place(()), _unknown_call(service, operation))
        return
    members, required = _members(name)
    for argument, given in arguments.items():
        inner = place((argument,))
        if argument not in members:
            meant = suggestion(argument, members)
            yield Problem(inner, f"{operation} has no argument {shown(argument)}{meant}")
        elif xform_name(argument) not in ACTIONS[name].arguments:
            yield Problem(inner, f"The argument {argument} of {operation} is not built here.")
        else:
            yield from _value_problems(
                _SERVICES[service], members[argument]["shape"], given, (argument,), place
            )
    yield from _lacking(operation, required, arguments, place)


def _unknown_call(service: str, operation: str) -> str:
    if service not in _SERVICES:
        return f"There is no service {shown(service)} here{suggestion(service, _SERVICES)}"
    if operation in _SERVICES[service].operations:
        return f"The operation {operation} of AWS is not built here."
    if elsewhere := next((each for each in ACTIONS if each.endswith(f":{operation}")), None):
        return f"{operation} is not {service}'s: write {elsewhere}."
    known = [each.partition(":")[2] for each in ACTIONS if each.startswith(f"{service}:")]
    meant = suggestion(operation, [*known, *(OWN if service == "iam" else ())])
    return f"There is no operation {shown(operation)} of {service}{meant}"


@cache
def _members(name: str) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The members of an operation's input, and those that can't be left out."""
    service, _, operation = name.partition(":")
    model = _SERVICES[service]
    given = model.operations[operation].get("input")
    shape = model.shapes[given["shape"]] if given else {}
    return shape.get("members", {}), tuple(shape.get("required", ()))


def _lacking(
    operation: str, required: Any, arguments: Mapping[str, Any], place: Place
) -> Iterator[Problem]:
    for argument in required:
        if argument not in arguments:
            yield Problem(place(()), f"{operation} needs the argument {argument}.")


def _own_problems(name: str, arguments: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    kinds, required = OWN[name]
    for argument, given in arguments.items():
        if argument not in kinds:
            meant = suggestion(argument, kinds)
            yield Problem(place((argument,)), f"{name} has no argument {shown(argument)}{meant}")
        else:
            yield from _kind_problems(kinds[argument], given, (argument,), place)
    yield from _lacking(name, required, arguments, place)


def _kind_problems(kind: str, given: Any, path: Path, place: Place) -> Iterator[Problem]:
    wanted, words = _KINDS.get(kind, (str, "text (put it in quotation marks)"))
    # To Python true is a number, too.
    if not isinstance(given, wanted) or (wanted is int and isinstance(given, bool)):
        yield Problem(place(path), f"{path[-1]} is to be {words}.")


def _value_problems(
    service: Service, shape_name: str, given: Any, path: Path, place: Place
) -> Iterator[Problem]:
    """What is wrong with a value, down to its innermost parts."""
    shape = service.shapes[shape_name]
    kind = shape["type"]
    if kind not in _KINDS and isinstance(given, dict) and _may_be_document(path, given):
        return
    yield from (found := list(_kind_problems(kind, given, path, place)))
    if found:
        return
    if kind == "list":
        for number, each in enumerate(given):
            inner = (*path, number)
            yield from _value_problems(service, shape["member"]["shape"], each, inner, place)
    elif kind == "map":
        for key, each in given.items():
            yield from _value_problems(service, shape["value"]["shape"], each, (*path, key), place)
    elif kind == "structure":
        members = shape.get("members", {})
        for key, each in given.items():
            if key not in members:
                meant = suggestion(key, members)
                yield Problem(place((*path, key)), f"{path[-1]} has no {shown(key)}{meant}")
            else:
                inner_shape = members[key]["shape"]
                yield from _value_problems(service, inner_shape, each, (*path, key), place)
        for key in shape.get("required", ()):
            if key not in given:
                yield Problem(place(path), f"{path[-1]} needs {key}.")


def _may_be_document(path: Path, given: Mapping[str, Any]) -> bool:
    """Whether a mapping stands for its text: a policy as YAML, or the name of a file."""
    name = str(path[-1])
    policy = name.endswith(("Policy", "Document")) or "Statement" in given
    return policy or file_of(given) is not None
