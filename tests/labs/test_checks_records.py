"""What was done, as checks find it in the record of events."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from accounts import caller as callers
from accounts import signin
from accounts.actions import login_profiles, roles, users
from accounts.caller import Caller, Face
from accounts.errors import ServiceError
from accounts.models import Account, Event
from iamconsole.labs.checks.world import World
from iamconsole.sandbox.actions import s3_listing, sns_messages, sns_topics
from tests.accounts.assuming import as_role, assume, new_role, trusting
from tests.cast import CallerWith, allow, arn
from tests.labs.asked import ask, world_of
from tests.sandbox.stored import REPORTS, content, new_bucket, put

OLD, NEW = "AKIAOLDKEYOLDKEYOLDK", "AKIANEWKEYNEWKEYNEWK"
ROLE = arn("role/reader")


def with_key(caller: Caller, key: str, **more: Any) -> Caller:
    """The same user, signing with that key."""
    return replace(caller, access_key_id=key, **more)


def in_console(caller: Caller, **more: Any) -> Caller:
    """The same user in the console."""
    return replace(caller, face=Face.CONSOLE, access_key_id="", temporary=True, **more)


@pytest.fixture
def world(account: Account, root: Caller, bob: Caller, caller_with: CallerWith) -> World:
    """Alice did this and that, in the console and with two keys; bob was refused."""
    alice = caller_with(allow("s3:*"), allow("sts:AssumeRole"), allow("sns:Publish"))
    new_bucket(root)
    put(with_key(alice, OLD), "q1.csv")
    put(with_key(alice, NEW), "q2.csv")
    content(in_console(alice, mfa_at=alice.now), "q1.csv")
    s3_listing.list_objects_v2(with_key(alice, NEW), bucket=REPORTS)
    users.create_user(root, user_name="carol")
    with suppress(ServiceError):
        users.delete_user(in_console(bob), user_name="carol")
    with suppress(ServiceError):
        users.create_user(root, user_name="carol")
    new_role(root, trusting(root.arn, arn("user/alice")))
    session = as_role(assume(with_key(alice, NEW), ROLE), alice)
    content(session, "q2.csv")
    topic = sns_topics.create_topic(root, name="alarms")
    sns_messages.publish(alice, topic_arn=topic.arn, message="It is done.", subject="News")
    return world_of(account)


Q1 = f"arn:aws:s3:::{REPORTS}/q1.csv"

JUDGED: list[tuple[str, dict[str, Any], bool]] = [
    ("event", {"name": "iam:CreateUser"}, True),
    ("event", {"name": "CreateUser"}, True),
    ("event", {"name": "iam:createuser"}, True),
    ("event", {"name": ["iam:CreateGroup", "iam:Create*"]}, True),
    ("event", {"name": "iam:CreateUser", "by": "root", "on": "user/carol"}, True),
    ("event", {"name": "iam:CreateUser", "on": arn("user/carol")}, True),
    ("event", {"name": "iam:CreateUser", "on": "carol"}, True),
    ("event", {"name": "iam:CreateUser", "on": "user/c*"}, True),
    ("event", {"name": "iam:CreateUser", "on": "user/dave"}, False),
    ("event", {"name": "iam:CreateUser", "by": "user/alice"}, False),
    ("event", {"name": "iam:DeleteUser"}, False),
    ("event", {"name": "iam:DeleteUser", "outcome": "denied", "by": "user/bob"}, True),
    ("event", {"name": "iam:DeleteUser", "outcome": "denied", "by": "user/alice"}, False),
    ("event", {"name": "iam:DeleteUser", "outcome": "any"}, True),
    ("event", {"name": "iam:CreateUser", "outcome": "denied"}, False),
    ("event", {"name": "*", "by": "user/bob"}, False),
    ("event", {"name": "*", "by": "user/b*", "outcome": "any"}, True),
    ("event", {"name": "iam:NoSuchThing"}, False),
    ("event", {"name": "s3:GetObject", "by": "role/reader"}, True),
    ("event", {"name": "s3:GetObject", "by": arn("user/alice")}, True),
    # --- Calls
    ("called", {"principal": "user/alice", "action": "s3:PutObject"}, True),
    ("called", {"principal": "user/ALICE", "action": "s3:putobject"}, True),
    ("called", {"principal": "user/a*", "action": ["s3:DeleteObject", "s3:PutObject"]}, True),
    ("called", {"principal": "user/bob", "action": "s3:PutObject"}, False),
    ("called", {"principal": "user/alice", "action": "s3:PutObject", "resource": Q1}, True),
    ("called", {"principal": "user/alice", "action": "s3:GetObject", "resource": "*q2*"}, False),
    ("called", {"principal": "user/alice", "action": "s3:PutObject", "key": OLD}, True),
    ("called", {"principal": "user/alice", "action": "s3:PutObject", "key": "AKIAX"}, False),
    (
        "called",
        {"principal": "user/alice", "action": "s3:PutObject", "other_than_key": OLD},
        True,
    ),
    (
        "called",
        {"principal": "user/alice", "action": "s3:GetObject", "other_than_key": OLD},
        False,
    ),
    ("called", {"principal": "user/alice", "action": "s3:PutObject", "through": "api"}, True),
    ("called", {"principal": "user/alice", "action": "s3:PutObject", "through": "console"}, False),
    ("called", {"principal": "user/alice", "action": "s3:GetObject", "through": "console"}, True),
    ("called", {"principal": "user/alice", "action": "s3:GetObject", "mfa": True}, True),
    ("called", {"principal": "user/alice", "action": "s3:PutObject", "mfa": True}, False),
    # A permission stands for all operations that take it.
    ("called", {"principal": "user/alice", "action": "s3:ListBucket"}, True),
    ("called", {"principal": "user/alice", "action": "s3:ListObjectsV2"}, True),
    ("called", {"principal": "user/alice", "action": "sns:*"}, True),
    ("called", {"principal": "role/reader", "action": "s3:GetObject"}, True),
    ("called", {"principal": "role/reader", "action": "s3:PutObject"}, False),
    ("called", {"principal": "user/work", "action": "s3:GetObject"}, False),
    ("called", {"principal": "root", "action": "iam:CreateUser"}, True),
    ("called", {"principal": "root", "action": "s3:GetObject"}, False),
    ("called", {"principal": "user/bob", "action": "iam:DeleteUser", "outcome": "denied"}, True),
    # --- Sign-ins by key, roles, messages
    ("signed_in", {"principal": "user/alice", "through": "api"}, True),
    ("signed_in", {"principal": "user/alice", "through": "api", "mfa": True}, False),
    ("signed_in", {"principal": "user/bob", "through": "api"}, False),
    ("signed_in", {"principal": "user/alice"}, False),
    ("assumed_role", {"role": "reader"}, True),
    ("assumed_role", {"role": "READ*", "by": "user/alice"}, True),
    ("assumed_role", {"role": "reader", "by": "user/bob"}, False),
    ("assumed_role", {"role": "writer"}, False),
    ("assumed_role", {"role": "reader", "by": "ec2.amazonaws.com"}, False),
    ("published", {"topic": "alarms"}, True),
    ("published", {"topic": "ala*", "by": "user/alice", "contains": "done"}, True),
    ("published", {"topic": "alarms", "contains": "News"}, True),
    ("published", {"topic": "alarms", "by": "user/bob"}, False),
    ("published", {"topic": "alarms", "contains": "undone"}, False),
    ("published", {"topic": "other"}, False),
]


def test_each_check_of_the_record_finds_what_was_done(world: World):
    for verb, arguments, holds in JUDGED:
        found = ask(world, verb, **arguments)
        assert found.holds is holds, (verb, arguments, found)
        assert found.found.endswith(".")
    for verb, arguments, holds in JUDGED:
        assert not holds or ask(world, verb, **arguments, since="ever").holds


def test_the_nearest_event_is_told(world: World):
    found = ask(
        world, "called", principal="user/alice", action="s3:PutObject", other_than_key=NEW, key=NEW
    )
    assert found.asked.startswith("alice called s3:PutObject with the access key AKIANEW")
    assert found.found.startswith("There is no such event. The nearest: alice called s3:PutObject")
    found = ask(world, "event", name="iam:DeleteUser", outcome="denied")
    assert found.found == (
        f"bob called iam:DeleteUser on {arn('user/carol')} at 12:00 (UTC): refused."
    )


def test_only_what_came_after_the_mark_counts(account: Account, root: Caller, world: World):
    def after(sequence: int, **asked: Any) -> bool:
        later = world_of(account, lab_start={account.pk: 0}, step_start={account.pk: sequence})
        return ask(later, "event", name="iam:CreateUser", **asked).holds

    made = Event.objects.filter(action="iam:CreateUser", outcome="success").latest("sequence")
    for since, holds in (("lab_start", True), ("ever", True), ("step_start", False)):
        assert after(made.sequence, since=since) is holds
        assert after(made.sequence - 1, since=since)
    assert after(made.sequence)
    lab = world_of(account, lab_start={account.pk: made.sequence})
    assert not ask(lab, "event", name="iam:CreateUser").holds
    assert not ask(lab, "event", name="iam:CreateUser", since="step_start").holds
    assert ask(lab, "event", name="iam:CreateUser", since="ever").holds


def test_events_that_wait_are_taken_in_first(world: World, monkeypatch: pytest.MonkeyPatch):
    times: list[int] = []
    monkeypatch.setattr("accounts.events.catch_up", lambda: times.append(1))
    ask(world, "event", name="iam:CreateUser")
    ask(world, "exists", user="alice")
    assert times == [1]


def test_what_others_did_elsewhere_is_not_found(world: World, other: Account, eve: Caller):
    """Eve does all that alice did, in an account of her own that is not of the run."""
    users.create_user(eve, user_name="dave")
    roles.create_role(
        eve, role_name="writer", assume_role_policy_document=trusting(other.root_arn, eve.arn)
    )
    assume(with_key(eve, NEW), f"arn:aws:iam::{other.pk}:role/writer")
    asked: list[tuple[str, dict[str, Any]]] = [
        ("event", {"name": "iam:CreateUser", "on": "dave"}),
        ("called", {"principal": "user/eve", "action": "*"}),
        ("signed_in", {"principal": "user/eve", "through": "api"}),
        ("assumed_role", {"role": "writer"}),
    ]
    for verb, arguments in asked:
        assert not ask(world, verb, **arguments).holds, verb
        partners = world_of(world.accounts["main"], other)
        assert not ask(partners, verb, **arguments).holds, verb
        assert ask(partners, verb, **arguments, in_account="partner").holds, verb


def test_a_role_taken_on_from_the_partner_is_in_the_record_of_its_own_account(
    account: Account, other: Account, root: Caller, eve: Caller
):
    new_role(root, trusting(eve.arn))
    assume(eve, ROLE)
    world = world_of(account, other)
    assert ask(world, "assumed_role", role="reader", by="user/eve").holds
    assert not ask(world, "assumed_role", role="reader", by="user/eve", in_account="partner").holds
    found = ask(world, "assumed_role", role="reader", by="user/alice")
    assert found.found.startswith("There is no such event. The nearest: eve called sts:AssumeRole")


# --- Sign-ins ------------------------------------------------------------------------------------


def test_signed_in_is_whoever_reached_the_end_of_a_sign_in(
    account: Account, root: Caller, alice: Caller
):
    world = world_of(account)
    owner = in_console(alice)
    users_sign_in: list[tuple[Caller, dict[str, Any], bool]] = [
        (owner, {}, True),
        (owner, {"mfa": False}, True),
        (owner, {"mfa": True}, False),
    ]
    assert not ask(world, "signed_in", principal="user/alice").holds
    signin.enter_console(owner)
    for _, more, holds in users_sign_in:
        assert ask(world, "signed_in", principal="user/alice", **more).holds is holds
    assert not ask(world, "signed_in", principal="user/alice", through="api").holds
    assert not ask(world, "signed_in", principal="root").holds
    signin.enter_console(replace(owner, mfa_at=owner.now))
    assert ask(world, "signed_in", principal="user/alice", mfa=True).holds
    signin.enter_console(replace(root, face=Face.CONSOLE))
    assert ask(world, "signed_in", principal="root", through="console").holds


def test_the_right_password_alone_is_no_sign_in(account: Account, root: Caller, alice: Caller):
    """Half way the record has a ConsoleLogin, by nobody yet."""
    login_profiles.create_login_profile(root, user_name="alice", password="Correct-horse-9")
    stranger = callers.anonymous(None, face=Face.CONSOLE, now=root.now, request_id="r")
    signin.sign_in_user(stranger, account.pk, "alice", "Correct-horse-9")
    assert Event.objects.filter(action="signin:ConsoleLogin", outcome="success").exists()
    assert not ask(world_of(account), "signed_in", principal="user/alice").holds


ODD = ("*a" * 900, "\0", "'; --", "<script>", "\ud800", "iam:" + "?" * 1000)


@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_asked_of_the_record_is_answered(world: World, odd: str):
    asks: list[Callable[[], Any]] = [
        lambda: ask(world, "event", name=odd, on=odd, by=f"user/{odd}"),
        lambda: ask(world, "called", principal=f"role/{odd}", action=[odd, "*"], resource=odd),
        lambda: ask(world, "signed_in", principal=f"user/{odd}"),
        lambda: ask(world, "assumed_role", role=odd),
        lambda: ask(world, "published", topic=odd, contains=odd),
    ]
    assert not any(each().holds for each in asks)
    assert list(itertools.chain(world.accounts)) == ["main"]
