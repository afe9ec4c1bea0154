"""What there is to launch from, and where: images, instance types, regions."""

from __future__ import annotations

from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.paging import Page
from accounts.types import Flag
from iamconsole.sandbox import ec2_filters, ec2_lookup
from iamconsole.sandbox.ec2_arguments import (
    Filters,
    ImageIds,
    MaxResults,
    NextToken,
    Owners,
    RegionNames,
    TypeNames,
    unless_dry,
)
from iamconsole.sandbox.ec2_catalog import IMAGES, REGIONS, TYPES, Image, InstanceType
from iamconsole.sandbox.ec2_errors import ImageNotFound, InvalidParameterValue

#: Whose images these are, as owners are named.
IMAGE_OWNER = "amazon"


@action("ec2:DescribeImages", resource=ec2_lookup.anything, read_only=True)
def describe_images(
    caller: Caller,
    /,
    *,
    image_ids: ImageIds = (),
    owners: Owners = (),
    filters: Filters = (),
    max_results: MaxResults | None = None,
    next_token: NextToken | None = None,
    dry_run: Flag = False,
) -> Page[Image]:
    """The images that instances can be launched from; nobody makes others."""
    unless_dry(dry_run)
    for image_id in image_ids:
        if image_id not in IMAGES:
            raise ImageNotFound(f"The image id '[{image_id}]' does not exist", argument="image_ids")
    found = [IMAGES[each] for each in dict.fromkeys(image_ids)] if image_ids else IMAGES.values()
    mine = not owners or IMAGE_OWNER in owners
    chosen = ec2_filters.matching(found if mine else (), filters, _OF_IMAGES)
    chosen.sort(key=lambda image: image.id)
    return ec2_filters.page_of(chosen, lambda image: image.id, next_token, max_results)


@action("ec2:DescribeInstanceTypes", resource=ec2_lookup.anything, read_only=True)
def describe_instance_types(
    caller: Caller,
    /,
    *,
    instance_types: TypeNames = (),
    filters: Filters = (),
    max_results: MaxResults | None = None,
    next_token: NextToken | None = None,
    dry_run: Flag = False,
) -> Page[InstanceType]:
    """The types that an instance can have."""
    unless_dry(dry_run)
    for name in instance_types:
        if name not in TYPES:
            raise InvalidParameterValue(
                f"The following supplied instance types do not exist: [{name}]",
                argument="instance_types",
            )
    found = [TYPES[each] for each in dict.fromkeys(instance_types)] or TYPES.values()
    chosen = ec2_filters.matching(found, filters, _OF_TYPES)
    chosen.sort(key=lambda kind: kind.name)
    return ec2_filters.page_of(chosen, lambda kind: kind.name, next_token, max_results)


@action("ec2:DescribeRegions", resource=ec2_lookup.anything, read_only=True)
def describe_regions(
    caller: Caller,
    /,
    *,
    region_names: RegionNames = (),
    all_regions: Flag = False,
    filters: Filters = (),
    dry_run: Flag = False,
) -> list[str]:
    """The regions by name."""
    unless_dry(dry_run)
    for name in region_names:
        if name not in REGIONS:
            raise InvalidParameterValue(f"Invalid region name: '{name}'", argument="region_names")
    return ec2_filters.matching(region_names or REGIONS, filters, _OF_REGIONS)


_OF_IMAGES: dict[str, ec2_filters.Property[Image]] = {
    "architecture": lambda image: image.architecture,
    "description": lambda image: image.description,
    "image-id": lambda image: image.id,
    "image-type": lambda _image: "machine",
    "is-public": lambda _image: "true",
    "name": lambda image: image.name,
    "owner-alias": lambda _image: IMAGE_OWNER,
    "platform": lambda image: image.platform,
    "state": lambda _image: "available",
    "virtualization-type": lambda _image: "hvm",
}
_OF_TYPES: dict[str, ec2_filters.Property[InstanceType]] = {
    "instance-type": lambda kind: kind.name,
    "processor-info.supported-architecture": lambda kind: kind.architecture,
    "vcpu-info.default-vcpus": lambda kind: str(kind.cpus),
}
_OF_REGIONS: dict[str, ec2_filters.Property[str]] = {
    "opt-in-status": lambda _name: "opt-in-not-required",
    "region-name": lambda name: name,
}
