"""Answers about instance profiles."""

from __future__ import annotations

from accounts.models import InstanceProfile
from accounts.paging import Page
from iamconsole.answers import members, roles
from iamconsole.answers.members import Answer, Members


def listed_profile(profile: InstanceProfile) -> Members:
    """An instance profile as lists show it: AWS leaves out the tags there."""
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.unique_id,
        "Arn": profile.arn,
        "CreateDate": profile.created_at,
        "Roles": [roles.bare_role(profile.role)] if profile.role else [],
    }


def _new(made: InstanceProfile) -> Members:
    return {"InstanceProfile": {**listed_profile(made), "Tags": members.tags(made.tags)}}


def _one(found: InstanceProfile) -> Members:
    return {"InstanceProfile": {**listed_profile(found), "Tags": members.all_tags(found.tags)}}


def _list(found: Page[InstanceProfile]) -> Members:
    return members.page(found, "InstanceProfiles", listed_profile)


ANSWERS: dict[str, Answer] = {
    "iam:CreateInstanceProfile": _new,
    "iam:GetInstanceProfile": _one,
    "iam:ListInstanceProfiles": _list,
    "iam:ListInstanceProfilesForRole": _list,
    "iam:ListInstanceProfileTags": members.tags_page,
}
