"""EC2's actions: launching, and what an instance is afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.actions import instance_profiles, roles
from accounts.caller import Caller
from accounts.errors import AccessDenied, ServiceError
from accounts.models import Event
from accounts.types import Tag
from iamconsole.sandbox.actions import ec2_instances, ec2_launch, ec2_profiles, ec2_tags
from iamconsole.sandbox.ec2_arguments import (
    Filter,
    MetadataOptions,
    NamedProfile,
    TagSpecification,
    UnsetTag,
)
from iamconsole.sandbox.models import Instance
from tests.cast import CallerWith, allow, arn, deny, trust

IMAGE = "ami-0a11ab1e000000001"


@pytest.fixture
def web(root: Caller) -> None:
    """A role for EC2 and the instance profile that hands it over, both called web."""
    roles.create_role(
        root, role_name="web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    instance_profiles.create_instance_profile(root, instance_profile_name="web")
    instance_profiles.add_role_to_instance_profile(
        root, instance_profile_name="web", role_name="web"
    )


def launch(caller: Caller, count: int = 1, **more: Any) -> list[Instance]:
    """Instances, launched as asked."""
    asked: dict[str, Any] = {"image_id": IMAGE, "instance_type": "t3.micro"} | more
    found = ec2_launch.run_instances(caller, min_count=count, max_count=count, **asked)
    return list(found.instances)


def code_of(call: Any, *given: Any, **arguments: Any) -> str:
    """The code of the error that a call raises."""
    with pytest.raises(ServiceError) as caught:
        call(*given, **arguments)
    return caught.value.code


# --- Launching -----------------------------------------------------------------------------------


def test_what_was_launched_runs_and_is_listed_in_its_region_alone(root):
    (made,) = launch(root, tag_specifications=[TagSpecification("instance", [Tag("Name", "web")])])
    (found,) = ec2_instances.describe_instances(root).items
    assert (found.id, found.state, found.name) == (made.id, "running", "web")
    assert found.arn == f"arn:aws:ec2:us-east-1:111122223333:instance/{made.id}"
    assert ec2_instances.describe_instances(replace(root, region="eu-west-1")).items == []


def test_a_launch_is_evaluated_on_every_resource_that_aws_names(caller_with: CallerWith):
    for missing in ("image", "instance", "network-interface", "security-group", "subnet", "volume"):
        alice = caller_with(
            allow("ec2:RunInstances"), deny("ec2:RunInstances", on=f"arn:aws:ec2:*:*:{missing}/*")
        )
        with pytest.raises(AccessDenied) as refused:
            launch(alice)
        assert f":{missing}/" in refused.value.resource
    assert launch(caller_with(allow("ec2:RunInstances")))


def test_a_launch_with_a_profile_takes_the_right_to_pass_its_role_to_ec2(web, caller_with):
    only = {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    elsewhere: dict[str, Any] = {
        "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    }
    for given in (
        (allow("ec2:*"),),
        (allow("ec2:*"), allow("iam:PassRole", on=arn("role/other"))),
        (allow("ec2:*"), allow("iam:PassRole", on=arn("role/web"), **elsewhere)),
    ):
        with pytest.raises(AccessDenied) as refused:
            launch(caller_with(*given), iam_instance_profile=NamedProfile(name="web"))
        assert refused.value.action == "iam:PassRole"
        assert refused.value.resource == arn("role/web")
    assert Instance.objects.count() == 0
    allowed = caller_with(allow("ec2:*"), allow("iam:PassRole", on=arn("role/web"), **only))
    (made,) = launch(allowed, iam_instance_profile=NamedProfile(arn=arn("instance-profile/web")))
    assert made.profile is not None
    assert made.profile.name == "web"


def test_a_launch_with_tags_takes_the_right_to_create_them(caller_with):
    wanted: dict[str, Any] = {
        "tag_specifications": [TagSpecification("instance", [Tag("team", "dev")])]
    }
    with pytest.raises(AccessDenied) as refused:
        launch(caller_with(allow("ec2:RunInstances")), **wanted)
    assert refused.value.action == "ec2:CreateTags"
    at_launch: dict[str, Any] = {
        "Condition": {"StringEquals": {"ec2:CreateAction": "RunInstances"}}
    }
    alice = caller_with(allow("ec2:RunInstances"), allow("ec2:CreateTags", **at_launch))
    (made,) = launch(alice, **wanted)
    again = {"resources": [made.id], "tags": [Tag("team", "ops")]}
    assert code_of(ec2_tags.create_tags, alice, **again) == "AccessDenied"


@pytest.mark.parametrize(
    ("key", "value", "good", "bad"),
    [
        ("ec2:InstanceType", "t3.micro", {}, {"instance_type": "m5.large"}),
        ("ec2:InstanceProfile", arn("instance-profile/web"),
         {"iam_instance_profile": NamedProfile(name="web")}, {}),
        ("ec2:MetadataHttpTokens", "required", {},
         {"metadata_options": MetadataOptions(http_tokens="optional")}),
        ("aws:RequestTag/team", "dev",
         {"tag_specifications": [TagSpecification("instance", [Tag("team", "dev")])]},
         {"tag_specifications": [TagSpecification("instance", [Tag("team", "ops")])]}),
    ],
)  # fmt: skip
def test_policies_can_ask_how_an_instance_is_launched(web, caller_with, key, value, good, bad):
    alice = caller_with(
        allow("ec2:*", "iam:PassRole"),
        deny("ec2:RunInstances", on="arn:aws:ec2:*:*:instance/*",
             Condition={"StringNotEquals": {key: value}}),
    )  # fmt: skip
    assert launch(alice, **good)
    assert code_of(launch, alice, **bad) == "AccessDenied"


def test_a_region_can_be_denied(caller_with):
    elsewhere: dict[str, Any] = {
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}
    }
    alice = caller_with(allow("ec2:*"), deny("ec2:*", **elsewhere))
    assert code_of(launch, alice) == "AccessDenied"
    assert launch(replace(alice, region="eu-central-1"))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"image_id": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
        ({"image_id": "linux"}, "InvalidAMIID.Malformed"),
        ({"image_id": None}, "MissingParameter"),
        ({"instance_type": "x9.huge"}, "InvalidParameterValue"),
        ({"instance_type": "t4g.micro"}, "InvalidParameterCombination"),
        ({"count": 0}, "InvalidParameterValue"),
        ({"count": 21}, "InstanceLimitExceeded"),
        ({"dry_run": True}, "DryRunOperation"),
        ({"iam_instance_profile": NamedProfile(name="nobody")}, "InvalidParameterValue"),
        ({"iam_instance_profile": NamedProfile(name="web", arn="a" * 20)},
         "InvalidParameterCombination"),
        ({"iam_instance_profile": NamedProfile()}, "MissingParameter"),
        ({"iam_instance_profile": NamedProfile(arn=arn("instance-profile/web", "444455556666"))},
         "InvalidParameterValue"),
        ({"tag_specifications": [TagSpecification("volume", [Tag("a", "b")])]},
         "InvalidParameterValue"),
        ({"tag_specifications": [TagSpecification("instance", [Tag("aws:a", "b")])]},
         "InvalidParameterValue"),
        ({"metadata_options": MetadataOptions(http_tokens="never")}, "ValidationError"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_not_launched(web, root, asked, code):
    assert code_of(launch, root, **asked) == code
    assert Instance.objects.count() == 0


def test_a_profile_without_a_role_is_no_use(root):
    instance_profiles.create_instance_profile(root, instance_profile_name="empty")
    asked: dict[str, Any] = {"iam_instance_profile": NamedProfile(name="empty")}
    assert code_of(launch, root, **asked) == "InvalidParameterValue"


def test_as_many_are_launched_as_there_is_room_for(root):
    launch(root, 18)
    asked: dict[str, Any] = {"image_id": IMAGE, "min_count": 1, "max_count": 5}
    assert len(ec2_launch.run_instances(root, **asked).instances) == 2
    assert code_of(ec2_launch.run_instances, root, **asked) == "InstanceLimitExceeded"


def test_asking_again_with_the_same_client_token_launches_nothing_more(root):
    (first,) = launch(root, client_token="once")
    (again,) = launch(root, client_token="once")
    assert again.id == first.id
    other = {"client_token": "once", "instance_type": "t3.small"}
    assert code_of(launch, root, **other) == "IdempotentParameterMismatch"


# --- Afterwards ----------------------------------------------------------------------------------


def test_an_instance_is_stopped_started_and_terminated(root):
    (made,) = launch(root)
    asked: dict[str, Any] = {"instance_ids": [made.id]}
    (change,) = ec2_instances.stop_instances(root, **asked)
    assert (change.previous, change.current) == ("running", "stopping")
    assert Instance.objects.get().state == "stopped"
    assert code_of(ec2_instances.reboot_instances, root, **asked) == "IncorrectInstanceState"
    later = replace(root, now=root.now + timedelta(hours=1))
    (change,) = ec2_instances.start_instances(later, **asked)
    assert (change.previous, change.current) == ("stopped", "pending")
    assert Instance.objects.get().launched_at == later.now
    (change,) = ec2_instances.terminate_instances(later, **asked)
    assert (change.previous, change.current) == ("running", "shutting-down")
    for call in (ec2_instances.start_instances, ec2_instances.stop_instances):
        assert code_of(call, later, **asked) == "IncorrectInstanceState"


def test_a_terminated_instance_is_shown_for_an_hour_and_then_gone(root):
    (made,) = launch(root)
    ec2_instances.terminate_instances(root, instance_ids=[made.id])
    soon = replace(root, now=root.now + timedelta(minutes=59))
    late = replace(root, now=root.now + timedelta(minutes=61))
    assert [one.state for one in ec2_instances.describe_instances(soon).items] == ["terminated"]
    assert ec2_instances.describe_instances(late).items == []
    launch(late)
    assert not Instance.objects.filter(pk=made.pk).exists()


def test_of_several_instances_each_must_be_allowed_and_there(root, caller_with):
    mine, other = launch(root, 2)
    ec2_tags.create_tags(root, resources=[mine.id], tags=[Tag("owner", "alice")])
    own: dict[str, Any] = {"Condition": {"StringEquals": {"ec2:ResourceTag/owner": "alice"}}}
    alice = caller_with(allow("ec2:StopInstances", **own))
    for asked in ([other.id], [mine.id, other.id]):
        assert code_of(ec2_instances.stop_instances, alice, instance_ids=asked) == "AccessDenied"
    absent = [mine.id, "i-0123456789abcdef0"]
    assert code_of(ec2_instances.stop_instances, root, instance_ids=absent) == (
        "InvalidInstanceID.NotFound"
    )
    assert {one.state for one in Instance.objects.all()} == {"running"}
    ec2_instances.stop_instances(alice, instance_ids=[mine.id])
    assert Instance.objects.get(pk=mine.pk).state == "stopped"


def test_an_id_that_can_be_none_is_malformed(root):
    for bad in ("web", "i-xyz", "i-0123", "i-" + "0" * 18):
        assert code_of(ec2_instances.describe_instances, root, instance_ids=[bad]) == (
            "InvalidInstanceID.Malformed"
        )


def test_somebody_of_another_account_finds_nothing(root, eve):
    (made,) = launch(root)
    assert ec2_instances.describe_instances(eve).items == []
    asked: dict[str, Any] = {"instance_ids": [made.id]}
    for call in (ec2_instances.describe_instances, ec2_instances.terminate_instances):
        assert code_of(call, eve, **asked) == "InvalidInstanceID.NotFound"
    assert Instance.objects.get().state == "running"


def test_lists_are_filtered_and_come_in_pages(web, root):
    launch(root, 5, iam_instance_profile=NamedProfile(name="web"))
    launch(root, 2, tag_specifications=[TagSpecification("instance", [Tag("Name", "db-1")])])

    def named(**filters: list[str]) -> int:
        wanted = [Filter(name.replace("_", "-"), values) for name, values in filters.items()]
        return len(ec2_instances.describe_instances(root, filters=wanted).items)

    assert named(instance_state_name=["running"]) == 7
    assert named(instance_state_name=["stopped"]) == 0
    by_name = [Filter("tag:Name", ["db-*"])]
    assert len(ec2_instances.describe_instances(root, filters=by_name).items) == 2
    assert named(tag_key=["Name"]) == 2
    assert code_of(named, colour=["red"]) == "InvalidParameterValue"
    first = ec2_instances.describe_instances(root, max_results=5)
    second = ec2_instances.describe_instances(root, max_results=5, next_token=first.marker)
    ids = {one.id for one in (*first.items, *second.items)}
    assert (len(first.items), len(second.items), len(ids)) == (5, 2, 7)


# --- Roles ---------------------------------------------------------------------------------------


def test_another_role_is_given_and_taken_with_the_right_to_pass_it(web, root, caller_with):
    (made,) = launch(root)
    given: dict[str, Any] = {
        "iam_instance_profile": NamedProfile(name="web"),
        "instance_id": made.id,
    }
    alice = caller_with(allow("ec2:*"))
    with pytest.raises(AccessDenied) as refused:
        ec2_profiles.associate_iam_instance_profile(alice, **given)
    assert refused.value.action == "iam:PassRole"
    bond = ec2_profiles.associate_iam_instance_profile(root, **given)
    assert code_of(ec2_profiles.associate_iam_instance_profile, root, **given) == "IncorrectState"
    again: dict[str, Any] = {
        "association_id": bond.id,
        "iam_instance_profile": NamedProfile(name="web"),
    }
    call = ec2_profiles.replace_iam_instance_profile_association
    assert code_of(call, alice, **again) == "AccessDenied"
    newer = call(root, **again)
    assert newer.id != bond.id
    (listed,) = ec2_profiles.describe_iam_instance_profile_associations(root).items
    assert (listed.id, listed.state) == (newer.id, "associated")
    end = ec2_profiles.disassociate_iam_instance_profile
    assert code_of(end, root, association_id=bond.id) == "InvalidAssociationID.NotFound"
    end(root, association_id=newer.id)
    assert Instance.objects.get().profile is None


def test_an_instance_outlives_its_profile(web, root):
    (made,) = launch(root, iam_instance_profile=NamedProfile(name="web"))
    instance_profiles.remove_role_from_instance_profile(
        root, instance_profile_name="web", role_name="web"
    )
    instance_profiles.delete_instance_profile(root, instance_profile_name="web")
    (found,) = ec2_instances.describe_instances(root).items
    assert (found.id, found.state, found.profile) == (made.id, "running", None)


# --- Tags, metadata, the record ------------------------------------------------------------------


def test_tags_are_set_removed_and_listed(root):
    (made,) = launch(root)
    on: dict[str, Any] = {"resources": [made.id]}
    ec2_tags.create_tags(root, **on, tags=[Tag("a", "1"), Tag("A", "2"), Tag("b", "3")])
    ec2_tags.delete_tags(root, **on, tags=[UnsetTag("a"), UnsetTag("b", "other")])
    assert [(tag.key, tag.value) for tag in ec2_tags.describe_tags(root).items] == [
        ("A", "2"),
        ("b", "3"),
    ]
    ec2_tags.delete_tags(root, **on)
    assert Instance.objects.get().tags == {}
    many = [Tag(f"k{number}", "") for number in range(50)]
    ec2_tags.create_tags(root, **on, tags=many)
    assert code_of(ec2_tags.create_tags, root, **on, tags=[Tag("x", "")]) == "TagLimitExceeded"
    bucket = {"resources": ["vol-1"], "tags": [Tag("a", "b")]}
    assert code_of(ec2_tags.create_tags, root, **bucket) == "InvalidID"


def test_how_metadata_is_read_can_be_changed(root, caller_with):
    (made,) = launch(root)
    change = ec2_instances.modify_instance_metadata_options
    asked: dict[str, Any] = {"instance_id": made.id, "http_tokens": "optional"}
    assert code_of(change, caller_with(allow("ec2:Describe*")), **asked) == "AccessDenied"
    assert change(root, **asked).http_tokens == "optional"
    assert change(root, instance_id=made.id, http_endpoint="disabled").metadata_enabled is False


def test_what_changes_an_instance_changes_nobodys_permissions(root):
    before = root.home.policy_epoch
    launch(root)
    root.home.refresh_from_db()
    assert root.home.policy_epoch == before


def test_every_call_is_on_the_record(root, alice):
    (made,) = launch(root)
    code_of(ec2_instances.terminate_instances, alice, instance_ids=[made.id])
    launched, denied = Event.objects.order_by("sequence")
    assert (launched.action, launched.outcome) == ("ec2:RunInstances", "success")
    assert (denied.action, denied.outcome) == ("ec2:TerminateInstances", "denied")
    assert denied.resources == [made.arn]


def test_a_dry_run_says_what_would_happen_and_does_nothing(root, alice):
    (made,) = launch(root)
    asked: dict[str, Any] = {"instance_ids": [made.id], "dry_run": True}
    assert code_of(ec2_instances.terminate_instances, root, **asked) == "DryRunOperation"
    assert code_of(ec2_instances.terminate_instances, alice, **asked) == "AccessDenied"
    assert Instance.objects.get().state == "running"


def test_the_address_of_the_metadata_service_is_stored_nowhere(root):
    (made,) = launch(root)
    stored = Instance.objects.values().get()
    assert made.metadata_secret not in str(stored)
