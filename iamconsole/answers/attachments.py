"""Answers about managed policies that are attached to users, groups and roles."""

from __future__ import annotations

from accounts.models import Attachment
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def attached_policy(attachment: Attachment) -> Members:
    """An attached policy: its name and its ARN."""
    return {"PolicyName": attachment.policy_name, "PolicyArn": attachment.policy_arn}


def _list(found: Page[Attachment]) -> Members:
    return members.page(found, "AttachedPolicies", attached_policy)


ANSWERS: dict[str, Answer] = {
    "iam:ListAttachedGroupPolicies": _list,
    "iam:ListAttachedRolePolicies": _list,
    "iam:ListAttachedUserPolicies": _list,
}
