"""Several actions behind one button: asked for first, run one by one, reported one by one.

Nothing is rolled back when a step fails: what was done is done, as in the real console, and the
report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from accounts import types
from accounts.actions.registry import ACTIONS
from accounts.arns import Resource
from accounts.authorize import would_allow
from accounts.caller import Caller
from accounts.errors import ConcurrentModification, ServiceError, ValidationError


@dataclass(frozen=True, slots=True)
class Step:
    """One action to call, and what it does in words: "Remove from group Developers"."""

    label: str
    action: Callable[..., Any]
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended. One that was not reached has neither result nor error."""

    step: Step
    result: Any = None
    error: ServiceError | None = None
    reached: bool = True

    @property
    def succeeded(self) -> bool:
        """Whether it was done."""
        return self.reached and self.error is None


def step(label: str, name: str, **arguments: Any) -> Step:
    """A step by its action's name, such as iam:DetachUserPolicy."""
    return Step(label, ACTIONS[name].run, name, arguments)


def missing(caller: Caller, steps: Sequence[Step], *, future: Resource | None = None) -> list[str]:
    """The actions among the steps that the caller may not do, each once.

    `future` is what the first step is going to make: the later ones are decided on its tags and its
    boundary.
    """
    refused: list[str] = []
    for number, each in enumerate(steps):
        if each.name in refused:
            continue
        for name, resource in _asked(caller, each):
            if future is not None and number and resource.arn == future.arn:
                context = {**future.context, **resource.context}
                resource = replace(resource, tags=future.tags, context=context)
            if not would_allow(caller, name, resource, **each.arguments).allowed:
                refused.append(name)
    return list(dict.fromkeys(refused))


def _asked(caller: Caller, each: Step) -> Iterator[tuple[str, Resource]]:
    """The permissions that a step takes: its own, and what else its action asks for."""
    operation = ACTIONS[each.name]
    if operation.resource is None:
        return
    try:
        types.check(operation.rules, each.arguments)
    except ValidationError:
        # Nothing can be of that name; the action will say so, in better words.
        return
    yield each.name, operation.resource(caller, **each.arguments)
    yield from operation.others(caller, each.arguments)


def run(caller: Caller, steps: Sequence[Step], *, go_on: bool = False) -> list[Outcome]:
    """Run the steps in order; stop at the first failure unless told to go on."""
    outcomes: list[Outcome] = []
    stopped = False
    for each in steps:
        if stopped:
            outcomes.append(Outcome(each, reached=False))
            continue
        try:
            outcomes.append(Outcome(each, each.action(caller, **each.arguments)))
        except ConcurrentModification:
            # Nothing was done yet: only the first change looks whether all is as it was.
            raise
        except ServiceError as error:
            outcomes.append(Outcome(each, error=error))
            stopped = not go_on
    return outcomes


def failed(outcomes: Sequence[Outcome]) -> Outcome | None:
    """The first step that failed, if any."""
    return next((outcome for outcome in outcomes if outcome.error), None)
