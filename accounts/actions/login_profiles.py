"""Login profiles: the passwords with which IAM users sign in to the console."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.auth.hashers import identify_hasher

from accounts import passwords, throttle
from accounts.actions import shared
from accounts.actions.registry import FROM_PREPARE, action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import (
    EntityAlreadyExists,
    InvalidInput,
    InvalidUserType,
    NoSuchEntity,
    PasswordPolicyViolation,
    ValidationError,
)
from accounts.models import Login, User
from accounts.types import Flag, Password, UserName


def _for_user(
    caller: Caller, *, user_name: str | None = None, password: str | None = None, **_: Any
) -> passwords.NewPassword | None:
    """Check and hash a password that somebody sets for a user."""
    user = shared.user_meant(caller, user_name)
    if password is None:
        return None
    login = Login.objects.filter(user=user).first()
    return passwords.prepare(caller.home, login, password, argument="password")


@action(
    "iam:CreateLoginProfile",
    resource=shared.user_resource,
    secrets=("password",),
    prepare=_for_user,
)
def create_login_profile(
    caller: Caller,
    /,
    *,
    user_name: UserName | None = None,
    password: Password | None = None,
    password_reset_required: Flag = False,
    prepared: passwords.NewPassword | None = FROM_PREPARE,
) -> Login:
    """Give a user a password and so access to the console."""
    user = shared.user_meant(caller, user_name)
    if prepared is None:
        raise ValidationError("A login profile needs a password.", argument="password")
    if Login.objects.filter(user=user).exists():
        raise EntityAlreadyExists(
            f"Login Profile for user {user.name} already exists.", argument="user_name"
        )
    login = passwords.new_login(caller.home, user, prepared, caller.now)
    login.password_reset_required = password_reset_required
    login.save(update_fields=["password_reset_required"])
    return login


@action("iam:GetLoginProfile", resource=shared.user_resource, read_only=True)
def get_login_profile(caller: Caller, /, *, user_name: UserName | None = None) -> Login:
    """Whether and since when a user has a password, never the password."""
    return _login_of(shared.user_meant(caller, user_name))


@action(
    "iam:UpdateLoginProfile",
    resource=shared.user_resource,
    secrets=("password",),
    prepare=_for_user,
)
def update_login_profile(
    caller: Caller,
    /,
    *,
    user_name: UserName,
    password: Password | None = None,
    password_reset_required: Flag | None = None,
    prepared: passwords.NewPassword | None = FROM_PREPARE,
) -> None:
    """Set another password for a user, or whether it must be changed at the next sign-in.

    A new password ends the user's console sessions at their next request.
    """
    login = _login_of(shared.user_meant(caller, user_name))
    if prepared is not None:
        passwords.store(login, prepared, caller.now)
    if password_reset_required is not None:
        login.password_reset_required = password_reset_required
        login.save(update_fields=["password_reset_required"])


@action("iam:DeleteLoginProfile", resource=shared.user_resource)
def delete_login_profile(caller: Caller, /, *, user_name: UserName | None = None) -> None:
    """Take a user's console access away, with every session; access keys go on working."""
    _login_of(shared.user_meant(caller, user_name)).delete()


def _own_user(caller: Caller, **_: Any) -> Resource:
    return shared.user_resource(caller)


def _own_change(
    caller: Caller, *, old_password: str, new_password: str, **_: Any
) -> passwords.NewPassword:
    if caller.user is None:
        raise InvalidUserType("Only IAM Users can change their own password.")
    login = _login_of(caller.user)
    verify_old(login, old_password, caller)
    return changed(login, old_password, new_password)


@action(
    "iam:ChangePassword",
    resource=_own_user,
    secrets=("old_password", "new_password"),
    prepare=_own_change,
)
def change_password(
    caller: Caller,
    /,
    *,
    old_password: Password,
    new_password: Password,
    prepared: passwords.NewPassword = FROM_PREPARE,
) -> Login:
    """Change one's own password, knowing the old one. Every other session of the user ends."""
    if caller.user is None:
        raise InvalidUserType("Only IAM Users can change their own password.")
    login = _login_of(caller.user)
    passwords.store(login, prepared, caller.now)
    login.password_reset_required = False
    login.save(update_fields=["password_reset_required"])
    return login


def verify_old(login: Login, old_password: str, caller: Caller) -> None:
    """Raise InvalidInput unless this is the login's password; guessing is slowed down."""
    counters = throttle.change_counters(login.handle, caller.source_address)
    admitted = throttle.admit(counters, caller.now)
    right = identify_hasher(login.password).verify(old_password, login.password)
    throttle.settle(counters, caller.now, admitted=admitted, right=right)
    if not admitted or not right:
        raise InvalidInput("The old password was incorrect.", argument="old_password")


def changed(login: Login, old_password: str, new_password: str) -> passwords.NewPassword:
    """The new password, checked and hashed; it must not be the old one."""
    if new_password == old_password:
        sentence = "A password that differs from the one in use"
        raise PasswordPolicyViolation(
            f"Password does not conform to the account password policy. It needs: {sentence}.",
            argument="new_password",
            rules=(sentence,),
        )
    new = passwords.prepare(login.account, login, new_password, argument="new_password")
    return replace(new, replaces=login.password)


def _login_of(user: User) -> Login:
    login = Login.objects.select_related("account", "user").filter(user=user).first()
    if login is None:
        raise NoSuchEntity(
            f"Login Profile for User {user.name} cannot be found.", argument="user_name"
        )
    return login
