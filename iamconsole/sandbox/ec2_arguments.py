"""The kinds of arguments that EC2's actions take, and what is asked with every call of it.

EC2's model gives few limits; those here keep what is stored and compared small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from accounts.types import Choice, Number, Several, Structure, Tag, TagRule, Text
from iamconsole.sandbox.ec2_errors import DryRunOperation

InstanceId = Annotated[str, Text(1, 64)]
InstanceIds = Annotated[Sequence[str], Several(Text(1, 64), None, 1000)]
ImageId = Annotated[str, Text(1, 64)]
ImageIds = Annotated[Sequence[str], Several(Text(1, 64), None, 1000)]
Owners = Annotated[Sequence[str], Several(Text(1, 64), None, 100)]
TypeName = Annotated[str, Text(1, 64)]
TypeNames = Annotated[Sequence[str], Several(Text(1, 64), None, 100)]
RegionNames = Annotated[Sequence[str], Several(Text(1, 64), None, 100)]
AssociationId = Annotated[str, Text(1, 64)]
AssociationIds = Annotated[Sequence[str], Several(Text(1, 64), None, 1000)]
ResourceIds = Annotated[Sequence[str], Several(Text(1, 128), None, 1000)]
ClientToken = Annotated[str, Text(None, 64)]
Count = Annotated[int, Number(None, None)]
NextToken = Annotated[str, Text(1, 1024)]
MaxResults = Annotated[int, Number(5, 1000)]
HopLimit = Annotated[int, Number(1, 64)]
HttpTokens = Annotated[str, Choice(("optional", "required"))]
Switch = Annotated[str, Choice(("disabled", "enabled"))]

_MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on a list: a property, and values of which it must have one.

    In values `*` stands for any characters, `?` for one.
    """

    name: Annotated[str, Text(1, 255)]
    values: Annotated[Sequence[str], Several(Text(0, 255), None, _MOST_VALUES)]


Filters = Annotated[Sequence[Filter], Several(Structure(Filter), None, 50)]


@dataclass(frozen=True, slots=True)
class NamedProfile:
    """An instance profile, by name or by ARN."""

    arn: Annotated[str, Text(1, 2048)] | None = None
    name: Annotated[str, Text(1, 128)] | None = None


ProfileWanted = Annotated[NamedProfile, Structure(NamedProfile)]


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """How the metadata service of new instances is set up."""

    http_tokens: HttpTokens | None = None
    http_put_response_hop_limit: HopLimit | None = None
    http_endpoint: Switch | None = None
    #: Clients send it with the others; there are no addresses of version 6 to switch on.
    http_protocol_ipv6: Annotated[str, Choice(("disabled",))] | None = None
    instance_metadata_tags: Switch | None = None


Metadata = Annotated[MetadataOptions, Structure(MetadataOptions)]


@dataclass(frozen=True, slots=True)
class TagSpecification:
    """Tags for one kind of what a call makes."""

    resource_type: Annotated[str, Text(1, 64)]
    tags: Annotated[Sequence[Tag], Several(TagRule(), None, 50)]


TagSpecifications = Annotated[
    Sequence[TagSpecification], Several(Structure(TagSpecification), None, 20)
]


@dataclass(frozen=True, slots=True)
class UnsetTag:
    """A tag to remove: with a value, only if it has that one."""

    key: Annotated[str, Text(1, 128)]
    value: Annotated[str, Text(0, 256)] | None = None


UnsetTags = Annotated[Sequence[UnsetTag], Several(Structure(UnsetTag), None, 1000)]


def unless_dry(dry_run: bool) -> None:
    """Raise DryRunOperation where the caller only wanted to know: what refuses came before."""
    if dry_run:
        raise DryRunOperation
