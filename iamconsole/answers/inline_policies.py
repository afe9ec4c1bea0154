"""Answers about inline policies."""

from __future__ import annotations

from accounts.models import InlinePolicy
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def _one(owner: str) -> Answer:
    """The policy with the name of its owner under the member `owner`."""

    def answer(found: InlinePolicy) -> Members:
        return {
            owner: found.identity.name,
            "PolicyName": found.name,
            "PolicyDocument": members.document(found.document),
        }

    return answer


def _names(found: Page[str]) -> Members:
    return members.page(found, "PolicyNames", str)


ANSWERS: dict[str, Answer] = {
    "iam:GetGroupPolicy": _one("GroupName"),
    "iam:GetRolePolicy": _one("RoleName"),
    "iam:GetUserPolicy": _one("UserName"),
    "iam:ListGroupPolicies": _names,
    "iam:ListRolePolicies": _names,
    "iam:ListUserPolicies": _names,
}
