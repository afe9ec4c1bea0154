"""The chain of events: what it proves, and who belongs in which."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts import caller as callers
from accounts import event_chain, events, signin
from accounts.actions import users
from accounts.caller import Caller, Face
from accounts.errors import SignInRefused
from accounts.models import Account, Event, Instance
from accounts.simulation.kinds import ContextEntry, InlinePolicyIdentifier, PolicyIdentifier
from accounts.types import Tag


@pytest.fixture
def history(root: Caller) -> Account:
    """An account in which three things happened."""
    for name in ("carol", "dave", "erin"):
        users.create_user(root, user_name=name)
    return root.home


def test_an_untouched_chain_is_whole(history: Account) -> None:
    assert event_chain.broken_link(history) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "iam:DeleteUser"),
        ("outcome", "denied"),
        ("principal_arn", "arn:aws:iam::111122223333:user/somebody-else"),
        ("parameters", {"user_name": "mallory"}),
        ("source_address", "192.0.2.9"),
        ("read_only", True),
    ],
)
def test_a_changed_column_breaks_the_chain_at_its_event(
    history: Account, column: str, value: Any
) -> None:
    Event.objects.filter(account=history, sequence=2).update(**{column: value})
    assert event_chain.broken_link(history) == 2


def test_a_removed_event_breaks_the_chain(history: Account) -> None:
    Event.objects.filter(account=history, sequence=2).delete()
    assert event_chain.broken_link(history) == 2


def test_removing_the_newest_event_is_noticed_too(history: Account) -> None:
    Event.objects.filter(account=history, sequence=3).delete()
    assert event_chain.broken_link(history) == 3


def test_removing_the_newest_events_is_noticed_although_the_account_is_changed_to_fit(
    history: Account,
) -> None:
    Event.objects.filter(account=history, sequence__gt=1).delete()
    left = Event.objects.get(account=history)
    now = Account.objects.get(pk=history.pk).event_head
    for head in (left.chain, now, ""):
        Account.objects.filter(pk=history.pk).update(event_count=1, event_head=head)
        assert event_chain.broken_link(history) == 2


def test_a_chain_that_was_computed_without_the_key_does_not_pass(history: Account) -> None:
    last = Event.objects.get(account=history, sequence=3)
    last.outcome = "denied"
    forged = hashlib.sha256(events.content(last).encode()).hexdigest()
    Event.objects.filter(pk=last.pk).update(outcome="denied", chain=forged)
    Account.objects.filter(pk=history.pk).update(event_head=forged)
    assert event_chain.broken_link(history) == 3


def test_each_account_has_a_chain_of_its_own(history: Account, eve: Caller) -> None:
    users.list_users(eve)
    assert Event.objects.get(account=eve.home).sequence == 1
    assert event_chain.broken_link(eve.home) is None
    assert event_chain.broken_link(history) is None


def test_a_sign_in_to_no_account_goes_to_the_instances_chain(db: None, now: Any) -> None:
    stranger = callers.anonymous(None, face=Face.CONSOLE, now=now, request_id="r")
    with pytest.raises(SignInRefused):
        signin.sign_in_user(stranger, "no-such-account", "alice", "a password")
    event = Event.objects.get()
    assert event.account is None
    assert event.action == "signin:ConsoleLogin"
    assert event_chain.broken_link(None) is None
    assert Instance.objects.get().event_count == 1


def test_a_name_that_is_no_user_is_not_kept_since_it_may_be_a_password(
    account: Account, now: Any
) -> None:
    stranger = callers.anonymous(None, face=Face.CONSOLE, now=now, request_id="r")
    with pytest.raises(SignInRefused):
        signin.sign_in_user(stranger, account.id, "MyS3cretTypedHere", "x")
    event = Event.objects.get()
    assert event.resources == [f"arn:aws:iam::{account.id}:user/HIDDEN_DUE_TO_SECURITY_REASONS"]
    assert "MyS3cret" not in str(Event.objects.values().get())


def test_an_event_says_everything_an_auditor_asks(root: Caller) -> None:
    known = replace(
        root,
        source_address="192.0.2.1",
        user_agent="a browser",
        session_id="s1",
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        mfa_at=root.now - timedelta(minutes=1),
    )
    users.create_user(known, user_name="carol", path="/dev/")
    event = Event.objects.get()
    assert event.time == root.now
    assert event.principal_arn == root.home.root_arn
    assert event.principal_kind == "root"
    assert event.source_address == "192.0.2.1"
    assert event.user_agent == "a browser"
    assert event.session_id == "s1"
    assert event.access_key_id == "AKIAIOSFODNN7EXAMPLE"
    assert event.mfa_authenticated
    assert event.face == "api"
    assert event.parameters == {"user_name": "carol", "path": "/dev/"}
    assert event.request_id == root.request_id
    assert not event.read_only


def test_an_argument_of_several_values_is_recorded_under_their_names() -> None:
    entry = ContextEntry("aws:username", ["alice", "b\x00b"], "stringList")
    assert events.recordable([entry]) == [
        {
            "context_key_name": "aws:username",
            "context_key_values": ["alice", "b\ufffdb"],
            "context_key_type": "stringList",
        }
    ]
    inline = InlinePolicyIdentifier("Home", "user", "alice")
    assert events.recordable(PolicyIdentifier(inline_policy_identifier=inline)) == {
        "policy_type": None,
        "policy_arn": None,
        "inline_policy_identifier": {
            "policy_name": "Home",
            "attachment_type": "user",
            "attachment_name": "alice",
        },
    }
    assert events.recordable(Tag("team", "blue")) == {"Key": "team", "Value": "blue"}


def test_many_events_are_written_with_few_queries(
    root: Caller, django_assert_max_num_queries: Any
) -> None:
    batch = [
        events.describe(root, "iam:ListUsers", outcome="success", read_only=True, parameters={})
        for _ in range(50)
    ]
    with django_assert_max_num_queries(10):
        events.write(batch)
    assert Event.objects.count() == 50
