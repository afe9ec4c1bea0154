"""The check of what lies in a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from iamconsole.labs.checks import globs
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.place import Place
from iamconsole.labs.checks.words import listed, there_is
from iamconsole.sandbox import storage
from iamconsole.sandbox.models import Bucket, StoredObject

#: Keys of a bucket that a pattern is held against, and objects whose text is read: the beginning.
_MOST_KEYS, _MOST_READ = 1000, 20
_LONGEST_TEXT = 256 * 1024


def s3_object(place: Place, arguments: Mapping[str, Any]) -> Finding:
    """The object is there and its text holds that, or it is not there."""
    bucket, key, text = arguments["bucket"], arguments["key"], arguments.get("contains")
    gone = arguments.get("absent", False)
    holding = f" and contains “{text}”" if text is not None else ""
    asked = f"The object {key} {'is not' if gone else 'is'} in the bucket {bucket}{holding}."
    expected = "It is not there." if gone else "It is so."
    row = place.once(
        ("bucket", bucket),
        lambda: Bucket.objects.filter(account=place.account, name=bucket).first(),
    )
    if row is None:
        return Finding(False, asked, f"There is no bucket {bucket}{place.here}.", expected)
    found = _objects(row, key)
    if not found:
        return Finding(gone, asked, "There is no such object.", expected)
    told = f"{there_is(len(found), 'object')}: {listed(each.key for each in found)}."
    if gone or text is None:
        return Finding(not gone, asked, told, expected)
    if any(_contains(place, each, text) for each in found[:_MOST_READ]):
        return Finding(True, asked, f"{told} Its text contains that.", expected)
    return Finding(False, asked, f"{told} Its text does not contain that.", expected)


def _objects(bucket: Bucket, key: str) -> list[StoredObject]:
    rows = StoredObject.objects.filter(bucket=bucket).order_by("key")
    if not globs.is_glob(key):
        return list(rows.filter(key=key))
    beginning = key.partition("*")[0].partition("?")[0]
    rows = rows.filter(key__startswith=beginning) if beginning else rows
    return [each for each in rows[:_MOST_KEYS] if globs.fits(key, each.key)]


def _contains(place: Place, row: StoredObject, text: str) -> bool:
    place.budget.spend()
    try:
        with closing(storage.open_blob(row.blob)) as file:
            return text.encode() in file.read(_LONGEST_TEXT)
    except FileNotFoundError:
        return False
