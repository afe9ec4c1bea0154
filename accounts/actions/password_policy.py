"""The account's password policy."""

from __future__ import annotations

from accounts import arns
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import NoSuchEntity
from accounts.models import PasswordPolicy
from accounts.passwords import policy_of
from accounts.types import Flag, MaxAge, MinimumLength, ReusePrevention


@action("iam:GetAccountPasswordPolicy", resource=arns.everything, read_only=True)
def get_account_password_policy(caller: Caller, /) -> PasswordPolicy:
    """The custom policy. Raises NoSuchEntity where IAM's default applies."""
    return _present(caller)


@action("iam:UpdateAccountPasswordPolicy", resource=arns.everything)
def update_account_password_policy(
    caller: Caller,
    /,
    *,
    minimum_password_length: MinimumLength = 6,
    require_symbols: Flag = False,
    require_numbers: Flag = False,
    require_uppercase_characters: Flag = False,
    require_lowercase_characters: Flag = False,
    allow_users_to_change_password: Flag = False,
    max_password_age: MaxAge | None = None,
    password_reuse_prevention: ReusePrevention | None = None,
    hard_expiry: Flag = False,
) -> None:
    """Set the whole policy: what is left out goes back to its default, as in AWS.

    Expiry holds at once, also for passwords that are older already; the rest at the next change.
    """
    PasswordPolicy.objects.update_or_create(
        account=caller.home,
        defaults={
            "minimum_password_length": minimum_password_length,
            "require_symbols": require_symbols,
            "require_numbers": require_numbers,
            "require_uppercase_characters": require_uppercase_characters,
            "require_lowercase_characters": require_lowercase_characters,
            "allow_users_to_change_password": allow_users_to_change_password,
            "max_password_age": max_password_age,
            "password_reuse_prevention": password_reuse_prevention,
            "hard_expiry": hard_expiry,
        },
    )


@action("iam:DeleteAccountPasswordPolicy", resource=arns.everything)
def delete_account_password_policy(caller: Caller, /) -> None:
    """Go back to IAM's default policy."""
    _present(caller).delete()


def _present(caller: Caller) -> PasswordPolicy:
    policy = policy_of(caller.home)
    if policy is None:
        raise NoSuchEntity(
            f"The Password Policy with domain name {caller.home.id} cannot be found."
        )
    return policy
