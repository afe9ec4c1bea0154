"""Answers about access keys."""

from __future__ import annotations

from accounts.actions.access_keys import NewAccessKey
from accounts.models import AccessKey
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members

#: What IAM answers where a key was never used.
_NEVER = "N/A"


def _key(key: AccessKey) -> Members:
    return {
        "UserName": key.user.name if key.user else None,
        "AccessKeyId": key.access_key_id,
        "Status": key.status,
        "CreateDate": key.created_at,
    }


def _new(made: NewAccessKey) -> Members:
    return {"AccessKey": {**_key(made.key), "SecretAccessKey": made.secret}}


def _list(found: Page[AccessKey]) -> Members:
    return members.page(found, "AccessKeyMetadata", _key)


def _last_used(key: AccessKey) -> Members:
    return {
        "UserName": key.user.name if key.user else None,
        "AccessKeyLastUsed": {
            "LastUsedDate": key.last_used_at,
            "ServiceName": key.last_used_service or _NEVER,
            "Region": key.last_used_region or _NEVER,
        },
    }


ANSWERS: dict[str, Answer] = {
    "iam:CreateAccessKey": _new,
    "iam:GetAccessKeyLastUsed": _last_used,
    "iam:ListAccessKeys": _list,
}
