"""The proof of a lab: it finds what a lab promises and does not keep, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models import Account, Event
from iamconsole.labs.actions import preparing
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.models import Pack, Run
from iamconsole.labs.proving import proof
from iamconsole.sandbox.models import StoredObject
from tests.labs import small

pytestmark = pytest.mark.django_db


def prove(lab: Lab, **more: Any) -> str:
    return "\n".join(proof.prove(lab, rounds=1, **more))


def blobs() -> set[Path]:
    return {path for path in Path(settings.OBJECTS).rglob("*") if path.is_file()}


def nothing_is_left() -> None:
    for model in (Account, Run, Pack, StoredObject):
        assert not model._default_manager.exists()
    assert not Event.objects.filter(account__isnull=False).exists()


def test_a_lab_that_works_is_proved_and_nothing_is_left():
    assert proof.prove(small.lab()) == []
    nothing_is_left()


@pytest.mark.django_db(transaction=True)
def test_no_file_of_an_object_is_left():
    before = blobs()
    overwrite = {
        "step": "group",
        "do": [{"s3:PutObject": {"Bucket": "{bucket}", "Key": "x", "Body": "y"}}],
        "fails": "no group Staff",
    }
    assert prove(small.lab({**small.WRONG, "object": overwrite})) == ""
    assert blobs() == before
    nothing_is_left()


def test_a_start_that_does_not_work_is_told_with_its_place():
    lab = small.lab(start=[*small.LAB["start"], {"DeleteUser": {"UserName": "nobody"}}])
    told = prove(lab)
    assert told.startswith(f"{lab.start[-1].place}: iam:DeleteUser was refused with NoSuchEntity")
    nothing_is_left()


def test_a_step_that_is_done_at_the_start_is_told():
    lab = small.lab(start=[*small.LAB["start"], {"CreateGroup": {"GroupName": "Staff"}}])
    assert "Step group: its checks hold at the start already." in prove(lab)


def test_a_solution_that_does_not_solve_is_told_with_what_the_learner_reads():
    steps = small.steps(group={"solve": [{"CreateGroup": {"GroupName": "Stuff"}}]})
    told = prove(small.lab(steps=steps))
    assert "Step group: its solution does not solve it." in told
    assert "There is no group Staff." in told
    assert "Step group: it can't be skipped from the start" in told


def test_a_solution_that_is_refused_is_told_with_its_place():
    solve = [{"CreateGroup": {"GroupName": "Staff"}, "as": "user/admin"}]
    lab = small.lab(steps=small.steps(group={"solve": solve}))
    assert f"{lab.steps[0].solve[0].place}: iam:CreateGroup was refused with AccessDenied" in prove(
        lab
    )


def test_a_solution_that_undoes_an_earlier_step_is_told():
    solve = [*small.LAB["steps"][1]["solve"]]
    solve += [
        {"PutUserPolicy": {
            "UserName": "{user}",
            "PolicyName": "read",
            "PolicyDocument": {"file": "solution/read.json"},
        }},
        {"CreateGroup": {"GroupName": "Other"}},
        {"UpdateGroup": {"GroupName": "Staff", "NewGroupName": "Renamed"}},
    ]  # fmt: skip
    any_group = [{
        "member_of": {"user": "{user}", "group": "*"}, "fail": "{user} is in no group.",
    }]  # fmt: skip
    told = prove(small.lab(steps=small.steps(member={"solve": solve, "checks": any_group})))
    assert "Step group: the solution of member undoes it." in told


def test_a_wrong_answer_that_is_taken_for_right_is_told():
    right = {
        "step": "group",
        "do": [{"CreateGroup": {"GroupName": "Staff"}}],
        "fails": "no group Staff",
    }
    told = prove(small.lab({**small.WRONG, "right": right}))
    assert "right" in told
    assert "step group takes it for right." in told


def test_a_wrong_answer_of_which_something_else_is_told():
    other = {**small.WRONG["other-group"], "fails": "the wrong name"}
    told = prove(small.lab({**small.WRONG, "other-group": other}))
    assert "nobody is told “the wrong name”" in told
    assert "There is no group Staff." in told


def test_a_reset_that_restores_something_else_is_told(monkeypatch: pytest.MonkeyPatch):
    def forgets(learner: Any, *, lab: str) -> Run:
        run: Run = original(learner, lab=lab)
        small.do(run, "iam:CreateUser", {"UserName": "stray"})
        return run

    original = preparing.reset_lab
    monkeypatch.setattr(preparing, "reset_lab", forgets)
    told = prove(small.lab())
    assert "A reset does not restore the start: accounts.User: this was not there before" in told
    assert "stray" in told


def test_a_principal_to_compare_that_is_not_there_is_told():
    finish = {
        **small.LAB["finish"],
        "compare": [{"principal": "user/nobody", "reference": "solution/read.json"}],
    }
    assert "finish: there is no user nobody to compare." in prove(small.lab(finish=finish))


def test_slow_checks_are_worth_a_line_and_no_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(proof, "SLOW", 0.0)
    told: list[str] = []
    assert prove(small.lab(), report=told.append) == ""
    assert any("a check takes" in line for line in told)


def test_whatever_happens_the_learner_goes(monkeypatch: pytest.MonkeyPatch):
    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(preparing, "reset_lab", breaks)
    with pytest.raises(RuntimeError):
        proof.prove(small.lab())
    nothing_is_left()
