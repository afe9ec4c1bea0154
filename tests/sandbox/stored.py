"""Buckets and objects for tests: made in one line, read in one line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from accounts.caller import Caller
from accounts.errors import ServiceError
from iamconsole.sandbox.actions import s3_buckets, s3_objects
from iamconsole.sandbox.models import Bucket, Part, StoredObject
from iamconsole.sandbox.s3_limits import counted

REPORTS, CLASSIFIED = "final-friday-reports", "final-friday-classified"


def new_bucket(caller: Caller, name: str = REPORTS) -> Bucket:
    """A bucket of the caller's account."""
    return s3_buckets.create_bucket(caller, bucket=name)


def put(caller: Caller, key: str, content: bytes = b"hello", **more: Any) -> StoredObject:
    """An object with this content."""
    given: dict[str, Any] = {"bucket": REPORTS, "content_length": len(content)} | more
    return s3_objects.put_object(caller, key=key, body=io.BytesIO(content), **given)


def content(caller: Caller, key: str, **more: Any) -> bytes:
    """What an object holds, or a part of it."""
    return b"".join(s3_objects.get_object(caller, key=key, **{"bucket": REPORTS} | more).chunks())


def refusal(call: Any, *given: Any, **arguments: Any) -> ServiceError:
    """The error that a call raises."""
    with pytest.raises(ServiceError) as caught:
        call(*given, **arguments)
    return caught.value


def code_of(call: Any, *given: Any, **arguments: Any) -> str:
    """The code of the error that a call raises."""
    return refusal(call, *given, **arguments).code


def granting(
    principal: Any, *actions: str, effect: str = "Allow", on: str = REPORTS, **more: Any
) -> str:
    """A bucket policy of one statement about a bucket and all its objects."""
    statement = {
        "Effect": effect,
        "Principal": principal,
        "Action": list(actions),
        "Resource": [f"arn:aws:s3:::{on}", f"arn:aws:s3:::{on}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


def sums_are_right() -> bool:
    """Whether every bucket counts just what its objects and parts are."""
    for bucket in Bucket.objects.all():
        sizes = list(StoredObject.objects.filter(bucket=bucket).values_list("size", flat=True))
        sizes += Part.objects.filter(upload__bucket=bucket).values_list("size", flat=True)
        if bucket.stored_bytes != sum(map(counted, sizes)):
            return False
    return True


def files(objects: Path) -> set[str]:
    """The names of all files that hold something of an object."""
    return {path.name for path in objects.glob("*/*")}
