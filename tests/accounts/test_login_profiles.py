"""Login profiles: AWS's codes and sentences, and what becomes of the password."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection

from accounts import passwords, signin
from accounts.actions import access_keys, login_profiles, password_policy, users
from accounts.caller import Caller
from accounts.errors import (
    AccessDenied,
    EntityAlreadyExists,
    InvalidInput,
    InvalidUserType,
    NoSuchEntity,
    PasswordPolicyViolation,
    ValidationError,
)
from accounts.models import Event, Login, PasswordHistory
from tests.cast import CallerWith, allow, arn

FIRST, SECOND, THIRD = "First-1-password", "Second-2-password", "Third-3-password"


@pytest.fixture
def carol(root: Caller) -> Login:
    """A user with a password."""
    users.create_user(root, user_name="carol")
    return login_profiles.create_login_profile(root, user_name="carol", password=FIRST)


@pytest.fixture
def alice_with_password(root: Caller, caller_with: CallerWith) -> Caller:
    """A user with a password and the right to change it."""
    alice = caller_with(allow("iam:ChangePassword", on=arn("user/${aws:username}")))
    login_profiles.create_login_profile(
        root, user_name="alice", password=FIRST, password_reset_required=True
    )
    return alice


def stored() -> Login:
    return Login.objects.get()


# --- Create, get, update, delete -----------------------------------------------------------------


def test_a_user_gets_a_password_once(root: Caller, carol: Login):
    assert check_password(FIRST, stored().password)
    assert FIRST not in str(Login.objects.values().get())
    assert not carol.password_reset_required
    assert carol.created_at == carol.password_changed_at == root.now
    with pytest.raises(EntityAlreadyExists) as refused:
        login_profiles.create_login_profile(root, user_name="CAROL", password=SECOND)
    assert refused.value.message == "Login Profile for user carol already exists."
    assert check_password(FIRST, stored().password)


def test_a_first_password_may_have_to_be_changed(root: Caller, carol: Login):
    users.create_user(root, user_name="dave")
    made = login_profiles.create_login_profile(
        root, user_name="dave", password=FIRST, password_reset_required=True
    )
    assert made.password_reset_required


def test_a_login_profile_needs_a_user_and_a_password(root: Caller):
    with pytest.raises(NoSuchEntity) as refused:
        login_profiles.create_login_profile(root, user_name="nobody", password=FIRST)
    assert refused.value.message == "The user with name nobody cannot be found."
    users.create_user(root, user_name="dave")
    with pytest.raises(ValidationError) as wrong:
        login_profiles.create_login_profile(root, user_name="dave")
    assert wrong.value.argument == "password"
    assert not Login.objects.exists()


def test_without_a_name_the_caller_is_meant_and_root_is_no_user(root: Caller, admin: Caller):
    made = login_profiles.create_login_profile(admin, password=FIRST)
    assert made.user == admin.user
    assert login_profiles.get_login_profile(admin) == made
    login_profiles.delete_login_profile(admin)
    for ask in (login_profiles.get_login_profile, login_profiles.delete_login_profile):
        with pytest.raises(ValidationError, match="Must specify userName when calling with non-"):
            ask(root)
    with pytest.raises(ValidationError, match="Must specify userName when calling with non-User"):
        login_profiles.create_login_profile(root, password=FIRST)


def test_what_is_not_there_cannot_be_read_changed_or_deleted(root: Caller):
    users.create_user(root, user_name="carol")
    for ask in (
        login_profiles.get_login_profile,
        login_profiles.delete_login_profile,
        login_profiles.update_login_profile,
    ):
        with pytest.raises(NoSuchEntity) as refused:
            ask(root, user_name="carol")
        assert refused.value.message == "Login Profile for User carol cannot be found."
        with pytest.raises(NoSuchEntity, match="The user with name nobody cannot be found"):
            ask(root, user_name="nobody")


def test_an_update_changes_only_what_is_given(root: Caller, carol: Login):
    login_profiles.update_login_profile(root, user_name="carol", password_reset_required=True)
    assert stored().password_reset_required
    assert check_password(FIRST, stored().password)
    login_profiles.update_login_profile(root, user_name="carol", password=SECOND)
    assert check_password(SECOND, stored().password)
    assert stored().password_reset_required
    login_profiles.update_login_profile(root, user_name="carol")
    login_profiles.update_login_profile(root, user_name="carol", password_reset_required=False)
    assert not stored().password_reset_required
    assert check_password(SECOND, stored().password)


def test_a_password_set_by_somebody_else_ends_the_sessions(root: Caller, carol: Login):
    before = stored().get_session_auth_hash()
    login_profiles.update_login_profile(root, user_name="carol", password_reset_required=True)
    assert stored().get_session_auth_hash() == before
    login_profiles.update_login_profile(root, user_name="carol", password=SECOND)
    assert stored().get_session_auth_hash() != before


def test_deleting_it_takes_the_password_and_leaves_the_keys(root: Caller, carol: Login):
    key = access_keys.create_access_key(root, user_name="carol").key
    login_profiles.delete_login_profile(root, user_name="carol")
    assert not Login.objects.exists()
    assert not PasswordHistory.objects.exists()
    assert signin.Sessions().get_user(carol.pk) is None
    key.refresh_from_db()
    assert key.is_active


def test_a_new_login_never_has_the_number_of_a_deleted_one(root: Caller, carol: Login):
    login_profiles.delete_login_profile(root, user_name="carol")
    again = login_profiles.create_login_profile(root, user_name="carol", password=FIRST)
    assert again.pk != carol.pk, "a session of the old one must not open the new one"


@pytest.mark.parametrize(
    "password", ["short", "alllowercase", "x" * 129, "p\u0105ssw\u00f3rd-1A", ""]
)
def test_a_password_that_will_not_do_changes_nothing(root: Caller, carol: Login, password: str):
    users.create_user(root, user_name="dave")
    with pytest.raises((PasswordPolicyViolation, ValidationError)) as refused:
        login_profiles.create_login_profile(root, user_name="dave", password=password)
    assert refused.value.argument == "password"
    with pytest.raises((PasswordPolicyViolation, ValidationError)):
        login_profiles.update_login_profile(root, user_name="carol", password=password)
    assert check_password(FIRST, stored().password)


def test_the_policy_in_force_decides_also_for_administrators(root: Caller, carol: Login):
    password_policy.update_account_password_policy(
        root, minimum_password_length=20, password_reuse_prevention=2
    )
    with pytest.raises(PasswordPolicyViolation, match="Between 20 and 128"):
        login_profiles.update_login_profile(root, user_name="carol", password=SECOND)
    longer = SECOND + "-and-longer"
    login_profiles.update_login_profile(root, user_name="carol", password=longer)
    with pytest.raises(PasswordPolicyViolation, match="one of the last 2 passwords"):
        login_profiles.update_login_profile(root, user_name="carol", password=longer)


# --- ChangePassword ------------------------------------------------------------------------------


def test_one_changes_ones_own_password_knowing_the_old_one(alice_with_password: Caller):
    before = stored().get_session_auth_hash()
    made = login_profiles.change_password(
        alice_with_password, old_password=FIRST, new_password=SECOND
    )
    assert check_password(SECOND, stored().password)
    assert not stored().password_reset_required, "it was what the first sign-in asked for"
    assert made.get_session_auth_hash() == stored().get_session_auth_hash() != before


def test_a_wrong_old_password_changes_nothing(alice_with_password: Caller):
    with pytest.raises(InvalidInput) as refused:
        login_profiles.change_password(alice_with_password, old_password=SECOND, new_password=THIRD)
    assert refused.value.argument == "old_password"
    assert check_password(FIRST, stored().password)
    assert stored().password_reset_required


def test_the_new_password_must_differ_and_obey_the_policy(alice_with_password: Caller):
    for new in (FIRST, "weak"):
        with pytest.raises(PasswordPolicyViolation) as refused:
            login_profiles.change_password(
                alice_with_password, old_password=FIRST, new_password=new
            )
        assert refused.value.argument == "new_password"
        assert refused.value.rules
    assert check_password(FIRST, stored().password)


def test_whoever_guesses_the_old_password_is_slowed_down(alice_with_password: Caller):
    for _ in range(6):
        with pytest.raises(InvalidInput):
            login_profiles.change_password(
                alice_with_password, old_password="Wr0ng-guess", new_password=SECOND
            )
    with pytest.raises(InvalidInput):
        login_profiles.change_password(alice_with_password, old_password=FIRST, new_password=SECOND)
    later = replace(alice_with_password, now=alice_with_password.now + timedelta(minutes=16))
    login_profiles.change_password(later, old_password=FIRST, new_password=SECOND)


def test_root_and_users_without_a_password_have_none_to_change(
    root: Caller, caller_with: CallerWith
):
    with pytest.raises(InvalidUserType) as refused:
        login_profiles.change_password(root, old_password=FIRST, new_password=SECOND)
    assert refused.value.message == "Only IAM Users can change their own password."
    alice = caller_with(allow("*"))
    with pytest.raises(NoSuchEntity, match="Login Profile for User alice cannot be found"):
        login_profiles.change_password(alice, old_password=FIRST, new_password=SECOND)


def test_who_may_not_change_it_learns_nothing_of_the_old_one(root: Caller, alice: Caller):
    login_profiles.create_login_profile(root, user_name="alice", password=FIRST)
    for old in (FIRST, SECOND):
        with pytest.raises(AccessDenied):
            login_profiles.change_password(alice, old_password=old, new_password=THIRD)


def test_no_password_is_in_any_event(root: Caller, alice_with_password: Caller, carol: Login):
    login_profiles.change_password(alice_with_password, old_password=FIRST, new_password=SECOND)
    login_profiles.update_login_profile(root, user_name="carol", password=THIRD)
    for wrong in ("weak-secret", "\u4e00secret"):
        with pytest.raises((PasswordPolicyViolation, ValidationError)):
            login_profiles.update_login_profile(root, user_name="carol", password=wrong)
    recorded = str(list(Event.objects.values()))
    for secret in (FIRST, SECOND, THIRD, "secret"):
        assert secret not in recorded
    assert stored_hash_is_absent(recorded)


def stored_hash_is_absent(recorded: str) -> bool:
    """Hashes are no secrets to show either."""
    return all(login.password not in recorded for login in Login.objects.all())


def test_hashing_takes_no_write_lock(root: Caller, carol: Login, monkeypatch: Any):
    depth = len(connection.savepoint_ids)
    seen: list[int] = []
    genuine = passwords.prepare

    def spied(*args: Any, **more: Any) -> Any:
        seen.append(len(connection.savepoint_ids))
        return genuine(*args, **more)

    monkeypatch.setattr(passwords, "prepare", spied)
    login_profiles.update_login_profile(root, user_name="carol", password=SECOND)
    assert seen == [depth]
