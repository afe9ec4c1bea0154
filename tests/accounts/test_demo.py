"""The demo account: somebody for every story of the README, made like everything else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password

from accounts import authorize, demo, event_chain, instance, signin
from accounts import caller as callers
from accounts.actions import shared
from accounts.arns import Resource
from accounts.caller import Caller, Face
from accounts.models import Account, Event, Group, Login, Role, User
from tests.cast import caller_of


@pytest.fixture
def made(db: None) -> demo.Demo:
    """The demo account of a first start."""
    return demo.create()


def as_user(name: str) -> Caller:
    """Somebody of the demo account, signed in."""
    user = User.objects.select_related("account").get(name=name)
    return replace(caller_of(user), face=Face.CONSOLE, temporary=True)


def allowed(name: str, action: str, on: str = "*") -> bool:
    caller = as_user(name)
    return authorize.would_allow(caller, action, Resource(on, caller.home.id)).allowed


def test_everybody_who_is_printed_can_sign_in(made: demo.Demo, now: Any):
    assert set(made.passwords) == set(User.objects.values_list("name", flat=True))
    for name, password in made.passwords.items():
        stranger = callers.anonymous(None, face=Face.CONSOLE, now=now, request_id="r")
        login = signin.sign_in_user(stranger, demo.ALIAS, name, password)
        expected = (
            signin.State.MUST_CHANGE_PASSWORD if name == demo.NEWCOMER else signin.State.SIGNED_IN
        )
        assert signin.state_after(login, now, mfa_given=False) is expected
    assert signin.sign_in_root(stranger, demo.ROOT_EMAIL, made.root_password).is_root


def test_all_passwords_differ_and_are_stored_nowhere_in_plain(made: demo.Demo):
    secrets = [made.root_password, *made.passwords.values()]
    assert len(set(secrets)) == len(secrets)
    stored = str(list(Event.objects.values())) + str(list(Login.objects.values()))
    assert not any(secret in stored for secret in secrets)
    assert check_password(made.root_password, Login.objects.get(kind="root").password)


def test_people_are_in_groups_and_get_what_these_allow(made: demo.Demo):
    for group, _policies, members in demo.GROUPS:
        found = Group.objects.get(name=group)
        assert set(found.users.values_list("name", flat=True)) == set(members)
    assert allowed("sita", "iam:DeleteUser")
    assert allowed("ram", "s3:PutObject")
    assert not allowed("ram", "iam:CreateUser")
    assert allowed("ram", "iam:ListUsers")
    assert allowed("mira", "iam:ListUsers")
    assert not allowed("mira", "s3:PutObject")
    for action in ("iam:ListUsers", "s3:ListAllMyBuckets", "iam:GetAccountSummary"):
        assert not allowed(demo.NEWCOMER, action)


def test_everybody_may_change_the_own_password_and_nobody_elses(made: demo.Demo):
    for name in made.passwords:
        own = shared.user_resource(as_user(name))
        assert authorize.would_allow(as_user(name), "iam:ChangePassword", own).allowed, name
    others = shared.user_resource(as_user("ram"), user_name="shyam").arn
    assert not allowed("ram", "iam:ChangePassword", others)
    assert not allowed("ram", "iam:CreateAccessKey", others)


def test_there_is_a_role_for_machines(made: demo.Demo):
    role = Role.objects.get(name=demo.ROLE)
    assert role.instance_profiles.get().name == demo.ROLE
    assert role.attachments.get().policy_arn.endswith("AmazonS3ReadOnlyAccess")


def test_its_history_reads_like_a_real_one(made: demo.Demo):
    assert not Event.objects.exclude(outcome="success").exists()
    assert Event.objects.filter(action="iam:CreateUser").count() == len(made.passwords)
    assert event_chain.broken_link(Account.objects.get()) is None
    assert not instance.is_untouched()


def test_the_policies_it_writes_are_free_of_warnings(made: demo.Demo):
    own = made.account.policies.get()
    assert own.versions.get(is_default=True).document
    for group in Group.objects.exclude(name="Administrators"):
        assert group.attachments.filter(policy=own).exists()
