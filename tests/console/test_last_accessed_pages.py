"""The pages of what was last accessed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.actions import attachments, groups, policies, roles, users
from accounts.models import LastAccessedReport
from tests.cast import allow, arn, caller_of, document, trust
from tests.console.reading import queries_of, text_of

READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"


@pytest.fixture
def furnished(root):
    """carol in a group whose policy gives IAM and S3; a role with AWS's read-only policy."""
    users.create_user(root, user_name="carol")
    groups.create_group(root, group_name="Readers")
    groups.add_user_to_group(root, group_name="Readers", user_name="carol")
    own = policies.create_policy(
        root, policy_name="Own", policy_document=document(allow("iam:ListUsers", "s3:Get*"))
    )
    attachments.attach_group_policy(root, group_name="Readers", policy_arn=own.arn)
    roles.create_role(
        root, role_name="Web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    attachments.attach_role_policy(root, role_name="Web", policy_arn=READ_ONLY)


PAGES = [
    reverse("console:user-last-accessed", args=["carol"]),
    reverse("console:group-last-accessed", args=["Readers"]),
    reverse("console:role-last-accessed", args=["Web"]),
    reverse("console:policy-last-accessed", args=[arn("policy/Own")]),
    reverse("console:policy-last-accessed", args=[READ_ONLY]),
]


@pytest.mark.parametrize("page", PAGES)
def test_every_sort_of_subject_has_its_services_and_one_of_them_in_full(
    admin, sign_in, furnished, page
):
    browser = sign_in(admin)
    listed = text_of(browser.get(page))
    assert "Identity and Access Management" in listed
    assert "Not accessed in the tracking period" in listed
    assert "Actions (" in text_of(browser.get(page, {"service": "iam"}))
    assert browser.get(page, {"service": "nothing"}).status_code == 404


def test_what_the_user_did_is_there_at_once(admin, sign_in, account, furnished):
    carol = account.users.get(name="carol")
    theirs = sign_in(caller_of(carol))
    theirs.get(reverse("console:users"))
    theirs.get(reverse("console:groups"))
    browser = sign_in(admin)
    page = text_of(browser.get(PAGES[0], {"service": "iam"}))
    assert "iam:ListUsers" in page
    assert "iam:ListGroups" in page, "refused attempts count"
    assert "Own" in page
    accessed = text_of(browser.get(PAGES[0], {"accessed": "yes"}))
    assert "Identity and Access Management" in accessed
    assert "Amazon S3" not in accessed


def test_a_policy_that_comes_through_a_group_names_it_also_if_it_is_managed(
    admin, sign_in, root, furnished
):
    attachments.attach_user_policy(root, user_name="carol", policy_arn=READ_ONLY)
    browser = sign_in(admin)
    of_carol = text_of(browser.get(PAGES[0], {"service": "iam"}))
    assert "Own Managed Group Readers" in of_carol
    assert "IAMReadOnlyAccess Managed Directly" in of_carol
    assert "Own Managed Directly" in text_of(browser.get(PAGES[1], {"service": "iam"}))


def test_who_may_not_make_a_report_is_told_why(alice, sign_in, furnished):
    page = text_of(sign_in(alice).get(PAGES[0]))
    assert "iam:GenerateServiceLastAccessedDetails" in page


def test_nobody_is_nobody(admin, sign_in):
    page = reverse("console:user-last-accessed", args=["nobody"])
    assert sign_in(admin).get(page).status_code == 404


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("query", ["", "?service=iam"])
def test_a_page_takes_few_queries_and_writes_but_its_events(admin, sign_in, furnished, page, query):
    assert queries_of(sign_in(admin), page + query) <= 20
    assert not LastAccessedReport.objects.exists()


def test_a_page_of_all_services_takes_no_more_queries_than_one_of_few(
    admin, sign_in, root, furnished
):
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    browser = sign_in(admin)
    few = queries_of(browser, PAGES[0])
    attachments.attach_group_policy(root, group_name="Readers", policy_arn=administrator)
    assert queries_of(browser, PAGES[0]) == few
