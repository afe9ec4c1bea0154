"""The pages of managed policies."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts import managed_policies
from accounts.caller import Caller
from accounts.models import Account, Policy
from tests.cast import allow
from tests.console.things import (
    BILLING,
    READ_ONLY,
    attach,
    new_group,
    new_policy,
    new_role,
    queries_of,
    text_of,
)

SignIn = Callable[..., Client]

LIST = reverse("console:policies")


@pytest.fixture
def reports(account: Account) -> Policy:
    """A customer managed policy."""
    return new_policy(account, "Reports", path="/team/")


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


def address(arn: str) -> str:
    return reverse("console:policy", args=[arn])


# --- List ----------------------------------------------------------------------------------------


def test_the_list_holds_the_accounts_policies_and_all_of_awss(as_admin, reports):
    shown = text_of(as_admin.get(LIST))
    assert f"Policies ({len(managed_policies.all()) + 1})" in shown
    shown = text_of(as_admin.get(LIST, {"search": "reports", "type": "customer"}))
    assert "Reports Customer managed None /team/" in shown


@pytest.mark.parametrize(
    ("kind", "there", "absent"),
    [
        ("customer", "Reports", "Billing"),
        ("job-function", "Billing", "AccessAnalyzerServiceRolePolicy"),
    ],
)
def test_the_list_is_narrowed_by_type(as_admin, reports, kind, there, absent):
    shown = text_of(as_admin.get(LIST, {"type": kind}))
    assert there in shown
    assert absent not in shown


def test_the_list_says_what_each_policy_is_used_as(as_admin, account, reports, alice):
    reports.attachments.create(
        account=account, group=new_group(account, "Auditors"), created_at=account.created_at
    )
    account.users.filter(name="alice").update(boundary=reports)
    shown = text_of(as_admin.get(LIST, {"type": "customer"}))
    assert "Permissions policy (1), Permissions boundary (1)" in shown


def test_the_list_of_another_accounts_policies_is_not_shown(sign_in, eve, reports):
    assert "No matches" in text_of(sign_in(eve).get(LIST, {"type": "customer"}))


def test_a_refused_list_says_what_was_asked_and_why_it_was_refused(sign_in, alice):
    shown = text_of(sign_in(alice).get(LIST))
    assert "You don't have permission to iam:ListPolicies" in shown
    assert "no identity-based policy allows the iam:ListPolicies action" in shown


def test_the_list_takes_as_many_queries_for_fifty_policies_as_for_five(as_admin, account):
    url = reverse("console:policies", query={"type": "customer"})
    for number in range(5):
        new_policy(account, f"policy-{number}")
    few = queries_of(as_admin, url)
    for number in range(5, 50):
        new_policy(account, f"policy-{number}")
    assert queries_of(as_admin, url) == few


# --- One policy ----------------------------------------------------------------------------------


def test_the_page_shows_the_document_as_it_was_written(as_admin, reports):
    shown = text_of(as_admin.get(address(reports.arn)))
    assert reports.arn in shown
    page = as_admin.get(address(reports.arn)).content.decode()
    assert "{&quot;Version&quot;: &quot;2012-10-17&quot;" in page


def test_a_document_with_markup_is_shown_as_text(as_admin, reports):
    hostile = '{"Version": "2012-10-17", "Statement": [], "Id": "</code><script>x()</script>"}'
    reports.versions.update(document=hostile)
    page = as_admin.get(address(reports.arn)).content.decode()
    assert "<script>x()" not in page
    assert "&lt;script&gt;x()" in page


@pytest.mark.parametrize("arn", [READ_ONLY, BILLING])
def test_awss_own_policies_have_the_same_page(as_admin, arn):
    shown = text_of(as_admin.get(address(arn)))
    assert arn in shown
    assert "&quot;Statement&quot;" in shown
    assert "No entities attached" in shown


def test_the_page_lists_who_has_the_policy_with_a_way_there(as_admin, account, alice):
    group, role = new_group(account, "Auditors"), new_role(account, "Reader")
    for each in (group, role, alice.user):
        attach(each, READ_ONLY)
    response = as_admin.get(address(READ_ONLY))
    shown = text_of(response)
    assert "alice User" in shown
    assert "Auditors User group" in shown
    assert "Reader Role" in shown
    assert reverse("console:role", args=["Reader"]) in response.content.decode()


def test_more_entities_than_one_page_holds_can_be_reached(as_admin, account):
    for number in range(105):
        attach(new_group(account, f"group-{number:03}"), READ_ONLY)
    first = as_admin.get(address(READ_ONLY))
    assert "group-104" not in text_of(first)
    marker = first.context["entities"].value.marker
    assert "group-104" in text_of(as_admin.get(address(READ_ONLY), {"after": marker}))


def test_a_policy_takes_as_many_queries_with_fifty_entities_as_with_five(as_admin, account):
    for number in range(55):
        attach(new_group(account, f"group-{number}"), READ_ONLY if number < 50 else BILLING)
    assert queries_of(as_admin, address(READ_ONLY)) == queries_of(as_admin, address(BILLING))


def test_a_policy_of_another_account_is_as_absent_as_one_that_never_was(sign_in, eve, reports):
    theirs = sign_in(eve)
    foreign = theirs.get(address(reports.arn))
    missing = theirs.get(address(reports.arn.replace("Reports", "Nobodys")))
    assert foreign.status_code == missing.status_code == 404
    assert text_of(foreign).replace("Reports", "") == text_of(missing).replace("Nobodys", "")


@pytest.mark.parametrize(
    "arn", ["x", "x" * 30, "arn:aws:iam::aws:user/alice", "arn:aws:s3:::a/b/c"]
)
def test_what_is_no_arn_of_a_policy_is_refused(as_admin, arn):
    assert as_admin.get(address(arn)).status_code in (400, 404)


def test_each_part_of_the_page_is_refused_by_itself(sign_in, caller_with, reports):
    shown = text_of(sign_in(caller_with(allow("iam:GetPolicy"))).get(address(reports.arn)))
    assert "Customer managed" in shown
    assert "You don't have permission to iam:GetPolicyVersion" in shown
    assert "You don't have permission to iam:ListEntitiesForPolicy" in shown


def test_whoever_may_read_nothing_sees_nothing_of_the_document(sign_in, alice, reports):
    shown = text_of(sign_in(alice).get(address(reports.arn)))
    assert "You don't have permission to iam:GetPolicy" in shown
    assert "s3:ListBucket" not in shown
