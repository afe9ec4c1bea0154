"""Answers about the account's password policy."""

from __future__ import annotations

from accounts.models import PasswordPolicy
from iamconsole.answers.members import Answer, Members


def _one(policy: PasswordPolicy) -> Members:
    return {
        "PasswordPolicy": {
            "MinimumPasswordLength": policy.minimum_password_length,
            "RequireSymbols": policy.require_symbols,
            "RequireNumbers": policy.require_numbers,
            "RequireUppercaseCharacters": policy.require_uppercase_characters,
            "RequireLowercaseCharacters": policy.require_lowercase_characters,
            "AllowUsersToChangePassword": policy.allow_users_to_change_password,
            "ExpirePasswords": policy.expire_passwords,
            "MaxPasswordAge": policy.max_password_age,
            "PasswordReusePrevention": policy.password_reuse_prevention,
            "HardExpiry": policy.hard_expiry,
        }
    }


ANSWERS: dict[str, Answer] = {"iam:GetAccountPasswordPolicy": _one}
