"""What somebody who knows AWS's console would miss in ten minutes, where no other test says it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import groups, roles
from accounts.caller import Caller
from accounts.models import Account
from tests.cast import CallerWith, allow, deny, trust
from tests.console.browsers import (
    change_password,
    give_device,
    is_in,
    login_of,
    must_change,
    sign_in_by_page,
)
from tests.console.reading import hidden, markup_of, text_of

SignIn = Callable[..., Client]

DASHBOARD = reverse("console:dashboard")
USERS = reverse("console:users")
OWN = reverse("console:security-credentials")
CREATE_POLICY = reverse("console:policies-create")

_ON_ONESELF = "arn:aws:iam::*:user/${aws:username}"
#: What AWS's guide has users do for themselves, and nothing else before they signed in with MFA.
FORCE_MFA: list[dict[str, Any]] = [
    allow("iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices", Sid="ViewAccount"),
    allow("iam:ChangePassword", "iam:GetUser", "iam:GetLoginProfile", on=_ON_ONESELF),
    allow("iam:*AccessKey*", on=_ON_ONESELF),
    allow("iam:CreateVirtualMFADevice", on="arn:aws:iam::*:mfa/*"),
    allow(
        "iam:DeactivateMFADevice",
        "iam:EnableMFADevice",
        "iam:ListMFADevices",
        "iam:ResyncMFADevice",
        on=_ON_ONESELF,
    ),
    {
        "Sid": "DenyAllExceptListedIfNoMFA",
        "Effect": "Deny",
        "NotAction": [
            "iam:CreateVirtualMFADevice",
            "iam:EnableMFADevice",
            "iam:GetUser",
            "iam:GetMFADevice",
            "iam:ListMFADevices",
            "iam:ListVirtualMFADevices",
            "iam:ResyncMFADevice",
            "sts:GetSessionToken",
        ],
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    },
]


def links_of(page: str, begin: str, end: str) -> list[str]:
    """The labels of the links between two marks of a page."""
    piece = page.partition(begin)[2].partition(end)[0]
    return [label.partition("</a>")[0].rpartition(">")[2] for label in piece.split("<a ")[1:]]


# --- 7 and 8: counts and navigation ---------------------------------------------------------------


def test_the_navigation_has_awss_places_and_a_search(sign_in: SignIn, admin: Caller) -> None:
    page = markup_of(sign_in(admin).get(DASHBOARD))
    assert links_of(page, 'aria-label="Side navigation"', "</nav>")[-11:] == [
        "Dashboard",
        "User groups",
        "Users",
        "Roles",
        "Policies",
        "Identity providers",
        "Account settings",
        "Credential report",
        "Unused access",
        "Explain",
        "Event history",
    ]
    assert "<span>Search IAM</span>" in page


def test_the_dashboard_leads_to_the_simulator(sign_in: SignIn, alice: Caller) -> None:
    browser = sign_in(alice)
    simulator = reverse("console:policies-simulate")
    assert f'<a href="{simulator}">Policy simulator</a>' in markup_of(browser.get(DASHBOARD))
    assert browser.get(simulator).status_code == 200


def test_the_dashboard_offers_to_create_a_user_to_whoever_may(
    sign_in: SignIn, admin: Caller, alice: Caller
) -> None:
    offer = f'<a href="{reverse("console:users-create")}">'
    assert offer in markup_of(sign_in(admin).get(DASHBOARD))
    assert offer not in markup_of(sign_in(alice).get(DASHBOARD))


# --- 13: the pages of one user --------------------------------------------------------------------


def test_a_user_has_awss_tabs_in_awss_order(sign_in: SignIn, admin: Caller) -> None:
    page = markup_of(sign_in(admin).get(reverse("console:user", args=["admin"])))
    assert links_of(page, '<ul class="tabs">', "</ul>") == [
        "Permissions",
        "Groups (0)",
        "Tags (0)",
        "Security credentials",
        "Last Accessed",
        "Effective permissions",
        "History",
    ]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("user", "admin"),
        ("group", "Readers"),
        ("role", "Web"),
        ("policy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ],
)
def test_last_accessed_is_a_tab_wherever_aws_has_it(
    sign_in: SignIn, admin: Caller, root: Caller, kind: str, name: str
) -> None:
    groups.create_group(root, group_name="Readers")
    web = trust(Service="ec2.amazonaws.com")
    roles.create_role(root, role_name="Web", assume_role_policy_document=web)
    browser = sign_in(admin)
    page = markup_of(browser.get(reverse(f"console:{kind}", args=[name])))
    address = reverse(f"console:{kind}-last-accessed", args=[name])
    assert f'<a href="{address}">Last Accessed</a>' in page
    assert browser.get(address).status_code == 200


# --- 23: Force_MFA --------------------------------------------------------------------------------


def test_force_mfa_is_pasted_and_goes_in_without_errors(sign_in: SignIn, admin: Caller) -> None:
    browser = sign_in(admin)
    text = json.dumps({"Version": "2012-10-17", "Statement": FORCE_MFA}, indent=4)
    review = browser.post(CREATE_POLICY, {"document": text, "mode": "json", "go": "review"})
    assert review.status_code == 200
    sent = hidden(review) | {"go": "save", "policy_name": "Force_MFA"}
    assert browser.post(CREATE_POLICY, sent).status_code == 302
    written = admin.home.policies.get(name="Force_MFA")
    assert written.versions.get().document == text


def test_force_mfa_keeps_everything_shut_but_ones_own_credentials_until_a_code_was_given(
    caller_with: CallerWith, sign_in: SignIn
) -> None:
    alice = caller_with(*FORCE_MFA, allow("iam:ListUsers"))
    without = sign_in(alice)
    assert "with an explicit deny in an identity-based policy" in text_of(without.get(USERS))
    page = text_of(without.get(OWN))
    assert "user/alice" in page, "the card of the account is GetUser's"
    assert "Assign MFA device" in page
    assert without.get(reverse("console:mfa-assign")).status_code == 200
    give_device(alice)
    assert "Access denied" not in text_of(sign_in(alice, mfa=True).get(USERS))


def test_force_mfa_and_a_forced_change_lock_each_other_and_the_page_says_which(
    caller_with: CallerWith, client: Client
) -> None:
    alice = caller_with(*FORCE_MFA)
    must_change(alice)
    sign_in_by_page(client, alice)
    refused = change_password(client)
    assert refused.status_code == 403
    assert "with an explicit deny in an identity-based policy" in text_of(refused)
    assert not is_in(client)


# --- 28: one's own page ---------------------------------------------------------------------------


def test_ones_own_credentials_need_no_list_of_users(
    caller_with: CallerWith, sign_in: SignIn
) -> None:
    browser = sign_in(caller_with(allow("iam:*", on=_ON_ONESELF), deny("iam:ListUsers")))
    assert "Access denied" in text_of(browser.get(USERS))
    page = text_of(browser.get(OWN))
    assert "Access denied" not in page
    assert "Create access key" in page


# --- 30: the bar, and what moves ------------------------------------------------------------------


def test_the_bar_shows_who_and_where_by_alias_or_by_hyphenated_id(
    sign_in: SignIn, admin: Caller, account: Account
) -> None:
    browser = sign_in(admin)
    assert "admin @ 1111-2222-3333" in text_of(browser.get(DASHBOARD))
    Account.objects.filter(pk=account.pk).update(alias="example-corp")
    page = text_of(browser.get(DASHBOARD))
    assert "admin @ example-corp" in page
    assert "1111-2222-3333" in page, "the menu keeps the id"
    assert "Sign out" in page


def test_a_session_ends_after_twelve_hours(
    sign_in: SignIn, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(admin)
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=11, minutes=59))
    assert browser.get(USERS).status_code == 200
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(hours=12, minutes=1))
    assert "/signin/" in browser.get(USERS)["Location"]


def test_last_sign_in_moves_when_somebody_signs_in(
    sign_in: SignIn, admin: Caller, client: Client, alice: Caller
) -> None:
    must_change(alice)
    browser = sign_in(admin)
    page = reverse("console:user", args=["alice"])
    assert "Never" in text_of(browser.get(page))
    login = login_of(alice)
    login.password_reset_required = False
    login.save()
    assert sign_in_by_page(client, alice).status_code == 302
    assert "Never" not in text_of(browser.get(page))
