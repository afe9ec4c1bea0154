"""The security checklist says what is done, what is open, and what the caller may not know."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts import checklist
from accounts.actions.account import AccountSummary
from accounts.models import AccessKey

EMPTY = AccountSummary(
    users=0,
    groups=0,
    roles=0,
    policies=0,
    providers=0,
    server_certificates=0,
    policy_versions_in_use=0,
    instance_profiles=0,
    mfa_devices=0,
    mfa_devices_in_use=0,
    attached_policies=0,
    account_mfa_enabled=False,
    account_access_keys_present=False,
    account_password_present=True,
    account_signing_certificates_present=False,
    global_endpoint_token_version=1,
    root_active_keys=0,
)


def done(steps: list[checklist.Recommendation]) -> dict[str, bool | None]:
    return {step.name: step.done for step in steps}


def own(now: datetime, **given: Any) -> dict[str, bool | None]:
    known: dict[str, Any] = {"has_mfa": True, "keys": [], "now": now} | given
    return done(checklist.for_user("alice", **known))


def test_a_new_account_has_only_the_absence_of_root_keys_to_show():
    steps = checklist.classic(EMPTY, has_password_policy=False)
    assert [step.title for step in steps] == [
        "Delete your root access keys",
        "Activate MFA on your root account",
        "Create individual IAM users",
        "Use groups to assign permissions",
        "Apply an IAM password policy",
    ]
    assert [step.done for step in steps] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("root-mfa", {"account_mfa_enabled": True}),
        ("users", {"users": 1}),
        ("groups", {"groups": 1}),
    ],
)
def test_each_classic_step_is_done_by_its_own_number(name, change):
    before = done(checklist.classic(EMPTY, has_password_policy=False))
    after = done(checklist.classic(replace(EMPTY, **change), has_password_policy=False))
    assert {step for step in after if after[step] != before[step]} == {name}


def test_the_classic_step_wants_root_keys_gone_and_todays_wants_them_inactive():
    inactive = replace(EMPTY, account_access_keys_present=True)
    assert done(checklist.classic(inactive, has_password_policy=False))["root-keys"] is False
    assert done(checklist.for_root(inactive))["root-has-no-active-keys"] is True
    active = replace(inactive, root_active_keys=1)
    assert done(checklist.for_root(active))["root-has-no-active-keys"] is False


def test_what_the_caller_may_not_know_is_neither_done_nor_open(now):
    steps = checklist.classic(EMPTY, has_password_policy=None)
    assert steps[-1].done is None
    assert steps[-1].needs == "iam:GetAccountPasswordPolicy"
    unknown = checklist.for_user("alice", has_mfa=None, keys=None, now=now)
    assert [(step.done, step.needs) for step in unknown] == [
        (None, "iam:ListMFADevices"),
        (None, "iam:ListAccessKeys"),
    ]


def test_a_key_that_was_not_used_for_more_than_a_year_is_to_be_deactivated(now):
    year, day = timedelta(days=365), timedelta(days=1)
    old, new = now - year - day, now - year
    cases = (
        (AccessKey(created_at=old), False),
        (AccessKey(created_at=new), True),
        (AccessKey(created_at=old, last_used_at=now), True),
        (AccessKey(created_at=old - year, last_used_at=old), False),
        (AccessKey(created_at=old, status="Inactive"), True),
    )
    for key, fine in cases:
        assert own(now, keys=[key])["no-unused-keys"] is fine, key.__dict__
        assert own(now, keys=[AccessKey(created_at=now), key])["no-unused-keys"] is fine


def test_the_title_of_a_step_says_how_it_stands(now):
    open_titles = [step.title for step in checklist.for_user("a", has_mfa=False, keys=[], now=now)]
    assert open_titles == [
        "Add MFA for yourself",
        "Your user, a, does not have any active access keys that have been unused for more than "
        "a year.",
    ]
    fixed = replace(EMPTY, account_mfa_enabled=True, root_active_keys=1)
    assert [step.title for step in checklist.for_root(fixed)] == [
        "Root user has MFA",
        "Deactivate or delete access keys for root user",
    ]


def test_every_step_leads_to_a_page(now):
    steps = [
        *checklist.classic(EMPTY, has_password_policy=False),
        *checklist.for_root(EMPTY),
        *checklist.for_user("alice", has_mfa=False, keys=[], now=now),
    ]
    for step in steps:
        assert reverse(f"console:{step.page}").startswith("/console/"), step.name
