"""The tags of S3's objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.actions.registry import FROM_PREPARE, action
from accounts.arns import Resource
from accounts.caller import Caller
from iamconsole.sandbox import s3_objects, s3_resources
from iamconsole.sandbox.models import Bucket
from iamconsole.sandbox.s3_resources import (
    as_authorised,
    existing_object,
    request_tags,
    with_context,
)
from iamconsole.sandbox.s3_types import BucketName, ObjectKey, ObjectTags


def _with_new_tags(caller: Caller, *, tagging: ObjectTags, **arguments: Any) -> Resource:
    return with_context(existing_object(caller, **arguments), **request_tags(tagging))


@action("s3:GetObjectTagging", resource=existing_object, read_only=True)
def get_object_tagging(
    caller: Caller, /, *, bucket: BucketName, key: ObjectKey
) -> Mapping[str, str]:
    """An object's tags."""
    tags: dict[str, str] = s3_resources.existing(caller, bucket, key).tags
    return tags


@action("s3:PutObjectTagging", resource=_with_new_tags, prepare=as_authorised, raises_epoch=False)
def put_object_tagging(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    tagging: ObjectTags,
    prepared: Bucket = FROM_PREPARE,
) -> None:
    """Give an object these tags in place of all it has."""
    _set(caller, prepared, key, s3_objects.tags_of(tagging))


@action(
    "s3:DeleteObjectTagging", resource=existing_object, prepare=as_authorised, raises_epoch=False
)
def delete_object_tagging(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    prepared: Bucket = FROM_PREPARE,
) -> None:
    """Take all tags off an object."""
    _set(caller, prepared, key, {})


def _set(caller: Caller, bucket: Bucket, key: str, tags: dict[str, str]) -> None:
    row = s3_resources.hold(bucket)
    found = s3_resources.existing(caller, row.name, key)
    found.tags = tags
    found.save(update_fields=["tags"])
