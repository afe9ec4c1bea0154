"""The search over everything."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.actions import access_keys, groups, policies, roles, users
from iamconsole.console.search.places import OF_ONE, PAGES, TASKS
from tests.cast import allow, document, trust
from tests.console.reading import queries_of, text_of

SEARCH = reverse("console:search")


@pytest.fixture
def furnished(root):
    """One thing of each kind, all with "report" in the name."""
    users.create_user(root, user_name="reporter")
    groups.create_group(root, group_name="Reporting")
    roles.create_role(
        root, role_name="ReportJob", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    policies.create_policy(root, policy_name="Reports", policy_document=document(allow("s3:Get*")))


def found(browser, text):
    return text_of(browser.get(SEARCH, {"q": text})).partition("Search IAM")[2]


def links(browser, text):
    answer = browser.get(SEARCH, {"q": text})
    return [hit.url for section in answer.context["sections"] for hit in section.hits]


def test_a_part_of_a_name_finds_things_of_every_kind(admin, sign_in, furnished):
    browser = sign_in(admin)
    assert {
        reverse("console:user", args=["reporter"]),
        reverse("console:group", args=["Reporting"]),
        reverse("console:role", args=["ReportJob"]),
    } <= set(links(browser, "REPORT"))
    assert "Reports" in found(browser, "report")


@pytest.mark.parametrize(
    ("text", "view"),
    [
        ("create user", "console:users-create"),
        ("add users", "console:users-create"),
        ("password policy", "console:password-policy"),
        ("iam users", "console:users"),
        ("oidc", "console:providers"),
        ("credential report", "console:credential-report"),
        ("why denied", "console:explain"),
    ],
)
def test_pages_and_tasks_are_found_also_by_their_other_names(admin, sign_in, text, view):
    assert reverse(view) in links(sign_in(admin), text)


@pytest.mark.parametrize(
    ("text", "view", "name"),
    [
        ("add reporter to groups", "console:user-add-to-groups", "reporter"),
        ("delete reporter", "console:user-delete", "reporter"),
        ("mfa reporter", "console:user-security-credentials", "reporter"),
        ("trust policy reportjob", "console:role-edit-trust", "ReportJob"),
        ("rename reporting", "console:group-rename", "Reporting"),
    ],
)
def test_a_task_is_found_with_the_thing_it_is_done_to(admin, sign_in, furnished, text, view, name):
    assert reverse(view, args=[name]) in links(sign_in(admin), text)


def test_the_whole_name_of_a_thing_offers_all_that_can_be_done_with_it(admin, sign_in, furnished):
    offered = links(sign_in(admin), "reporter")
    for task in OF_ONE["user"]:
        assert reverse(task.view, args=["reporter"]) in offered


def test_nobody_finds_what_he_may_not_list_and_is_told_so(caller_with, sign_in, furnished):
    browser = sign_in(caller_with(allow("iam:ListGroups")))
    page = found(browser, "report")
    assert "Reporting" in page
    assert "reporter" not in page
    assert "ReportJob" not in page
    assert "iam:ListUsers" in page


def test_things_of_other_accounts_are_not_found(eve, sign_in, furnished):
    page = found(sign_in(eve), "report")
    assert "reporter" not in page
    assert "ReportJob" not in page


def test_the_whole_id_of_a_key_finds_its_owner(admin, root, sign_in, furnished):
    key = access_keys.create_access_key(root, user_name="reporter").key
    browser = sign_in(admin)
    assert "Belongs to user reporter" in found(browser, key.access_key_id)
    assert "Belongs to" not in found(browser, key.access_key_id[:-1])


def test_a_keys_owner_needs_the_permission_and_another_accounts_key_is_no_key(
    alice, eve, root, sign_in, furnished
):
    key = access_keys.create_access_key(root, user_name="reporter").key
    for caller in (alice, eve):
        page = found(sign_in(caller), key.access_key_id)
        assert "reporter" not in page
        assert "iam:GetAccessKeyLastUsed" in page


@pytest.mark.parametrize("text", ["", " ", "\0", "<script>alert(1)</script>", "%", "x" * 5000, "'"])
def test_whatever_is_typed_is_answered_and_shown_as_text(admin, sign_in, text):
    answer = sign_in(admin).get(SEARCH, {"q": text})
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.content.decode()


def test_every_place_and_task_has_a_page():
    for place in (*PAGES, *TASKS):
        assert reverse(place.view)
    for kind, tasks in OF_ONE.items():
        for task in tasks:
            assert reverse(
                task.view, args=["arn:aws:iam::aws:policy/X" if kind == "policy" else "x"]
            )


def test_it_takes_as_many_queries_for_fifty_users_as_for_five(admin, root, sign_in):
    browser, counts = sign_in(admin), []
    for start, end in ((0, 5), (5, 50)):
        for number in range(start, end):
            users.create_user(root, user_name=f"person{number}")
        counts.append(queries_of(browser, f"{SEARCH}?q=person"))
    assert counts[0] == counts[1]
