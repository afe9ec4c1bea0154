"""Instance profiles, by the SDK of AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import InstanceProfile
from tests.api.refusals import refused
from tests.cast import allow, arn, deny, trust

TRUST = trust(Service="ec2.amazonaws.com")


@pytest.fixture
def web(iam: Any) -> dict[str, Any]:
    """An instance profile without a role."""
    profile: dict[str, Any] = iam.create_instance_profile(
        InstanceProfileName="web", Path="/dev/", Tags=[{"Key": "team", "Value": "dev"}]
    )["InstanceProfile"]
    return profile


@pytest.fixture
def worker(iam: Any) -> dict[str, Any]:
    """A role of EC2."""
    role: dict[str, Any] = iam.create_role(
        RoleName="worker", AssumeRolePolicyDocument=TRUST, Description="works"
    )["Role"]
    return role


def test_a_new_instance_profile_has_no_roles(web):
    assert web.pop("InstanceProfileId").startswith("AIPA")
    del web["CreateDate"]
    assert web == {
        "Path": "/dev/",
        "InstanceProfileName": "web",
        "Arn": arn("instance-profile/dev/web"),
        "Roles": [],
        "Tags": [{"Key": "team", "Value": "dev"}],
    }


def test_a_role_is_put_in_shown_and_taken_out(iam, web, worker):
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="worker")
    found = iam.get_instance_profile(InstanceProfileName="WEB")["InstanceProfile"]
    assert found == web | {"Roles": [worker]}
    assert found["Roles"][0]["AssumeRolePolicyDocument"] == json.loads(TRUST)
    with refused(
        "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", status=409
    ):
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="worker")
    message = "Cannot delete entity, must remove roles from instance profile first."
    with refused("DeleteConflict", message, status=409):
        iam.delete_instance_profile(InstanceProfileName="web")
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="worker")
    with refused("NoSuchEntity", status=404):
        iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="worker")
    iam.delete_instance_profile(InstanceProfileName="web")
    assert not InstanceProfile.objects.exists()


def test_lists_of_instance_profiles_leave_out_tags(iam, web, worker):
    iam.create_instance_profile(InstanceProfileName="Another")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="worker")
    other, listed = iam.list_instance_profiles()["InstanceProfiles"]
    assert other["InstanceProfileName"] == "Another"
    del web["Tags"]
    assert listed == web | {"Roles": [worker]}
    of_role = iam.list_instance_profiles_for_role(RoleName="worker")
    assert (of_role["InstanceProfiles"], of_role["IsTruncated"]) == ([listed], False)
    assert iam.list_instance_profiles(PathPrefix="/ops/")["InstanceProfiles"] == []
    first = iam.list_instance_profiles(MaxItems=1)
    assert first["IsTruncated"] is True
    assert iam.list_instance_profiles(Marker=first["Marker"])["InstanceProfiles"] == [listed]


def test_tags_are_set_listed_and_dropped(iam, web):
    iam.untag_instance_profile(InstanceProfileName="web", TagKeys=["team"])
    assert iam.list_instance_profile_tags(InstanceProfileName="web")["Tags"] == []
    assert iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Tags"] == []
    iam.tag_instance_profile(InstanceProfileName="web", Tags=[{"Key": "a", "Value": ""}])
    answer = iam.list_instance_profile_tags(InstanceProfileName="web")
    assert answer["Tags"] == [{"Key": "a", "Value": ""}]


def test_a_name_is_taken_whatever_its_case(iam, web):
    with refused("EntityAlreadyExists", "Instance Profile Web already exists.", status=409):
        iam.create_instance_profile(InstanceProfileName="Web")


def test_what_is_not_there_cannot_be_found(iam, web, worker):
    message = "Instance Profile none cannot be found."
    for name, more in (
        ("get_instance_profile", {}),
        ("delete_instance_profile", {}),
        ("list_instance_profile_tags", {}),
        ("add_role_to_instance_profile", {"RoleName": "worker"}),
        ("remove_role_from_instance_profile", {"RoleName": "worker"}),
    ):
        with refused("NoSuchEntity", message, status=404):
            getattr(iam, name)(InstanceProfileName="none", **more)
    with refused("NoSuchEntity", "The role with name none cannot be found.", status=404):
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="none")


def test_a_role_is_put_in_only_by_whoever_may_pass_it(aws, caller_with, web, worker):
    limited = aws(caller_with(allow("iam:*"), deny("iam:PassRole")))
    with refused("AccessDenied", status=403):
        limited.add_role_to_instance_profile(InstanceProfileName="web", RoleName="worker")
    assert limited.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Roles"] == []


def test_only_whoever_may_and_only_in_their_own_account(nobody, stranger, web):
    with refused("AccessDenied", status=403):
        nobody.get_instance_profile(InstanceProfileName="web")
    with refused("AccessDenied", status=403):
        nobody.list_instance_profiles()
    assert stranger.list_instance_profiles()["InstanceProfiles"] == []
    with refused("NoSuchEntity", "Instance Profile web cannot be found.", status=404):
        stranger.delete_instance_profile(InstanceProfileName="web")
