"""A lab as its pack describes it, read and checked; `docs/lab-format.md` explains each part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One call, as `start`, `solve` and wrong answers list them; values are not filled in yet."""

    #: With its service: "iam:CreateUser"; the labs' own without one: "SignIn".
    name: str
    arguments: Mapping[str, Any]
    caller: str = "root"
    mfa: bool = False
    key: str = ""
    console: bool = False
    #: Minutes.
    ago: int = 0
    account: str = ""
    save: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    #: Where it stands, such as "lab.yaml:31", for errors.
    place: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One question. `any_of`, `all_of` and `not` hold others in `checks`."""

    verb: str
    arguments: Mapping[str, Any]
    #: What the learner is told where it does not hold.
    fail: str = ""
    account: str = ""
    checks: tuple[Check, ...] = ()
    place: str = ""
    #: What the report says instead of what was looked at, where that would give the answer away.
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Show:
    """A control that *Show me* highlights."""

    page: str
    control: str
    say: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A task, how it is checked, helped with and solved. Texts are Markdown."""

    id: str
    title: str
    text: str
    checks: tuple[Check, ...]
    hints: tuple[str, ...]
    solution: str
    solve: tuple[Operation, ...]
    show: tuple[Show, ...] = ()


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A typical mistake in a step, and a part of what the learner is told."""

    name: str
    step: str
    do: tuple[Operation, ...]
    fails: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A principal whose policies are shown beside a reference document at the end."""

    principal: str
    reference: str


@dataclass(frozen=True, slots=True)
class LeastPrivilege:
    """What a principal needs to be allowed; whatever else it is allowed is too much."""

    principal: str
    needed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lab:
    """A whole pack."""

    id: str
    title: str
    summary: str
    level: str
    minutes: int
    intro: str
    steps: tuple[Step, ...]
    start: tuple[Operation, ...]
    sign_in: str
    finish_text: str
    digest: str
    #: Text by path; documents that operations and comparisons name are among them.
    files: Mapping[str, str] = field(repr=False)
    order: int | None = None
    learn: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    #: Each value as `lab.yaml` describes it.
    values: Mapping[str, Any] = field(default_factory=dict)
    accounts: tuple[str, ...] = ("main",)
    compare: tuple[Comparison, ...] = ()
    least_privilege: LeastPrivilege | None = None
    wrong_answers: tuple[WrongAnswer, ...] = ()

    def step(self, step_id: str) -> Step:
        """The step of that id; raise KeyError where there is none."""
        for each in self.steps:
            if each.id == step_id:
                return each
        raise KeyError(step_id)
