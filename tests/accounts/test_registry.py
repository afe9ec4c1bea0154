"""The wrapper of every action: its order, its transaction, and the record it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from accounts import arns
from accounts.actions import groups, inline_policies, login_profiles, users
from accounts.actions.registry import ACTIONS, COMMANDS, FROM_PREPARE, action, command
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import (
    AccessDenied,
    EntityAlreadyExists,
    NoSuchEntity,
    ServiceFailure,
    ValidationError,
)
from accounts.models import Account, Event, Group, User, prepared
from accounts.types import Tag, UserName
from tests.cast import CallerWith

CREATE_DEVS = {
    "Effect": "Allow",
    "Action": "iam:CreateUser",
    "Resource": "arn:aws:iam::*:user/dev/*",
}


@pytest.fixture
def spy() -> Iterator[list[str]]:
    """An action made for the test, which notes the order in which its parts run."""
    order: list[str] = []

    def resource(caller: Caller, **_: Any) -> Resource:
        order.append("resource")
        return arns.everything(caller)

    def prepare(caller: Caller, **_: Any) -> str:
        order.append(f"prepare in transaction: {in_transaction()}")
        return "hashed"

    def run(caller: Caller, /, *, user_name: UserName, prepared: str = FROM_PREPARE) -> str:
        order.append(f"run in transaction: {in_transaction()}")
        if user_name == "crash":
            User.objects.create(
                account=caller.home, name="x", unique_id="AIDA1", created_at=caller.now
            )
            raise KeyError("a bug")
        return prepared

    # pytest's own transaction is one savepoint down.
    depth = len(connection.savepoint_ids)

    def in_transaction() -> bool:
        return len(connection.savepoint_ids) > depth

    action("iam:Spy", resource=resource, secrets=("password",), prepare=prepare)(run)
    yield order
    del ACTIONS["iam:Spy"]


def test_arguments_are_checked_before_the_resource_is_looked_up(
    spy: list[str], root: Caller
) -> None:
    with pytest.raises(ValidationError):
        ACTIONS["iam:Spy"].run(root, user_name="bad name")
    assert spy == []


def test_nothing_is_prepared_for_whoever_is_refused(spy: list[str], alice: Caller) -> None:
    with pytest.raises(AccessDenied):
        ACTIONS["iam:Spy"].run(alice, user_name="bob")
    assert spy == ["resource"]


def test_slow_work_is_done_before_the_transaction_begins(spy: list[str], root: Caller) -> None:
    assert ACTIONS["iam:Spy"].run(root, user_name="bob") == "hashed"
    assert spy == ["resource", "prepare in transaction: False", "run in transaction: True"]


def test_a_crash_changes_nothing_says_nothing_of_its_cause_and_leaves_an_event(
    spy: list[str], root: Caller
) -> None:
    with pytest.raises(ServiceFailure, match=root.request_id) as caught:
        ACTIONS["iam:Spy"].run(root, user_name="crash")
    assert "a bug" not in caught.value.message
    assert not User.objects.exists()
    event = Event.objects.get()
    assert (event.outcome, event.error_code) == ("failure", "ServiceFailure")


def test_a_denied_call_changes_nothing_but_leaves_an_event(alice: Caller) -> None:
    with pytest.raises(AccessDenied):
        users.create_user(alice, user_name="carol")
    assert not User.objects.filter(name="carol").exists()
    event = Event.objects.get(action="iam:CreateUser")
    assert (event.outcome, event.error_code) == ("denied", "AccessDenied")
    assert event.resources == [f"arn:aws:iam::{alice.home.id}:user/carol"]
    assert event.reasons["decision"] == "implicitDeny"


def test_create_user_is_limited_to_the_allowed_path(caller_with: CallerWith) -> None:
    alice = caller_with(CREATE_DEVS)
    users.create_user(alice, user_name="carol", path="/dev/")
    with pytest.raises(AccessDenied, match=r"iam:CreateUser on resource: \S+:user/dave because"):
        users.create_user(alice, user_name="dave")


def test_a_change_and_its_event_commit_together(
    root: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("no event can be written")

    monkeypatch.setattr(prepared, "insert", broken)
    with pytest.raises(OSError, match="no event"):
        users.create_user(root, user_name="carol")
    assert not User.objects.filter(name="carol").exists()


def test_an_expected_failure_is_recorded_with_its_code(root: Caller) -> None:
    users.create_user(root, user_name="carol")
    with pytest.raises(EntityAlreadyExists):
        users.create_user(root, user_name="CAROL")
    event = Event.objects.order_by("-sequence").first()
    assert event is not None
    assert (event.outcome, event.error_code) == ("error", "EntityAlreadyExists")


def test_reads_of_a_request_wait_in_its_journal(account: Account, root: Caller) -> None:
    journal: list[Any] = []
    reader = replace(root, journal=journal)
    users.list_users(reader)
    with pytest.raises(NoSuchEntity):
        users.get_user(reader, user_name="nobody")
    assert not Event.objects.exists()
    assert [(event.action, event.outcome) for event in journal] == [
        ("iam:ListUsers", "success"),
        ("iam:GetUser", "error"),
    ]


def test_a_change_raises_the_policy_epoch_unless_it_is_no_policys_business(root: Caller) -> None:
    before = Account.objects.get().policy_epoch
    users.create_user(root, user_name="carol")
    assert Account.objects.get().policy_epoch == root.home.policy_epoch == before
    users.tag_user(root, user_name="carol", tags=[Tag("team", "red")])
    assert Account.objects.get().policy_epoch == root.home.policy_epoch == before + 1
    users.get_user(root, user_name="carol")
    assert Account.objects.get().policy_epoch == before + 1


def test_what_a_policy_gives_is_in_force_at_the_next_call(
    root: Caller, caller_with: CallerWith
) -> None:
    alice = caller_with({"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"})
    users.get_user(alice)
    groups.create_group(root, group_name="Blocked")
    inline_policies.put_group_policy(
        root,
        group_name="Blocked",
        policy_name="none",
        policy_document='{"Version":"2012-10-17","Statement":'
        '[{"Effect":"Deny","Action":"*","Resource":"*"}]}',
    )
    groups.add_user_to_group(root, group_name="Blocked", user_name="alice")
    alice.home.refresh_from_db()
    with pytest.raises(AccessDenied, match="with an explicit deny"):
        users.get_user(alice)


def test_without_a_caller_there_is_no_answer(db: None) -> None:
    with pytest.raises(TypeError, match="needs a Caller"):
        users.list_users(None)  # type: ignore[arg-type]


def test_an_account_that_was_deleted_meanwhile_takes_no_more_changes(root: Caller) -> None:
    Account.objects.all().delete()
    with pytest.raises(NoSuchEntity, match="does not exist any more"):
        groups.create_group(root, group_name="late")
    assert not Group.objects.exists()


def test_eve_sees_and_changes_nothing_of_another_account(root: Caller, eve: Caller) -> None:
    users.create_user(root, user_name="carol")
    with pytest.raises(NoSuchEntity):
        users.get_user(eve, user_name="carol")
    with pytest.raises(NoSuchEntity):
        users.delete_user(eve, user_name="carol")
    assert [user.name for user in users.list_users(eve).items] == ["eve"]


def test_secrets_are_in_no_event(root: Caller, account: Account) -> None:
    users.create_user(root, user_name="carol")
    login_profiles.create_login_profile(root, user_name="carol", password="Tr0ub4dor&3-horse")
    event = Event.objects.get(action="iam:CreateLoginProfile")
    assert event.parameters["password"] == "***"
    for stored in Event.objects.values():
        assert "Tr0ub4dor" not in str(stored)


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="already registered"):
        action("iam:GetUser", resource=arns.everything)(lambda caller, /: None)


def test_a_command_is_for_those_whom_its_rule_names(alice: Caller, root: Caller) -> None:
    ran = []
    command("test:OnlyRoot", may=lambda caller: caller.is_root)(
        lambda caller, /: ran.append(caller)
    )
    try:
        COMMANDS["test:OnlyRoot"].run(root)
        with pytest.raises(AccessDenied):
            COMMANDS["test:OnlyRoot"].run(alice)
    finally:
        del COMMANDS["test:OnlyRoot"]
    assert ran == [root]


def test_hostile_text_is_recorded_whole_enough_and_breaks_nothing(root: Caller) -> None:
    with pytest.raises(ValidationError):
        users.create_user(root, user_name="nul\x00and\ud800" + "x" * 100_000)
    event = Event.objects.get()
    assert event.parameters["user_name"].startswith("nul\ufffdand?")
    assert len(event.parameters["user_name"]) == 2048
