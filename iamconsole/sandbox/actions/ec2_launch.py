"""Launching instances.

Which resources a launch is evaluated on, and with which keys: Service Authorization Reference,
"Actions, resources, and condition keys for Amazon EC2", RunInstances. Network and volume are not
there, but AWS asks for them with every launch, and so do policies that were written for AWS.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.models import InstanceProfile
from accounts.types import Flag, Tag
from iamconsole.sandbox import ec2_lookup
from iamconsole.sandbox.actions import ec2_tags
from iamconsole.sandbox.ec2_arguments import (
    ClientToken,
    Count,
    ImageId,
    Metadata,
    MetadataOptions,
    ProfileWanted,
    TagSpecification,
    TagSpecifications,
    TypeName,
    unless_dry,
)
from iamconsole.sandbox.ec2_catalog import (
    DEFAULT_TYPE,
    IMAGES,
    REGIONS,
    TYPES,
    Image,
    made_up_id,
    new_id,
)
from iamconsole.sandbox.ec2_errors import (
    IdempotentParameterMismatch,
    ImageIdMalformed,
    ImageNotFound,
    InstanceLimitExceeded,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from iamconsole.sandbox.models import Instance

#: In all regions together, those that were terminated not counted.
INSTANCES_PER_ACCOUNT = 20
#: How many terminated ones are kept at most, however lately they ended.
_MOST_ENDED = 100
_DEFAULTS = MetadataOptions()


@dataclass(frozen=True, slots=True)
class Reservation:
    """Instances that were launched together."""

    id: str
    account_id: str
    instances: Sequence[Instance]


def _instances(
    caller: Caller,
    *,
    instance_type: str | None = None,
    iam_instance_profile: Any = None,
    tag_specifications: Sequence[TagSpecification] = (),
    metadata_options: MetadataOptions | None = None,
    **_: Any,
) -> Resource:
    """The instances that are going to be."""
    keys: dict[str, str | Sequence[str]] = {
        "ec2:Region": caller.region,
        "ec2:AvailabilityZone": f"{caller.region}a",
        "ec2:InstanceType": instance_type or DEFAULT_TYPE,
        "ec2:MetadataHttpTokens": (metadata_options or _DEFAULTS).http_tokens or "required",
        "ec2:Tenancy": "default",
        **_tag_keys(_wanted_tags(tag_specifications)),
    }
    profile = ec2_lookup.profile_named(caller, iam_instance_profile)
    if profile is not None:
        keys["ec2:InstanceProfile"] = profile.arn
    return Resource(ec2_lookup.ec2_arn(caller, "instance/*"), caller.home.id, context=keys)


def _everything_else(caller: Caller, **arguments: Any) -> list[tuple[str, Resource]]:
    """What a launch takes beside its instances, the role that it hands over and the tags it sets.

    The image belongs to nobody's account; evaluated as if to the caller's.
    """
    instances = _instances(caller, **arguments)
    account, region = caller.home.id, caller.region
    image = f"arn:aws:ec2:{region}::image/{arguments['image_id'] or ''}"
    image_keys = {"ec2:ImageType": "machine", "ec2:Public": "true"}
    there: list[tuple[str, dict[str, str]]] = [(image, image_keys)]
    there += [
        (ec2_lookup.ec2_arn(caller, rest), {})
        for rest in (
            "network-interface/*",
            f"security-group/{made_up_id('sg', account, region)}",
            f"subnet/{made_up_id('subnet', account, region)}",
            "volume/*",
        )
    ]
    needed = [
        ("ec2:RunInstances", Resource(arn, account, context={"ec2:Region": region, **keys}))
        for arn, keys in there
    ]
    needed += ec2_lookup.passing(caller, arguments["iam_instance_profile"], instances.arn)
    tags = _wanted_tags(arguments["tag_specifications"])
    if tags:
        created = {"ec2:CreateAction": "RunInstances", **instances.context}
        needed.append(("ec2:CreateTags", Resource(instances.arn, account, context=created)))
    return needed


def _wanted_tags(specifications: Sequence[TagSpecification]) -> list[Tag]:
    """The tags for the instances. Raise InvalidParameterValue for those of anything else."""
    wanted: list[Tag] = []
    for each in specifications:
        if each.resource_type != "instance":
            raise InvalidParameterValue(
                f"'{each.resource_type}' is not a valid taggable resource type for this operation: "
                "only instances have tags here.",
                argument="tag_specifications",
            )
        wanted += each.tags
    return wanted


def _tag_keys(tags: Sequence[Tag]) -> Mapping[str, str | Sequence[str]]:
    if not tags:
        return {}
    asked: dict[str, str | Sequence[str]] = {f"aws:RequestTag/{tag.key}": tag.value for tag in tags}
    return asked | {"aws:TagKeys": tuple(tag.key for tag in tags)}


@action("ec2:RunInstances", resource=_instances, also=_everything_else, raises_epoch=False)
def run_instances(
    caller: Caller,
    /,
    *,
    min_count: Count,
    max_count: Count,
    image_id: ImageId | None = None,
    instance_type: TypeName | None = None,
    iam_instance_profile: ProfileWanted | None = None,
    tag_specifications: TagSpecifications = (),
    metadata_options: Metadata | None = None,
    client_token: ClientToken | None = None,
    dry_run: Flag = False,
) -> Reservation:
    """Launch instances: as many as there is room for up to `max_count`, at least `min_count`.

    They run at once. Raises InvalidAMIID…, InvalidParameterValue, InvalidParameterCombination and
    InstanceLimitExceeded; with a client token that was used for something else
    IdempotentParameterMismatch.
    """
    image = _image(image_id)
    kind = _type(instance_type, image)
    if caller.region not in REGIONS:
        raise InvalidParameterValue(f"The region '{caller.region}' is not one of those here.")
    tags = ec2_tags.merged(_wanted_tags(tag_specifications))
    profile = (
        ec2_lookup.usable_profile(caller, iam_instance_profile) if iam_instance_profile else None
    )
    unless_dry(dry_run)
    if client_token and (earlier := _earlier(caller, client_token, image.id, kind, max_count)):
        return earlier
    _forget_ended(caller)
    reservation_id = new_id("r")
    made = [
        _new(caller, profile, metadata_options or _DEFAULTS, reservation_id, number)
        for number in range(_count(caller, min_count, max_count))
    ]
    for instance in made:
        instance.image_id, instance.instance_type = image.id, kind
        instance.tags, instance.client_token = dict(tags), client_token or ""
    return Reservation(reservation_id, caller.home.id, Instance.objects.bulk_create(made))


def _image(image_id: str | None) -> Image:
    if image_id is None:
        raise MissingParameter(
            "The request must contain the parameter ImageId", argument="image_id"
        )
    if not image_id.startswith("ami-"):
        raise ImageIdMalformed(
            f'Invalid id: "{image_id}" (expecting "ami-...")', argument="image_id"
        )
    if image_id not in IMAGES:
        raise ImageNotFound(
            f"The image id '[{image_id}]' does not exist. DescribeImages tells which do here.",
            argument="image_id",
        )
    return IMAGES[image_id]


def _type(name: str | None, image: Image) -> str:
    kind = TYPES.get(name or DEFAULT_TYPE)
    if kind is None:
        raise InvalidParameterValue(
            f"Invalid value '{name}' for InstanceType. DescribeInstanceTypes tells which there "
            "are here.",
            argument="instance_type",
        )
    if kind.architecture != image.architecture:
        raise InvalidParameterCombination(
            f"The architecture '{kind.architecture}' of the specified instance type does not "
            f"match the architecture '{image.architecture}' of the specified AMI.",
            argument="instance_type",
        )
    return kind.name


def _count(caller: Caller, at_least: int, at_most: int) -> int:
    """How many there is room for."""
    if at_least < 1 or at_most < at_least:
        raise InvalidParameterValue(
            "Invalid value for MinCount and MaxCount: from 1 up, MaxCount not below MinCount.",
            argument="min_count",
        )
    taken = Instance.objects.filter(account=caller.home).exclude(state="terminated").count()
    room = INSTANCES_PER_ACCOUNT - taken
    if at_least > room:
        raise InstanceLimitExceeded(
            f"You have requested more instances ({at_least + taken}) than your current instance "
            f"limit of {INSTANCES_PER_ACCOUNT} allows. Terminate some that you don't need.",
            argument="max_count",
        )
    return min(at_most, room)


def _earlier(
    caller: Caller, token: str, image_id: str, kind: str, count: int
) -> Reservation | None:
    """What was launched with the client token before, if anything was."""
    rows = list(ec2_lookup.visible(caller).filter(client_token=token).order_by("launch_index"))
    if not rows:
        return None
    same = all(row.image_id == image_id and row.instance_type == kind for row in rows)
    if not same or len(rows) > count:
        raise IdempotentParameterMismatch(
            "The client token you have provided is associated with a launch of other parameters.",
            argument="client_token",
        )
    return Reservation(rows[0].reservation_id, caller.home.id, rows)


def _forget_ended(caller: Caller) -> None:
    """Delete the instances that ended long ago, and of the others those beyond the most kept."""
    ended = Instance.objects.filter(account=caller.home, ended_at__isnull=False)
    ended.filter(ended_at__lte=caller.now - ec2_lookup.SHOWN_AFTER_END).delete()
    newest = ended.order_by("-ended_at").values_list("pk", flat=True)
    Instance.objects.filter(pk__in=list(newest[_MOST_ENDED:])).delete()


def _new(
    caller: Caller,
    profile: InstanceProfile | None,
    options: MetadataOptions,
    reservation_id: str,
    number: int,
) -> Instance:
    made = Instance(
        id=new_id("i"),
        account=caller.home,
        region=caller.region,
        reservation_id=reservation_id,
        launch_index=number,
        launched_at=caller.now,
        private_ip_address=f"172.31.{secrets.randbelow(256)}.{secrets.randbelow(250) + 4}",
        profile=profile,
        association_id=new_id("iip-assoc") if profile is not None else "",
        associated_at=caller.now if profile is not None else None,
        http_tokens=options.http_tokens or "required",
        hop_limit=options.http_put_response_hop_limit or 2,
        metadata_enabled=options.http_endpoint != "disabled",
        metadata_tags=options.instance_metadata_tags == "enabled",
    )
    made.metadata_digest = made.digest_of_secret
    return made
