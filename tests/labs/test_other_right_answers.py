"""A lab judges what somebody can do, not how it was brought about: other right answers pass."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.utils import timezone

from accounts import caller as callers
from accounts import hashers, ids
from accounts.caller import Face
from accounts.models import Account
from iamconsole.labs import catalogue
from iamconsole.labs.actions import progress
from iamconsole.labs.format.pack import Operation
from iamconsole.labs.runs import building, judging
from iamconsole.labs.runs.operations import perform_all
from tests.labs import doing

Calls = Sequence[tuple[str, Mapping[str, Any]]]


def allow(action: str | list[str], resource: str | list[str]) -> dict[str, Any]:
    """A statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def deny(action: str, condition: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A statement about everything."""
    made = {"Effect": "Deny", "Action": action, "Resource": "*"}
    return made | ({"Condition": condition} if condition else {})


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def version(*statements: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """A new version of the lab's policy, put in force."""
    text = document(*statements)
    given = {"PolicyArn": "{policy_arn}", "PolicyDocument": text, "SetAsDefault": True}
    return "iam:CreatePolicyVersion", given


OWN = "arn:aws:iam::*:user/${aws:username}"
WITHOUT_MFA = "aws:MultiFactorAuthPresent"
TO_STUDIO = ("iam:AttachGroupPolicy", {"GroupName": "Studio", "PolicyArn": "{policy_arn}"})
TWO_DENIALS = version(
    deny("*", {"Bool": {WITHOUT_MFA: "false"}}), deny("*", {"Null": {WITHOUT_MFA: "true"}})
)
#: As the IAM User Guide has it: "AWS: Allows MFA-authenticated IAM users to manage their own
#: credentials on the Security credentials page", without what this product has no pages for.
AS_AWS_HAS_IT = (
    allow(["iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices"], "*"),
    allow(["iam:ChangePassword", "iam:GetUser"], OWN),
    allow(["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys"], OWN),
    allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:mfa/*"),
    allow(["iam:DeactivateMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"], OWN),
    {
        "Effect": "Deny",
        "NotAction": [
            "iam:CreateVirtualMFADevice",
            "iam:EnableMFADevice",
            "iam:GetUser",
            "iam:GetMFADevice",
            "iam:ListMFADevices",
            "iam:ListVirtualMFADevices",
            "iam:ResyncMFADevice",
            "sts:GetSessionToken",
        ],
        "Resource": "*",
        "Condition": {"BoolIfExists": {WITHOUT_MFA: "false"}},
    },
)
NAMED_DEVICE = json.loads(json.dumps(AS_AWS_HAS_IT).replace("mfa/*", "mfa/${aws:username}"))
ROOM = ("iam:DeletePolicyVersion", {"PolicyArn": "{policy_arn}", "VersionId": "v1"})
MANIFESTS = "arn:aws:s3:::{bucket}/manifests/*"
LABELS = "arn:aws:s3:::{bucket}/labels/*"

#: The lab, the step, and another right answer to it.
ANSWERS: Mapping[str, tuple[str, str, Calls]] = {
    "an administrator's inline policy, and a path": (
        "root-hygiene",
        "administrator",
        [
            ("iam:CreateGroup", {"GroupName": "Owners"}),
            (
                "iam:PutGroupPolicy",
                {
                    "GroupName": "Owners",
                    "PolicyName": "everything",
                    "PolicyDocument": document(allow("*", "*")),
                },
            ),
            ("iam:CreateUser", {"UserName": "{admin}", "Path": "/staff/"}),
            (
                "iam:CreateLoginProfile",
                {
                    "UserName": "{admin}",
                    "Password": "{admin_password}",
                    "PasswordResetRequired": True,
                },
            ),
            ("iam:AddUserToGroup", {"GroupName": "Owners", "UserName": "{admin}"}),
        ],
    ),
    "stricter than the insurance asks": (
        "password-policy",
        "strict",
        [
            (
                "iam:UpdateAccountPasswordPolicy",
                {
                    "MinimumPasswordLength": 20,
                    "RequireUppercaseCharacters": True,
                    "RequireLowercaseCharacters": True,
                    "RequireNumbers": True,
                    "RequireSymbols": True,
                    "MaxPasswordAge": 60,
                    "PasswordReusePrevention": 24,
                },
            )
        ],
    ),
    "AWS's policy for one's own password": (
        "password-policy",
        "allow",
        [
            (
                "iam:AttachGroupPolicy",
                {
                    "GroupName": "Practice",
                    "PolicyArn": "arn:aws:iam::aws:policy/IAMUserChangePassword",
                },
            )
        ],
    ),
    "one's own password by an inline policy": (
        "password-policy",
        "allow",
        [
            (
                "iam:PutGroupPolicy",
                {
                    "GroupName": "Practice",
                    "PolicyName": "own-password",
                    "PolicyDocument": document(allow("iam:ChangePassword", OWN)),
                },
            )
        ],
    ),
    "nothing of IAM for the screen": (
        "password-policy",
        "exception",
        [
            (
                "iam:PutUserPolicy",
                {
                    "UserName": "{screen}",
                    "PolicyName": "no-iam",
                    "PolicyDocument": document(deny("iam:*")),
                },
            )
        ],
    ),
    "two denials instead of one": ("force-mfa", "require", [TWO_DENIALS, TO_STUDIO]),
    "AWS's own policy at once": ("force-mfa", "require", [version(*AS_AWS_HAS_IT), TO_STUDIO]),
    "the door is there already": ("force-mfa", "deadlock", [version(*AS_AWS_HAS_IT)]),
    "AWS's own policy": ("force-mfa", "way-in", [version(*AS_AWS_HAS_IT)]),
    "AWS's own policy of old": ("force-mfa", "way-in", [version(*NAMED_DEVICE)]),
    "the good text as a new version": (
        "policy-versions",
        "roll-back",
        [
            ROOM,
            version(
                allow("s3:ListBucket", "arn:aws:s3:::{bucket}"),
                allow("s3:GetObject", [MANIFESTS, LABELS]),
                allow("s3:PutObject", LABELS),
            ),
        ],
    ),
    "the same in other words": (
        "policy-versions",
        "correct",
        [
            ROOM,
            version(
                allow("s3:GetObject", [MANIFESTS, LABELS]),
                allow("s3:PutObject", LABELS),
                allow("sns:Publish", "{topic_arn}"),
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_another_right_answer_is_taken_for_right(name: str, account: Account) -> None:
    lab_id, step_id, calls = ANSWERS[name]
    lab = catalogue.shipped()[lab_id]
    learner = callers.root(account, face=Face.LAB, now=timezone.now(), request_id=ids.request_id())
    with hashers.weakly():
        run = doing.start(learner, lab)
        stage = building.stage_of(run, lab)
        for step in lab.steps[: lab.steps.index(lab.step(step_id))]:
            building.solve(stage, step)
        perform_all(stage, [Operation(call, given, place=name) for call, given in calls])
    found = judging.findings(run, lab, progress.step_of(run, step_id))
    assert [each.message for each in found if not each.holds] == []
