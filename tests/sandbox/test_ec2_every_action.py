"""What holds for every action of EC2: who is refused, and what that leaves."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import instance
from accounts.actions import instance_profiles, lifecycle, roles
from accounts.actions.registry import ACTIONS
from accounts.caller import Caller
from accounts.errors import AccessDenied, ServiceError, ServiceFailure
from accounts.models import Event
from accounts.types import Tag
from iamconsole.sandbox.actions import ec2_launch
from iamconsole.sandbox.ec2_arguments import NamedProfile, TagSpecification, UnsetTag
from iamconsole.sandbox.models import Instance
from tests.cast import allow, deny, trust
from tests.console.browsers import give_password

EVERY_ACTION = pytest.mark.parametrize(
    "name", sorted(name for name in ACTIONS if name.startswith("ec2:"))
)
IMAGE, MARK = "ami-0a11ab1e000000001", "known-at-home-only"


@pytest.fixture
def home(root: Caller) -> Instance:
    """A running instance with a role and a tag that must not get out."""
    roles.create_role(
        root, role_name="web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    instance_profiles.create_instance_profile(root, instance_profile_name="web")
    instance_profiles.add_role_to_instance_profile(
        root, instance_profile_name="web", role_name="web"
    )
    return ec2_launch.run_instances(
        root,
        image_id=IMAGE,
        min_count=1,
        max_count=1,
        iam_instance_profile=NamedProfile(name="web"),
        tag_specifications=[TagSpecification("instance", [Tag("note", MARK)])],
    ).instances[0]


def good(name: str, home: Instance) -> dict[str, Any]:
    """One good value for every argument that an action needs, so that it would do something."""
    known: dict[str, Any] = {
        "association_id": home.association_id,
        "iam_instance_profile": NamedProfile(name="web"),
        "instance_id": home.id,
        "instance_ids": [home.id],
        "max_count": 1,
        "min_count": 1,
        "resources": [home.id],
        "tags": [UnsetTag("note")] if name == "ec2:DeleteTags" else [Tag("team", "changed")],
    }
    found = {argument: known[argument] for argument in ACTIONS[name].required}
    if name == "ec2:RunInstances":
        found["image_id"] = IMAGE
    return found


def rows() -> list[Any]:
    return list(Instance.objects.order_by("pk").values())


@EVERY_ACTION
def test_who_may_do_nothing_changes_nothing_and_is_on_the_record(home, alice, name):
    before = rows()
    with pytest.raises(AccessDenied):
        ACTIONS[name].run(alice, **good(name, home))
    assert rows() == before
    event = Event.objects.latest("sequence")
    assert (event.action, event.outcome) == (name, "denied")
    assert event.principal_arn == alice.arn


@EVERY_ACTION
def test_an_explicit_deny_wins(home, caller_with, name):
    before = rows()
    with pytest.raises(AccessDenied, match="explicit deny"):
        ACTIONS[name].run(caller_with(allow("*"), deny(name)), **good(name, home))
    assert rows() == before


@EVERY_ACTION
def test_the_permission_of_its_name_is_enough_where_no_role_is_handed_over(home, caller_with, name):
    alice = caller_with(allow(name), allow("iam:PassRole"))
    try:
        ACTIONS[name].run(alice, **good(name, home))
    except ServiceError as error:
        # There is an association already.
        assert error.code == "IncorrectState"  # noqa: PT017 (most of them don't fail)


@EVERY_ACTION
def test_a_stranger_reaches_nothing_by_its_id(home, eve, name):
    before = rows()
    told = answer(name, eve, good(name, home))
    assert MARK not in told
    assert "111122223333" not in told
    assert [row for row in rows() if row["account_id"] == home.account_id] == before


def answer(name: str, caller: Caller, arguments: dict[str, Any]) -> str:
    """What a call returns or is told, as text. A crash fails the test."""
    try:
        return str(ACTIONS[name].run(caller, **arguments))
    except ServiceFailure:
        raise
    except ServiceError as error:
        return error.message


def test_a_reset_of_the_account_takes_its_instances(home, root):
    give_password(root)
    lifecycle.reset_account(instance.operator(home.account))
    assert Instance.objects.count() == 0


def test_deleting_the_account_takes_them_too(home):
    lifecycle.delete_account(instance.operator(), account_id=home.account_id)
    assert Instance.objects.count() == 0
