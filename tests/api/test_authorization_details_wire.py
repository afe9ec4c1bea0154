"""Authorization details of a whole account, by the SDK of AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.refusals import refused
from tests.cast import allow, document, trust

TEXT = document(allow("s3:GetObject"))
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture
def full(iam: Any) -> Any:
    """The administrator's client, in an account with one of each."""
    own = iam.create_policy(PolicyName="Own", PolicyDocument=TEXT)["Policy"]["Arn"]
    tags = [{"Key": "a", "Value": "b"}]
    iam.create_user(UserName="ram", PermissionsBoundary=READ_ONLY, Tags=tags)
    iam.put_user_policy(UserName="ram", PolicyName="mine", PolicyDocument=TEXT)
    iam.create_group(GroupName="Devs")
    iam.add_user_to_group(GroupName="Devs", UserName="ram")
    iam.attach_group_policy(GroupName="Devs", PolicyArn=own)
    iam.create_role(
        RoleName="worker", AssumeRolePolicyDocument=trust(AWS=iam.get_user()["User"]["Arn"])
    )
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="worker")
    return iam


def test_everything_is_told_of_everybody(full):
    found = full.get_account_authorization_details()
    _admin, ram = found["UserDetailList"]
    user = full.get_user(UserName="ram")["User"]
    assert ram == user | {
        "UserPolicyList": [{"PolicyName": "mine", "PolicyDocument": json.loads(TEXT)}],
        "GroupList": ["Devs"],
        "AttachedManagedPolicies": [],
    }
    (devs,) = found["GroupDetailList"]
    own = {"PolicyName": "Own", "PolicyArn": devs["AttachedManagedPolicies"][0]["PolicyArn"]}
    group = full.get_group(GroupName="Devs")["Group"]
    assert devs == group | {"GroupPolicyList": [], "AttachedManagedPolicies": [own]}
    (worker,) = found["RoleDetailList"]
    role = full.get_role(RoleName="worker")["Role"]
    del role["MaxSessionDuration"]
    profiles = full.list_instance_profiles()["InstanceProfiles"]
    assert worker == role | {
        "InstanceProfileList": profiles,
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
    }
    policies = {each["PolicyName"]: each for each in found["Policies"]}
    assert policies.keys() == {"AdministratorAccess", "Own", "ReadOnlyAccess"}
    (version,) = policies["Own"]["PolicyVersionList"]
    assert version["Document"] == json.loads(TEXT)
    assert policies["ReadOnlyAccess"]["PermissionsBoundaryUsageCount"] == 1
    assert found["IsTruncated"] is False


def test_a_filter_narrows_it_and_pages_hold_everything_once(full):
    only = full.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"])
    assert [each["RoleName"] for each in only["RoleDetailList"]] == ["worker"]
    assert [each["PolicyName"] for each in only["Policies"]] == ["Own"]
    assert (only["UserDetailList"], only["GroupDetailList"]) == ([], [])
    pages = full.get_paginator("get_account_authorization_details").paginate(
        PaginationConfig={"PageSize": 2}
    )
    arns = [
        each["Arn"]
        for page in pages
        for kind in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
        for each in page[kind]
    ]
    assert len(arns) == len(set(arns)) == 7


def test_only_whoever_may_and_only_in_their_own_account(full, nobody, stranger):
    with refused("AccessDenied", status=403):
        nobody.get_account_authorization_details()
    found = stranger.get_account_authorization_details()
    assert [each["UserName"] for each in found["UserDetailList"]] == ["eve"]
    assert found["RoleDetailList"] == []
