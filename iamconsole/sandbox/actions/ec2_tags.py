"""Tags of instances. Unlike IAM, EC2 tells keys apart by their case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.paging import Page
from accounts.types import TAGS_PER_RESOURCE, Flag, Tag, Tags
from iamconsole.sandbox import ec2_filters, ec2_lookup
from iamconsole.sandbox.ec2_arguments import (
    Filters,
    MaxResults,
    NextToken,
    ResourceIds,
    UnsetTags,
    unless_dry,
)
from iamconsole.sandbox.ec2_errors import (
    InvalidId,
    InvalidParameterValue,
    MissingParameter,
    TagLimitExceeded,
)


@dataclass(frozen=True, slots=True)
class TagOf:
    """A tag and the id of the instance that has it."""

    instance_id: str
    key: str
    value: str

    @property
    def place(self) -> str:
        """Where it stands in the list of all."""
        return f"{self.instance_id}|{self.key}"


def merged(tags: Iterable[Tag], present: Mapping[str, str] | None = None) -> dict[str, str]:
    """The tags present with these set. Raise InvalidParameterValue or TagLimitExceeded."""
    found = dict(present or {})
    seen: set[str] = set()
    for tag in tags:
        if tag.key in seen:
            raise InvalidParameterValue(
                f"Duplicate tag key '{tag.key}' specified.", argument="tags"
            )
        if tag.key.lower().startswith("aws:"):
            raise InvalidParameterValue(
                "Tag keys starting with 'aws:' are reserved for internal use", argument="tags"
            )
        seen.add(tag.key)
        found[tag.key] = tag.value
    if len(found) > TAGS_PER_RESOURCE:
        raise TagLimitExceeded(
            f"More than {TAGS_PER_RESOURCE} tags specified. The maximum number of tags allowed on "
            f"a resource is {TAGS_PER_RESOURCE}.",
            argument="tags",
        )
    return found


def _first(caller: Caller, *, resources: Sequence[str], **_: Any) -> Resource:
    if not resources:
        raise MissingParameter(
            "The request must contain the parameter resourceIdSet", argument="resources"
        )
    return _all(caller, resources)[0]


def _all(caller: Caller, resources: Sequence[str]) -> list[Resource]:
    for each in resources:
        if not each.startswith("i-"):
            raise InvalidId(
                f"The ID '{each}' is not valid: only instances have tags here.",
                argument="resources",
            )
    return ec2_lookup.resources_of(caller, resources)


def _others(permission: str) -> Any:
    def also(caller: Caller, *, resources: Sequence[str], **_: Any) -> list[tuple[str, Resource]]:
        return [(permission, each) for each in _all(caller, resources)[1:]]

    return also


@action("ec2:CreateTags", resource=_first, also=_others("ec2:CreateTags"), raises_epoch=False)
def create_tags(
    caller: Caller, /, *, resources: ResourceIds, tags: Tags, dry_run: Flag = False
) -> None:
    """Set tags on instances; a key that is there gets the new value."""
    unless_dry(dry_run)
    for instance in ec2_lookup.find_all(caller, resources):
        instance.tags = merged(tags, instance.tags)
        instance.save(update_fields=["tags"])


@action("ec2:DeleteTags", resource=_first, also=_others("ec2:DeleteTags"), raises_epoch=False)
def delete_tags(
    caller: Caller,
    /,
    *,
    resources: ResourceIds,
    tags: UnsetTags | None = None,
    dry_run: Flag = False,
) -> None:
    """Remove tags from instances: those named, or all where none is."""
    unless_dry(dry_run)
    for instance in ec2_lookup.find_all(caller, resources):
        gone = {
            each.key
            for each in tags or ()
            if each.value is None or instance.tags.get(each.key) == each.value
        }
        instance.tags = {
            key: value
            for key, value in instance.tags.items()
            if tags is not None and key not in gone
        }
        instance.save(update_fields=["tags"])


@action("ec2:DescribeTags", resource=ec2_lookup.anything, read_only=True)
def describe_tags(
    caller: Caller,
    /,
    *,
    filters: Filters = (),
    max_results: MaxResults | None = None,
    next_token: NextToken | None = None,
    dry_run: Flag = False,
) -> Page[TagOf]:
    """The tags of the region's instances."""
    unless_dry(dry_run)
    found = [
        TagOf(instance.id, key, value)
        for instance in ec2_lookup.visible(caller)
        for key, value in instance.tags.items()
    ]
    chosen = ec2_filters.matching(
        found, filters, _PROPERTIES, tags=lambda tag: {tag.key: tag.value}
    )
    chosen.sort(key=lambda tag: tag.place)
    return ec2_filters.page_of(chosen, lambda tag: tag.place, next_token, max_results)


_PROPERTIES: dict[str, ec2_filters.Property[TagOf]] = {
    "key": lambda tag: tag.key,
    "resource-id": lambda tag: tag.instance_id,
    "resource-type": lambda _tag: "instance",
    "value": lambda tag: tag.value,
}
