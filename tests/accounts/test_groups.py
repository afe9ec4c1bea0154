"""User groups and their members."""

from __future__ import annotations

import dataclasses

import pytest

from accounts.actions import attachments, groups, inline_policies, users
from accounts.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Event, Group
from tests.cast import ADMINISTRATOR, allow, arn, document


@pytest.fixture
def dev(root):
    return groups.create_group(root, group_name="Dev", path="/teams/")


def names(page):
    return [row.name for row in page.items]


def test_a_new_group_is_empty_and_has_an_id_of_its_own(root, dev):
    assert dev.arn == arn("group/teams/Dev")
    assert dev.unique_id.startswith("AGPA")
    assert groups.get_group(root, group_name="dev").users.items == []


def test_names_are_taken_without_their_case(root, dev):
    with pytest.raises(EntityAlreadyExists, match=r"^Group with name dEV already exists\.$"):
        groups.create_group(root, group_name="dEV")


@pytest.mark.parametrize("name", ["", "g" * 129, "two words", "<script>"])
def test_a_name_that_aws_refuses_is_refused(root, name):
    with pytest.raises(ValidationError):
        groups.create_group(root, group_name=name)
    assert not Group.objects.exists()


def test_a_member_gets_the_policies_of_the_group_at_once_and_loses_them_at_once(root, dev, alice):
    attachments.attach_group_policy(root, group_name="Dev", policy_arn=ADMINISTRATOR)
    with pytest.raises(AccessDenied):
        users.list_users(alice)
    groups.add_user_to_group(root, group_name="Dev", user_name="alice")
    assert names(users.list_users(alice)) == ["alice"]
    groups.remove_user_from_group(root, group_name="Dev", user_name="alice")
    with pytest.raises(AccessDenied):
        users.list_users(alice)


def test_putting_a_user_into_a_group_twice_is_no_error(root, dev, alice):
    groups.add_user_to_group(root, group_name="Dev", user_name="alice")
    groups.add_user_to_group(root, group_name="dev", user_name="ALICE")
    assert names(groups.get_group(root, group_name="Dev").users) == ["alice"]
    assert names(groups.list_groups_for_user(root, user_name="alice")) == ["Dev"]


def test_a_user_who_is_not_in_the_group_cannot_be_taken_out(root, dev, alice):
    with pytest.raises(NoSuchEntity):
        groups.remove_user_from_group(root, group_name="Dev", user_name="alice")


def test_only_what_is_there_can_be_put_together(root, dev, alice):
    with pytest.raises(NoSuchEntity, match=r"^The user with name nobody cannot be found\.$"):
        groups.add_user_to_group(root, group_name="Dev", user_name="nobody")
    with pytest.raises(NoSuchEntity, match=r"^The group with name none cannot be found\.$"):
        groups.add_user_to_group(root, group_name="none", user_name="alice")


def test_a_user_is_in_ten_groups_at_most(root, alice):
    for number in range(11):
        groups.create_group(root, group_name=f"group{number}")
    for number in range(10):
        groups.add_user_to_group(root, group_name=f"group{number}", user_name="alice")
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for GroupsPerUser: 10$"):
        groups.add_user_to_group(root, group_name="group10", user_name="alice")


def test_an_account_has_300_groups_at_most(root, monkeypatch):
    monkeypatch.setattr("accounts.quotas.GROUPS_PER_ACCOUNT", 1)
    groups.create_group(root, group_name="one")
    with pytest.raises(LimitExceeded, match="GroupsPerAccount: 1"):
        groups.create_group(root, group_name="two")


def test_renaming_keeps_members_and_policies(root, dev, alice):
    groups.add_user_to_group(root, group_name="Dev", user_name="alice")
    attachments.attach_group_policy(root, group_name="Dev", policy_arn=ADMINISTRATOR)
    groups.update_group(root, group_name="Dev", new_group_name="Ops", new_path="/")
    assert names(groups.get_group(root, group_name="Ops").users) == ["alice"]
    assert Group.objects.get().arn == arn("group/Ops")
    users.list_users(alice)


def test_a_group_is_deleted_when_nothing_hangs_on_it_any_more(root, dev, alice):
    groups.add_user_to_group(root, group_name="Dev", user_name="alice")
    attachments.attach_group_policy(root, group_name="Dev", policy_arn=ADMINISTRATOR)
    inline_policies.put_group_policy(
        root, group_name="Dev", policy_name="own", policy_document=document(allow("s3:*"))
    )
    for wording, remove in (
        ("must remove users from group first", dev.memberships.all().delete),
        ("must detach all policies first", dev.attachments.all().delete),
        ("must delete policies first", dev.inline_policies.all().delete),
    ):
        with pytest.raises(DeleteConflict, match=f"^Cannot delete entity, {wording}.$"):
            groups.delete_group(root, group_name="Dev")
        remove()
    groups.delete_group(root, group_name="Dev")
    assert not Group.objects.exists()


def test_the_console_sees_who_is_in_a_group_and_what_it_may(root, dev, alice):
    groups.create_group(root, group_name="empty")
    groups.add_user_to_group(root, group_name="Dev", user_name="alice")
    attachments.attach_group_policy(root, group_name="Dev", policy_arn=ADMINISTRATOR)
    page = groups.list_groups(root, page=1, search="DE")
    columns = ("user_count", "attached_count", "inline_count")
    assert [[getattr(row, name) for name in columns] for row in page.items] == [[1, 1, 0]]
    assert names(groups.list_groups(root, path_prefix="/teams/")) == ["Dev"]


def test_the_number_of_queries_does_not_grow_with_the_groups(root, django_assert_max_num_queries):
    for number in range(20):
        groups.create_group(root, group_name=f"group{number}")
    with django_assert_max_num_queries(2):
        page = groups.list_groups(dataclasses.replace(root, journal=[]), page=1, page_size=20)
    assert len(page.items) == 20


def test_groups_are_found_in_their_own_account_only(eve, dev):
    with pytest.raises(NoSuchEntity):
        groups.delete_group(eve, group_name="Dev")
    with pytest.raises(NoSuchEntity):
        groups.add_user_to_group(eve, group_name="Dev", user_name="eve")
    assert names(groups.list_groups(eve)) == []


def test_a_denied_call_changes_nothing_but_leaves_an_event(alice, dev):
    with pytest.raises(AccessDenied, match=r"iam:AddUserToGroup on resource: .*:group/teams/Dev "):
        groups.add_user_to_group(alice, group_name="Dev", user_name="alice")
    assert not dev.memberships.exists()
    event = Event.objects.latest("sequence")
    assert (event.action, event.outcome) == ("iam:AddUserToGroup", "denied")
    assert event.resources == [dev.arn]


@pytest.mark.parametrize("new", [{"new_path": "/"}, {"new_group_name": "Admins"}])
def test_nobody_renames_a_group_into_what_he_may_not_change(caller_with, root, dev, new):
    alice = caller_with(allow("iam:UpdateGroup", on=arn("group/teams/D*")))
    with pytest.raises(AccessDenied, match=r"iam:UpdateGroup on resource: .*:group/"):
        groups.update_group(alice, group_name="Dev", **new)
    dev.refresh_from_db()
    assert dev.arn == arn("group/teams/Dev")
    groups.update_group(alice, group_name="Dev", new_group_name="Developers")
    dev.refresh_from_db()
    assert dev.arn == arn("group/teams/Developers")
