"""Skipping a step: solved on top of what the learner made, or anew where that is in the way."""

from __future__ import annotations

import pytest

from accounts.caller import Caller
from accounts.errors import NoSuchEntity
from iamconsole.labs import found
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.runs.operations import NotPerformed
from tests.labs import doing, small

State = StepProgress.State


def test_a_skipped_step_is_solved_and_the_next_begins(alice: Caller, run: Run):
    doing.skip(small.now(alice), run, "group")
    assert small.main(run).groups.get().name == "Staff"
    assert small.states(run) == ["skipped", "open"]
    assert small.step(run, "group").report[0]["holds"]
    assert small.step(run, "group").attempts == 0
    assert small.step(run, "member").started_at is not None
    run.refresh_from_db()
    assert run.state == Run.State.READY


def test_what_the_learner_made_is_kept_where_it_is_not_in_the_way(alice: Caller, run: Run):
    small.do(run, "iam:CreateUser", {"UserName": "own"})
    doing.skip(small.now(alice), run, "group")
    assert small.user(run, "own")


def test_where_it_is_in_the_way_the_accounts_are_made_anew(alice: Caller, run: Run):
    user = found.values_of(run)["user"]
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    small.do(run, "iam:CreateUser", {"UserName": "own"})
    refuse = {
        "UserName": user,
        "PolicyName": "no",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
        },
    }
    small.do(run, "iam:PutUserPolicy", refuse)
    doing.check(small.now(alice), run, "group")
    doing.skip(small.now(alice), run, "member")
    assert small.states(run) == ["done", "skipped"]
    assert not small.main(run).users.filter(name="own").exists()
    assert doing.check(small.now(alice), run, "member").state == State.SKIPPED
    assert all(each["holds"] for each in small.step(run, "member").report)
    marks = small.step(run, "group").marks
    assert marks == dict(run.run_accounts.values_list("account", "start_sequence"))


def test_a_later_step_can_be_skipped_first(alice: Caller, run: Run):
    doing.skip(small.now(alice), run, "member")
    assert small.states(run) == ["open", "skipped"]
    assert doing.check(small.now(alice), run, "group").state == State.DONE


def test_a_done_step_that_is_skipped_stays_done(alice: Caller, run: Run):
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    doing.check(small.now(alice), run, "group")
    doing.skip(small.now(alice), run, "group")
    assert small.states(run) == ["done", "open"]


def test_the_event_is_the_learners(alice: Caller, run: Run):
    doing.skip(small.now(alice), run, "group")
    event = alice.home.events.get(action="lab:SkipStep")
    assert event.parameters == {"lab": "small-lab", "step": "group"}


def test_another_learners_step_is_not_there(bob: Caller, run: Run):
    with pytest.raises(NoSuchEntity):
        doing.skip(small.now(bob), run, "group")
    assert small.states(run) == ["open", "open"]
    assert not small.main(run).groups.exists()


def test_a_solution_that_does_not_solve_is_told_and_the_lab_can_be_reset(alice: Caller):
    wrong = small.steps(group={"solve": [{"CreateGroup": {"GroupName": "Stuff"}}]})
    run = doing.start(small.now(alice), small.lab(steps=wrong))
    with pytest.raises(NotPerformed) as caught:
        doing.skip(small.now(alice), run, "group")
    assert "There is no group Staff." in caught.value.message
    assert small.states(run) == ["open", "open"]
