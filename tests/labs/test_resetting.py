"""Resetting a lab or a step: the same accounts anew, and progress that stays."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts import instance
from accounts.actions import lifecycle
from accounts.caller import Caller
from accounts.errors import ConcurrentModification, NoSuchEntity, ServiceError
from accounts.models import Account
from iamconsole.labs import found
from iamconsole.labs.format.problem import Problem
from iamconsole.labs.models import LONGEST_PREPARATION, Run, StepProgress
from iamconsole.labs.proving import picture
from iamconsole.labs.runs import building, contents, owned
from iamconsole.labs.runs.operations import NotPerformed
from iamconsole.sandbox import storage
from iamconsole.sandbox.models import StoredObject
from tests.labs import doing, small

State = StepProgress.State


def look(run: Run) -> dict[str, list[str]]:
    return picture.of(owned.accounts_of(run))


def test_a_reset_brings_the_accounts_back_with_their_ids_and_values(alice: Caller, run: Run):
    before, values = look(run), found.values_of(run)
    small.do(run, "iam:DeleteAccessKey", {"UserName": values["user"], "AccessKeyId": values["key"]})
    small.do(run, "iam:DeleteUser", {"UserName": values["user"]})
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    small.do(run, "s3:PutObject", {"Bucket": values["bucket"], "Key": "q1.csv", "Body": "other"})
    assert look(run) != before
    doing.reset_lab(small.now(alice), run)
    assert list(picture.differences(before, look(run))) == []
    run.refresh_from_db()
    after = found.values_of(run)
    assert run.state == Run.State.READY
    assert run.resets == 1
    assert after["key"] != values["key"]
    assert {**after, "key": ""} == {**values, "key": ""}


def test_nothing_of_the_old_accounts_is_left(alice: Caller, run: Run):
    old = small.user(run, "admin")
    blob = StoredObject.objects.get().blob
    doing.reset_lab(small.now(alice), run)
    assert small.user(run, "admin").unique_id != old.unique_id
    assert Account.objects.count() == 3
    assert StoredObject.objects.get().blob != blob


@pytest.mark.django_db(transaction=True)
def test_the_files_of_objects_go_too():
    home = new_home()
    run = doing.start(small.now(instance.root(home)), small.lab())
    before = StoredObject.objects.get().blob
    doing.reset_lab(small.now(instance.root(home)), run)
    after = StoredObject.objects.get().blob
    assert not storage.path_of(before).exists()
    assert storage.path_of(after).exists()
    lifecycle.delete_account(instance.operator(), account_id=home.pk)
    assert not storage.path_of(after).exists()


def new_home() -> Account:
    return lifecycle.create_account(
        instance.operator(), name="Home", root_email="home@example.com"
    ).account


def test_progress_stays(alice: Caller, run: Run):
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    done = doing.check(small.now(alice), run, "group")
    doing.check(small.now(alice), run, "member")
    doing.reset_lab(small.now(alice), run)
    assert small.states(run) == ["done", "open"]
    assert small.step(run, "group").ended_at == done.ended_at
    assert small.step(run, "member").attempts == 1


def test_what_counts_for_a_step_begins_anew(alice: Caller, run: Run):
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    doing.check(small.now(alice), run, "group")
    doing.reset_lab(small.now(alice), run)
    start = dict(run.run_accounts.values_list("account", "start_sequence"))
    assert start[small.main(run).id] == small.main(run).event_count
    assert small.step(run, "group").marks == small.step(run, "member").marks == start


def test_a_reset_step_solves_those_before_it(alice: Caller, run: Run):
    doing.reset_step(small.now(alice), run, "member")
    assert small.main(run).groups.get().name == "Staff"
    assert small.states(run) == ["open", "open"]
    assert doing.check(small.now(alice), run, "group").state == State.DONE
    start = run.run_accounts.get(name="main").start_sequence
    assert small.main(run).event_count > start


def test_the_marks_of_a_reset_step_are_after_what_was_solved(alice: Caller, run: Run):
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    doing.check(small.now(alice), run, "group")
    doing.reset_step(small.now(alice), run, "member")
    main = small.main(run)
    assert small.step(run, "member").marks[main.id] == main.event_count
    assert small.step(run, "group").marks[main.id] < main.event_count


def test_the_first_step_is_reset_to_the_start(alice: Caller, run: Run):
    before = look(run)
    small.do(run, "iam:CreateGroup", {"GroupName": "Staff"})
    doing.reset_step(small.now(alice), run, "group")
    assert list(picture.differences(before, look(run))) == []


def test_a_root_password_that_the_start_changed_is_changed_again(alice: Caller):
    changed = [*small.LAB["start"], {"ChangeRootPassword": {"Password": "{password}"}}]
    run = doing.start(small.now(alice), small.lab(start=changed))
    doing.reset_lab(small.now(alice), run)
    assert found.values_of(run)["root_password"] == found.values_of(run)["password"]
    small.do(run, "SignIn", {"Password": "{password}"})


def test_another_learners_run_is_not_there(bob: Caller, run: Run):
    gone = small.main(run).created_at
    for reset in (doing.reset_lab, lambda who, run: doing.reset_step(who, run, "group")):
        with pytest.raises(NoSuchEntity):
            reset(small.now(bob), run)
    assert small.main(run).created_at == gone


def test_a_run_that_was_left_half_made_can_be_reset_after_a_while(alice: Caller, run: Run):
    before = look(run)
    building.claim(run)
    lifecycle.delete_account(instance.operator(), account_id=small.main(run).id)
    with pytest.raises(ConcurrentModification):
        doing.reset_lab(small.now(alice), run)
    Run.objects.update(state_since=timezone.now() - LONGEST_PREPARATION)
    doing.reset_lab(small.now(alice), run)
    assert list(picture.differences(before, look(run))) == []


def test_an_account_that_was_made_just_before_a_crash_is_no_obstacle(alice: Caller, run: Run):
    run.run_accounts.all().delete()
    Run.objects.update(state=Run.State.PREPARING, state_since=timezone.now() - LONGEST_PREPARATION)
    doing.reset_lab(small.now(alice), run)
    assert run.run_accounts.count() == 2
    assert Account.objects.count() == 3


def test_a_reset_that_fails_can_be_tried_again_at_once(
    alice: Caller, run: Run, monkeypatch: pytest.MonkeyPatch
):
    def fails(*_: Any) -> None:
        raise NotPerformed(Problem("lab.yaml:7", "It does not work."))

    with monkeypatch.context() as patched:
        patched.setattr(building, "perform_all", fails)
        with pytest.raises(NotPerformed):
            doing.reset_lab(small.now(alice), run)
    run.refresh_from_db()
    assert run.state == Run.State.PREPARING
    doing.reset_lab(small.now(alice), run)
    run.refresh_from_db()
    assert run.state == Run.State.READY


def test_what_goes_is_counted(run: Run):
    going = contents.going(run)
    assert going["users"] == 3
    assert going["access keys"] == 1
    assert going["buckets"] == 1
    assert going["objects"] == 1
    assert "groups" not in going


@pytest.mark.django_db(transaction=True)
def test_of_two_resets_at_the_same_moment_one_wins():
    home = new_home()
    run = doing.start(small.now(instance.root(home)), small.lab())
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def reset() -> None:
        try:
            learner = small.now(instance.root(home))
            barrier.wait(10)
            doing.reset_lab(learner, run)
            outcomes.append("done")
        except ServiceError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=reset) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    run.refresh_from_db()
    assert run.state == Run.State.READY
    assert run.resets == outcomes.count("done") >= 1
    assert set(outcomes) <= {"done", ConcurrentModification.code}
    assert Account.objects.count() == 3
    lifecycle.delete_account(instance.operator(), account_id=home.pk)
    assert not Account.objects.exists()
