"""Checking a step: what it keeps, what it begins, and what it leaves alone."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts import events
from accounts.caller import Caller
from accounts.errors import ConcurrentModification, NoSuchEntity
from accounts.models import Account
from iamconsole.labs import catalogue
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.runs import building, judging
from tests.labs import doing, small

State = StepProgress.State


def check(alice: Caller, run: Run, step: str = "group", **more: bool) -> StepProgress:
    return doing.check(small.now(alice), run, step, **more)


def test_a_step_that_is_not_done_says_what_it_found(alice: Caller, run: Run):
    row = check(alice, run)
    assert (row.state, row.attempts, row.failures) == (State.OPEN, 1, 1)
    (finding,) = row.report
    assert not finding["holds"]
    assert finding["message"] == "There is no group Staff."
    assert row == small.step(run, "group")
    assert row.checked_at is not None


def test_a_step_whose_checks_all_hold_is_done_and_the_next_begins(alice: Caller, run: Run):
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    row = check(alice, run)
    assert (row.state, row.attempts, row.failures) == (State.DONE, 1, 0)
    assert row.ended_at is not None
    following = small.step(run, "member")
    assert following.started_at == row.ended_at
    assert following.marks[small.main(run).id] == small.main(run).event_count
    assert following.marks[small.main(run).id] > row.marks[small.main(run).id]


def test_failures_in_a_row_are_counted_and_a_success_ends_them(alice: Caller, run: Run):
    for number in (1, 2, 3):
        assert check(alice, run).failures == number
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    row = check(alice, run)
    assert (row.attempts, row.failures) == (4, 0)


def test_an_automatic_check_is_no_attempt(alice: Caller, run: Run):
    row = check(alice, run, automatic=True)
    assert (row.attempts, row.failures) == (0, 0)
    assert row.report
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    assert check(alice, run, automatic=True).state == State.DONE


def test_what_is_done_stays_done_and_its_report_is_new(alice: Caller, run: Run):
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    ended = check(alice, run).ended_at
    small.do(run, "iam:DeleteGroup", {"GroupName": "Staff"})
    row = check(alice, run)
    assert (row.state, row.ended_at, row.attempts) == (State.DONE, ended, 1)
    assert not row.report[0]["holds"]


def test_steps_may_be_done_in_any_order(alice: Caller, run: Run):
    solve(run)
    assert check(alice, run, "member").state == State.DONE
    assert small.step(run, "group").state == State.OPEN
    assert check(alice, run, "group").state == State.DONE


def solve(run: Run) -> None:
    stage = small.stage_of(run)
    for step in catalogue.of_run(run).steps:
        building.solve(stage, step)


def test_a_step_that_there_is_not_or_a_run(alice: Caller, bob: Caller, run: Run):
    with pytest.raises(NoSuchEntity):
        check(alice, run, "none")
    with pytest.raises(NoSuchEntity):
        check(bob, run)
    assert small.step(run, "group").attempts == 0


def test_a_run_that_is_being_prepared_is_not_checked(alice: Caller, run: Run):
    building.claim(run)
    with pytest.raises(ConcurrentModification):
        check(alice, run)


def test_the_mark_changes_with_every_change_and_with_no_look(alice: Caller, run: Run):
    before = building.change_mark(run)
    small.do(run, "iam:ListUsers", {})
    assert building.change_mark(run) == before
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    after = building.change_mark(run)
    assert after != before
    small.do(run, "iam:CreateUser", {"UserName": "new"}, account="partner")
    assert building.change_mark(run) != after


def test_a_check_keeps_the_mark_and_checking_changes_nothing(alice: Caller, run: Run):
    assert small.step(run, "group").checked_mark == building.change_mark(run)
    small.do(run, "iam:CreateGroup", {"GroupName": "Stuff"})
    assert small.step(run, "group").checked_mark != building.change_mark(run)
    counted = small.main(run).event_count
    row = check(alice, run)
    assert row.checked_mark == building.change_mark(run)
    assert small.main(run).event_count == counted


def test_after_a_reset_the_mark_is_a_new_one(alice: Caller, run: Run):
    before = building.change_mark(run)
    doing.reset_lab(small.now(alice), run)
    run.refresh_from_db()
    assert building.change_mark(run) != before
    assert small.step(run, "group").checked_mark == building.change_mark(run)


def test_the_world_is_the_runs_accounts_and_nothing_else(alice: Caller, run: Run):
    world = judging.world_of(run, catalogue.of_run(run), small.step(run, "group"))
    assert list(world.accounts) == ["main", "partner"]
    assert alice.home not in world.accounts.values()
    assert world.values["user"] in ("ana", "ben")
    assert "solution/read.json" in world.files
    starts = dict(run.run_accounts.values_list("account", "start_sequence"))
    assert world.lab_start == world.step_start == starts
    assert set(starts) == {account.pk for account in world.accounts.values()}
    assert Account.objects.count() == 3


def test_nothing_is_taken_in_from_the_spool_while_the_account_is_locked(
    alice: Caller, run: Run, monkeypatch: pytest.MonkeyPatch
):
    """Who takes in waits for the account's row, and holds the spool's: each would wait."""
    depth = len(connection.savepoint_ids)

    def catch_up() -> None:
        assert len(connection.savepoint_ids) == depth
        taken.append(True)

    taken: list[bool] = []
    monkeypatch.setattr(events, "catch_up", catch_up)
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    check(alice, run)
    doing.skip(small.now(alice), run, "member")
    doing.reset_step(small.now(alice), run, "member")
    doing.start(small.now(alice), small.lab())
    assert taken
