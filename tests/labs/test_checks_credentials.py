"""Passwords, MFA devices, access keys and the password policy, as checks judge them."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actions import access_keys, login_profiles, password_policy
from accounts.caller import Caller
from accounts.models import Account
from iamconsole.labs.checks.world import World
from tests.accounts import devices
from tests.labs.asked import ask, world_of


@pytest.fixture
def world(account: Account, root: Caller, alice: Caller, bob: Caller) -> World:
    """Alice has a password, a device and two keys; bob has a password that he must change."""
    login_profiles.create_login_profile(root, user_name="alice", password="Correct-horse-9")
    login_profiles.create_login_profile(
        root, user_name="bob", password="Correct-horse-9", password_reset_required=True
    )
    devices.enable(root, devices.make(root), "alice")
    access_keys.create_access_key(root, user_name="alice")
    second = access_keys.create_access_key(root, user_name="alice").key.access_key_id
    access_keys.update_access_key(root, user_name="alice", access_key_id=second, status="Inactive")
    return world_of(account)


JUDGED: list[tuple[str, dict[str, Any], bool, str]] = [
    ("mfa_enabled", {"principal": "user/alice"}, True, "alice has 1 MFA device: phone."),
    ("mfa_enabled", {"principal": "user/bob"}, False, "bob has no MFA device."),
    ("mfa_enabled", {"principal": "user/*"}, False, "bob has no MFA device."),
    ("mfa_enabled", {"principal": "root"}, False, "The root user has no MFA device."),
    ("mfa_enabled", {"principal": "user/zoe"}, False, "There is no user zoe."),
    ("login_profile", {"user": "alice"}, True, "alice has a password, and need not"),
    ("login_profile", {"user": "alice", "reset_required": False}, True, ""),
    ("login_profile", {"user": "alice", "reset_required": True}, False, "and need not choose"),
    ("login_profile", {"user": "bob", "reset_required": True}, True, "must choose a new one."),
    ("login_profile", {"user": "admin"}, False, "There is no user admin."),
    ("key_count", {"user": "alice", "count": 2}, True, "alice has 2 access keys: AKIA"),
    ("key_count", {"user": "alice", "status": "Active", "count": 1}, True, "1 active access key"),
    ("key_count", {"user": "alice", "status": "Inactive", "at_most": 0}, False, "1 inactive"),
    ("key_count", {"user": "bob", "count": 0}, True, "bob has no access key."),
    ("key_count", {"user": "bob", "at_least": 1}, False, "bob has no access key."),
    ("key_count", {"root": True, "count": 0}, True, "The root user has no access key."),
    ("key_count", {"user": "zoe", "count": 0}, False, "There is no user zoe."),
    ("key_status", {"key": "AKIANOTTHERE", "status": "Deleted"}, True, "It is deleted."),
    ("key_status", {"key": "AKIANOTTHERE", "status": "Active"}, False, "It is deleted."),
]


def test_each_check_of_credentials_says_what_it_found(world: World):
    for verb, arguments, holds, part in JUDGED:
        found = ask(world, verb, **arguments)
        assert (found.holds, part in found.found) == (holds, True), (verb, arguments, found)


def test_a_key_is_active_inactive_or_deleted(world: World, root: Caller, bob: Caller, eve: Caller):
    key = access_keys.create_access_key(root, user_name="bob").key.access_key_id
    foreign = access_keys.create_access_key(eve, user_name="eve").key.access_key_id
    assert ask(world, "key_status", key=key, status="Active").holds
    access_keys.update_access_key(root, user_name="bob", access_key_id=key, status="Inactive")
    assert ask(world, "key_status", key=key, status="Inactive").holds
    assert not ask(world, "key_status", key=key, status="Deleted").holds
    assert ask(world, "key_status", key=foreign, status="Deleted").holds


def test_the_root_users_device_and_key_are_its_own(account: Account, root: Caller, world: World):
    access_keys.create_access_key(root)
    assert ask(world, "key_count", root=True, count=1).holds
    assert not ask(world, "mfa_enabled", principal="root").holds


def test_the_account_needs_a_password_policy_of_its_own(world: World):
    found = ask(world, "password_policy")
    assert not found.holds
    assert found.found == "The account has AWS's default password policy."


POLICIES: list[tuple[dict[str, Any], bool, str]] = [
    ({}, True, "as strict as that"),
    ({"minimum_length": 14}, True, ""),
    ({"minimum_length": 15}, False, "14 characters are enough"),
    ({"symbols": True, "numbers": True}, True, ""),
    ({"uppercase": True}, False, "it is not so that an upper-case letter is required"),
    ({"uppercase": False, "lowercase": False}, True, ""),
    ({"users_may_change": True}, True, ""),
    ({"hard_expiry": True}, False, "only an administrator renews"),
    ({"max_age": 90}, True, ""),
    ({"max_age": 60}, False, "passwords expire after 90 days"),
    ({"reuse": 5}, True, ""),
    ({"reuse": 6}, False, "only the last 5 can't be used again"),
]


def test_a_policy_may_be_stricter_but_not_looser(world: World, root: Caller):
    password_policy.update_account_password_policy(
        root,
        minimum_password_length=14,
        require_symbols=True,
        require_numbers=True,
        allow_users_to_change_password=True,
        max_password_age=90,
        password_reuse_prevention=5,
    )
    for arguments, holds, part in POLICIES:
        found = ask(world, "password_policy", **arguments)
        assert (found.holds, part in found.found) == (holds, True), (arguments, found)
    password_policy.update_account_password_policy(root)
    found = ask(world, "password_policy", max_age=90, reuse=1)
    assert "passwords never expire and old ones can be used again" in found.found
