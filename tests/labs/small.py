"""A small lab for tests, with two accounts, and a learner who does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from django.utils import timezone

from accounts import ids
from accounts.caller import Caller
from accounts.models import Account, User
from iamconsole.labs import catalogue, found
from iamconsole.labs.format import reading
from iamconsole.labs.format.pack import Lab, Operation
from iamconsole.labs.found import Learner
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.runs import building
from iamconsole.labs.runs.operations import Stage, perform

READER = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", '
READER += '"Resource": "arn:aws:s3:::{bucket}/*"}]}'

LAB: Mapping[str, Any] = {
    "format": "labs/v1",
    "id": "small-lab",
    "title": "A small lab",
    "summary": "Two steps and two accounts.",
    "level": "beginner",
    "minutes": 15,
    "learn": ["Nothing much"],
    "values": {
        "user": {"one_of": ["ana", "ben"]},
        "bucket": {"pattern": "reports-{8}"},
        "password": {"password": True},
    },
    "accounts": ["main", "partner"],
    "sign_in": "user/admin",
    "start": [
        {"CreateUser": {"UserName": "admin"}},
        {"CreateLoginProfile": {"UserName": "admin", "Password": "{password}"}},
        {"CreateUser": {"UserName": "{user}"}},
        {"CreateAccessKey": {"UserName": "{user}"}, "save": {"key": "AccessKeyId"}},
        {"s3:CreateBucket": {"Bucket": "{bucket}"}},
        {"s3:PutObject": {"Bucket": "{bucket}", "Key": "q1.csv", "Body": "a,b"}},
        {"CreateUser": {"UserName": "pia"}, "in": "partner"},
    ],
    "steps": [
        {
            "id": "group",
            "title": "A group",
            "text": "steps/group.md",
            "checks": [{"exists": {"group": "Staff"}, "fail": "There is no group Staff."}],
            "hints": ["One.", "Two.", "Three."],
            "solution": "solutions/group.md",
            "solve": [{"CreateGroup": {"GroupName": "Staff"}}],
        },
        {
            "id": "member",
            "title": "A member who may read",
            "text": "steps/group.md",
            "checks": [
                {
                    "member_of": {"user": "{user}", "group": "Staff"},
                    "fail": "{user} is in no such group.",
                },
                {
                    "can": {
                        "principal": "user/{user}",
                        "action": "s3:GetObject",
                        "resource": "arn:aws:s3:::{bucket}/q1.csv",
                    },
                    "fail": "{user} can't read q1.csv.",
                },
            ],
            "hints": ["One.", "Two.", "Three."],
            "solution": "solutions/group.md",
            "solve": [
                {
                    "PutGroupPolicy": {
                        "GroupName": "Staff",
                        "PolicyName": "read",
                        "PolicyDocument": {"file": "solution/read.json"},
                    }
                },
                {"AddUserToGroup": {"GroupName": "Staff", "UserName": "{user}"}},
            ],
        },
    ],
    "finish": {
        "text": "finish.md",
        "compare": [{"principal": "user/{user}", "reference": "solution/read.json"}],
        "least_privilege": {"principal": "user/{user}", "needed": ["s3:GetObject"]},
    },
}
WRONG: Mapping[str, Mapping[str, Any]] = {
    "other-group": {
        "step": "group",
        "do": [{"CreateGroup": {"GroupName": "Stuff"}}],
        "fails": "no group Staff",
    },
    "no-policy": {
        "step": "member",
        "do": [{"AddUserToGroup": {"GroupName": "Staff", "UserName": "{user}"}}],
        "fails": "can't read q1.csv",
    },
}


def files(wrong: Mapping[str, Any] = WRONG, **changed: Any) -> dict[str, str]:
    """The pack's files; `changed` are parts of lab.yaml."""
    texts = ("intro.md", "steps/group.md", "solutions/group.md", "finish.md")
    found = dict.fromkeys(texts, "A text.\n")
    found["lab.yaml"] = yaml.safe_dump({**LAB, **changed}, sort_keys=False)
    found["solution/read.json"] = READER
    for name, answer in wrong.items():
        found[f"wrong/{name}.yaml"] = yaml.safe_dump(dict(answer), sort_keys=False)
    return found


def lab(wrong: Mapping[str, Any] = WRONG, **changed: Any) -> Lab:
    """The lab, with some parts of it changed."""
    return reading.read(files(wrong, **changed))


def steps(**changed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lab's steps, some of them changed."""
    return [{**step, **changed.get(step["id"], {})} for step in LAB["steps"]]


def now(caller: Caller) -> Caller:
    """The same person as a learner, calling now."""
    made = found.caller_of(
        Learner(Account.objects.get(pk=caller.home.pk), caller.unique_id),
        now=timezone.now(),
        request_id=ids.request_id(),
    )
    assert made is not None
    return made


def do(run: Run, name: str, arguments: Mapping[str, Any], **more: Any) -> dict[str, str]:
    """Do something in a run's account, as its root user unless said; the values afterwards."""
    stage = stage_of(run)
    perform(stage, Operation(name, arguments, place="test:1", **more))
    return stage.values


def stage_of(run: Run) -> Stage:
    """Where a run's operations are performed."""
    return building.stage_of(run, catalogue.of_run(run))


def step(run: Run, step_id: str) -> StepProgress:
    """A step as it is now."""
    return run.steps.get(step=step_id)


def states(run: Run) -> list[str]:
    """How far each step is."""
    return list(run.steps.values_list("state", flat=True))


def main(run: Run) -> Account:
    """The run's first account."""
    return account_of(run, "main")


def account_of(run: Run, name: str) -> Account:
    """An account of the run."""
    return Account.objects.get(lab_account__run=run, lab_account__name=name)


def user(run: Run, name: str) -> User:
    """A user of the run's first account."""
    return User.objects.get(account=main(run), name=name)
