"""Answers about who a caller is, whose a key is, and what a refusal meant."""

from __future__ import annotations

from accounts.actions.sts_identity import CallerIdentity
from iamconsole.answers.members import Answer, Members


def _identity(found: CallerIdentity) -> Members:
    return {"UserId": found.user_id, "Account": found.account, "Arn": found.arn}


def _account(account_id: str) -> Members:
    return {"Account": account_id}


def _decoded(text: str) -> Members:
    return {"DecodedMessage": text}


ANSWERS: dict[str, Answer] = {
    "sts:DecodeAuthorizationMessage": _decoded,
    "sts:GetAccessKeyInfo": _account,
    "sts:GetCallerIdentity": _identity,
}
