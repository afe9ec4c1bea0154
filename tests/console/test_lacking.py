"""Pages of forms, opened by address: what is missing stands there before anything is typed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.actions.groups import create_group
from accounts.actions.roles import create_role
from tests.cast import allow, trust

FIRST_PAGES = [
    ("console:users-create", "", "iam:CreateUser"),
    ("console:groups-create", "", "iam:CreateGroup"),
    ("console:roles-create", "", "iam:CreateRole"),
    ("console:policies-create", "", "iam:CreatePolicy"),
    ("console:providers-create", "?kind=oidc", "iam:CreateOpenIDConnectProvider"),
    ("console:providers-create", "?kind=saml", "iam:CreateSAMLProvider"),
]


@pytest.mark.parametrize(("page", "query", "action"), FIRST_PAGES)
def test_a_form_tells_at_once_what_whoever_opens_it_lacks(
    sign_in, caller_with, page, query, action
):
    reader = sign_in(caller_with(allow("iam:List*", "iam:Get*")))
    shown = reader.get(reverse(page) + query)
    assert shown.status_code == 200
    told = shown.content.decode().partition("<form")[2]
    assert f'<p class="alert-heading">You need {action}</p>' in told
    assert f"{reverse('console:explain')}?action={action.replace(':', '%3A')}" in told


@pytest.mark.parametrize(("page", "query", "action"), FIRST_PAGES)
def test_nothing_is_told_to_those_who_may(sign_in, caller_with, page, query, action):
    shown = sign_in(caller_with(allow(action))).get(reverse(page) + query).content.decode()
    assert '<p class="alert-heading">You need' not in shown


def test_the_choice_of_a_provider_tells_where_neither_sort_may_be_added(sign_in, alice):
    shown = sign_in(alice).get(reverse("console:providers-create")).content.decode()
    assert "iam:CreateSAMLProvider" in shown
    assert "iam:CreateOpenIDConnectProvider" in shown
    assert " or " in shown.partition('<p class="alert-heading">')[2].partition("</p>")[0]


def test_who_may_do_one_of_several_things_is_told_of_no_lack(sign_in, caller_with):
    joiner = sign_in(caller_with(allow("iam:AddUserToGroup")))
    shown = joiner.get(reverse("console:user-add-permissions", args=["alice"])).content.decode()
    assert '<p class="alert-heading">You need' not in shown


@pytest.mark.parametrize(
    ("page", "name", "action"),
    [
        ("user-add-permissions", "bob", "iam:AttachUserPolicy"),
        ("user-add-to-groups", "bob", "iam:AddUserToGroup"),
        ("group-add-users", "crew", "iam:AddUserToGroup"),
        ("group-attach-policies", "crew", "iam:AttachGroupPolicy"),
        ("role-attach-policies", "watch", "iam:AttachRolePolicy"),
        ("user-create-inline-policy", "bob", "iam:PutUserPolicy"),
    ],
)
def test_pages_that_give_something_tell_it_too(sign_in, caller_with, root, bob, page, name, action):
    create_group(root, group_name="crew")
    create_role(
        root, role_name="watch", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    reader = sign_in(caller_with(allow("iam:List*", "iam:Get*")))
    shown = reader.get(reverse(f"console:{page}", args=[name])).content.decode()
    told = shown.partition('<p class="alert-heading">')[2].partition("</p>")[0]
    assert told.startswith("You need ")
    assert action in told


def test_the_action_refuses_whoever_goes_on_all_the_same(sign_in, alice, account):
    sent = {"group_name": "crew"}
    assert sign_in(alice).post(reverse("console:groups-create"), sent).status_code == 403
    assert not account.groups.exists()


def test_of_several_refusals_on_a_page_the_first_is_in_full_and_the_others_are_folded(
    sign_in, alice, bob
):
    page = sign_in(alice).get(reverse("console:user", args=["bob"])).content.decode()
    assert page.count('<div class="denied">') == 1
    folded = page.split('<details class="denied">')[1:]
    assert len(folded) == 3
    for each in folded:
        summary = each.partition("</summary>")[0]
        assert "Access denied</span></span>: iam:" in summary
        assert "Explain this refusal" in each.partition("</details>")[0]


def test_a_refusal_that_is_alone_is_in_full_on_every_page(sign_in, alice):
    browser = sign_in(alice)
    for _ in range(2):
        page = browser.get(reverse("console:users")).content.decode()
        assert '<div class="denied">' in page
        assert '<details class="denied">' not in page
