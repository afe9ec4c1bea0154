"""What lists of groups and of their users show to whom: what a call of its own tells is its own."""

from __future__ import annotations

import pytest

from accounts.actions import attachments, groups, users
from accounts.caller import Caller
from accounts.models import Group
from tests.cast import allow
from tests.console.reading import url
from tests.console.things import READ_ONLY


@pytest.fixture
def developers(root: Caller) -> Group:
    """A group of three with a policy."""
    made = groups.create_group(root, group_name="Developers")
    for name in ("carol", "dave", "erin"):
        users.create_user(root, user_name=name)
        groups.add_user_to_group(root, group_name="Developers", user_name=name)
    attachments.attach_group_policy(root, group_name="Developers", policy_arn=READ_ONLY)
    return made


def shown(browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def test_each_cell_that_may_not_be_read_says_what_it_needs(sign_in, caller_with, developers):
    theirs = sign_in(caller_with(allow("iam:ListGroups")))
    page = shown(theirs, url("groups") + "?sort=-users")
    assert "You need iam:GetGroup" in page
    assert "You need iam:ListAttachedGroupPolicies" in page
    assert "?sort=users" not in page
    assert "efined" not in page
    assert '<td class="number">' not in page


def test_cells_are_decided_group_by_group(sign_in, caller_with, developers, root):
    groups.create_group(root, group_name="Testers")
    theirs = sign_in(caller_with(allow("iam:ListGroups"), allow("iam:*", on=developers.arn)))
    page = shown(theirs, url("groups"))
    assert page.count("You need iam:GetGroup") == 1
    assert page.count('<td class="number">') == 1
    assert '<td class="number">3</td>' in page


def test_what_may_not_be_read_is_not_in_the_lists_to_choose_from(sign_in, caller_with, developers):
    theirs = sign_in(caller_with(allow("iam:ListGroups", "iam:ListUsers")))
    page = shown(theirs, url("user-add-to-groups", "carol"))
    assert "You need iam:GetGroup" in page
    assert "You need iam:ListAttachedGroupPolicies" in page
    assert '<td class="number">' not in page
    page = shown(theirs, url("group-add-users", "Developers"))
    assert page.count("You need iam:ListGroupsForUser") == 4  # with the caller
    assert '<td class="number">' not in page


def test_the_users_of_a_group_do_not_tell_of_their_other_groups(sign_in, caller_with, developers):
    theirs = sign_in(caller_with(allow("iam:GetGroup")))
    page = shown(theirs, url("group", "Developers") + "?sort=-groups")
    assert page.count("You need iam:ListGroupsForUser") == 3
    assert "?sort=groups" not in page
    assert '<td class="number">' not in page
