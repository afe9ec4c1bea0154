"""Whether an instance has a role: by its profile, its name or id, and only while it is there."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actions import instance_profiles, roles
from accounts.caller import Caller
from accounts.models import Account
from accounts.types import Tag
from iamconsole.sandbox.actions import ec2_instances, ec2_launch, ec2_profiles
from iamconsole.sandbox.ec2_arguments import NamedProfile, TagSpecification
from iamconsole.sandbox.ec2_catalog import IMAGES
from iamconsole.sandbox.models import Instance
from tests.cast import trust
from tests.labs.asked import ask, world_of


@pytest.fixture
def instance(root: Caller) -> Instance:
    """A running instance named till, without a profile."""
    launched = ec2_launch.run_instances(
        root,
        image_id=next(iter(IMAGES)),
        min_count=1,
        max_count=1,
        tag_specifications=[TagSpecification("instance", [Tag("Name", "till")])],
    )
    return launched.instances[0]


def profile(root: Caller, name: str, role: str | None) -> None:
    """Make an instance profile, with a role in it where one is named."""
    instance_profiles.create_instance_profile(root, instance_profile_name=name)
    if role is not None:
        roles.create_role(
            root,
            role_name=role,
            assume_role_policy_document=trust(Service="ec2.amazonaws.com"),
        )
        instance_profiles.add_role_to_instance_profile(
            root, instance_profile_name=name, role_name=role
        )


def associate(root: Caller, instance: Instance, name: str) -> Any:
    """Put the instance profile on the instance."""
    return ec2_profiles.associate_iam_instance_profile(
        root, iam_instance_profile=NamedProfile(name=name), instance_id=instance.id
    )


@pytest.mark.parametrize("by_id", [True, False])
def test_it_holds_once_the_instance_has_the_role_by_whichever_name(
    account: Account, root: Caller, instance: Instance, by_id: bool
) -> None:
    named = instance.id if by_id else "TILL"
    before = ask(world_of(account), "instance_role", instance=named, role="reader")
    assert not before.holds
    assert before.found == "The instance till has no instance profile."
    profile(root, "wrapper", "reader")
    associate(root, instance, "wrapper")
    after = ask(world_of(account), "instance_role", instance=named, role="reader")
    assert after.holds
    assert after.through == ("the instance profile wrapper",)
    assert after.found == "The instance till has the role reader, by the instance profile wrapper."


def test_another_role_is_not_the_role(account: Account, root: Caller, instance: Instance) -> None:
    profile(root, "wrapper", "writer")
    associate(root, instance, "wrapper")
    found = ask(world_of(account), "instance_role", instance="till", role="reader")
    assert not found.holds
    assert found.found.startswith("The instance till has the role writer")
    assert ask(world_of(account), "instance_role", instance="till", role="w*").holds


def test_a_profile_whose_role_was_taken_out_gives_none(
    account: Account, root: Caller, instance: Instance
) -> None:
    profile(root, "wrapper", "reader")
    associate(root, instance, "wrapper")
    instance_profiles.remove_role_from_instance_profile(
        root, instance_profile_name="wrapper", role_name="reader"
    )
    found = ask(world_of(account), "instance_role", instance="till", role="*")
    assert not found.holds
    assert found.found == "The instance till has the instance profile wrapper, with no role in it."


def test_a_terminated_instance_has_no_role(
    account: Account, root: Caller, instance: Instance
) -> None:
    profile(root, "wrapper", "reader")
    associate(root, instance, "wrapper")
    ec2_instances.terminate_instances(root, instance_ids=[instance.id])
    found = ask(world_of(account), "instance_role", instance="till", role="reader")
    assert not found.holds
    assert found.found == "There is no instance till."
