"""The calls that the AWS provider of Terraform and Pulumi makes, in its order, with boto3.

Read off what the provider does for aws_iam_user, aws_iam_access_key, aws_iam_user_login_profile and
for what else tutorials declare: create, read, plan once more (which must find nothing changed),
change in place, destroy. The provider itself comes from a registry that tests can't count on.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from accounts.models import AccessKey, User
from tests.api.clients import Key, client
from tests.cast import ACCOUNT_ID, allow, arn, document, trust


@pytest.fixture
def iam(endpoint, key) -> Any:
    return client(key, endpoint=endpoint)


@pytest.fixture
def sts(endpoint, key) -> Any:
    return client(key, "sts", endpoint=endpoint)


def read_user(iam: Any, name: str) -> dict[str, Any]:
    """What the provider keeps of a user: of the tags it reads what GetUser says."""
    user = iam.get_user(UserName=name)["User"]
    kept = {key: user[key] for key in ("Arn", "Path", "UserName", "UserId")}
    boundary = user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {**kept, "Boundary": boundary, "Tags": user.get("Tags", [])}


def gone(call: Any, **named: str) -> bool:
    """Whether the provider takes a thing for deleted: NoSuchEntity, with status 404."""
    try:
        call(**named)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return (error.response["Error"]["Code"], status) == ("NoSuchEntity", 404)
    return False


def destroy_user(iam: Any, name: str) -> None:
    """`forceDestroy`: everything that a user has goes first, each found by its list."""
    for group in iam.list_groups_for_user(UserName=name)["Groups"]:
        iam.remove_user_from_group(UserName=name, GroupName=group["GroupName"])
    for found in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=found["AccessKeyId"])
    for found in iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"]:
        iam.delete_ssh_public_key(UserName=name, SSHPublicKeyId=found["SSHPublicKeyId"])
    for found in iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]:
        assert found["User"]["UserName"] != name
    for found in iam.list_mfa_devices(UserName=name)["MFADevices"]:
        iam.deactivate_mfa_device(UserName=name, SerialNumber=found["SerialNumber"])
    for found in iam.list_signing_certificates(UserName=name)["Certificates"]:
        iam.delete_signing_certificate(UserName=name, CertificateId=found["CertificateId"])
    for found in iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"]:
        iam.delete_service_specific_credential(
            UserName=name, ServiceSpecificCredentialId=found["ServiceSpecificCredentialId"]
        )
    gone(iam.delete_login_profile, UserName=name)  # there may be none
    iam.delete_user(UserName=name)


def test_the_provider_finds_out_whose_account_it_works_in(sts, iam):
    identity = sts.get_caller_identity()
    assert identity["Account"] == ACCOUNT_ID
    assert identity["Arn"] == iam.get_user()["User"]["Arn"] == arn("user/admin")


def test_a_user_is_made_read_again_without_change_moved_and_destroyed(iam):
    made = iam.create_user(UserName="techsquawks-user", Path="/")["User"]
    assert "Tags" not in made
    first = read_user(iam, "techsquawks-user")
    assert first == read_user(iam, "techsquawks-user")
    assert first["Arn"] == arn("user/techsquawks-user")
    iam.update_user(UserName="techsquawks-user", NewPath="/example/", NewUserName="renamed")
    iam.tag_user(UserName="renamed", Tags=[{"Key": "Team", "Value": "Red"}])
    moved = read_user(iam, "renamed")
    assert moved["UserId"] == made["UserId"]
    assert (moved["Path"], moved["Tags"]) == ("/example/", [{"Key": "Team", "Value": "Red"}])
    iam.untag_user(UserName="renamed", TagKeys=["Team"])
    destroy_user(iam, "renamed")
    assert gone(iam.get_user, UserName="renamed")


def test_users_under_paths_are_listed_by_path(iam):
    for name, path in [("user-1", "/example/path/1/"), ("user-2", "/example/path/2/"),
                       ("user-2a", "/example/path/2/")]:  # fmt: skip
        iam.create_user(UserName=name, Path=path)
    users = iam.list_users(PathPrefix="/example/path/2/")["Users"]
    assert [user["UserName"] for user in users] == ["user-2", "user-2a"]


def test_an_access_key_works_is_switched_off_and_destroyed(iam, endpoint):
    iam.create_user(UserName="techsquawks-user", Path="/")
    made = iam.create_access_key(UserName="techsquawks-user")["AccessKey"]
    listed = iam.list_access_keys(UserName="techsquawks-user")["AccessKeyMetadata"]
    assert [(one["AccessKeyId"], one["Status"]) for one in listed] == [
        (made["AccessKeyId"], "Active")
    ]
    own = Key(made["AccessKeyId"], made["SecretAccessKey"])
    identity = client(own, "sts", endpoint=endpoint).get_caller_identity()
    assert identity["Arn"] == arn("user/techsquawks-user")
    named = {"UserName": "techsquawks-user", "AccessKeyId": made["AccessKeyId"]}
    iam.update_access_key(**named, Status="Inactive")
    assert iam.get_access_key_last_used(AccessKeyId=made["AccessKeyId"])["UserName"]
    iam.delete_access_key(**named)
    assert gone(iam.delete_access_key, **named)
    assert AccessKey.objects.filter(user__name="techsquawks-user").count() == 0


def test_a_login_profile_is_made_read_and_destroyed_with_its_user(iam):
    iam.create_user(UserName="techsquawks-user", Path="/")
    named = {"UserName": "techsquawks-user"}
    # The provider makes the password itself, of `passwordLength` characters, and asks first.
    assert gone(iam.get_login_profile, **named)
    made = iam.create_login_profile(
        **named, Password="correct-Horse-7", PasswordResetRequired=True
    )["LoginProfile"]
    assert made["PasswordResetRequired"] is True
    read = iam.get_login_profile(**named)["LoginProfile"]
    assert read == made
    iam.delete_login_profile(**named)
    assert gone(iam.get_login_profile, **named)
    destroy_user(iam, "techsquawks-user")
    assert not User.objects.filter(name="techsquawks-user").exists()


def test_with_force_destroy_whatever_a_user_has_goes_first(iam):
    iam.create_user(UserName="carol")
    iam.create_group(GroupName="developers")
    iam.add_user_to_group(UserName="carol", GroupName="developers")
    iam.create_access_key(UserName="carol")
    iam.create_login_profile(UserName="carol", Password="correct-Horse-7")
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_user(UserName="carol")
    destroy_user(iam, "carol")
    assert gone(iam.get_user, UserName="carol")


def test_a_role_with_policies_is_made_read_again_without_change_and_destroyed(iam):
    role = iam.create_role(
        RoleName="machine",
        Path="/",
        AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"),
        MaxSessionDuration=3600,
    )["Role"]
    policy = iam.create_policy(PolicyName="buckets", PolicyDocument=document(allow("s3:*")))
    policy_arn = policy["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="machine", PolicyArn=policy_arn)
    iam.put_role_policy(
        RoleName="machine", PolicyName="own", PolicyDocument=document(allow("sns:Publish"))
    )
    iam.create_instance_profile(InstanceProfileName="machine")
    iam.add_role_to_instance_profile(InstanceProfileName="machine", RoleName="machine")

    read = iam.get_role(RoleName="machine")["Role"]
    assert read["AssumeRolePolicyDocument"] == json.loads(trust(Service="ec2.amazonaws.com"))
    assert (read["RoleId"], read["MaxSessionDuration"]) == (role["RoleId"], 3600)
    assert iam.list_role_policies(RoleName="machine")["PolicyNames"] == ["own"]
    attached = iam.list_attached_role_policies(RoleName="machine")["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == [policy_arn]
    default = iam.get_policy(PolicyArn=policy_arn)["Policy"]["DefaultVersionId"]
    version = iam.get_policy_version(PolicyArn=policy_arn, VersionId=default)["PolicyVersion"]
    assert version["Document"] == json.loads(document(allow("s3:*")))

    changed = document(allow("s3:ListBucket"))
    iam.create_policy_version(PolicyArn=policy_arn, PolicyDocument=changed, SetAsDefault=True)
    for profile in iam.list_instance_profiles_for_role(RoleName="machine")["InstanceProfiles"]:
        name = profile["InstanceProfileName"]
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName="machine")
        iam.delete_instance_profile(InstanceProfileName=name)
    iam.detach_role_policy(RoleName="machine", PolicyArn=policy_arn)
    iam.delete_role_policy(RoleName="machine", PolicyName="own")
    iam.delete_role(RoleName="machine")
    for version in iam.list_policy_versions(PolicyArn=policy_arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=policy_arn, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=policy_arn)
    assert gone(iam.get_role, RoleName="machine")
    assert gone(iam.get_policy, PolicyArn=policy_arn)
