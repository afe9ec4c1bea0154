"""Answers about roles."""

from __future__ import annotations

from accounts.models import Role
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def bare_role(role: Role) -> Members:
    """A role as it stands inside an instance profile: who it is and whom it trusts."""
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.unique_id,
        "Arn": role.arn,
        "CreateDate": role.created_at,
        "AssumeRolePolicyDocument": members.document(role.trust_policy),
    }


def listed_role(role: Role) -> Members:
    """A role as lists show it: AWS leaves out tags, boundary and last use there."""
    return {
        **bare_role(role),
        "Description": role.description or None,
        "MaxSessionDuration": role.max_session_duration,
    }


def last_used(role: Role) -> Members:
    """When and where a role was last used; no members where it never was."""
    if role.last_used_at is None:
        return {}
    return {"LastUsedDate": role.last_used_at, "Region": role.last_used_region or None}


def new_role(role: Role) -> Members:
    """A role as whoever made it is told: without description and longest session, as in AWS."""
    return {
        **bare_role(role),
        "PermissionsBoundary": members.boundary(role),
        "Tags": members.tags(role.tags),
    }


def _new(made: Role) -> Members:
    return {"Role": new_role(made)}


def _one(found: Role) -> Members:
    return {
        "Role": {
            **listed_role(found),
            "PermissionsBoundary": members.boundary(found),
            "Tags": members.tags(found.tags),
            "RoleLastUsed": last_used(found),
        }
    }


def _described(changed: Role) -> Members:
    return {"Role": {**bare_role(changed), "Description": changed.description or None}}


def _list(found: Page[Role]) -> Members:
    return members.page(found, "Roles", listed_role)


ANSWERS: dict[str, Answer] = {
    "iam:CreateRole": _new,
    "iam:GetRole": _one,
    "iam:ListRoles": _list,
    "iam:ListRoleTags": members.tags_page,
    "iam:UpdateRoleDescription": _described,
}
