"""Service-linked roles."""

from __future__ import annotations

import pytest

from accounts import managed_policies
from accounts.actions import attachments, inline_policies, instance_profiles, roles
from accounts.actions.service_linked_roles import (
    SERVICES,
    create_service_linked_role,
    delete_service_linked_role,
    get_service_linked_role_deletion_status,
)
from accounts.errors import InvalidInput, NoSuchEntity, UnmodifiableEntity
from tests.cast import ADMINISTRATOR, allow, arn, document, trust

RDS = "rds.amazonaws.com"
NAME = "AWSServiceRoleForRDS"
PATH = "arn:aws:iam::aws:policy/aws-service-role/"


@pytest.fixture
def linked(root):
    return create_service_linked_role(root, aws_service_name=RDS, description="For databases")


@pytest.mark.parametrize("service", SERVICES)
def test_the_policy_of_every_service_is_among_the_policies_of_aws(service):
    assert managed_policies.get(PATH + SERVICES[service][1]) is not None


def test_a_service_linked_role_has_the_name_path_trust_and_policy_of_its_service(root, linked):
    assert linked.arn == arn(f"role/aws-service-role/{RDS}/{NAME}")
    assert f'"Service": "{RDS}"' in roles.get_role(root, role_name=NAME).trust_policy
    attached = attachments.list_attached_role_policies(root, role_name=NAME).items
    assert [row.policy_arn for row in attached] == [PATH + "AmazonRDSServiceRolePolicy"]


def test_a_service_has_one_role_unless_it_takes_a_suffix(root, linked):
    with pytest.raises(InvalidInput, match=f"Service role name {NAME} has been taken"):
        create_service_linked_role(root, aws_service_name=RDS)
    with pytest.raises(InvalidInput, match="Custom suffix is not allowed"):
        create_service_linked_role(root, aws_service_name=RDS, custom_suffix="blue")
    for suffix in (None, "blue", "green"):
        made = create_service_linked_role(
            root, aws_service_name="autoscaling.amazonaws.com", custom_suffix=suffix
        )
    assert made.name == "AWSServiceRoleForAutoScaling_green"
    with pytest.raises(InvalidInput, match="more than 64 characters"):
        create_service_linked_role(
            root, aws_service_name="autoscaling.amazonaws.com", custom_suffix="x" * 40
        )


def test_a_service_that_has_none_is_refused(root):
    with pytest.raises(InvalidInput):
        create_service_linked_role(root, aws_service_name="nobody.example.com")


def test_it_takes_the_permission_for_the_service(caller_with):
    statement = allow("iam:CreateServiceLinkedRole")
    statement["Condition"] = {"StringEquals": {"iam:AWSServiceName": RDS}}
    only_rds = caller_with(statement)
    create_service_linked_role(only_rds, aws_service_name=RDS)
    with pytest.raises(Exception, match="not authorized"):
        create_service_linked_role(only_rds, aws_service_name="ecs.amazonaws.com")


def test_nobody_but_the_service_changes_it(root, linked):
    instance_profiles.create_instance_profile(root, instance_profile_name="p")
    policy = PATH + "AmazonRDSServiceRolePolicy"
    mine, own = trust(Service="ec2.amazonaws.com"), document(allow("s3:*"))
    name = {"role_name": NAME}
    profile = {"instance_profile_name": "p", **name}
    for change, more in (
        (roles.update_assume_role_policy, {"policy_document": mine}),
        (roles.update_role, {"max_session_duration": 7200}),
        (roles.put_role_permissions_boundary, {"permissions_boundary": ADMINISTRATOR}),
        (roles.delete_role_permissions_boundary, {}),
        (roles.delete_role, {}),
        (attachments.attach_role_policy, {"policy_arn": ADMINISTRATOR}),
        (attachments.detach_role_policy, {"policy_arn": policy}),
        (inline_policies.put_role_policy, {"policy_name": "a", "policy_document": own}),
        (inline_policies.delete_role_policy, {"policy_name": "a"}),
        (instance_profiles.add_role_to_instance_profile, profile),
        (instance_profiles.remove_role_from_instance_profile, profile),
    ):
        with pytest.raises(UnmodifiableEntity, match=f"protected role '{NAME}'"):
            change(root, **name | more)


def test_its_description_can_be_changed(root, linked):
    roles.update_role_description(root, role_name=NAME, description="Ours")
    roles.update_role(root, role_name=NAME, description="Ours too")
    assert roles.get_role(root, role_name=NAME).description == "Ours too"


def test_nobody_makes_one_by_its_path(root):
    with pytest.raises(InvalidInput, match="kept for service-linked roles"):
        roles.create_role(
            root,
            role_name="Mine",
            path="/aws-service-role/mine/",
            assume_role_policy_document=trust(Service=RDS),
        )


def test_deleting_it_gives_a_task_that_tells_the_account_and_nobody_else_how_it_went(
    root, eve, linked
):
    task = delete_service_linked_role(root, role_name=NAME)
    assert task.startswith(f"task/aws-service-role/{RDS}/{NAME}/")
    status = get_service_linked_role_deletion_status(root, deletion_task_id=task)
    assert status.status == "SUCCEEDED"
    with pytest.raises(NoSuchEntity):
        roles.get_role(root, role_name=NAME)
    for caller, wrong in ((eve, task), (root, task[:-1] + "x"), (root, "task"), (root, "\u00e4")):
        with pytest.raises(NoSuchEntity):
            get_service_linked_role_deletion_status(caller, deletion_task_id=wrong)


def test_a_role_of_the_account_is_not_deleted_that_way(root):
    roles.create_role(root, role_name="Mine", assume_role_policy_document=trust(Service=RDS))
    with pytest.raises(InvalidInput, match="not a service-linked role"):
        delete_service_linked_role(root, role_name="Mine")
