"""The object that another is copied from: how it is named, who may, and its bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from accounts.arns import Resource
from accounts.caller import Caller
from iamconsole.sandbox import s3_objects, s3_resources, storage
from iamconsole.sandbox.models import StoredObject
from iamconsole.sandbox.s3_errors import (
    InvalidArgument,
    InvalidRange,
    NoSuchKey,
    NotModified,
    PreconditionFailed,
)
from iamconsole.sandbox.s3_types import BucketNameRule, KeyRule
from iamconsole.sandbox.storage import Incoming

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})")
#: The conditions on a source, by the arguments that are given to a copy.
_CONDITIONS = (
    "copy_source_if_match",
    "copy_source_if_none_match",
    "copy_source_if_modified_since",
    "copy_source_if_unmodified_since",
)


def parts_of(copy_source: str) -> tuple[str, str]:
    """Bucket and key of `bucket/key`. Raise InvalidArgument for what is neither."""
    bucket, slash, key = copy_source.removeprefix("/").partition("/")
    if not slash or not key:
        raise InvalidArgument(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
            argument="copy_source",
            ArgumentName="x-amz-copy-source",
        )
    BucketNameRule().problems(bucket, "copy_source")
    KeyRule().problems(key, "copy_source")
    return bucket, key


def resource_of(caller: Caller, copy_source: str) -> Resource:
    """The source as policies see it."""
    bucket, key = parts_of(copy_source)
    return s3_resources.existing_object(caller, bucket=bucket, key=key)


def find(caller: Caller, copy_source: str, given: Mapping[str, Any]) -> StoredObject:
    """The source. Raise NoSuchKey, or PreconditionFailed where its conditions don't hold."""
    found = s3_resources.existing(caller, *parts_of(copy_source))
    conditions = [given.get(name) for name in _CONDITIONS]
    try:
        s3_objects.check_unchanged(found, *conditions)
    except NotModified:
        # A copy has nothing to answer "you have it already" with.
        name = "if-none-match" if conditions[1] is not None else "if-modified-since"
        raise PreconditionFailed(f"x-amz-copy-source-{name}") from None
    return found


def range_of(found: StoredObject, copy_source_range: str | None) -> tuple[int, int]:
    """Start and length of the bytes to be copied. Raise for what does not lie in the source."""
    if copy_source_range is None:
        return 0, found.size
    read = _RANGE.fullmatch(copy_source_range)
    if read is None:
        raise InvalidArgument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            argument="copy_source_range",
        )
    first, last = int(read[1]), int(read[2])
    if first > last or last >= found.size:
        raise InvalidRange(
            f"Range specified is not valid for source object of size: {found.size}",
            RangeRequested=copy_source_range,
            ActualObjectSize=str(found.size),
        )
    return first, last - first + 1


def copied(found: StoredObject, start: int, length: int, algorithms: tuple[str, ...]) -> Incoming:
    """The bytes of a source in a new file. Raise NoSuchKey where it was deleted meanwhile."""
    try:
        file = storage.open_blob(found.blob)
    except FileNotFoundError:
        raise NoSuchKey(Key=found.key) from None
    with file:
        return storage.write(storage.pieces_of(file, start, length), algorithms)
