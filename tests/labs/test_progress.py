"""Hints, solutions and the end of a lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.caller import Caller
from accounts.errors import InvalidInput, NoSuchEntity
from accounts.models import Event
from iamconsole.labs import found
from iamconsole.labs.actions import progress
from iamconsole.labs.models import Run
from iamconsole.labs.runs import building
from tests.labs import doing, small


def test_hints_are_asked_for_one_by_one_and_there_are_three(alice: Caller, run: Run):
    asked = [progress.ask_hint(small.now(alice), lab=run.lab, step="group").hints for _ in range(4)]
    assert asked == [1, 2, 3, 3]
    assert small.step(run, "member").hints == 0


def test_the_solution_is_shown_once_it_is_asked_for(alice: Caller, run: Run):
    assert not small.step(run, "group").solution_shown
    progress.ask_solution(small.now(alice), lab=run.lab, step="group")
    assert small.step(run, "group").solution_shown


@pytest.mark.parametrize("ask", [progress.ask_hint, progress.ask_solution])
def test_of_a_step_that_there_is_not_nothing_is_shown(
    ask: Callable[..., Any], alice: Caller, run: Run
):
    with pytest.raises(NoSuchEntity):
        ask(small.now(alice), lab=run.lab, step="none")


@pytest.mark.parametrize("ask", [progress.ask_hint, progress.ask_solution])
def test_nothing_is_shown_of_a_step_before_it_begins(
    ask: Callable[..., Any], alice: Caller, run: Run
):
    with pytest.raises(InvalidInput):
        ask(small.now(alice), lab=run.lab, step="member")
    assert (small.step(run, "member").hints, small.step(run, "member").solution_shown) == (0, False)


def test_entering_a_lab_is_on_the_record_of_the_learners_account(alice: Caller, run: Run):
    assert progress.enter_lab(small.now(alice), lab=run.lab) == found.actor_of(run)
    event = Event.objects.get(action="lab:EnterLab")
    assert (event.account, event.principal_arn) == (alice.home, alice.arn)


def test_a_lab_is_finished_once_every_step_is_done_or_skipped(alice: Caller, run: Run):
    with pytest.raises(InvalidInput):
        progress.finish_lab(small.now(alice), lab=run.lab)
    for step in ("group", "member"):
        doing.skip(small.now(alice), run, step)
    first = progress.finish_lab(small.now(alice), lab=run.lab).finished_at
    assert first is not None
    assert progress.finish_lab(small.now(alice), lab=run.lab).finished_at == first


def test_while_a_lab_is_prepared_hints_can_be_read(alice: Caller, run: Run):
    building.claim(run)
    assert progress.ask_hint(small.now(alice), lab=run.lab, step="group").hints == 1
