"""Answers about user groups and their members."""

from __future__ import annotations

from accounts.actions.groups import GroupWithUsers
from accounts.models import Group
from accounts.paging import Page
from iamconsole.answers import members, users
from iamconsole.answers.members import Answer, Members


def group(group: Group) -> Members:
    """A group."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.unique_id,
        "Arn": group.arn,
        "CreateDate": group.created_at,
    }


def _new(made: Group) -> Members:
    return {"Group": group(made)}


def _with_users(found: GroupWithUsers) -> Members:
    return {
        "Group": group(found.group),
        **members.page(found.users, "Users", users.listed_user),
    }


def _list(found: Page[Group]) -> Members:
    return members.page(found, "Groups", group)


ANSWERS: dict[str, Answer] = {
    "iam:CreateGroup": _new,
    "iam:GetGroup": _with_users,
    "iam:ListGroups": _list,
    "iam:ListGroupsForUser": _list,
}
