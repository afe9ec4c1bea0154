"""The account's password policy: no partial update, AWS's errors, and who may see it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.actions import login_profiles, password_policy, users
from accounts.caller import Caller
from accounts.errors import AccessDenied, NoSuchEntity, PasswordPolicyViolation
from accounts.models import Account, Event, PasswordPolicy

EVERYTHING: dict[str, Any] = {
    "minimum_password_length": 14,
    "require_symbols": True,
    "require_numbers": True,
    "require_uppercase_characters": True,
    "require_lowercase_characters": True,
    "allow_users_to_change_password": True,
    "max_password_age": 90,
    "password_reuse_prevention": 5,
    "hard_expiry": True,
}


def test_without_a_custom_policy_there_is_none_to_read_or_delete(root: Caller):
    for ask in (
        password_policy.get_account_password_policy,
        password_policy.delete_account_password_policy,
    ):
        with pytest.raises(NoSuchEntity) as refused:
            ask(root)
        assert refused.value.message == (
            "The Password Policy with domain name 111122223333 cannot be found."
        )


def test_everything_that_was_set_is_read_back(root: Caller):
    password_policy.update_account_password_policy(root, **EVERYTHING)
    found = password_policy.get_account_password_policy(root)
    assert {name: getattr(found, name) for name in EVERYTHING} == EVERYTHING
    assert found.expire_passwords


def test_what_is_left_out_of_an_update_goes_back_to_its_default(root: Caller):
    password_policy.update_account_password_policy(root, **EVERYTHING)
    password_policy.update_account_password_policy(root, require_numbers=True)
    found = password_policy.get_account_password_policy(root)
    assert {name: getattr(found, name) for name in EVERYTHING} == {
        "minimum_password_length": 6,
        "require_symbols": False,
        "require_numbers": True,
        "require_uppercase_characters": False,
        "require_lowercase_characters": False,
        "allow_users_to_change_password": False,
        "max_password_age": None,
        "password_reuse_prevention": None,
        "hard_expiry": False,
    }
    assert not found.expire_passwords


def test_deleting_it_brings_the_default_back(root: Caller):
    password_policy.update_account_password_policy(root, minimum_password_length=6)
    users.create_user(root, user_name="carol")
    users.create_user(root, user_name="dave")
    login_profiles.create_login_profile(root, user_name="carol", password="weak--")
    password_policy.delete_account_password_policy(root)
    with pytest.raises(PasswordPolicyViolation):
        login_profiles.create_login_profile(root, user_name="dave", password="weak--")


def test_a_stricter_policy_leaves_passwords_that_are_in_use_alone(root: Caller):
    users.create_user(root, user_name="carol")
    login_profiles.create_login_profile(root, user_name="carol", password="Fine-4-now")
    password_policy.update_account_password_policy(root, minimum_password_length=30)
    login_profiles.update_login_profile(root, user_name="carol", password_reset_required=True)
    with pytest.raises(PasswordPolicyViolation):
        login_profiles.update_login_profile(root, user_name="carol", password="Fine-4-now")


def test_it_holds_in_its_own_account_only(root: Caller, eve: Caller):
    password_policy.update_account_password_policy(root, minimum_password_length=30)
    with pytest.raises(NoSuchEntity, match="444455556666"):
        password_policy.get_account_password_policy(eve)
    users.create_user(eve, user_name="mallory")
    login_profiles.create_login_profile(eve, user_name="mallory", password="Fine-4-now")
    with pytest.raises(NoSuchEntity):
        password_policy.delete_account_password_policy(eve)
    assert PasswordPolicy.objects.count() == 1


def test_a_user_without_permission_neither_sees_nor_changes_it(root: Caller, alice: Caller):
    password_policy.update_account_password_policy(root, **EVERYTHING)
    for ask in (
        password_policy.get_account_password_policy,
        password_policy.update_account_password_policy,
        password_policy.delete_account_password_policy,
    ):
        with pytest.raises(AccessDenied):
            ask(alice)
    assert PasswordPolicy.objects.get().minimum_password_length == 14
    assert Event.objects.filter(outcome="denied", principal_arn=alice.arn).count() == 3


@pytest.mark.parametrize(
    "impossible",
    [
        {"minimum_password_length": 5},
        {"minimum_password_length": 129},
        {"max_password_age": 0},
        {"max_password_age": 1096},
        {"password_reuse_prevention": 0},
        {"password_reuse_prevention": 25},
    ],
)
def test_the_database_holds_no_impossible_policy(account: Account, impossible: dict[str, int]):
    with pytest.raises(IntegrityError), transaction.atomic():
        PasswordPolicy.objects.create(account=account, **impossible)
