"""Every command of the labs, asked by those who must not get through, and by who may."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from accounts import caller as callers
from accounts import instance
from accounts.actions.registry import COMMANDS
from accounts.caller import Caller, Face
from accounts.errors import AccessDenied, NoSuchEntity, ServiceError
from accounts.models import Account
from iamconsole.labs import actions
from iamconsole.labs.models import Run, StepProgress
from tests.labs import small

#: Every command of learners, with good arguments.
GOOD: dict[str, dict[str, Any]] = {
    "lab:AskHint": {"lab": "small-lab", "step": "group"},
    "lab:AskSolution": {"lab": "small-lab", "step": "group"},
    "lab:CheckStep": {"lab": "small-lab", "step": "group"},
    "lab:EnterLab": {"lab": "small-lab"},
    "lab:FinishLab": {"lab": "small-lab"},
    "lab:ResetLab": {"lab": "small-lab"},
    "lab:ResetStep": {"lab": "small-lab", "step": "group"},
    "lab:SkipStep": {"lab": "small-lab", "step": "group"},
}
#: Those with arguments of their own, and those of the operator.
OTHERS = {"lab:StartLab", "lab:InstallPack", "lab:UninstallPack"}
EVERY = pytest.mark.parametrize("name", sorted(GOOD))


def test_every_command_is_asked_here():
    for module in iter_modules(actions.__path__):
        import_module(f"{actions.__name__}.{module.name}")
    import_module("iamconsole.labs.proving.installing")
    assert {name for name in COMMANDS if name.startswith("lab:")} == GOOD.keys() | OTHERS


def everything(run: Run) -> list[Any]:
    return [
        list(Run.objects.values()),
        list(StepProgress.objects.values()),
        list(Account.objects.filter(lab_account__run=run).values()),
    ]


def strangers(account: Account) -> list[Caller]:
    operator = instance.operator(account)
    known = {"face": Face.LAB, "now": operator.now, "request_id": "request"}
    session = callers.Session(name="alice", expires_at=operator.now)
    return [
        callers.anonymous(account, **known),
        callers.federated(account, None, session, **known),
        operator,
    ]


@EVERY
def test_who_has_no_login_is_refused(name: str, account: Account, run: Run):
    before = everything(run)
    for stranger in strangers(account):
        with pytest.raises(AccessDenied):
            COMMANDS[name].run(stranger, **GOOD[name])
    assert everything(run) == before


@EVERY
def test_for_everybody_else_the_run_is_not_there(
    name: str, root: Caller, bob: Caller, eve: Caller, run: Run
):
    before = everything(run)
    for other in (root, bob, eve):
        with pytest.raises(NoSuchEntity):
            COMMANDS[name].run(small.now(other), **GOOD[name])
    assert everything(run) == before


@EVERY
def test_each_leaves_an_event_in_the_learners_own_record(name: str, alice: Caller, run: Run):
    try:
        COMMANDS[name].run(small.now(alice), **GOOD[name])
        outcome = "success"
    except ServiceError:
        outcome = "error"
    event = alice.home.events.get(action=name)
    assert (event.outcome, event.principal_arn) == (outcome, alice.arn)
    assert event.parameters == GOOD[name]
