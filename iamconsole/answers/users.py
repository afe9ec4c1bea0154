"""Answers about users."""

from __future__ import annotations

from accounts.models import Account, User
from accounts.paging import Page
from accounts.types import Tag
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def listed_user(user: User) -> Members:
    """A user as lists show it: AWS leaves out tags and boundary there."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.unique_id,
        "Arn": user.arn,
        "CreateDate": user.created_at,
        "PasswordLastUsed": user.password_last_used,
    }


def user(user: User) -> Members:
    """A user with all that IAM tells of it."""
    return {
        **listed_user(user),
        "PermissionsBoundary": members.boundary(user),
        "Tags": members.tags(user.tags),
    }


def root_user(account: Account) -> Members:
    """The root user, whom GetUser shows to itself: no path, and the account's alias for a name."""
    return {
        "UserName": account.alias,
        "UserId": account.id,
        "Arn": account.root_arn,
        "CreateDate": account.created_at,
    }


def _one(found: User | Account) -> Members:
    return {"User": user(found) if isinstance(found, User) else root_user(found)}


def _list(found: Page[User]) -> Members:
    return members.page(found, "Users", listed_user)


def _tags(found: Page[Tag]) -> Members:
    return members.page(found, "Tags", members.tag)


ANSWERS: dict[str, Answer] = {
    "iam:CreateUser": _one,
    "iam:GetUser": _one,
    "iam:ListUsers": _list,
    "iam:ListUserTags": _tags,
}
