"""Suspending a user: IAM has no such state, so it is an inline policy that denies everything."""

from __future__ import annotations

from iamconsole.console.components.steps import Step, step
from iamconsole.console.users.permissions import Permissions

#: The policy by which the console knows that a user is suspended.
NAME = "SuspendedUser"
DOCUMENT = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "SuspendedUser",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*"
        }
    ]
}"""


def held(found: Permissions) -> bool:
    """Whether the policy is among those that a user has, as far as they may be read."""
    return any(row.name == NAME and not (row.arn or row.group) for row in found.rows)


def suspend(user_name: str) -> Step:
    """The step that denies the user everything, from the next request on."""
    return step(
        f"Suspend user {user_name}",
        "iam:PutUserPolicy",
        user_name=user_name,
        policy_name=NAME,
        policy_document=DOCUMENT,
    )


def resume(user_name: str) -> Step:
    """The step that takes this back."""
    label = f"End the suspension of user {user_name}"
    return step(label, "iam:DeleteUserPolicy", user_name=user_name, policy_name=NAME)
