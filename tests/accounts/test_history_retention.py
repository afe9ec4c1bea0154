"""Retention: what is too old goes, and the chain still proves that nothing else did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import caller as callers
from accounts import event_chain, events, vault
from accounts.actions import attempts, history_retention, users
from accounts.actions.history_retention import Cut, prune
from accounts.caller import Caller
from accounts.errors import AccessDenied, ServiceError
from accounts.event_chain import broken_link
from accounts.models import Account, Event, EventAnchor

DAY = timedelta(days=1)
#: (days ago, whether it reads, what came of it), in the order of the chain.
OLD = [
    (200, False, "success"),
    (199, True, "success"),
    (198, True, "success"),
    (197, True, "denied"),
    (196, True, "success"),
    (195, False, "success"),
    (100, True, "success"),
    (91, True, "success"),
    (89, True, "success"),
    (1, False, "success"),
    (1, True, "success"),
]
#: Numbers of those that stay, where reads stay for 90 days.
STAY = [1, 4, 6, 9, 10, 11]


@pytest.fixture
def today(now: datetime) -> datetime:
    return now


@pytest.fixture
def record(account: Account, alice: Caller, today: datetime) -> Account:
    """An account with such a record."""
    for days, read_only, outcome in OLD:
        caller = replace(alice, now=today - days * DAY)
        action = "iam:GetUser" if read_only else "iam:CreateUser"
        events.write(
            [events.describe(caller, action, outcome=outcome, read_only=read_only, parameters={})]
        )
    return account


@pytest.fixture
def pruned(record: Account, today: datetime) -> Account:
    """The same, pruned by 90 days."""
    assert prune(operator(record, today), Cut(today - 90 * DAY)) == 5
    return record


def operator(account: Account | None, now: datetime) -> Caller:
    return callers.operator(account, now=now, request_id="operator")


def sequences(account: Account | None) -> list[int]:
    return list(Event.objects.filter(account=account).order_by("sequence").values_list(
        "sequence", flat=True))  # fmt: skip


def spans(account: Account) -> list[tuple[int, int]]:
    return [(each.first, each.last) for each in account.event_anchors.order_by("first")]


def test_old_reads_go_and_changes_and_refusals_stay(pruned):
    assert sequences(pruned)[:-1] == STAY
    assert spans(pruned) == [(2, 3), (5, 5), (7, 8)]
    assert broken_link(pruned) is None


def test_that_it_was_pruned_is_on_record(pruned):
    last = Event.objects.filter(account=pruned).latest("sequence")
    assert (last.action, last.principal_kind) == ("account:PruneEvents", "operator")
    assert [run["first"] for run in last.parameters["runs"]] == [2, 5, 7]


def test_the_record_goes_on_behind_it(pruned, root):
    users.create_user(root, user_name="carol")
    assert broken_link(pruned) is None


def test_pruning_again_changes_nothing(pruned, today):
    before = sequences(pruned)
    assert prune(operator(pruned, today), Cut(today - 90 * DAY)) == 0
    assert sequences(pruned) == before


def test_what_ran_out_since_joins_what_went_before(pruned, today):
    later = today + 5 * DAY
    assert prune(operator(pruned, later), Cut(later - 90 * DAY)) == 1
    assert spans(pruned) == [(2, 3), (5, 5), (7, 9)]
    assert broken_link(pruned) is None


def test_everything_goes_once_it_is_old_enough(pruned, today):
    later = today + 300 * DAY
    count = len(sequences(pruned))
    assert prune(operator(pruned, later), Cut(None, later - 10 * DAY)) == count
    assert [event.action for event in pruned.events.all()] == ["account:PruneEvents"]
    assert len(spans(pruned)) == 1
    assert broken_link(pruned) is None


@pytest.mark.parametrize("batch", [2, 3, 5, 100])
def test_it_makes_no_difference_how_many_are_pruned_at_once(record, today, monkeypatch, batch):
    monkeypatch.setattr(history_retention, "_AT_ONCE", batch)
    monkeypatch.setattr(event_chain, "_AT_ONCE", 2)
    prune(operator(record, today), Cut(today - 90 * DAY, today - 196.5 * DAY))
    assert spans(record) == [(1, 5), (7, 8)]
    assert broken_link(record) is None
    prune(operator(record, today), Cut(today - 90 * DAY, today - 90 * DAY))
    assert spans(record) == [(1, 6), (7, 8)]
    assert broken_link(record) is None


def test_what_was_last_tried_is_known_although_the_event_is_gone(pruned, alice, today):
    done = attempts.bring_up_to_date(pruned)
    found = attempts.attempts(pruned, [alice.user], today - 400 * DAY, done)
    assert found[alice.unique_id, "iam:GetUser"].time == today - 1 * DAY
    Event.objects.filter(account=pruned).delete()
    assert (alice.unique_id, "iam:GetUser") in attempts.attempts(
        pruned, [alice.user], today - 400 * DAY, done
    )


def test_the_instances_own_record_is_pruned_as_well(db, today):
    stranger = callers.anonymous(None, face=callers.Face.CONSOLE, now=today - 300 * DAY,
                                 request_id="s")  # fmt: skip
    event = events.describe(
        stranger, "signin:ConsoleLogin", outcome="denied", read_only=False, parameters={}
    )
    events.write([event])
    assert prune(operator(None, today), Cut(None, today - 90 * DAY)) == 1
    assert broken_link(None) is None


def test_only_the_operator_prunes(record, root, today):
    with pytest.raises(AccessDenied):
        history_retention.prune_events(root, runs=(), reads_before=today, all_before=today)
    assert len(sequences(record)) == len(OLD) + 1


# --- What is noticed ------------------------------------------------------------------------------


def remove_one_more(account: Account) -> None:
    Event.objects.filter(account=account, sequence=4).delete()


def widen_an_anchor(account: Account) -> None:
    """Remove the event behind an anchor, and have the anchor say that it was pruned."""
    gone = Event.objects.get(account=account, sequence=4)
    EventAnchor.objects.filter(account=account, first=2).update(last=4, chain=gone.chain)
    gone.delete()


def join_two_anchors(account: Account) -> None:
    last = EventAnchor.objects.get(account=account, first=5)
    Event.objects.filter(account=account, sequence=4).delete()
    EventAnchor.objects.filter(account=account, first=2).update(
        last=5, chain=last.chain, seal=last.seal
    )
    last.delete()


def remove_an_anchor(account: Account) -> None:
    EventAnchor.objects.filter(account=account, first=5).delete()


def forge_a_seal_without_the_key(account: Account) -> None:
    gone = Event.objects.get(account=account, sequence=1)
    EventAnchor.objects.create(
        account=account, first=1, last=1, chain=gone.chain, pruned_at=gone.time, seal=gone.chain
    )
    gone.delete()


def put_an_event_back(account: Account) -> None:
    event = Event.objects.get(account=account, sequence=4)
    event.pk, event.sequence = None, 3
    event.pk = "00000000-0000-0000-0000-000000000003"
    event.save(force_insert=True)


def hide_under_another_name(account: Account) -> None:
    Event.objects.filter(account=account, sequence=4).update(folded_user="somebody")


def hide_what_was_refused(account: Account) -> None:
    Event.objects.filter(account=account, sequence=4).update(trouble=None)


@pytest.mark.parametrize(
    ("tamper", "at"),
    [
        (remove_one_more, 4),
        (widen_an_anchor, 2),
        (join_two_anchors, 2),
        (remove_an_anchor, 5),
        (forge_a_seal_without_the_key, 1),
        (put_an_event_back, 4),
        (hide_under_another_name, 4),
        (hide_what_was_refused, 4),
    ],
)
def test_whoever_changes_the_database_is_noticed(
    pruned: Account, tamper: Callable[[Account], None], at: int
) -> None:
    tamper(pruned)
    assert broken_link(pruned) == at


def test_an_anchor_is_no_place_to_cut_the_record_off(pruned):
    """The newest events are removed up to an anchor, and the account is changed to fit."""
    anchor = EventAnchor.objects.get(account=pruned, first=7)
    Event.objects.filter(account=pruned, sequence__gt=8).delete()
    for head in (anchor.chain, anchor.seal, Account.objects.get(pk=pruned.pk).event_head, ""):
        Account.objects.filter(pk=pruned.pk).update(event_count=8, event_head=head)
        assert broken_link(pruned) == 9


def test_another_accounts_anchor_proves_nothing_here(pruned, other, eve, today):
    for _ in range(12):
        users_read(replace(eve, now=today - 200 * DAY))
    prune(operator(other, today), Cut(today - 90 * DAY))
    theirs = EventAnchor.objects.get(account=other)
    Event.objects.filter(account=pruned).delete()
    EventAnchor.objects.filter(account=pruned).delete()
    EventAnchor.objects.filter(pk=theirs.pk).update(account=pruned)
    assert broken_link(pruned) == 1


def users_read(caller: Caller) -> None:
    users.list_users(caller)


def test_an_event_that_was_put_behind_the_last_one_is_noticed(pruned):
    event = Event.objects.filter(account=pruned).latest("sequence")
    event.pk, event.sequence = "00000000-0000-0000-0000-000000000009", event.sequence + 1
    event.save(force_insert=True)
    assert broken_link(pruned) is not None


def test_what_was_tampered_with_is_not_pruned(record, today):
    Event.objects.filter(account=record, sequence=2).update(outcome="error", trouble="error")
    before = sequences(record)
    with pytest.raises(event_chain.Broken):
        prune(operator(record, today), Cut(today - 90 * DAY))
    assert sequences(record) == before
    assert broken_link(record) == 2


def test_without_the_key_of_the_chain_no_anchor_can_be_made(pruned, monkeypatch):
    anchor = EventAnchor.objects.get(account=pruned, first=2)
    before = Event.objects.get(account=pruned, sequence=1).chain
    assert anchor.seal == event_chain.seal(anchor, before)
    ring = replace(vault.key_ring(), chain=b"another key" * 3)
    monkeypatch.setattr(vault, "key_ring", lambda: ring)
    assert anchor.seal != event_chain.seal(anchor, before)


# --- Commands -------------------------------------------------------------------------------------


def run(*command: Any) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


@pytest.fixture
def aged(account: Account, alice: Caller) -> Account:
    """A record of which one read is old by today's clock."""
    moment = timezone.now() - 100 * DAY
    for read_only in (True, False):
        event = events.describe(
            replace(alice, now=moment), "iam:GetUser", outcome="success", read_only=read_only,
            parameters={},
        )  # fmt: skip
        events.write([event])
    return account


def test_verifyevents_says_of_each_chain_that_it_is_whole(aged):
    told = run("verifyevents")
    assert told == (
        "the instance: the chain is whole, 0 events so far\n"
        f"account {aged.id}: the chain is whole, 2 events so far\n"
    )


def test_verifyevents_shows_by_its_number_that_a_record_was_emptied(aged):
    """An empty chain is whole: nothing in the database tells that there ever was another."""
    Event.objects.filter(account=aged).delete()
    Account.objects.filter(pk=aged.pk).update(event_count=0, event_head="")
    assert f"account {aged.id}: the chain is whole, 0 events so far" in run("verifyevents")


def test_what_was_pruned_still_counts(aged):
    run("pruneevents")
    assert f"account {aged.id}: the chain is whole, 3 events so far" in run("verifyevents")


def test_verifyevents_names_the_first_broken_link_and_fails(aged):
    Event.objects.filter(account=aged, sequence=2).update(source_address="192.0.2.99")
    out = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("verifyevents", aged.id, stdout=out)
    assert failure.value.returncode == 1
    assert f"account {aged.id}: broken at event 2" in out.getvalue()


def test_verifyevents_knows_no_account_that_is_not_there(db):
    with pytest.raises(CommandError, match="There is no account"):
        run("verifyevents", "999999999999")


def test_pruneevents_removes_reads_after_90_days_unless_told_otherwise(aged):
    assert f"account {aged.id}: 0 events removed" in run("pruneevents", "--reads-days", "101")
    assert f"account {aged.id}: 1 events removed" in run("pruneevents")
    assert f"account {aged.id}: 1 events removed" in run("pruneevents", "--days", "99")
    assert "broken" not in run("verifyevents")


@pytest.mark.parametrize("days", ["0", "-1", "x", "1.5", "99999999999"])
def test_pruneevents_takes_whole_days_only(aged, days):
    with pytest.raises((CommandError, ServiceError)):
        run("pruneevents", "--reads-days", days)
    assert len(sequences(aged)) == 2


def test_pruneevents_stops_where_the_record_is_not_what_it_was(aged):
    Event.objects.filter(account=aged, sequence=1).update(action="iam:ListUsers")
    with pytest.raises(CommandError) as failure:
        run("pruneevents")
    assert failure.value.returncode == 1
    assert len(sequences(aged)) == 2


def test_prunesessions_removes_what_ran_out(db):
    now = timezone.now()
    for key, moment in (("old", now - DAY), ("new", now + DAY)):
        Session.objects.create(session_key=key, session_data="", expire_date=moment)
    assert run("prunesessions") == "1 expired sessions removed\n"
    assert [each.session_key for each in Session.objects.all()] == ["new"]
