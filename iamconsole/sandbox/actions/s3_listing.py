"""S3's lists of objects: by prefix, rolled up at a delimiter, page by page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from iamconsole.sandbox import s3_resources
from iamconsole.sandbox.models import Bucket, StoredObject
from iamconsole.sandbox.s3_errors import InvalidArgument
from iamconsole.sandbox.s3_limits import KEYS_PER_PAGE
from iamconsole.sandbox.s3_resources import bucket_resource, with_context
from iamconsole.sandbox.s3_types import BucketName, KeyPart, MaxKeys, Token

#: How many rows are read after a jump over a folder, and at most at once.
_FIRST_ROWS = 4
_MOST_ROWS = KEYS_PER_PAGE + 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A page: objects, and in place of those with the delimiter in their keys, common prefixes.

    Both sorted by the bytes of UTF-8. `max_keys` counts both together.
    """

    bucket: Bucket
    objects: list[StoredObject]
    common_prefixes: list[str]
    max_keys: int
    is_truncated: bool = False
    #: Where the next page begins: ListObjectsV2's token, and ListObjects' marker.
    next_continuation_token: str | None = None
    next_marker: str | None = None


@dataclass(frozen=True, slots=True)
class _Element:
    """What a page counts: an object or a common prefix."""

    text: str
    row: StoredObject | None = None


def _listed(
    caller: Caller,
    *,
    bucket: str,
    prefix: str | None = None,
    delimiter: str | None = None,
    max_keys: int | None = None,
    **_: Any,
) -> Resource:
    # Only what was asked with has a key: s3 ls of a whole bucket sends an empty prefix.
    return with_context(
        bucket_resource(caller, bucket=bucket),
        **{
            "s3:prefix": prefix,
            "s3:delimiter": delimiter,
            "s3:max-keys": None if max_keys is None else str(max_keys),
        },
    )


@action("s3:ListObjectsV2", permission="s3:ListBucket", resource=_listed, read_only=True)
def list_objects_v2(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    prefix: KeyPart | None = None,
    delimiter: KeyPart | None = None,
    start_after: KeyPart | None = None,
    continuation_token: Token | None = None,
    max_keys: MaxKeys | None = None,
) -> Listing:
    """Objects after `start_after`, or after where the token's page ended. 1,000 at most."""
    after = start_after or ""
    if continuation_token is not None:
        after = _place(continuation_token)
    return _page(caller, bucket, prefix or "", delimiter or "", after, max_keys)


@action("s3:ListObjects", permission="s3:ListBucket", resource=_listed, read_only=True)
def list_objects(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    prefix: KeyPart | None = None,
    delimiter: KeyPart | None = None,
    marker: KeyPart | None = None,
    max_keys: MaxKeys | None = None,
) -> Listing:
    """The same by the older operation: what is listed comes after `marker`."""
    return _page(caller, bucket, prefix or "", delimiter or "", marker or "", max_keys)


def _page(
    caller: Caller, bucket: str, prefix: str, delimiter: str, after: str, max_keys: int | None
) -> Listing:
    row = s3_resources.find_bucket(caller, bucket)
    most = KEYS_PER_PAGE if max_keys is None else min(max_keys, KEYS_PER_PAGE)
    found: list[_Element] = []
    more = False
    for element in _elements(row, prefix, delimiter, after) if most else ():
        if len(found) == most:
            more = True
            break
        found.append(element)
    last = found[-1].text if more else None
    return Listing(
        bucket=row,
        objects=[element.row for element in found if element.row is not None],
        common_prefixes=[element.text for element in found if element.row is None],
        max_keys=most if max_keys is None else max_keys,
        is_truncated=more,
        next_continuation_token=_token(last) if last is not None else None,
        next_marker=last,
    )


def _elements(bucket: Bucket, prefix: str, delimiter: str, after: str) -> Iterator[_Element]:
    """Objects and common prefixes in order. A folder is jumped over, however much is in it."""
    rows = StoredObject.objects.filter(bucket=bucket).order_by("key")
    rows = rows.only("bucket", "key", "size", "etag", "checksums", "checksum_type", "modified_at")
    end = following(prefix)
    if end is not None:
        rows = rows.filter(key__lt=end)
    rows = rows.filter(key__gte=prefix)
    size = _FIRST_ROWS if delimiter else _MOST_ROWS
    passed = rolled_up(after, prefix, delimiter)
    left = rows.filter(key__gt=after)
    while True:
        if passed is not None:
            start = following(passed)
            if start is None:
                return
            left, size = rows.filter(key__gte=start), _FIRST_ROWS
        seen = list(left[:size])
        folder = passed
        for row in seen:
            rolled = rolled_up(row.key, prefix, delimiter)
            if rolled is None:
                yield _Element(row.key, row)
            elif rolled != folder:
                yield _Element(rolled)
            folder = rolled
        if len(seen) < size:
            return
        passed, left = folder, rows.filter(key__gt=seen[-1].key)
        size = min(size * 4, _MOST_ROWS)


def rolled_up(key: str, prefix: str, delimiter: str) -> str | None:
    """The common prefix under which a key is listed, or nothing where it is listed itself."""
    if not delimiter or not key.startswith(prefix):
        return None
    place = key.find(delimiter, len(prefix))
    return key[: place + len(delimiter)] if place >= 0 else None


def following(prefix: str) -> str | None:
    """The first text, by bytes, after all that begin so; nothing where there is none."""
    while prefix:
        code = ord(prefix[-1]) + 1
        if code == 0xD800:
            # Halves of characters are in no text.
            code = 0xE000
        if code <= 0x10FFFF:
            return prefix[:-1] + chr(code)
        prefix = prefix[:-1]
    return None


def _token(text: str) -> str:
    return base64.urlsafe_b64encode(b"1" + text.encode()).decode()


def _place(token: str) -> str:
    """Where a token's page ended. Raise InvalidArgument for what is no token."""
    try:
        text = base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    if not text.startswith("1") or "\x00" in text:
        raise InvalidArgument(
            "The continuation token provided is incorrect",
            argument="continuation_token",
            ArgumentName="continuation-token",
        )
    return text[1:]
