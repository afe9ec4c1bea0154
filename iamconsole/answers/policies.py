"""Answers about managed policies."""

from __future__ import annotations

from accounts.actions.policies import PolicyInUse
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def listed_policy(policy: PolicyInUse) -> Members:
    """A policy as lists show it: AWS leaves out description and tags there."""
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": policy.default_version_id,
        "AttachmentCount": policy.attachment_count,
        "PermissionsBoundaryUsageCount": policy.boundary_count,
        "IsAttachable": policy.is_attachable,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
    }


def _new(made: PolicyInUse) -> Members:
    return {"Policy": {**listed_policy(made), "Tags": members.tags(made.tags)}}


def _one(found: PolicyInUse) -> Members:
    return {
        "Policy": {
            **listed_policy(found),
            "Description": found.description or None,
            "Tags": members.all_tags(found.tags),
        }
    }


def _list(found: Page[PolicyInUse]) -> Members:
    return members.page(found, "Policies", listed_policy)


ANSWERS: dict[str, Answer] = {
    "iam:CreatePolicy": _new,
    "iam:GetPolicy": _one,
    "iam:ListPolicies": _list,
    "iam:ListPolicyTags": members.tags_page,
}
