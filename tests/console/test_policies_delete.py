"""The dialog that deletes policies with everything that goes with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.caller import Caller
from accounts.models import Account, Attachment, Policy
from iamconsole.console.policies import deletion
from tests.cast import allow, deny
from tests.console.reading import text_of, value_of
from tests.console.things import READ_ONLY, give, new_group, new_policy, new_role, new_version

SignIn = Callable[..., Client]

LIST = reverse("console:policies")


@pytest.fixture
def reports(account: Account, bob: Caller) -> Policy:
    """A policy that a group has, that limits bob, with a version besides the default."""
    policy = new_policy(account, "Reports")
    give(new_group(account, "Auditors"), policy)
    account.users.filter(name="bob").update(boundary=policy)
    new_version(policy, 2, allow("s3:*"))
    return policy


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


def several(*policies: Policy | str) -> str:
    arns = [each if isinstance(each, str) else each.arn for each in policies]
    return reverse("console:policies-delete", query={"policy": arns})


def names(account: Account) -> list[str]:
    return sorted(account.policies.values_list("name", flat=True))


def test_the_dialog_lists_what_goes_and_says_loudly_what_it_widens(as_admin, reports):
    url = reverse("console:policy-delete", args=[reports.arn])
    shown = text_of(as_admin.get(url))
    for words in (
        "Detached from User group Auditors",
        "Removed as the permissions boundary of IAM user bob",
        "Versions deleted besides the default v2",
        "This widens permissions",
        "Without this boundary, IAM user bob can do everything",
        "To confirm, type Reports below.",
    ):
        assert words in shown


def test_the_policy_goes_with_everything_once_its_name_was_typed(as_admin, account, reports, bob):
    url = reverse("console:policy-delete", args=[reports.arn])
    assert as_admin.post(url, {"confirmation": "Report"}).status_code == 422
    assert names(account) == ["Reports"]
    seen = value_of(as_admin.get(url).context["edited"].field)
    response = as_admin.post(url, {"confirmation": "reports", "seen_version": seen})
    assert response.url == LIST
    assert names(account) == []
    bob.user.refresh_from_db()
    assert bob.user.boundary_arn is None
    assert "Policy Reports deleted." in text_of(as_admin.get(LIST))


def test_several_go_at_once_and_awss_are_left_out_with_the_reason(as_admin, account, reports):
    new_policy(account, "Second")
    url = several(reports, account.policies.get(name="Second"), READ_ONLY)
    shown = text_of(as_admin.get(url))
    assert "AWS maintains these, so they can&#x27;t be deleted: ReadOnlyAccess." in shown
    assert "To confirm, type 2 policies below." in shown
    as_admin.post(url, {"confirmation": "2 policies"})
    assert names(account) == []


def test_where_only_awss_were_ticked_nothing_is_asked(as_admin):
    response = as_admin.get(several(READ_ONLY), follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "AWS maintains these" in text_of(response)


def test_what_was_attached_meanwhile_is_shown_before_anything_is_done(
    as_admin, account, reports, alice
):
    url = several(reports)
    seen = value_of(as_admin.get(url).context["edited"].field)
    give(alice.user, reports)
    refused = as_admin.post(url, {"confirmation": "Reports", "seen_version": seen})
    assert refused.status_code == 409
    assert "IAM user alice" in text_of(refused)
    assert names(account) == ["Reports"]
    assert Attachment.objects.filter(policy=reports).count() == 2


def test_many_uses_go_in_slices(as_admin, account, reports, monkeypatch):
    monkeypatch.setattr(deletion, "MOST", 4)
    for number in range(3):
        give(new_role(account, f"role-{number}"), reports)
    url = several(reports)
    response = as_admin.post(url, {"confirmation": "Reports"})
    assert response.url == url
    assert Attachment.objects.filter(policy=reports).count() == 2
    assert "2 more are still to be taken from Reports" in text_of(as_admin.get(url))
    assert as_admin.post(url, {"confirmation": "Reports"}).url == LIST
    assert names(account) == []


def test_who_lacks_a_permission_for_any_step_does_none_of_them(
    sign_in, caller_with, account, reports
):
    theirs = sign_in(caller_with(allow("iam:*"), deny("iam:DeletePolicyVersion")))
    url = several(reports)
    assert "You need iam:DeletePolicyVersion." in text_of(theirs.get(url))
    assert theirs.post(url, {"confirmation": "Reports"}).status_code == 403
    assert names(account) == ["Reports"]
    assert Attachment.objects.filter(policy=reports).count() == 1


def test_eve_cant_even_ask_about_it(sign_in, eve, account, reports):
    theirs = sign_in(eve)
    assert theirs.get(several(reports)).status_code == 404
    assert theirs.post(several(reports), {"confirmation": "Reports"}).status_code == 404
    assert names(account) == ["Reports"]
