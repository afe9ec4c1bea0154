"""The versions of a policy: beside each other, put in force, deleted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.policy_versions import set_default_policy_version
from accounts.caller import Caller
from accounts.models import Account, Policy
from tests.cast import allow
from tests.console.reading import queries_of, text_of, value_of
from tests.console.things import READ_ONLY, new_policy, new_version

SignIn = Callable[..., Client]


@pytest.fixture
def reports(account: Account) -> Policy:
    """A policy with v1, which is in force, v2 and v3."""
    policy = new_policy(account, "Reports")
    new_version(policy, 2, allow("s3:ListBucket", "s3:GetObject"))
    new_version(policy, 3, allow("s3:*"))
    return policy


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


def address(page: str, policy: Policy | str, **query: object) -> str:
    arn = policy if isinstance(policy, str) else policy.arn
    return reverse(f"console:{page}", args=[arn], query=query)


def in_force(policy: Policy) -> str:
    return policy.versions.get(is_default=True).version_id


def version_ids(policy: Policy) -> list[str]:
    return [f"v{number}" for number in policy.versions.values_list("number", flat=True)]


def test_the_tab_says_who_wrote_each_version_when_and_which_is_in_force(as_admin, reports):
    shown = text_of(as_admin.get(address("policy-versions", reports)))
    assert "Policy versions (3)" in shown
    assert "v3 January 1" in shown
    assert shown.index("v3 January") < shown.index("v2 January") < shown.index("v1 Default")
    assert "user/alice" in shown


def test_of_awss_policies_only_the_version_in_force_is_kept_and_the_page_says_so(as_admin):
    shown = text_of(as_admin.get(address("policy-versions", READ_ONLY)))
    assert "Policy versions (1)" in shown
    assert "Only the one in force is kept here." in shown
    assert 'type="checkbox"' not in shown


def test_any_version_is_beside_the_default_in_one_click(as_admin, reports):
    page = as_admin.get(address("policy-versions", reports)).content.decode()
    url = address("policy-compare", reports) + "?version=v2"
    assert f'href="{url}"' in page
    compared = as_admin.get(url)
    assert compared.context["left"].version_id == "v1"
    assert compared.context["right"].version_id == "v2"
    page = compared.content.decode()
    assert "<ins>" in page
    assert "s3:GetObject" in page


def test_where_none_was_selected_the_latest_other_version_is_beside_the_default(as_admin, reports):
    compared = as_admin.get(address("policy-compare", reports))
    assert compared.context["left"].version_id == "v1"
    assert compared.context["right"].version_id == "v3"


def test_where_none_was_selected_the_version_before_the_default_is_beside_it(
    as_admin, reports, admin
):
    set_default_policy_version(admin, policy_arn=reports.arn, version_id="v3")
    compared = as_admin.get(address("policy-compare", reports))
    assert compared.context["left"].version_id == "v2"
    assert compared.context["right"].version_id == "v3"


def test_nothing_is_put_in_force_before_it_was_selected(as_admin, reports):
    answer = as_admin.post(address("policy-set-default", reports), follow=True)
    assert answer.redirect_chain == [(address("policy-versions", reports), 302)]
    assert "Select one version first." in text_of(answer)
    assert in_force(reports) == "v1"


def test_two_versions_stand_with_the_older_on_the_left(as_admin, reports):
    compared = as_admin.get(address("policy-compare", reports, version=["v3", "v2"]))
    assert (compared.context["left"].version_id, compared.context["right"].version_id) == (
        "v2",
        "v3",
    )


def test_the_sides_can_be_chosen_one_by_one(as_admin, reports):
    compared = as_admin.get(address("policy-compare", reports, left="v3", right="v1"))
    assert (compared.context["left"].version_id, compared.context["right"].version_id) == (
        "v3",
        "v1",
    )
    assert "Lost s3:*" in text_of(compared)


def test_a_comparison_says_what_the_change_gives(as_admin, reports):
    shown = text_of(as_admin.get(address("policy-compare", reports, version="v2")))
    assert "Gained s3:GetObject * No → Yes" in shown
    assert "s3:ListBucket * " not in shown


@pytest.mark.parametrize(("version", "status"), [("v9", 404), ("nine", 400), ("<b>", 400)])
@pytest.mark.parametrize("page", ["policy-compare", "policy-set-default"])
def test_a_version_that_there_is_not_has_no_page(as_admin, reports, page, version, status):
    assert as_admin.get(address(page, reports, version=version)).status_code == status


def test_an_earlier_version_is_restored_by_setting_it_as_default_which_makes_nothing(
    as_admin, reports
):
    url = address("policy-set-default", reports, version="v3")
    dialog = as_admin.get(url)
    assert "Gained s3:* * In part → Yes" in text_of(dialog)
    seen = value_of(dialog.context["edited"].field)
    response = as_admin.post(url, {"seen_version": seen})
    assert response.url == address("policy-versions", reports)
    assert in_force(reports) == "v3"
    assert sorted(version_ids(reports)) == ["v1", "v2", "v3"]
    assert "v3 of policy Reports is in force now." in text_of(as_admin.get(response.url))


def test_a_default_that_changed_meanwhile_is_not_overwritten_unseen(as_admin, reports):
    url = address("policy-set-default", reports, version="v3")
    seen = value_of(as_admin.get(url).context["edited"].field)
    reports.versions.filter(number=1).update(is_default=False)
    reports.versions.filter(number=2).update(is_default=True)
    refused = as_admin.post(url, {"seen_version": seen})
    assert refused.status_code == 409
    assert "Version v2" in text_of(refused)
    assert in_force(reports) == "v2"


def test_versions_that_are_not_in_force_are_deleted_together(as_admin, reports):
    url = address("policy-delete-versions", reports, version=["v2", "v3"])
    seen = value_of(as_admin.get(url).context["edited"].field)
    response = as_admin.post(url, {"seen_version": seen})
    assert response.url == address("policy-versions", reports)
    assert version_ids(reports) == ["v1"]


def test_the_version_in_force_is_never_deleted(as_admin, reports):
    url = address("policy-delete-versions", reports, version="v1")
    assert "Cannot delete the default version of a policy." in text_of(as_admin.get(url))
    refused = as_admin.post(url)
    assert refused.status_code == 409
    assert "Cannot delete the default version of a policy." in text_of(refused)
    assert "v1" in version_ids(reports)


def test_a_version_made_default_meanwhile_is_not_deleted_unseen(as_admin, reports):
    url = address("policy-delete-versions", reports, version="v2")
    seen = value_of(as_admin.get(url).context["edited"].field)
    reports.versions.filter(number=3).delete()
    assert as_admin.post(url, {"seen_version": seen}).status_code == 409
    assert "v2" in version_ids(reports)


def test_awss_versions_are_not_changed(as_admin):
    version = as_admin.get(address("policy-versions", READ_ONLY)).context["versions"].value.items[0]
    for page in ("policy-set-default", "policy-delete-versions"):
        url = address(page, READ_ONLY, version=version.version_id)
        assert as_admin.post(url).status_code == 403


@pytest.mark.parametrize("page", ["policy-set-default", "policy-delete-versions"])
def test_what_the_caller_may_not_do_is_dead_with_its_reason_and_refused(
    sign_in, caller_with, reports, page
):
    theirs = sign_in(caller_with(allow("iam:Get*", "iam:List*")))
    url = address(page, reports, version="v2")
    lacking = "SetDefaultPolicyVersion" if page == "policy-set-default" else "DeletePolicyVersion"
    assert f"You need iam:{lacking}." in text_of(theirs.get(url))
    assert theirs.post(url).status_code == 403
    assert (in_force(reports), len(version_ids(reports))) == ("v1", 3)


def test_the_tab_takes_as_many_queries_with_five_versions_as_with_one(as_admin, account, reports):
    one = new_policy(account, "One")
    for number in (4, 5):
        new_version(reports, number, allow("s3:*"))
    few = queries_of(as_admin, address("policy-versions", one))
    assert queries_of(as_admin, address("policy-versions", reports)) == few
    assert few <= 20
