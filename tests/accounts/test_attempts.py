"""When somebody last tried something: the same whether it is read off the record or summed up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import caller as callers
from accounts import events, spool
from accounts.actions import attempts as trying
from accounts.actions import registry, users
from accounts.actions.attempts import Attempt, attempts, bring_up_to_date, sum_up
from accounts.caller import Caller
from accounts.models import Account, Event, LastTried
from tests.cast import CallerWith, allow, new_user


@pytest.fixture
def record() -> Callable[..., None]:
    """`record(alice, "s3:GetObject", days_ago=3)`: she tried it, as an event says."""

    def record(who: Caller, name: str, *, days_ago: float = 0, outcome: str = "success") -> None:
        then = replace(who, now=who.now - timedelta(days=days_ago))
        tried = events.describe(then, name, outcome=outcome, read_only=True, parameters={})
        events.write([tried])

    return record


def newest(account: Account, since: datetime, *whom: Any) -> Any:
    return attempts(account, whom or None, since, bring_up_to_date(account))


@pytest.fixture
def since(now: datetime) -> datetime:
    return now - timedelta(days=400)


def session_of(alice: Caller, now: datetime) -> Caller:
    """Somebody acting as a role."""
    role = alice.home.roles.create(
        name="Web", unique_id="AROA" + "A" * 17, created_at=now, trust_policy="{}"
    )
    return replace(
        alice,
        kind=callers.CallerKind.ROLE,
        user=None,
        arn=f"arn:aws:sts::{alice.home.id}:assumed-role/Web/i-1",
        unique_id=f"{role.unique_id}:i-1",
    )


def test_the_newest_attempt_at_each_thing_is_kept_allowed_or_refused(account, alice, record, since):
    record(alice, "s3:GetObject", days_ago=3)
    record(alice, "s3:GetObject", days_ago=2, outcome="denied")
    record(alice, "s3:GetObject", days_ago=5)
    record(alice, "sns:Publish", days_ago=9)
    assert newest(account, since) == {
        (alice.unique_id, "s3:GetObject"): Attempt(alice.now - timedelta(days=2), "us-east-1"),
        (alice.unique_id, "sns:Publish"): Attempt(alice.now - timedelta(days=9), "us-east-1"),
    }


def test_summing_up_changes_nothing_that_is_told(account, alice, bob, record, since, now):
    web = session_of(alice, now)
    for number, who in enumerate((alice, bob, web) * 3):
        record(who, "s3:GetObject", days_ago=number)
        record(who, "iam:GetUser", days_ago=20 - number)
        before = newest(account, since)
        if number % 2:
            sum_up(account)
            assert newest(account, since) == before
    assert len(before) == 6
    assert {who for who, _name in before} == {alice.unique_id, bob.unique_id, "AROA" + "A" * 17}
    account.refresh_from_db()
    sum_up(account)
    account.refresh_from_db()
    assert account.tried_to == account.event_count


def test_what_is_summed_up_is_known_when_its_events_are_gone(account, alice, record, since):
    record(alice, "s3:GetObject", days_ago=100)
    before = newest(account, since)
    sum_up(account)
    Event.objects.filter(account=account).delete()
    assert newest(account, since) == before != {}


def test_it_is_summed_up_by_itself_once_there_is_much_of_it(
    account, alice, record, since, monkeypatch
):
    monkeypatch.setattr(trying, "_MOST_LOOSE", 5)
    monkeypatch.setattr(trying, "_AT_ONCE", 4)
    for number in range(5):
        record(alice, "s3:GetObject", days_ago=number)
    newest(account, since)
    assert not LastTried.objects.exists(), "a page that is read writes nothing while it is little"
    record(alice, "s3:PutObject")
    found = newest(account, since)
    assert LastTried.objects.get().action == "s3:GetObject", "four of six; the rest is little"
    assert {name for _, name in found} == {"s3:GetObject", "s3:PutObject"}
    assert found[alice.unique_id, "s3:GetObject"].time == alice.now


def test_only_those_who_are_asked_for_are_told(account, alice, bob, record, since):
    record(alice, "s3:GetObject")
    record(bob, "s3:GetObject")
    for summed_up in (False, True):
        if summed_up:
            sum_up(account)
        assert {who for who, _ in newest(account, since, bob.user)} == {bob.unique_id}


def test_what_is_older_than_asked_for_is_not_told(account, alice, record, now):
    record(alice, "s3:GetObject", days_ago=31)
    for summed_up in (False, True):
        if summed_up:
            sum_up(account)
        assert newest(account, now - timedelta(days=30)) == {}
        assert newest(account, now - timedelta(days=32)) != {}


def test_another_accounts_attempts_are_its_own(account, alice, eve, record, since):
    record(eve, "s3:GetObject")
    record(alice, "s3:PutObject")
    sum_up(account)
    sum_up(eve.home)
    assert {who for who, _ in newest(account, since)} == {alice.unique_id}
    assert {who for who, _ in newest(eve.home, since)} == {eve.unique_id}


def test_an_operation_counts_as_the_permission_that_it_takes(
    account, alice, record, since, monkeypatch
):
    listed = replace(registry.ACTIONS["iam:GetUser"], permission="s3:ListBucket")
    monkeypatch.setitem(registry.ACTIONS, "s3:ListObjectsAsATest", listed)
    record(alice, "s3:ListObjectsAsATest")
    assert {name for _, name in newest(account, since)} == {"s3:ListBucket"}


def test_a_read_that_still_waits_in_a_spool_is_told(account, alice, since, settings, tmp_path):
    settings.SPOOL = tmp_path
    waiting = spool.Spool(tmp_path)
    tried = events.describe(alice, "s3:GetObject", outcome="success", read_only=True, parameters={})
    assert waiting.put(events._line([tried]))
    assert newest(account, since) == {
        (alice.unique_id, "s3:GetObject"): Attempt(alice.now, "us-east-1")
    }
    waiting.close()


def test_what_root_did_is_nobodys(account, root, since):
    users.list_users(root)
    sum_up(account)
    assert newest(account, since) == {}


def test_it_takes_as_many_queries_for_a_hundred_users_as_for_one(
    account, caller_with: CallerWith, record, since
):
    alice = caller_with(allow("*"))
    counts = []
    for number in (1, 100):
        for each in range(number):
            new_user(account, f"user-{number}-{each}")
            record(alice, f"s3:Get{each}")
        whom = list(account.users.all())
        with CaptureQueriesContext(connection) as queries:
            newest(account, since, *whom)
        counts.append(len(queries))
    assert counts[0] == counts[1]
