"""Roles, by the SDK of AWS."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Role
from tests.api.refusals import refused
from tests.cast import arn, deny, document, trust

TRUST = trust(Service="ec2.amazonaws.com")
BOUNDARY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture
def worker(iam: Any) -> dict[str, Any]:
    """A role with everything that a role can have."""
    role: dict[str, Any] = iam.create_role(
        RoleName="worker",
        Path="/dev/",
        AssumeRolePolicyDocument=TRUST,
        Description="works",
        MaxSessionDuration=7200,
        PermissionsBoundary=BOUNDARY,
        Tags=[{"Key": "team", "Value": "dev"}],
    )["Role"]
    return role


def test_a_new_role_comes_back_with_its_trust_policy_boundary_and_tags_and_no_more(worker):
    assert worker.pop("RoleId").startswith("AROA")
    assert worker.pop("CreateDate").tzinfo is not None
    assert worker == {
        "Path": "/dev/",
        "RoleName": "worker",
        "Arn": arn("role/dev/worker"),
        "AssumeRolePolicyDocument": json.loads(TRUST),
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": BOUNDARY,
        },
        "Tags": [{"Key": "team", "Value": "dev"}],
    }


def test_a_role_is_shown_with_description_longest_session_and_last_use(iam, worker):
    found = iam.get_role(RoleName="WORKER")["Role"]
    assert found == worker | {
        "Description": "works",
        "MaxSessionDuration": 7200,
        "RoleLastUsed": {},
    }
    Role.objects.update(
        last_used_at=datetime(2026, 1, 2, 3, 4, 5, 999, tzinfo=UTC), last_used_region="eu-west-1"
    )
    assert iam.get_role(RoleName="worker")["Role"]["RoleLastUsed"] == {
        "LastUsedDate": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "Region": "eu-west-1",
    }


def test_a_list_of_roles_leaves_out_tags_boundary_and_last_use(iam, worker):
    Role.objects.update(last_used_at=datetime(2026, 1, 2, tzinfo=UTC))
    iam.create_role(RoleName="Another", AssumeRolePolicyDocument=TRUST)
    answer = iam.list_roles()
    assert answer["IsTruncated"] is False
    assert "Marker" not in answer
    other, listed = answer["Roles"]
    del worker["Tags"], worker["PermissionsBoundary"]
    assert listed == worker | {"Description": "works", "MaxSessionDuration": 7200}
    assert (other["RoleName"], other["MaxSessionDuration"]) == ("Another", 3600)
    assert "Description" not in other


def test_a_list_of_roles_comes_in_pages_and_by_path(iam, worker):
    for name in ("c", "a", "b"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 3}))
    assert [[role["RoleName"] for role in page["Roles"]] for page in pages] == [
        ["a", "b", "c"],
        ["worker"],
    ]
    assert pages[0]["IsTruncated"] is True
    under = iam.list_roles(PathPrefix="/dev/")["Roles"]
    assert [role["RoleName"] for role in under] == ["worker"]
    assert iam.list_roles(PathPrefix="/none/")["Roles"] == []


def test_a_trust_policy_shows_the_arns_of_those_it_names_wherever_it_is_shown(iam, admin):
    text = trust(AWS=admin.arn)
    iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=text)
    assert admin.user.unique_id in Role.objects.get().trust_policy
    iam.create_instance_profile(InstanceProfileName="p")
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="trusting")
    profile = iam.get_instance_profile(InstanceProfileName="p")["InstanceProfile"]
    shown = [
        iam.get_role(RoleName="trusting")["Role"],
        iam.list_roles()["Roles"][0],
        iam.update_role_description(RoleName="trusting", Description="d")["Role"],
        profile["Roles"][0],
        iam.list_instance_profiles()["InstanceProfiles"][0]["Roles"][0],
        iam.list_instance_profiles_for_role(RoleName="trusting")["InstanceProfiles"][0]["Roles"][0],
    ]
    assert [role["AssumeRolePolicyDocument"] for role in shown] == [json.loads(text)] * 6


def test_a_trust_policy_comes_back_to_the_letter(iam):
    text = TRUST.replace("}", "}\n\t") + " "
    iam.create_role(RoleName="spaced", AssumeRolePolicyDocument=text)
    raw: list[bytes] = []
    iam.meta.events.register(
        "before-parse.iam.GetRole",
        lambda response_dict, **_: raw.append(response_dict["body"]),
    )
    iam.get_role(RoleName="spaced")
    assert b"%7B%22Version%22%3A%20%222012-10-17%22" in raw[0]
    assert b"%0A%09" in raw[0]
    assert b"+" not in raw[0].partition(b"<AssumeRolePolicyDocument>")[2].partition(b"<")[0]


def test_a_description_and_a_longest_session_are_changed(iam, worker):
    iam.update_role(RoleName="worker", MaxSessionDuration=43200)
    role = iam.get_role(RoleName="worker")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("works", 43200)
    iam.update_role(RoleName="worker", Description="rests")
    role = iam.get_role(RoleName="worker")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("rests", 3600)
    changed = iam.update_role_description(RoleName="worker", Description="sleeps")["Role"]
    assert changed["Description"] == "sleeps"
    assert "MaxSessionDuration" not in changed


def test_a_trust_policy_is_replaced(iam, worker):
    other = trust(Service="lambda.amazonaws.com")
    iam.update_assume_role_policy(RoleName="worker", PolicyDocument=other)
    found = iam.get_role(RoleName="worker")["Role"]["AssumeRolePolicyDocument"]
    assert found == json.loads(other)


def test_a_boundary_is_set_and_lifted(iam, worker):
    other = "arn:aws:iam::aws:policy/PowerUserAccess"
    iam.put_role_permissions_boundary(RoleName="worker", PermissionsBoundary=other)
    shown = iam.get_role(RoleName="worker")["Role"]["PermissionsBoundary"]
    assert shown["PermissionsBoundaryArn"] == other
    iam.delete_role_permissions_boundary(RoleName="worker")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="worker")["Role"]
    with refused("NoSuchEntity", status=404):
        iam.delete_role_permissions_boundary(RoleName="worker")


def test_tags_are_set_listed_in_pages_and_dropped(iam, worker):
    iam.tag_role(RoleName="worker", Tags=[{"Key": k, "Value": k * 2} for k in "cab"])
    first = iam.list_role_tags(RoleName="worker", MaxItems=2)
    assert first["Tags"] == [{"Key": "a", "Value": "aa"}, {"Key": "b", "Value": "bb"}]
    assert first["IsTruncated"] is True
    rest = iam.list_role_tags(RoleName="worker", Marker=first["Marker"])
    assert [tag["Key"] for tag in rest["Tags"]] == ["c", "team"]
    iam.untag_role(RoleName="worker", TagKeys=["a", "b", "c", "team", "none"])
    assert iam.list_role_tags(RoleName="worker")["Tags"] == []
    assert "Tags" not in iam.get_role(RoleName="worker")["Role"]


def test_a_role_goes_once_nothing_hangs_on_it_any_more_in_the_order_of_aws(iam, worker):
    iam.put_role_policy(RoleName="worker", PolicyName="own", PolicyDocument=document(deny("s3:*")))
    iam.attach_role_policy(RoleName="worker", PolicyArn=BOUNDARY)
    iam.create_instance_profile(InstanceProfileName="worker")
    iam.add_role_to_instance_profile(InstanceProfileName="worker", RoleName="worker")
    conflict = "Cannot delete entity, must remove roles from instance profile first."
    with refused("DeleteConflict", conflict, status=409):
        iam.delete_role(RoleName="worker")
    iam.remove_role_from_instance_profile(InstanceProfileName="worker", RoleName="worker")
    with refused("DeleteConflict", "Cannot delete entity, must detach all policies first."):
        iam.delete_role(RoleName="worker")
    iam.detach_role_policy(RoleName="worker", PolicyArn=BOUNDARY)
    with refused("DeleteConflict", "Cannot delete entity, must delete policies first."):
        iam.delete_role(RoleName="worker")
    iam.delete_role_policy(RoleName="worker", PolicyName="own")
    iam.delete_role(RoleName="worker")
    with refused("NoSuchEntity", "The role with name worker cannot be found.", status=404):
        iam.get_role(RoleName="worker")


def test_a_name_is_taken_whatever_its_case(iam, worker):
    with refused("EntityAlreadyExists", "Role with name Worker already exists.", status=409):
        iam.create_role(RoleName="Worker", AssumeRolePolicyDocument=TRUST)


def test_a_boundary_that_is_no_policy_is_refused_in_the_words_of_aws(iam):
    given = {"RoleName": "r", "AssumeRolePolicyDocument": TRUST}
    with refused("InvalidInput", f"ARN {arn('not_a_policy/invalid')} is not valid.", status=400):
        iam.create_role(**given, PermissionsBoundary=arn("not_a_policy/invalid"))
    missing = f"Scope ARN: {arn('policy/none')} does not exist or is not attachable."
    with refused("NoSuchEntity", missing, status=404):
        iam.create_role(**given, PermissionsBoundary=arn("policy/none"))
    assert not Role.objects.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "This policy contains invalid Json"),
        (
            TRUST.replace('"Action"', '"Resource": "*", "Action"'),
            "Has prohibited field Resource",
        ),
        (
            TRUST.replace("sts:AssumeRole", "s3:GetObject"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            trust(AWS=arn("user/ghost")),
            f'Invalid principal in policy: "AWS":"{arn("user/ghost")}"',
        ),
    ],
)
def test_a_trust_policy_is_refused_by_its_cause(iam, worker, text, message):
    with refused("MalformedPolicyDocument", message, status=400):
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=text)
    with refused("MalformedPolicyDocument", message, status=400):
        iam.update_assume_role_policy(RoleName="worker", PolicyDocument=text)


def test_a_trust_policy_that_is_too_long_is_beyond_the_quota(iam):
    long = trust(AWS=["arn:aws:iam::999999999999:role/" + "r" * 60] * 30)
    with refused("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", status=409):
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=long)


def test_several_wrong_arguments_are_told_at_once(unchecked):
    message = (
        "2 validation errors detected: Value at 'roleName' failed to satisfy constraint: Member "
        "must have length less than or equal to 64; Value at 'maxSessionDuration' failed to "
        "satisfy constraint: Member must have value less than or equal to 43200"
    )
    with refused("ValidationError", message, status=400):
        unchecked.create_role(
            RoleName="n" * 65, AssumeRolePolicyDocument=TRUST, MaxSessionDuration=43201
        )


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (
            [{"Key": f"k{number}", "Value": ""} for number in range(51)],
            "Value at 'tags' failed to satisfy constraint: Member must have length less than or "
            "equal to 50",
        ),
        (
            [{"Key": "k" * 129, "Value": ""}],
            "Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length "
            "less than or equal to 128",
        ),
        (
            [{"Key": "k", "Value": "v" * 257}],
            "Value at 'tags.1.member.value' failed to satisfy constraint: Member must have length "
            "less than or equal to 256",
        ),
        (
            [{"Key": "k?", "Value": ""}],
            "Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy "
            r"regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+",
        ),
    ],
)
def test_tags_beyond_their_limits_are_told_by_their_place(unchecked, worker, tags, message):
    with refused("ValidationError", f"1 validation error detected: {message}", status=400):
        unchecked.tag_role(RoleName="worker", Tags=tags)
    with refused("ValidationError", f"1 validation error detected: {message}", status=400):
        unchecked.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST, Tags=tags)


def test_duplicate_tags_are_refused_whatever_their_case(iam, worker):
    tags = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    message = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    with refused("InvalidInput", message, status=400):
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST, Tags=tags)
    with refused("InvalidInput", message, status=400):
        iam.tag_role(RoleName="worker", Tags=tags)


def test_whoever_may_do_nothing_is_denied_before_the_role_is_looked_for(nobody, worker, alice):
    for name, path in (("worker", "dev/worker"), ("none", "none")):
        message = (
            f"User: {alice.arn} is not authorized to perform: iam:GetRole on resource: "
            f"{arn(f'role/{path}')} because no identity-based policy allows the iam:GetRole action"
        )
        with refused("AccessDenied", message, status=403):
            nobody.get_role(RoleName=name)


def test_another_account_sees_none_of_it(stranger, worker):
    assert stranger.list_roles()["Roles"] == []
    with refused("NoSuchEntity", "The role with name worker cannot be found.", status=404):
        stranger.get_role(RoleName="worker")
    with refused("NoSuchEntity", status=404):
        stranger.delete_role(RoleName="worker")
    assert Role.objects.count() == 1
