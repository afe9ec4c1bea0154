"""Answers about the versions of managed policies."""

from __future__ import annotations

from accounts.actions.policy_versions import Version
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def version(version: Version) -> Members:
    """A version, with its document where the action brought it."""
    text = version.document
    return {
        "Document": members.document(text) if text is not None else None,
        "VersionId": version.version_id,
        "IsDefaultVersion": version.is_default,
        "CreateDate": version.created_at,
    }


def _one(found: Version) -> Members:
    return {"PolicyVersion": version(found)}


def _list(found: Page[Version]) -> Members:
    return members.page(found, "Versions", version)


ANSWERS: dict[str, Answer] = {
    "iam:CreatePolicyVersion": _one,
    "iam:GetPolicyVersion": _one,
    "iam:ListPolicyVersions": _list,
}
