"""Service-linked roles, by the SDK of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Role
from tests.api.refusals import refused
from tests.cast import arn, trust

NAME = "AWSServiceRoleForAutoScaling"
ARN = arn(f"role/aws-service-role/autoscaling.amazonaws.com/{NAME}")


@pytest.fixture
def linked(iam: Any) -> dict[str, Any]:
    """The role of the service."""
    role: dict[str, Any] = iam.create_service_linked_role(
        AWSServiceName="autoscaling.amazonaws.com", Description="scales"
    )["Role"]
    return role


def test_a_service_linked_role_has_its_services_path_trust_and_policy(iam, linked):
    assert (linked["RoleName"], linked["Arn"]) == (NAME, ARN)
    (statement,) = linked["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "autoscaling.amazonaws.com"}
    (policy,) = iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert policy["PolicyName"] == "AutoScalingServiceRolePolicy"
    assert iam.get_role(RoleName=NAME)["Role"]["Description"] == "scales"


def test_a_name_is_taken_once_and_a_suffix_is_for_some_services_only(iam, linked):
    message = (
        f"Service role name {NAME} has been taken in this account, please try a different suffix."
    )
    with refused("InvalidInput", message, status=400):
        iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    made = iam.create_service_linked_role(
        AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="blue"
    )
    assert made["Role"]["RoleName"] == f"{NAME}_blue"
    message = "Custom suffix is not allowed for rds.amazonaws.com"
    with refused("InvalidInput", message, status=400):
        iam.create_service_linked_role(AWSServiceName="rds.amazonaws.com", CustomSuffix="blue")


def test_nobody_but_the_service_changes_the_role(iam, linked):
    message = (
        f"Cannot perform the operation on the protected role '{NAME}' - this role is only "
        "modifiable by AWS"
    )
    given = {"RoleName": NAME}
    for name, more in (
        ("delete_role", {}),
        ("update_assume_role_policy", {"PolicyDocument": trust(AWS="*")}),
        ("attach_role_policy", {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        ("put_role_policy", {"PolicyName": "p", "PolicyDocument": "{}"}),
        ("put_role_permissions_boundary", {"PermissionsBoundary": arn("policy/none")}),
        ("update_role", {"MaxSessionDuration": 7200}),
    ):
        with refused("UnmodifiableEntity", message, status=400):
            getattr(iam, name)(**given, **more)
    iam.update_role_description(**given, Description="other")
    assert iam.get_role(**given)["Role"]["Description"] == "other"


def test_a_service_linked_role_is_deleted_by_a_task(iam, linked):
    task = iam.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/autoscaling.amazonaws.com/{NAME}/")
    found = iam.get_service_linked_role_deletion_status(DeletionTaskId=task)
    assert (found["Status"], "Reason" in found) == ("SUCCEEDED", False)
    assert not Role.objects.exists()
    with refused("NoSuchEntity", status=404):
        iam.get_service_linked_role_deletion_status(DeletionTaskId=f"{task}x")
    with refused("NoSuchEntity", f"The role with name {NAME} cannot be found.", status=404):
        iam.delete_service_linked_role(RoleName=NAME)


def test_only_whoever_may_and_only_in_their_own_account(iam, nobody, stranger, linked):
    with refused("AccessDenied", status=403):
        nobody.create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    with refused("NoSuchEntity", status=404):
        stranger.delete_service_linked_role(RoleName=NAME)
    task = iam.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    with refused("NoSuchEntity", status=404):
        stranger.get_service_linked_role_deletion_status(DeletionTaskId=task)
