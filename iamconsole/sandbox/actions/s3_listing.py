"""S3's lists of objects: by prefix, rolled up at a delimiter, page by page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from iamconsole.sandbox import s3_resources
from iamconsole.sandbox.models import Bucket, StoredObject
from iamconsole.sandbox.s3_errors import InvalidArgument
from iamconsole.sandbox.s3_limits import KEYS_PER_PAGE
from iamconsole.sandbox.s3_resources import bucket_resource, with_context
from iamconsole.sandbox.s3_types import BucketName, KeyPart, MaxKeys, Token

#: Longer than any key, and of the last of all characters: behind a folder's name it is beyond all
#: that is in it.
_AFTER_ALL = "\U0010ffff" * 257
#: Keys from the first on, and of those in a folder only one: from each the index is asked for the
#: next, which for a folder is the first one beyond it. So a page costs as much as it shows.
_ONE_OF_EACH = """
WITH RECURSIVE "listed"("key", "nth") AS (
    SELECT (
        SELECT "key" FROM "sandbox_storedobject"
        WHERE "bucket_id" = %(bucket)s AND "key" {comparison} %(start)s AND "key" < %(end)s
        ORDER BY "key" LIMIT 1
    ), 1
    UNION ALL
    SELECT (
        SELECT "key" FROM "sandbox_storedobject"
        WHERE "bucket_id" = %(bucket)s AND "key" < %(end)s AND "key" > CASE {position}
            WHEN 0 THEN "listed"."key"
            ELSE SUBSTR("listed"."key", 1, {position} + %(more)s) || %(after_all)s
        END
        ORDER BY "key" LIMIT 1
    ), "nth" + 1
    FROM "listed" WHERE "key" IS NOT NULL AND "nth" < %(most)s
)
SELECT "key" FROM "listed" WHERE "key" IS NOT NULL ORDER BY "nth"
"""
#: Where the delimiter is behind the prefix, from 1; 0 where it is not.
_POSITION = '{function}(SUBSTR("listed"."key", %(behind)s), %(delimiter)s)'


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
    """What a page counts: a common prefix or an object; its row is gone if it was just deleted."""

    text: str
    row: StoredObject | None = None
    is_prefix: bool = False


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
    found = _elements(row, prefix, delimiter, after, most + 1) if most else []
    more = len(found) > most
    del found[most:]
    last = found[-1].text if more else None
    return Listing(
        bucket=row,
        objects=[element.row for element in found if element.row is not None],
        common_prefixes=[element.text for element in found if element.is_prefix],
        max_keys=most if max_keys is None else max_keys,
        is_truncated=more,
        next_continuation_token=_token(last) if last is not None else None,
        next_marker=last,
    )


def _elements(bucket: Bucket, prefix: str, delimiter: str, after: str, most: int) -> list[_Element]:
    """The first objects and common prefixes after a place, in order. Two queries at most."""
    rows = StoredObject.objects.filter(bucket=bucket)
    rows = rows.only("bucket", "key", "size", "etag", "checksums", "checksum_type", "modified_at")
    if (folder := rolled_up(after, prefix, delimiter)) is not None:
        after = folder + _AFTER_ALL
    # Of two lower bounds a database may take the wrong one, and read all that lies between.
    comparison, start = (">", after) if after.encode() >= prefix.encode() else (">=", prefix)
    end = following(prefix) or _AFTER_ALL
    if not delimiter:
        lookup = "key__gt" if comparison == ">" else "key__gte"
        rows = rows.filter(**{lookup: start}, key__lt=end).order_by("key")
        return [_Element(row.key, row) for row in rows[:most]]
    known = {
        "bucket": bucket.pk, "start": start, "end": end, "after_all": _AFTER_ALL, "most": most,
        "delimiter": delimiter, "behind": len(prefix) + 1, "more": len(prefix + delimiter) - 1,
    }  # fmt: skip
    keys = _one_of_each(comparison, known)
    folders = {key: rolled_up(key, prefix, delimiter) for key in keys}
    alone = [key for key, folder in folders.items() if folder is None]
    found = {row.key: row for row in rows.filter(key__in=alone)} if alone else {}
    return [
        _Element(key, found.get(key)) if folder is None else _Element(folder, is_prefix=True)
        for key, folder in folders.items()
    ]


def _one_of_each(comparison: str, known: dict[str, Any]) -> list[str]:
    """Keys that are listed themselves, and of each folder its first one, in order."""
    function = "STRPOS" if connection.vendor == "postgresql" else "INSTR"
    position = _POSITION.format(function=function)
    with connection.cursor() as cursor:
        cursor.execute(_ONE_OF_EACH.format(comparison=comparison, position=position), known)
        return [key for (key,) in cursor.fetchall()]


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
