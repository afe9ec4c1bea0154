"""Copies of S3's objects, within a bucket, to another bucket, to another account's."""

from __future__ import annotations

from typing import Any

from accounts.actions.registry import FROM_PREPARE, action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.types import Time
from iamconsole.sandbox import s3_limits, s3_objects, s3_resources, s3_sources
from iamconsole.sandbox.actions.s3_objects import Arrived, new_object
from iamconsole.sandbox.models import Bucket, StoredObject
from iamconsole.sandbox.s3_errors import InvalidRequest
from iamconsole.sandbox.s3_objects import DEFAULT_TYPE
from iamconsole.sandbox.s3_resources import with_context
from iamconsole.sandbox.s3_types import (
    Algorithm,
    BucketName,
    ContentType,
    CopySource,
    Directive,
    ETag,
    Header,
    Metadata,
    ObjectKey,
    ObjectTags,
)
from iamconsole.sandbox.storage import Incoming


class Copied(Arrived):
    """The same with the source as it was when its bytes were read."""

    source: StoredObject

    def __init__(self, bucket: Bucket, incoming: Incoming, source: StoredObject) -> None:
        super().__init__(bucket, incoming)
        self.source = source


def _copy(caller: Caller, **arguments: Any) -> Resource:
    return with_context(
        new_object(caller, **arguments),
        **{
            "s3:x-amz-copy-source": arguments["copy_source"].removeprefix("/"),
            "s3:x-amz-metadata-directive": arguments.get("metadata_directive"),
        },
    )


def _of_source(caller: Caller, **arguments: Any) -> list[tuple[str, Resource]]:
    """To read the source; and to read its tags and set them, where there are some to copy."""
    source = s3_sources.resource_of(caller, arguments["copy_source"])
    needed = [("s3:GetObject", source)]
    if arguments.get("tagging_directive") == "REPLACE":
        if arguments.get("tagging"):
            needed.append(("s3:PutObjectTagging", new_object(caller, **arguments)))
    elif any(key.startswith("s3:ExistingObjectTag/") for key in source.context):
        needed.append(("s3:GetObjectTagging", source))
        needed.append(("s3:PutObjectTagging", new_object(caller, **arguments)))
    return needed


def _read_source(caller: Caller, **given: Any) -> Copied:
    found = s3_sources.find(caller, given["copy_source"], given)
    bucket = s3_resources.find_bucket(caller, given["bucket"])
    old = s3_resources.find_object(caller, given["bucket"], given["key"])
    s3_objects.check_replaceable(old, given["key"], given["if_match"], given["if_none_match"])
    itself = old is not None and old.pk == found.pk
    if itself and "REPLACE" not in (given["metadata_directive"], given["tagging_directive"]):
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class, website redirect location or "
            "encryption attributes."
        )
    freed = s3_limits.counted(old.size) if old is not None else 0
    s3_limits.check_room(bucket, s3_limits.counted(found.size) - freed)
    known = tuple(found.checksums) if found.checksum_type == "FULL_OBJECT" else ()
    algorithms = (given["checksum_algorithm"],) if given["checksum_algorithm"] else known
    return Copied(bucket, s3_sources.copied(found, 0, found.size, algorithms), found)


@action(
    "s3:CopyObject",
    permission="s3:PutObject",
    resource=_copy,
    also=_of_source,
    prepare=_read_source,
    raises_epoch=False,
)
def copy_object(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    copy_source: CopySource,
    metadata_directive: Directive = "COPY",
    tagging_directive: Directive = "COPY",
    content_type: ContentType | None = None,
    cache_control: Header | None = None,
    content_disposition: Header | None = None,
    content_encoding: Header | None = None,
    content_language: Header | None = None,
    expires: Header | None = None,
    metadata: Metadata | None = None,
    tagging: ObjectTags = (),
    copy_source_if_match: ETag | None = None,
    copy_source_if_none_match: ETag | None = None,
    copy_source_if_modified_since: Time | None = None,
    copy_source_if_unmodified_since: Time | None = None,
    if_match: ETag | None = None,
    if_none_match: ETag | None = None,
    checksum_algorithm: Algorithm | None = None,
    prepared: Copied = FROM_PREPARE,
) -> StoredObject:
    """Store what `copy_source` ("bucket/key") holds under another key or in another bucket.

    Headers, metadata and tags are the source's unless their directive is REPLACE.
    """
    source, incoming = prepared.source, prepared.incoming
    columns: dict[str, Any] = {
        "content_type": source.content_type,
        "headers": source.headers,
        "metadata": source.metadata,
        "tags": source.tags,
        "checksum_type": "FULL_OBJECT" if incoming.checksums else "",
    }
    if metadata_directive == "REPLACE":
        columns["content_type"] = content_type or DEFAULT_TYPE
        columns["metadata"] = s3_objects.metadata_of(metadata or {})
        columns["headers"] = s3_objects.headers_of(
            {
                "cache_control": cache_control,
                "content_disposition": content_disposition,
                "content_encoding": content_encoding,
                "content_language": content_language,
                "expires": expires,
            }
        )
    if tagging_directive == "REPLACE":
        columns["tags"] = s3_objects.tags_of(tagging)
    with incoming:
        row = s3_resources.hold(prepared.bucket)
        return s3_objects.store(
            caller, row, key, incoming, if_match=if_match, if_none_match=if_none_match, **columns
        )
