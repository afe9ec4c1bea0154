"""Service-linked roles: AWS services make them, alone may change them, and see them deleted."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import arns, ids, managed_policies, quotas
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import InvalidInput, NoSuchEntity
from accounts.models import Attachment, Role
from accounts.models.roles import SERVICE_LINKED_PATH
from accounts.types import CustomSuffix, DeletionTaskId, Description, RoleName, ServiceName

NAME_PREFIX = "AWSServiceRoleFor"
_POLICIES = f"arn:aws:iam::aws:policy{SERVICE_LINKED_PATH}"

#: Service to the rest of the role's name and its policy. IAM User Guide, "AWS services that work
#: with IAM", and the page on service-linked roles of each service.
SERVICES = {
    "access-analyzer.amazonaws.com": ("AccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
    "autoscaling.amazonaws.com": ("AutoScaling", "AutoScalingServiceRolePolicy"),
    "batch.amazonaws.com": ("Batch", "BatchServiceRolePolicy"),
    "cloudtrail.amazonaws.com": ("CloudTrail", "CloudTrailServiceRolePolicy"),
    "config.amazonaws.com": ("Config", "AWSConfigServiceRolePolicy"),
    "ecs.amazonaws.com": ("ECS", "AmazonECSServiceRolePolicy"),
    "eks.amazonaws.com": ("AmazonEKS", "AmazonEKSServiceRolePolicy"),
    "elasticache.amazonaws.com": ("ElastiCache", "ElastiCacheServiceRolePolicy"),
    "elasticfilesystem.amazonaws.com": (
        "AmazonElasticFileSystem",
        "AmazonElasticFileSystemServiceRolePolicy",
    ),
    "elasticloadbalancing.amazonaws.com": (
        "ElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
    ),
    "guardduty.amazonaws.com": ("AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
    "opensearchservice.amazonaws.com": (
        "AmazonOpenSearchService",
        "AmazonOpenSearchServiceRolePolicy",
    ),
    "organizations.amazonaws.com": ("Organizations", "AWSOrganizationsServiceTrustPolicy"),
    "rds.amazonaws.com": ("RDS", "AmazonRDSServiceRolePolicy"),
    "spot.amazonaws.com": ("EC2Spot", "AWSEC2SpotServiceRolePolicy"),
    "spotfleet.amazonaws.com": ("EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
    "sso.amazonaws.com": ("SSO", "AWSSSOServiceRolePolicy"),
    "support.amazonaws.com": ("Support", "AWSSupportServiceRolePolicy"),
    "trustedadvisor.amazonaws.com": ("TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"),
}
#: The services of which an account may have several such roles, told apart by a suffix.
WITH_SUFFIX = frozenset({"autoscaling.amazonaws.com"})

_LONGEST_NAME = 64
_TASK = re.compile(r"task/aws-service-role/([\w+=,.@-]+)/([\w+=,.@-]+)/([0-9a-f-]{36})")


@dataclass(frozen=True, slots=True)
class DeletionStatus:
    """How far the deletion of a service-linked role has got: SUCCEEDED, IN_PROGRESS or FAILED."""

    status: str
    reason: str = ""


def _new_role(
    caller: Caller, *, aws_service_name: str, custom_suffix: str | None = None, **_: Any
) -> Resource:
    path, name = _path(aws_service_name), _name(aws_service_name, custom_suffix)
    arn = arns.named(caller.home, "role", path, name)
    return Resource(arn, caller.home.id, context={"iam:AWSServiceName": aws_service_name})


@action("iam:CreateServiceLinkedRole", resource=_new_role)
def create_service_linked_role(
    caller: Caller,
    /,
    *,
    aws_service_name: ServiceName,
    description: Description = "",
    custom_suffix: CustomSuffix | None = None,
) -> Role:
    """Make the role of a service, with the trust and the policy that the service has decided on.

    Raises InvalidInput for a service that is not known here, for a suffix that it does not take,
    and where the account has the role already.
    """
    if aws_service_name not in SERVICES:
        raise InvalidInput(
            f"{aws_service_name} has no service-linked role here.", argument="aws_service_name"
        )
    if custom_suffix is not None and aws_service_name not in WITH_SUFFIX:
        raise InvalidInput(
            f"Custom suffix is not allowed for {aws_service_name}", argument="custom_suffix"
        )
    name = _name(aws_service_name, custom_suffix)
    if len(name) > _LONGEST_NAME:
        raise InvalidInput(
            f"The role's name would have more than {_LONGEST_NAME} characters: {name}",
            argument="custom_suffix",
        )
    quotas.room_for_one(caller.home.roles.all(), "RolesPerAccount", quotas.ROLES_PER_ACCOUNT)
    role = Role(
        account=caller.home,
        name=name,
        path=_path(aws_service_name),
        unique_id=ids.unique_id(ids.ROLE),
        created_at=caller.now,
        trust_policy=_trust(aws_service_name),
        description=description,
    )
    taken = InvalidInput(
        f"Service role name {name} has been taken in this account, please try a different suffix.",
        argument="custom_suffix",
    )
    shared.save_unless_taken(role, taken)
    policy = managed_policies.get(_POLICIES + SERVICES[aws_service_name][1])
    if policy is not None:
        Attachment.objects.create(
            account=caller.home, role=role, managed_arn=policy.arn, created_at=caller.now
        )
    return role


@action("iam:DeleteServiceLinkedRole", resource=shared.role_resource)
def delete_service_linked_role(caller: Caller, /, *, role_name: RoleName) -> str:
    """Delete a service-linked role; returns the id of the deletion's task.

    In AWS the service may take its time, or refuse while it still uses the role. Here no service
    does, so the role is gone at once.
    """
    role = shared.find_role(caller, role_name)
    if not role.is_service_linked:
        raise InvalidInput(
            f"The role with name {role.name} is not a service-linked role.", argument="role_name"
        )
    task = _task(caller, role.path.split("/")[2], role.name)
    role.attachments.all().delete()
    role.delete()
    return task


def _deleted_role(caller: Caller, *, deletion_task_id: str, **_: Any) -> Resource:
    match = _TASK.fullmatch(deletion_task_id)
    if match is None:
        return Resource("*", caller.home.id)
    service, name, _digest = match.groups()
    return Resource(arns.named(caller.home, "role", _path(service), name), caller.home.id)


@action(
    "iam:GetServiceLinkedRoleDeletionStatus",
    resource=_deleted_role,
    read_only=True,
)
def get_service_linked_role_deletion_status(
    caller: Caller, /, *, deletion_task_id: DeletionTaskId
) -> DeletionStatus:
    """How far a deletion has got. Raises NoSuchEntity for an id that the account was not given."""
    match = _TASK.fullmatch(deletion_task_id)
    # The id proves itself, so that no list of tasks has to be kept.
    if match is None or not constant_time_compare(
        _task(caller, match.group(1), match.group(2)), deletion_task_id
    ):
        raise NoSuchEntity(
            f"Deletion task {deletion_task_id} cannot be found.", argument="deletion_task_id"
        )
    return DeletionStatus("SUCCEEDED")


def _path(service: str) -> str:
    return f"{SERVICE_LINKED_PATH}{service}/"


def _name(service: str, suffix: str | None) -> str:
    """`AWSServiceRoleForAutoScaling`, with a suffix `AWSServiceRoleForAutoScaling_blue`."""
    known = SERVICES.get(service)
    rest = known[0] if known else service.partition(".")[0]
    return f"{NAME_PREFIX}{rest}_{suffix}" if suffix else f"{NAME_PREFIX}{rest}"


def _trust(service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def _task(caller: Caller, service: str, name: str) -> str:
    """`task/aws-service-role/SERVICE/NAME/UUID`; the last part signs the others."""
    signed = f"{caller.home.id} {service} {name}"
    digest = salted_hmac("deletion of a service-linked role", signed, algorithm="sha256")
    text = digest.hexdigest()
    parts = (text[:8], text[8:12], text[12:16], text[16:20], text[20:32])
    return f"task/aws-service-role/{service}/{name}/{'-'.join(parts)}"
