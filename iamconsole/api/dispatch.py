"""From the name of an operation to the action that does it, and from its result to the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts import actions
from accounts.actions.registry import ACTIONS, Operation
from accounts.caller import Caller
from iamconsole.answers import ANSWERS
from iamconsole.answers.members import Answer, Members
from iamconsole.api import ec2_query, query
from iamconsole.api.errors import FrontDoorError
from iamconsole.api.shapes import SERVICES, Service


@dataclass(frozen=True, slots=True)
class Built:
    """An operation that there is here: how its arguments are read, and what answers for it."""

    name: str
    action: Operation
    read: Callable[[Mapping[str, str]], dict[str, Any]]
    answer: Answer | None

    def run(self, caller: Caller, parameters: Mapping[str, str]) -> Members:
        """Call the action with what the request holds; raise what it raises."""
        result = self.action.run(caller, **self.read(parameters))
        return self.answer(result) if self.answer is not None else {}


def find(service: Service, parameters: Mapping[str, str]) -> Built:
    """The operation that a request names. Raise FrontDoorError for one that there is not."""
    name, version = parameters.get("Action", ""), parameters.get("Version")
    if not name:
        raise FrontDoorError("MissingAction", "The request must contain the parameter Action.")
    if name not in service.operations or version != service.version:
        raise FrontDoorError(
            "InvalidAction",
            f"Could not find operation {name[:128]} for version "
            f"{(version or 'NO_VERSION_SPECIFIED')[:64]}",
        )
    built = _BUILT.get(f"{service.name}:{name}")
    if built is None:
        raise FrontDoorError(
            "NotImplemented",
            f"{service.name}:{name} is an operation of AWS that is not built here.",
        )
    return built


def _all() -> dict[str, Built]:
    actions.load()
    found = {}
    for name, action in ACTIONS.items():
        service, _, operation = name.partition(":")
        if service in SERVICES:
            reader = ec2_query.reader if SERVICES[service].protocol == "ec2" else query.reader
            read = reader(SERVICES[service], operation, action.rules)
            found[name] = Built(name, action, read, ANSWERS.get(name))
    return found


_BUILT = _all()
