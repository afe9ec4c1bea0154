"""Instances: listed, started, stopped, rebooted and terminated.

They are records, so a change is done when the answer comes. What is answered is what AWS answers,
whose machines take a while: a stopped instance was "stopping" at that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts.actions.registry import action
from accounts.authorize import would_allow
from accounts.caller import Caller, in_region
from accounts.paging import Page
from accounts.types import Flag
from iamconsole.sandbox import ec2_filters, ec2_lookup
from iamconsole.sandbox.ec2_arguments import (
    Filters,
    HopLimit,
    HttpTokens,
    InstanceId,
    InstanceIds,
    MaxResults,
    NextToken,
    Switch,
    unless_dry,
)
from iamconsole.sandbox.ec2_catalog import made_up_id
from iamconsole.sandbox.ec2_errors import (
    IncorrectInstanceState,
    InvalidParameterCombination,
)
from iamconsole.sandbox.models import Instance
from iamconsole.sandbox.models.ec2 import CODES


@dataclass(frozen=True, slots=True)
class StateChange:
    """What an instance was, and what it became."""

    instance_id: str
    previous: str
    current: str


@action("ec2:DescribeInstances", resource=ec2_lookup.anything, read_only=True)
def describe_instances(
    caller: Caller,
    /,
    *,
    instance_ids: InstanceIds = (),
    filters: Filters = (),
    next_token: NextToken | None = None,
    max_results: MaxResults | None = None,
    dry_run: Flag = False,
) -> Page[Instance]:
    """The region's instances: those named, or all, of which those that fit the filters."""
    unless_dry(dry_run)
    return _page(caller, instance_ids, filters, next_token, max_results)


@action("ec2:DescribeInstanceStatus", resource=ec2_lookup.anything, read_only=True)
def describe_instance_status(
    caller: Caller,
    /,
    *,
    instance_ids: InstanceIds = (),
    filters: Filters = (),
    next_token: NextToken | None = None,
    max_results: MaxResults | None = None,
    include_all_instances: Flag = False,
    dry_run: Flag = False,
) -> Page[Instance]:
    """The same for their states: of the running ones, unless all are asked for."""
    unless_dry(dry_run)
    page = _page(caller, instance_ids, filters, next_token, max_results)
    if include_all_instances:
        return page
    return replace(page, items=[each for each in page.items if each.state == "running"])


def _page(
    caller: Caller,
    instance_ids: Sequence[str],
    filters: Filters,
    next_token: str | None,
    max_results: int | None,
) -> Page[Instance]:
    if instance_ids and (max_results is not None or next_token is not None):
        raise InvalidParameterCombination(
            "The parameter instancesSet cannot be used with the parameter maxResults",
            argument="max_results",
        )
    ec2_lookup.check_ids(instance_ids)
    found = (
        ec2_lookup.find_all(caller, instance_ids)
        if instance_ids
        else ec2_lookup.visible_once(caller)
    )
    chosen = ec2_filters.matching(found, filters, _PROPERTIES, tags=lambda each: each.tags)
    chosen.sort(key=lambda each: each.id)
    return ec2_filters.page_of(chosen, lambda each: each.id, next_token, max_results)


def regions_in_sight(caller: Caller, name: str = "ec2:DescribeInstances") -> list[str]:
    """Where the account has instances and the caller may see them; else the caller's region."""
    regions = sorted({*ec2_lookup.look_ahead(caller), caller.region})
    seen = []
    for region in regions:
        there = in_region(caller, region)
        if would_allow(there, name, ec2_lookup.anything(there)).allowed:
            seen.append(region)
    return seen or [caller.region]


_PROPERTIES: dict[str, ec2_filters.Property[Instance]] = {
    "availability-zone": lambda each: each.availability_zone,
    "client-token": lambda each: each.client_token,
    "iam-instance-profile.arn": lambda each: each.profile.arn if each.profile else (),
    "iam-instance-profile.id": lambda each: each.profile.unique_id if each.profile else (),
    "image-id": lambda each: each.image_id,
    "instance-id": lambda each: each.id,
    "instance-state-code": lambda each: str(CODES[each.state]),
    "instance-state-name": lambda each: each.state,
    "instance-type": lambda each: each.instance_type,
    "metadata-options.http-tokens": lambda each: each.http_tokens,
    "owner-id": lambda each: each.account_id,
    "private-ip-address": lambda each: each.private_ip_address,
    "reservation-id": lambda each: each.reservation_id,
    "subnet-id": lambda each: made_up_id("subnet", each.account_id, each.region),
    "vpc-id": lambda each: made_up_id("vpc", each.account_id, each.region),
}


# --- Starting, stopping, terminating -------------------------------------------------------------


@action(
    "ec2:StartInstances",
    resource=ec2_lookup.first_of,
    also=ec2_lookup.others("ec2:StartInstances"),
    raises_epoch=False,
)
def start_instances(
    caller: Caller, /, *, instance_ids: InstanceIds, dry_run: Flag = False
) -> list[StateChange]:
    """Start stopped instances; running ones stay as they are.

    Each one's metadata service has a new address from then on.
    """
    unless_dry(dry_run)
    found = ec2_lookup.find_all(caller, instance_ids)
    for instance in found:
        if instance.state == "terminated":
            raise _not_from(instance, "started")
    changes = []
    for instance in found:
        changes.append(_change(instance, "pending", "running"))
        if instance.state == "stopped":
            instance.state, instance.state_reason = "running", ""
            instance.launched_at = caller.now
            instance.metadata_digest = instance.digest_of_secret
            instance.save()
    return changes


@action(
    "ec2:StopInstances",
    resource=ec2_lookup.first_of,
    also=ec2_lookup.others("ec2:StopInstances"),
    raises_epoch=False,
)
def stop_instances(
    caller: Caller,
    /,
    *,
    instance_ids: InstanceIds,
    force: Flag = False,
    dry_run: Flag = False,
) -> list[StateChange]:
    """Stop running instances; stopped ones stay as they are. A stopped one has no metadata."""
    unless_dry(dry_run)
    found = ec2_lookup.find_all(caller, instance_ids)
    for instance in found:
        if instance.state == "terminated":
            raise _not_from(instance, "stopped")
    changes = []
    for instance in found:
        changes.append(_change(instance, "stopping", "stopped"))
        if instance.state == "running":
            instance.state, instance.state_reason = "stopped", _by_the_user(caller)
            instance.issued = ""
            instance.save(update_fields=["state", "state_reason", "issued"])
    return changes


@action(
    "ec2:RebootInstances",
    resource=ec2_lookup.first_of,
    also=ec2_lookup.others("ec2:RebootInstances"),
    raises_epoch=False,
)
def reboot_instances(
    caller: Caller, /, *, instance_ids: InstanceIds, dry_run: Flag = False
) -> None:
    """Reboot running instances, which changes nothing that could be seen."""
    unless_dry(dry_run)
    for instance in ec2_lookup.find_all(caller, instance_ids):
        if instance.state != "running":
            raise _not_from(instance, "rebooted")


@action(
    "ec2:TerminateInstances",
    resource=ec2_lookup.first_of,
    also=ec2_lookup.others("ec2:TerminateInstances"),
    raises_epoch=False,
)
def terminate_instances(
    caller: Caller,
    /,
    *,
    instance_ids: InstanceIds,
    force: Flag = False,
    dry_run: Flag = False,
) -> list[StateChange]:
    """End instances for good. They are still shown for an hour."""
    unless_dry(dry_run)
    changes = []
    for instance in ec2_lookup.find_all(caller, instance_ids):
        changes.append(_change(instance, "shutting-down", "terminated"))
        if instance.state != "terminated":
            instance.state, instance.state_reason = "terminated", _by_the_user(caller)
            instance.ended_at = caller.now
            instance.profile, instance.association_id, instance.issued = None, "", ""
            instance.associated_at = None
            instance.save()
    return changes


@action("ec2:ModifyInstanceMetadataOptions", resource=ec2_lookup.resource_of, raises_epoch=False)
def modify_instance_metadata_options(
    caller: Caller,
    /,
    *,
    instance_id: InstanceId,
    http_tokens: HttpTokens | None = None,
    http_put_response_hop_limit: HopLimit | None = None,
    http_endpoint: Switch | None = None,
    instance_metadata_tags: Switch | None = None,
    dry_run: Flag = False,
) -> Instance:
    """Change how an instance's metadata service answers; what is left out stays as it is."""
    unless_dry(dry_run)
    instance = ec2_lookup.find(caller, instance_id)
    if instance.state == "terminated":
        raise IncorrectInstanceState(
            f"The instance '{instance.id}' is terminated.", argument="instance_id"
        )
    if http_tokens is not None:
        instance.http_tokens = http_tokens
    if http_put_response_hop_limit is not None:
        instance.hop_limit = http_put_response_hop_limit
    if http_endpoint is not None:
        instance.metadata_enabled = http_endpoint == "enabled"
    if instance_metadata_tags is not None:
        instance.metadata_tags = instance_metadata_tags == "enabled"
    instance.save()
    return instance


def _change(instance: Instance, on_the_way: str, already: str) -> StateChange:
    """What is answered: the state on the way there, unless the instance is there already."""
    current = already if instance.state == already else on_the_way
    return StateChange(instance.id, instance.state, current)


def _not_from(instance: Instance, what: str) -> IncorrectInstanceState:
    return IncorrectInstanceState(
        f"The instance '{instance.id}' is not in a state from which it can be {what}.",
        argument="instance_ids",
    )


def _by_the_user(caller: Caller) -> str:
    return f"User initiated ({caller.now:%Y-%m-%d %H:%M:%S} GMT)"
