"""The security checklist: what a new account should do first, and where it stands.

The classic five are those of the console's first decade; today's recommendations are what replaced
them. Both are read off the results of actions, so nobody sees more here than policies let them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.actions.account import AccountSummary
from accounts.models import AccessKey

UNUSED = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One row: what to do, whether it is done, why it matters, and which page does it.

    `done` is nothing where the caller may not know; `needs` is then the action that would tell.
    """

    name: str
    title: str
    done: bool | None
    why: str
    button: str
    #: The page that does it, by its name; where it is, the face knows.
    page: str
    needs: str = ""
    #: Whether only the root user can do it.
    by_root: bool = False


def classic(summary: AccountSummary, *, has_password_policy: bool | None) -> list[Recommendation]:
    """The five steps of the classic console, in its order.

    `has_password_policy` is nothing where the caller may not read the policy.
    """
    return [
        Recommendation(
            "root-keys",
            "Delete your root access keys",
            not summary.account_access_keys_present,
            "A root key can do anything in the account, and no policy can limit it.",
            "Manage security credentials",
            "security-credentials",
            by_root=True,
        ),
        Recommendation(
            "root-mfa",
            "Activate MFA on your root account",
            summary.account_mfa_enabled,
            "With MFA, a stolen root password alone opens nothing.",
            "Manage MFA",
            "security-credentials",
            by_root=True,
        ),
        Recommendation(
            "users",
            "Create individual IAM users",
            summary.users > 0,
            "With a user for each person, you see who did what, and the root user can rest.",
            "Manage users",
            "users",
        ),
        Recommendation(
            "groups",
            "Use groups to assign permissions",
            summary.groups > 0,
            "Permissions given to a group hold for everybody in it and change in one place.",
            "Manage groups",
            "groups",
        ),
        Recommendation(
            "password-policy",
            "Apply an IAM password policy",
            has_password_policy,
            "A policy of your own decides how long passwords are and when they run out.",
            "Manage password policy",
            "account-settings",
            needs="iam:GetAccountPasswordPolicy",
        ),
    ]


def for_root(summary: AccountSummary) -> list[Recommendation]:
    """Today's recommendations about the root user."""
    mfa = summary.account_mfa_enabled
    keys = summary.root_active_keys > 0
    return [
        Recommendation(
            "root-has-mfa",
            "Root user has MFA" if mfa else "Add MFA for root user",
            mfa,
            "Multi-factor authentication for the root user protects the whole account.",
            "Add MFA",
            "security-credentials",
            by_root=True,
        ),
        Recommendation(
            "root-has-no-active-keys",
            "Deactivate or delete access keys for root user"
            if keys
            else "Root user has no active access keys",
            not keys,
            "Keys of an IAM user can be limited; keys of the root user can't.",
            "Manage access keys",
            "security-credentials",
            by_root=True,
        ),
    ]


def for_user(
    name: str, *, has_mfa: bool | None, keys: Iterable[AccessKey] | None, now: datetime
) -> list[Recommendation]:
    """Today's recommendations to the IAM user who is looking.

    `has_mfa` and `keys` are nothing where the user may not even list his own.
    """
    unused = None if keys is None else any(_is_unused(key, now) for key in keys)
    return [
        Recommendation(
            "you-have-mfa",
            "You have MFA" if has_mfa else "Add MFA for yourself",
            has_mfa,
            "With MFA, a stolen password alone does not open the console.",
            "Add MFA",
            "security-credentials",
            needs="iam:ListMFADevices",
        ),
        Recommendation(
            "no-unused-keys",
            f"Your user, {name}, does not have any active access keys that have been unused "
            "for more than a year."
            if unused is False
            else "Deactivate or delete unused access keys",
            None if unused is None else not unused,
            "A key that nobody uses is missed by nobody when it is stolen.",
            "Manage access keys",
            "security-credentials",
            needs="iam:ListAccessKeys",
        ),
    ]


def _is_unused(key: AccessKey, now: datetime) -> bool:
    return key.is_active and (key.last_used_at or key.created_at) < now - UNUSED
