"""Starting, stopping, rebooting, terminating: one or several instances, of several Regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.caller import Caller, in_region
from iamconsole.console.components import panels
from iamconsole.sandbox import ec2_lookup
from iamconsole.sandbox.actions import ec2_instances
from iamconsole.sandbox.ec2_catalog import REGIONS


@dataclass(frozen=True, slots=True)
class Change:
    """What can be done to instances: the words for it, and the action that does it."""

    name: str
    #: "Stop", and "stopped" for what was done.
    verb: str
    done: str
    permission: str
    action: Callable[..., Any]
    #: What it means for whatever runs there.
    text: str


CHANGES = {
    each.name: each
    for each in (
        Change(
            "start", "Start", "started", "ec2:StartInstances", ec2_instances.start_instances,
            "Its metadata service answers again, at a new address.",
        ),
        Change(
            "stop", "Stop", "stopped", "ec2:StopInstances", ec2_instances.stop_instances,
            "While it is stopped, its metadata service does not answer: programs get no new "
            "credentials. Those that they have stay good until they expire.",
        ),
        Change(
            "reboot", "Reboot", "rebooted", "ec2:RebootInstances",
            ec2_instances.reboot_instances,
            "No program runs on it, so nothing that could be seen changes.",
        ),
        Change(
            "terminate", "Terminate", "terminated", "ec2:TerminateInstances",
            ec2_instances.terminate_instances,
            "You can't undo this. A terminated instance is still listed for an hour.",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """An instance as the list's form names it."""

    region: str
    instance_id: str


def wanted(keys: Iterable[str]) -> list[Wanted]:
    """The instances that the address names, each `region/id`; what makes no sense is left out."""
    found = []
    for key in dict.fromkeys(keys):
        region, _, instance_id = key.partition("/")
        if region in REGIONS and instance_id:
            found.append(Wanted(region, instance_id))
    return found[:100]


def missing(caller: Caller, change: Change, instances: Sequence[Wanted]) -> str:
    """What the caller lacks for one of them, or nothing."""
    for each in instances:
        there = in_region(caller, each.region)
        resource = ec2_lookup.resource_of(there, instance_id=each.instance_id)
        if lacking := panels.missing(there, change.permission, resource):
            return lacking
    return ""


def carry_out(caller: Caller, change: Change, instances: Sequence[Wanted]) -> None:
    """Do it, Region by Region. Raise what the action raises: of one Region, all or none."""
    for region, ids in _by_region(instances).items():
        change.action(in_region(caller, region), instance_ids=ids)


def _by_region(instances: Sequence[Wanted]) -> Mapping[str, list[str]]:
    regions: dict[str, list[str]] = {}
    for each in instances:
        regions.setdefault(each.region, []).append(each.instance_id)
    return regions
