"""The dialog that deletes user groups."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.caller import Caller
from accounts.models import Account, Group
from tests.cast import allow
from tests.console.reading import text_of
from tests.console.things import READ_ONLY, attach, give_inline, new_group, new_members

SignIn = Callable[..., Client]

LIST = reverse("console:groups")
DELETE = reverse("console:groups-delete")


@pytest.fixture
def developers(account: Account) -> Group:
    """A group without users and policies."""
    return new_group(account, "Developers")


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


def members(group: Group) -> list[str]:
    return sorted(group.users.values_list("name", flat=True))


def test_deleting_lists_what_goes_with_the_group_and_asks_for_its_name(as_admin, developers, alice):
    developers.memberships.create(user=alice.user, created_at=developers.created_at)
    attach(developers, READ_ONLY)
    give_inline(developers, "read-reports")
    url = reverse("console:groups-delete", query={"group": "Developers"})
    shown = text_of(as_admin.get(url))
    for words in ("alice", "ReadOnlyAccess", "read-reports", "To confirm, type Developers below."):
        assert words in shown
    refused = as_admin.post(url, {"confirmation": "Developer"})
    assert refused.status_code == 422
    assert "Type Developers to confirm." in text_of(refused)
    assert members(developers) == ["alice"]


def test_deleting_takes_what_hangs_on_the_group_and_leaves_the_users(
    as_admin, developers, account, alice
):
    developers.memberships.create(user=alice.user, created_at=developers.created_at)
    attach(developers, READ_ONLY)
    give_inline(developers, "read-reports")
    url = reverse("console:groups-delete", query={"group": "Developers"})
    response = as_admin.post(url, {"confirmation": "developers"})
    assert response.url == LIST
    assert "User group Developers deleted." in text_of(as_admin.get(LIST))
    assert not account.groups.exists()
    assert account.users.filter(name="alice").exists()


def test_several_groups_are_deleted_together_by_their_number(as_admin, developers, account):
    new_group(account, "Auditors")
    url = f"{DELETE}?group=Developers&group=Auditors"
    page = text_of(as_admin.get(url))
    assert "To confirm, type 2 user groups below." in page
    assert "Delete user groups" in page
    assert as_admin.post(url, {"confirmation": "Developers"}).status_code == 422
    assert as_admin.post(url, {"confirmation": "2 user groups"}).url == LIST
    assert not account.groups.exists()


def test_deleting_needs_every_step_or_does_none(sign_in, caller_with, developers, alice):
    developers.memberships.create(user=alice.user, created_at=developers.created_at)
    attach(developers, READ_ONLY)
    allowed = ("GetGroup", "ListAttachedGroupPolicies", "ListGroupPolicies", "DeleteGroup")
    reader = caller_with(
        allow(*(f"iam:{name}" for name in allowed), "iam:RemoveUserFromGroup"), name="bob"
    )
    url = reverse("console:groups-delete", query={"group": "Developers"})
    theirs = sign_in(reader)
    assert "iam:DetachGroupPolicy" in text_of(theirs.get(url))
    response = theirs.post(url, {"confirmation": "Developers"})
    assert response.status_code == 403
    assert members(developers) == ["alice"]


def test_a_conflict_while_deleting_is_shown_with_the_steps_that_were_done(
    sign_in, caller_with, developers
):
    give_inline(developers, "read-reports")
    theirs = sign_in(caller_with(allow("iam:DeleteGroup")))
    url = reverse("console:groups-delete", query={"group": "Developers"})
    assert "To see it, you need iam:GetGroup, iam:ListAttachedGroupPolicies" in text_of(
        theirs.get(url)
    )
    response = theirs.post(url, {"confirmation": "Developers"})
    assert response.status_code == 409
    assert "Cannot delete entity, must delete policies first." in text_of(response)


def test_deleting_a_group_of_another_account_finds_nothing(sign_in, eve, developers):
    url = reverse("console:groups-delete", query={"group": "Developers"})
    theirs = sign_in(eve)
    assert theirs.get(url).status_code == 404
    assert theirs.post(url, {"confirmation": "Developers"}).status_code == 404
    assert Group.objects.filter(pk=developers.pk).exists()


def test_deleting_nothing_leads_back_to_the_list(as_admin):
    assert as_admin.get(DELETE).url == LIST


def test_a_group_with_many_users_is_deleted_in_several_rounds(as_admin, developers, monkeypatch):
    monkeypatch.setattr("iamconsole.console.groups.steps.MOST_REMOVALS", 3)
    new_members(developers, 5)
    url = reverse("console:groups-delete", query={"group": "Developers"})
    assert as_admin.post(url, {"confirmation": "Developers"}).url == url
    assert "2 more are still to be taken from Developers" in text_of(as_admin.get(url))
    assert as_admin.post(url, {"confirmation": "Developers"}).url == LIST
    assert not Group.objects.filter(pk=developers.pk).exists()
