"""The kinds of arguments that S3's actions take.

S3 has codes of its own for bad names and keys: their rules raise those errors, where the rules of
other arguments gather problems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from accounts.types import Choice, Flag, Number, Problems, Several, Structure, Tag, TagRule, Text
from iamconsole.sandbox.s3_errors import (
    InvalidArgument,
    InvalidBucketName,
    InvalidTag,
    InvalidURI,
    KeyTooLong,
    MetadataTooLarge,
)

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}")
#: Amazon S3 User Guide, "General purpose bucket naming rules".
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")
_METADATA_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
#: In bytes: all x-amz-meta- names and values together, and a key.
_MOST_METADATA = 2048
LONGEST_KEY = 1024
#: What stands in no header: control characters. A tab may.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")


def is_bucket_name(name: str) -> bool:
    """Whether S3 takes the name for a general purpose bucket."""
    return (
        _NAME.fullmatch(name) is not None
        and ".." not in name
        and not _ADDRESS.fullmatch(name)
        and not name.startswith(_PREFIXES)
        and not name.endswith(_SUFFIXES)
    )


class Body(Protocol):
    """What an upload is read from. It may have `checksums`: those that came after its bytes."""

    def read(self, size: int, /) -> bytes:
        """At most that many bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class BucketNameRule:
    """A bucket's name."""

    def problems(self, value: Any, at: str) -> Problems:
        """Raise InvalidBucketName."""
        if not isinstance(value, str) or not is_bucket_name(value):
            # The name comes back in the answer, which has no room for everything.
            shown = value[:255] if isinstance(value, str) else ""
            raise InvalidBucketName(argument=at, BucketName=shown)
        return []


@dataclass(frozen=True, slots=True)
class KeyRule:
    """An object's key, or the beginning of one: any text of at most 1,024 bytes of UTF-8."""

    empty: bool = False

    def problems(self, value: Any, at: str) -> Problems:
        """Raise KeyTooLong, or InvalidURI for what no address can name."""
        if not isinstance(value, str) or (not value and not self.empty):
            raise InvalidArgument(argument=at)
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            raise InvalidURI(argument=at) from None
        if size > LONGEST_KEY:
            raise KeyTooLong(argument=at, Size=str(size), MaxSizeAllowed=str(LONGEST_KEY))
        if "\x00" in value:
            # S3 would take it. PostgreSQL does not, and XML could not show it.
            raise InvalidURI(argument=at)
        return []


@dataclass(frozen=True, slots=True)
class HeaderRule:
    """The value of a header that is kept and given back."""

    max: int = 1024

    def problems(self, value: Any, at: str) -> Problems:
        """Raise InvalidArgument for what can't stand in a header."""
        if not isinstance(value, str) or len(value) > self.max or _CONTROL.search(value):
            raise InvalidArgument(f"The value of {at} can't be a header.", argument=at)
        return []


@dataclass(frozen=True, slots=True)
class MetadataRule:
    """The x-amz-meta- headers, without that prefix."""

    def problems(self, value: Any, at: str) -> Problems:
        """Raise InvalidArgument, or MetadataTooLarge for more than 2 KB."""
        if not isinstance(value, Mapping):
            raise InvalidArgument(argument=at)
        size = 0
        for name, text in value.items():
            named = isinstance(name, str) and _METADATA_NAME.fullmatch(name)
            if not named or not isinstance(text, str) or _CONTROL.search(text):
                raise InvalidArgument("Your metadata has what no header may hold.", argument=at)
            size += len(name.encode()) + len(text.encode())
        if size > _MOST_METADATA:
            raise MetadataTooLarge(argument=at, Size=str(size), MaxSizeAllowed=str(_MOST_METADATA))
        return []


@dataclass(frozen=True, slots=True)
class TagSetRule:
    """Tags of a bucket (50 at most) or an object (10): keys differ, and are not AWS's."""

    max: int

    def problems(self, value: Any, at: str) -> Problems:
        """Raise InvalidTag, also for too many."""
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise InvalidTag(argument=at)
        if len(value) > self.max:
            raise InvalidTag(f"Tags cannot be greater than {self.max}", argument=at)
        seen: set[str] = set()
        for tag in value:
            if TagRule().problems(tag, at):
                raise InvalidTag("The TagKey or TagValue you have provided is invalid", argument=at)
            if tag.key in seen:
                raise InvalidTag("Cannot provide multiple Tags with the same key", argument=at)
            if tag.key.casefold().startswith("aws:"):
                raise InvalidTag("System tags cannot be added/updated by requester", argument=at)
            seen.add(tag.key)
        return []


BucketName = Annotated[str, BucketNameRule()]
ObjectKey = Annotated[str, KeyRule()]
KeyPart = Annotated[str, KeyRule(empty=True)]
Header = Annotated[str, HeaderRule()]
ContentType = Annotated[str, HeaderRule(256)]
Metadata = Annotated[Mapping[str, str], MetadataRule()]
ObjectTags = Annotated[Sequence[Tag], TagSetRule(10)]
BucketTags = Annotated[Sequence[Tag], TagSetRule(50)]
ETag = Annotated[str, HeaderRule()]
Range = Annotated[str, HeaderRule()]
Token = Annotated[str, Text(1, 4096)]
MaxKeys = Annotated[int, Number(0, 2147483647)]
MaxBuckets = Annotated[int, Number(1, 10000)]
PartNumber = Annotated[int, Number(1, 10000)]
PartMarker = Annotated[int, Number(0, 2147483647)]
Size = Annotated[int, Number(0)]
UploadId = Annotated[str, HeaderRule(128)]
CopySource = Annotated[str, Text(3, 2048)]
Algorithm = Annotated[str, Choice(("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"))]
ChecksumType = Annotated[str, Choice(("COMPOSITE", "FULL_OBJECT"))]
Directive = Annotated[str, Choice(("COPY", "REPLACE"))]
Checksum = Annotated[str, HeaderRule(128)]
PolicyText = Annotated[str, Text(0, 1_000_000)]
Keys = Annotated[Sequence[str], Several(KeyRule())]
AttributeNames = Annotated[
    Sequence[str],
    Several(Choice(("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"))),
]


@dataclass(frozen=True, slots=True)
class CreateBucketConfiguration:
    """Where a new bucket is to be, and its tags."""

    location_constraint: Annotated[str, Text(0, 32)] | None = None
    tags: BucketTags = ()


@dataclass(frozen=True, slots=True)
class PublicAccessBlockConfiguration:
    """The four ways of blocking public access."""

    block_public_acls: Flag = False
    ignore_public_acls: Flag = False
    block_public_policy: Flag = False
    restrict_public_buckets: Flag = False


@dataclass(frozen=True, slots=True)
class CompletedPart:
    """One part of which an object is to be made. `checksums` are by algorithm, in Base64."""

    part_number: PartNumber
    etag: ETag
    checksums: Mapping[str, str] = field(default_factory=dict)


BucketConfiguration = Annotated[CreateBucketConfiguration, Structure(CreateBucketConfiguration)]
PublicAccessBlock = Annotated[
    PublicAccessBlockConfiguration, Structure(PublicAccessBlockConfiguration)
]
CompletedParts = Annotated[Sequence[CompletedPart], Several(Structure(CompletedPart))]
