"""Answers about login profiles."""

from __future__ import annotations

from accounts.models import Login
from iamconsole.answers.members import Answer, Members


def _one(login: Login) -> Members:
    return {
        "LoginProfile": {
            "UserName": login.user.name if login.user else None,
            "CreateDate": login.created_at,
            "PasswordResetRequired": login.password_reset_required,
        }
    }


ANSWERS: dict[str, Answer] = {
    "iam:CreateLoginProfile": _one,
    "iam:GetLoginProfile": _one,
}
