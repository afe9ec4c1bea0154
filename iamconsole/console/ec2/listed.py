"""The list of instances, of all Regions: its columns, search, order and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts import paging
from accounts.caller import Caller, in_region
from accounts.paging import Page
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.ec2 import pages
from iamconsole.sandbox.actions.ec2_instances import describe_instances, regions_in_sight
from iamconsole.sandbox.models import Instance

COLUMNS = (
    Column("name", "Name"),
    Column("id", "Instance ID"),
    Column("state", "Instance state"),
    Column("type", "Instance type"),
    Column("profile", "Instance profile"),
    Column("region", "Region"),
    Column("launched", "Launch time"),
)
STATES = Filter(
    "state",
    "Filter by state",
    (
        ("", "All states"),
        ("running", "Running"),
        ("stopped", "Stopped"),
        ("terminated", "Terminated"),
    ),
)
_ORDERS: dict[str, Callable[[Instance], str]] = {
    "name": lambda each: each.name.casefold(),
    "id": lambda each: each.id,
    "state": lambda each: each.state,
    "type": lambda each: each.instance_type,
    "profile": lambda each: each.profile.folded_name if each.profile else "",
    "region": lambda each: each.region,
    "launched": lambda each: each.launched_at.isoformat(),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One instance."""

    instance: Instance
    url: str
    #: What names it in the list's form: Region and id.
    key: str


def everywhere(caller: Caller) -> list[Instance]:
    """The instances of every Region that the caller may see."""
    return [
        instance
        for region in regions_in_sight(caller)
        for instance in describe_instances(in_region(caller, region)).items
    ]


def page(table: Table, found: Iterable[Instance]) -> Page[Row]:
    """The page that the address asks for."""
    wanted = table.search.casefold()
    kept = [
        each
        for each in found
        if table.filtered["state"] in ("", each.state) and (not wanted or wanted in _words(each))
    ]
    kept.sort(key=lambda each: (_ORDERS[table.sort](each), each.id), reverse=table.descending)
    rows = [
        Row(each, pages.address("ec2-instance", each.region, each.id), f"{each.region}/{each.id}")
        for each in kept
    ]
    return paging.numbered_slice(rows, table.number, table.size)


def _words(instance: Instance) -> str:
    profile = instance.profile.name if instance.profile else ""
    words = (instance.name, instance.id, instance.instance_type, profile, instance.region)
    return " ".join((*words, *instance.tags.values())).casefold()
