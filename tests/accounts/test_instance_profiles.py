"""Instance profiles."""

from __future__ import annotations

import pytest

from accounts.actions import instance_profiles, roles
from accounts.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Event, InstanceProfile
from accounts.types import Tag
from tests.cast import allow, arn, trust


@pytest.fixture
def web(root):
    """The profile Web, and two roles to put into it."""
    for name in ("Reader", "Writer"):
        roles.create_role(
            root, role_name=name, assume_role_policy_document=trust(Service="ec2.amazonaws.com")
        )
    return instance_profiles.create_instance_profile(root, instance_profile_name="Web", path="/a/")


def add(caller, role_name, profile="Web"):
    instance_profiles.add_role_to_instance_profile(
        caller, instance_profile_name=profile, role_name=role_name
    )


def remove(caller, role_name):
    instance_profiles.remove_role_from_instance_profile(
        caller, instance_profile_name="Web", role_name=role_name
    )


def test_a_new_profile_is_empty_and_has_an_id_of_its_own(root, web):
    found = instance_profiles.get_instance_profile(root, instance_profile_name="web")
    assert (found.arn, found.role) == (arn("instance-profile/a/Web"), None)
    assert found.unique_id.startswith("AIPA")


def test_names_are_taken_without_their_case(root, web):
    with pytest.raises(EntityAlreadyExists, match=r"^Instance Profile WEB already exists\.$"):
        instance_profiles.create_instance_profile(root, instance_profile_name="WEB")
    with pytest.raises(ValidationError):
        instance_profiles.create_instance_profile(root, instance_profile_name="two words")


def test_a_profile_holds_one_role_which_can_be_replaced(root, web):
    add(root, "Reader")
    with pytest.raises(
        LimitExceeded, match=r"^Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1$"
    ):
        add(root, "Writer")
    with pytest.raises(NoSuchEntity):
        remove(root, "Writer")
    remove(root, "Reader")
    add(root, "Writer")
    page = instance_profiles.list_instance_profiles_for_role(root, role_name="Writer")
    assert [str(profile.role) for profile in page.items] == ["Writer"]
    assert not instance_profiles.list_instance_profiles_for_role(root, role_name="Reader").items


def test_a_profile_with_a_role_cannot_be_deleted(root, web):
    add(root, "Reader")
    with pytest.raises(DeleteConflict, match="must remove roles from instance profile first"):
        instance_profiles.delete_instance_profile(root, instance_profile_name="Web")
    remove(root, "Reader")
    instance_profiles.delete_instance_profile(root, instance_profile_name="Web")
    with pytest.raises(NoSuchEntity, match=r"^Instance Profile Web cannot be found\.$"):
        instance_profiles.get_instance_profile(root, instance_profile_name="Web")


def test_putting_a_role_into_a_profile_takes_the_right_to_pass_the_role(caller_with, web):
    alice = caller_with(
        allow("iam:AddRoleToInstanceProfile"),
        allow(
            "iam:PassRole",
            on=arn("role/Reader"),
            Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        ),
    )
    with pytest.raises(AccessDenied, match=r"perform: iam:PassRole on resource: .*:role/Writer "):
        add(alice, "Writer")
    assert Event.objects.latest("sequence").outcome == "denied"
    # What is not there is refused alike: a stranger learns nothing from it.
    with pytest.raises(AccessDenied, match=r"perform: iam:PassRole on resource: .*:role/None "):
        add(alice, "None")
    assert InstanceProfile.objects.get().role is None
    add(alice, "Reader")


def test_only_what_is_there_can_be_put_together(root, web):
    with pytest.raises(NoSuchEntity, match="The role with name none cannot be found"):
        add(root, "none")
    with pytest.raises(NoSuchEntity, match="Instance Profile none cannot be found"):
        add(root, "Reader", profile="none")


def test_profiles_are_listed_with_their_roles(root, web, django_assert_max_num_queries):
    add(root, "Reader")
    instance_profiles.create_instance_profile(root, instance_profile_name="app")
    page = instance_profiles.list_instance_profiles(root)
    with django_assert_max_num_queries(0):
        assert [profile.role and profile.role.name for profile in page.items] == [None, "Reader"]
    narrowed = instance_profiles.list_instance_profiles(root, path_prefix="/a/")
    assert [profile.name for profile in narrowed.items] == ["Web"]
    first = instance_profiles.list_instance_profiles(root, max_items=1)
    rest = instance_profiles.list_instance_profiles(root, marker=first.marker)
    assert [profile.name for profile in (*first.items, *rest.items)] == ["app", "Web"]


def test_an_account_has_1000_profiles_at_most(root, web, monkeypatch):
    monkeypatch.setattr("accounts.quotas.INSTANCE_PROFILES_PER_ACCOUNT", 1)
    with pytest.raises(LimitExceeded, match="InstanceProfilesPerAccount: 1"):
        instance_profiles.create_instance_profile(root, instance_profile_name="more")


def test_tags_are_set_listed_and_removed(root, web):
    instance_profiles.tag_instance_profile(
        root, instance_profile_name="Web", tags=[Tag("a", "1"), Tag("b", "")]
    )
    instance_profiles.untag_instance_profile(root, instance_profile_name="Web", tag_keys=["B"])
    page = instance_profiles.list_instance_profile_tags(root, instance_profile_name="Web")
    assert page.items == [Tag("a", "1")]


def test_eve_finds_no_profile_of_another_account(eve, web):
    for ask in (
        instance_profiles.get_instance_profile,
        instance_profiles.delete_instance_profile,
        instance_profiles.list_instance_profile_tags,
    ):
        with pytest.raises(NoSuchEntity):
            ask(eve, instance_profile_name="Web")
    assert not instance_profiles.list_instance_profiles(eve).items


def test_a_denied_call_changes_nothing_but_leaves_an_event(alice, web):
    with pytest.raises(AccessDenied, match=r"on resource: .*:instance-profile/a/Web "):
        instance_profiles.delete_instance_profile(alice, instance_profile_name="Web")
    assert InstanceProfile.objects.count() == 1
    assert Event.objects.latest("sequence").outcome == "denied"
