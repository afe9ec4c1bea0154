"""Which instance profile, and so which role, an instance has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.models import InstanceProfile
from accounts.paging import Page
from iamconsole.sandbox import ec2_filters, ec2_lookup
from iamconsole.sandbox.ec2_arguments import (
    AssociationId,
    AssociationIds,
    Filters,
    InstanceId,
    MaxResults,
    NextToken,
    ProfileWanted,
)
from iamconsole.sandbox.ec2_catalog import new_id
from iamconsole.sandbox.ec2_errors import (
    AssociationNotFound,
    IncorrectInstanceState,
    IncorrectState,
)
from iamconsole.sandbox.models import Instance


@dataclass(frozen=True, slots=True)
class Association:
    """An instance profile on an instance; `state` as AWS tells it."""

    id: str
    instance: Instance
    profile: InstanceProfile
    state: str


def _of(instance: Instance, state: str) -> Association:
    profile = instance.profile
    if profile is None:
        raise _no_association(instance.association_id)
    return Association(instance.association_id, instance, profile, state)


def _no_association(association_id: str) -> AssociationNotFound:
    return AssociationNotFound(
        f"An invalid association-id of '{association_id}' was given", argument="association_id"
    )


def _associated(caller: Caller, association_id: str) -> Instance | None:
    rows = ec2_lookup.visible(caller).filter(profile__isnull=False)
    return rows.filter(association_id=association_id).first()


def _resource(caller: Caller, *, association_id: str, **_: Any) -> Resource:
    """The instance of an association; of one that is not there, any instance."""
    instance = _associated(caller, association_id)
    if instance is not None:
        return ec2_lookup.as_resource(instance)
    return Resource(
        ec2_lookup.ec2_arn(caller, "instance/*"),
        caller.home.id,
        context={"ec2:Region": caller.region},
    )


def _passing(
    caller: Caller, *, instance_id: str, iam_instance_profile: Any, **_: Any
) -> list[tuple[str, Resource]]:
    arn = ec2_lookup.ec2_arn(caller, f"instance/{instance_id}")
    return ec2_lookup.passing(caller, iam_instance_profile, arn)


def _passing_on(
    caller: Caller, *, association_id: str, iam_instance_profile: Any, **_: Any
) -> list[tuple[str, Resource]]:
    arn = _resource(caller, association_id=association_id).arn
    return ec2_lookup.passing(caller, iam_instance_profile, arn)


@action(
    "ec2:AssociateIamInstanceProfile",
    resource=ec2_lookup.resource_of,
    also=_passing,
    raises_epoch=False,
)
def associate_iam_instance_profile(
    caller: Caller, /, *, iam_instance_profile: ProfileWanted, instance_id: InstanceId
) -> Association:
    """Give an instance that has none an instance profile. It takes iam:PassRole on the role."""
    profile = ec2_lookup.usable_profile(caller, iam_instance_profile)
    instance = ec2_lookup.find(caller, instance_id)
    if instance.state == "terminated":
        raise IncorrectInstanceState(
            f"The instance '{instance.id}' is not in the 'running' or 'stopped' states.",
            argument="instance_id",
        )
    if instance.profile is not None:
        raise IncorrectState(
            f"There is an existing association for instance {instance.id}",
            argument="instance_id",
        )
    _set(caller, instance, profile)
    return _of(instance, "associating")


@action(
    "ec2:ReplaceIamInstanceProfileAssociation",
    resource=_resource,
    also=_passing_on,
    raises_epoch=False,
)
def replace_iam_instance_profile_association(
    caller: Caller, /, *, iam_instance_profile: ProfileWanted, association_id: AssociationId
) -> Association:
    """Give an instance another instance profile than it has, which takes iam:PassRole as well."""
    profile = ec2_lookup.usable_profile(caller, iam_instance_profile)
    instance = _associated(caller, association_id)
    if instance is None:
        raise _no_association(association_id)
    _set(caller, instance, profile)
    return _of(instance, "associating")


@action("ec2:DisassociateIamInstanceProfile", resource=_resource, raises_epoch=False)
def disassociate_iam_instance_profile(
    caller: Caller, /, *, association_id: AssociationId
) -> Association:
    """Take the instance profile from an instance.

    As on AWS, credentials that were handed out before stay good until they expire.
    """
    instance = _associated(caller, association_id)
    if instance is None:
        raise _no_association(association_id)
    gone = _of(instance, "disassociating")
    instance.profile, instance.association_id, instance.issued = None, "", ""
    instance.associated_at = None
    instance.save()
    return gone


@action("ec2:DescribeIamInstanceProfileAssociations", resource=ec2_lookup.anything, read_only=True)
def describe_iam_instance_profile_associations(
    caller: Caller,
    /,
    *,
    association_ids: AssociationIds = (),
    filters: Filters = (),
    max_results: MaxResults | None = None,
    next_token: NextToken | None = None,
) -> Page[Association]:
    """Which of the region's instances have which instance profile."""
    rows = ec2_lookup.visible(caller).filter(profile__isnull=False)
    found = [_of(instance, "associated") for instance in rows]
    if association_ids:
        found = _named(found, association_ids)
    chosen = ec2_filters.matching(found, filters, _PROPERTIES)
    chosen.sort(key=lambda each: each.id)
    return ec2_filters.page_of(chosen, lambda each: each.id, next_token, max_results)


def _named(found: list[Association], wanted: Sequence[str]) -> list[Association]:
    by_id = {each.id: each for each in found}
    for association_id in wanted:
        if association_id not in by_id:
            raise _no_association(association_id)
    return [by_id[each] for each in dict.fromkeys(wanted)]


_PROPERTIES: dict[str, ec2_filters.Property[Association]] = {
    "instance-id": lambda each: each.instance.id,
    "state": lambda each: each.state,
}


def _set(caller: Caller, instance: Instance, profile: InstanceProfile) -> None:
    instance.profile, instance.issued = profile, ""
    instance.association_id = new_id("iip-assoc")
    instance.associated_at, instance.role_asked_at = caller.now, None
    instance.save()
