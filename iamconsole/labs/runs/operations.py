"""Performing a pack's operations: calls of the ordinary actions, as a person or program makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.actions import root
from accounts.caller import Caller
from accounts.errors import InvalidInput, ServiceError, ServiceFailure
from accounts.models import Account
from iamconsole.labs.format.calls import OWN
from iamconsole.labs.format.pack import Operation
from iamconsole.labs.format.problem import Problem
from iamconsole.labs.format.values import fill
from iamconsole.labs.runs import signing_in, whom, wire
from iamconsole.labs.runs.whom import Whom

#: Between two calls of the same `ago`.
_APART = timedelta(seconds=7)
_TICK = timedelta(milliseconds=1)
#: The value that the root user's password is, of the first account and of others.
ROOT_PASSWORD = "root_password"


@dataclass
class Stage:
    """Where operations are performed: a run's accounts and values, which `save` adds to.

    The first account is the one that an operation means which names none.
    """

    accounts: Mapping[str, Account]
    values: dict[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    #: The time of the last call: no two are at the same moment.
    last: datetime | None = None
    #: By `ago`: when the last call was that long ago.
    earlier: dict[int, datetime] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """The name of the first account."""
        return next(iter(self.accounts))

    def text(self, path: str) -> str:
        """A file of the pack, filled in. Raises InvalidInput where there is none."""
        if path not in self.files:
            raise InvalidInput(f"The pack has no file {path}.")
        filled: str = fill(self.files[path], self.values)
        return filled


class NotPerformed(ServiceFailure):
    """An operation did not go as the pack says: what is wrong, and where in the pack."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"The lab does not work: {problem}")
        self.problem = problem


def perform_all(stage: Stage, operations: Iterable[Operation]) -> None:
    """Perform operations one after another; raise NotPerformed at the first that goes wrong."""
    for operation in operations:
        perform(stage, operation)


def perform(stage: Stage, operation: Operation) -> None:
    """Perform one operation; raise NotPerformed where it did not go as the pack says."""
    try:
        members = _called(stage, operation)
    except ServiceError as error:
        if operation.refused not in wire.codes(operation.name, error):
            raise NotPerformed(Problem(operation.place, _refusal(operation, error))) from error
        return
    if operation.refused:
        said = f"{operation.name} went through and was to be refused with {operation.refused}."
        raise NotPerformed(Problem(operation.place, said))
    for name, path in operation.save.items():
        stage.values[name] = _saved(operation, members, path)


def _called(stage: Stage, operation: Operation) -> Mapping[str, Any]:
    account_name = operation.account or stage.first
    if account_name not in stage.accounts:
        raise InvalidInput(f"The lab has no account {account_name}.")
    account = stage.accounts[account_name]
    given = fill(operation.arguments, stage.values)
    who = Whom(
        name=fill(operation.caller, stage.values),
        mfa=operation.mfa,
        key=fill(operation.key, stage.values),
        console=operation.console,
        # The key's name in the pack: the same for every run, and after a reset.
        device=operation.key,
    )
    now = _now(stage, operation.ago)
    if operation.name in OWN:
        return _own(stage, account_name, operation.name, given, who, now)
    if not wire.known(operation.name):
        raise InvalidInput(f"{operation.name} is no operation that there is here.")
    caller = whom.caller(account, who, now, operation.name.partition(":")[0])
    return wire.call(operation.name, given, caller, stage.text)


def _own(
    stage: Stage, account_name: str, name: str, given: Mapping[str, Any], who: Whom, now: datetime
) -> Mapping[str, Any]:
    """The labs' own operations; all are done in the console."""
    account = Account.objects.get(pk=stage.accounts[account_name].pk)
    if name == "SignIn":
        user = given.get("User")
        signing = Whom(f"user/{user}" if user else "root")
        answer = signing_in.sign_in(account, whom.stranger(signing, now), given)
        if given.get("NewPassword") and not user:
            _root_password_changed(stage, account_name, str(given["NewPassword"]))
        return answer
    caller = whom.caller(account, Whom(who.name, who.mfa, console=True), now, "iam")
    if name == "EnrolMFA":
        return signing_in.enrol_mfa(caller, given)
    return _change_root_password(stage, account_name, caller, str(given["Password"]))


def _change_root_password(
    stage: Stage, account_name: str, caller: Caller, new: str
) -> Mapping[str, Any]:
    old = stage.values[value_name(stage.first, account_name, ROOT_PASSWORD)]
    root.change_password(caller, old_password=old, new_password=new)
    _root_password_changed(stage, account_name, new)
    return {}


def _root_password_changed(stage: Stage, account_name: str, new: str) -> None:
    stage.values[value_name(stage.first, account_name, ROOT_PASSWORD)] = new


def value_name(first: str, account_name: str, name: str) -> str:
    """What a value of an account is called: the first account's goes without its name."""
    return name if account_name == first else f"{account_name}_{name}"


def _now(stage: Stage, ago: int) -> datetime:
    """The time of a call; the present unless it was some time ago, and after the one before."""
    now = timezone.now()
    if ago:
        before = stage.earlier.get(ago)
        then = now - timedelta(minutes=ago) if before is None else min(before + _APART, now)
        stage.earlier[ago] = then
        return then
    if stage.last is not None and now <= stage.last:
        now = stage.last + _TICK
    stage.last = now
    return now


def _saved(operation: Operation, members: Mapping[str, Any], path: str) -> str:
    """A field of the answer, also one of what the outermost name only wraps."""
    inner = (each for each in members.values() if isinstance(each, Mapping))
    for start in (members, *inner):
        value = _field(start, path.split("."))
        if value is not None and not isinstance(value, Mapping | list):
            return str(value)
    told = f"The answer of {operation.name} has no field {path}: {_fields(members)}."
    raise NotPerformed(Problem(operation.place, told))


def _field(value: Any, path: list[str]) -> Any:
    for name in path:
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _fields(members: Mapping[str, Any]) -> str:
    return "there are " + ", ".join(sorted(members)) if members else "it is empty"


def _refusal(operation: Operation, error: ServiceError) -> str:
    wanted = f", and not with {operation.refused}" if operation.refused else ""
    return f"{operation.name} was refused with {error.code}{wanted}: {error.message}"
