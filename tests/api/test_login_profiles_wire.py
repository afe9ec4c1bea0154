"""Login profiles and one's own password, by the SDK of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Login
from tests.api.refusals import refused
from tests.cast import CallerWith, allow

PASSWORD = "Correct-h0rse-battery"


@pytest.fixture
def ram(iam: Any) -> dict[str, Any]:
    """A user with a password that must be changed."""
    iam.create_user(UserName="ram")
    profile: dict[str, Any] = iam.create_login_profile(
        UserName="ram", Password=PASSWORD, PasswordResetRequired=True
    )["LoginProfile"]
    return profile


def test_a_login_profile_tells_since_when_it_is_there_and_never_the_password(iam, ram):
    assert ram.keys() == {"UserName", "CreateDate", "PasswordResetRequired"}
    assert (ram["UserName"], ram["PasswordResetRequired"]) == ("ram", True)
    assert iam.get_login_profile(UserName="ram")["LoginProfile"] == ram
    iam.update_login_profile(UserName="ram", PasswordResetRequired=False)
    found = iam.get_login_profile(UserName="ram")["LoginProfile"]
    assert found["PasswordResetRequired"] is False


def test_a_user_has_one_login_profile(iam, ram):
    message = "Login Profile for user ram already exists."
    with refused("EntityAlreadyExists", message, status=409):
        iam.create_login_profile(UserName="ram", Password=PASSWORD)


def test_a_login_profile_that_is_not_there_cannot_be_found(iam, ram):
    iam.delete_login_profile(UserName="ram")
    message = "Login Profile for User ram cannot be found."
    for name in ("get_login_profile", "delete_login_profile"):
        with refused("NoSuchEntity", message, status=404):
            getattr(iam, name)(UserName="ram")
    with refused("NoSuchEntity", message, status=404):
        iam.update_login_profile(UserName="ram", Password=PASSWORD)
    with refused("NoSuchEntity", "The user with name none cannot be found.", status=404):
        iam.get_login_profile(UserName="none")


def test_a_password_against_the_policy_is_refused(iam, ram):
    iam.update_account_password_policy(MinimumPasswordLength=30)
    with refused("PasswordPolicyViolation", status=400):
        iam.update_login_profile(UserName="ram", Password="too short")
    iam.create_user(UserName="sita")
    with refused("PasswordPolicyViolation", status=400):
        iam.create_login_profile(UserName="sita", Password="too short")
    assert Login.objects.count() == 1


def test_the_root_user_has_to_name_a_user(aws, root):
    message = "Must specify userName when calling with non-User credentials"
    with refused("ValidationError", message, status=400):
        aws(root).get_login_profile()


def test_people_change_their_own_password(aws, iam, caller_with: CallerWith):
    own = aws(caller_with(allow("iam:ChangePassword")))
    iam.create_login_profile(UserName="alice", Password=PASSWORD)
    with refused("InvalidInput", "The old password was incorrect.", status=400):
        own.change_password(OldPassword="wrong", NewPassword="Another-passw0rd")
    with refused("PasswordPolicyViolation", status=400):
        own.change_password(OldPassword=PASSWORD, NewPassword=PASSWORD)
    before = Login.objects.get().password
    own.change_password(OldPassword=PASSWORD, NewPassword="Another-passw0rd")
    assert Login.objects.get().password != before


def test_the_root_user_changes_no_password_here(aws, root):
    with refused("InvalidUserType", status=400):
        aws(root).change_password(OldPassword="a", NewPassword="Another-passw0rd")


def test_only_whoever_may_and_only_in_their_own_account(nobody, stranger, iam, ram):
    with refused("AccessDenied", status=403):
        nobody.delete_login_profile(UserName="ram")
    with refused("NoSuchEntity", "The user with name ram cannot be found.", status=404):
        stranger.delete_login_profile(UserName="ram")
    assert iam.get_login_profile(UserName="ram")["LoginProfile"] == ram
