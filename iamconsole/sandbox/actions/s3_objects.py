"""S3's objects: put, get, look at, delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.actions.registry import FROM_PREPARE, action
from accounts.arns import Resource
from accounts.authorize import authorize
from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.types import Time
from iamconsole.sandbox import s3_limits, s3_objects, s3_resources, storage
from iamconsole.sandbox.models import Bucket, StoredObject
from iamconsole.sandbox.s3_errors import MalformedXML
from iamconsole.sandbox.s3_objects import DEFAULT_TYPE, Download, declared
from iamconsole.sandbox.s3_resources import (
    as_authorised,
    existing_object,
    object_resource,
    request_tags,
    with_context,
)
from iamconsole.sandbox.s3_types import (
    Algorithm,
    AttributeNames,
    Body,
    BucketName,
    Checksum,
    ContentType,
    ETag,
    Header,
    Keys,
    Metadata,
    ObjectKey,
    ObjectTags,
    PartNumber,
    Range,
    Size,
)
from iamconsole.sandbox.storage import Incoming

KEYS_PER_DELETION = 1000


@dataclass(frozen=True, slots=True)
class Deletion:
    """What became of one key of DeleteObjects. Without an error it is gone, or never was."""

    key: str
    error: ServiceError | None = None


@dataclass(slots=True)
class Arrived:
    """What `prepare` of an upload hands over: the bucket it was authorised for, and the file."""

    bucket: Bucket
    incoming: Incoming


def new_object(
    caller: Caller,
    *,
    bucket: str,
    key: str,
    tagging: ObjectTags = (),
    if_match: str | None = None,
    if_none_match: str | None = None,
    **_: Any,
) -> Resource:
    """An object that is to be made or replaced, with what policies may ask of its request."""
    return with_context(
        object_resource(caller, bucket=bucket, key=key),
        **request_tags(tagging),
        **{"s3:if-match": if_match, "s3:if-none-match": if_none_match},
    )


def tagging_too(caller: Caller, **arguments: Any) -> tuple[str, Resource] | None:
    """The permission to tag, which an upload with tags takes as well."""
    if not arguments.get("tagging"):
        return None
    return "s3:PutObjectTagging", new_object(caller, **arguments)


def _arrive(caller: Caller, **given: Any) -> Arrived:
    """Read the body, once it is sure that the caller may and that there is room."""
    found = declared(
        given["body"],
        given["content_length"],
        given["content_md5"],
        given["checksum_algorithm"],
        given,
    )
    bucket = s3_resources.find_bucket(caller, given["bucket"])
    old = s3_resources.find_object(caller, given["bucket"], given["key"])
    s3_objects.check_replaceable(old, given["key"], given["if_match"], given["if_none_match"])
    freed = s3_limits.counted(old.size) if old is not None else 0
    s3_limits.check_room(bucket, s3_limits.counted(found.length) - freed)
    return Arrived(bucket, found.receive(given["body"]))


@action(
    "s3:PutObject",
    resource=new_object,
    also=tagging_too,
    prepare=_arrive,
    secrets=("body",),
    raises_epoch=False,
)
def put_object(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    body: Body | None = None,
    content_length: Size | None = None,
    content_md5: Header | None = None,
    content_type: ContentType | None = None,
    cache_control: Header | None = None,
    content_disposition: Header | None = None,
    content_encoding: Header | None = None,
    content_language: Header | None = None,
    expires: Header | None = None,
    metadata: Metadata | None = None,
    tagging: ObjectTags = (),
    if_match: ETag | None = None,
    if_none_match: ETag | None = None,
    checksum_algorithm: Algorithm | None = None,
    checksum_crc32: Checksum | None = None,
    checksum_crc32_c: Checksum | None = None,
    checksum_crc64_nvme: Checksum | None = None,
    checksum_sha1: Checksum | None = None,
    checksum_sha256: Checksum | None = None,
    prepared: Arrived = FROM_PREPARE,
) -> StoredObject:
    """Store a body of `content_length` bytes under a key, in place of what was there.

    The body is read once the caller is authorised and there is room for it. What a trailer says of
    it, `body.checksums` holds after its last byte. Raises EntityTooLarge, QuotaExceeded,
    IncompleteBody, BadDigest, PreconditionFailed; then nothing has changed.
    """
    headers = s3_objects.headers_of(
        {
            "cache_control": cache_control,
            "content_disposition": content_disposition,
            "content_encoding": content_encoding,
            "content_language": content_language,
            "expires": expires,
        }
    )
    with prepared.incoming as incoming:
        return s3_objects.store(
            caller,
            s3_resources.hold(prepared.bucket),
            key,
            incoming,
            if_match=if_match,
            if_none_match=if_none_match,
            content_type=content_type or DEFAULT_TYPE,
            headers=headers,
            metadata=s3_objects.metadata_of(metadata or {}),
            tags=s3_objects.tags_of(tagging),
            checksum_type="FULL_OBJECT" if incoming.checksums else "",
        )


@action("s3:GetObject", resource=existing_object, read_only=True)
def get_object(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    range: Range | None = None,
    if_match: ETag | None = None,
    if_none_match: ETag | None = None,
    if_modified_since: Time | None = None,
    if_unmodified_since: Time | None = None,
    part_number: PartNumber | None = None,
) -> Download:
    """An object with its open file. Without it: NoSuchKey, or AccessDenied for who may not list."""
    conditions = (if_match, if_none_match, if_modified_since, if_unmodified_since)
    while True:
        found = s3_resources.existing(caller, bucket, key)
        s3_objects.check_unchanged(found, *conditions)
        asked = s3_objects.part_asked(found, range, part_number)
        try:
            asked.file = storage.open_blob(found.blob)
        except FileNotFoundError:
            # Somebody replaced it since its row was read: then there is another row by now, with
            # tags of its own, of which policies were not asked yet.
            caller.forget()
            if StoredObject.objects.filter(blob=found.blob).exists():
                raise
            on = existing_object(caller, bucket=bucket, key=key)
            authorize(caller, "s3:GetObject", on, {})
            continue
        return asked


@action("s3:HeadObject", permission="s3:GetObject", resource=existing_object, read_only=True)
def head_object(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    range: Range | None = None,
    if_match: ETag | None = None,
    if_none_match: ETag | None = None,
    if_modified_since: Time | None = None,
    if_unmodified_since: Time | None = None,
    part_number: PartNumber | None = None,
) -> Download:
    """The same without its file."""
    found = s3_resources.existing(caller, bucket, key)
    s3_objects.check_unchanged(
        found, if_match, if_none_match, if_modified_since, if_unmodified_since
    )
    return s3_objects.part_asked(found, range, part_number)


def _reading_too(caller: Caller, **arguments: Any) -> tuple[str, Resource]:
    """Amazon S3 API reference, GetObjectAttributes: it takes s3:GetObject as well."""
    return "s3:GetObject", existing_object(caller, **arguments)


@action("s3:GetObjectAttributes", resource=existing_object, also=_reading_too, read_only=True)
def get_object_attributes(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    object_attributes: AttributeNames,
) -> StoredObject:
    """An object, for what is known of it."""
    return s3_resources.existing(caller, bucket, key)


@action("s3:DeleteObject", resource=object_resource, prepare=as_authorised, raises_epoch=False)
def delete_object(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    if_match: ETag | None = None,
    prepared: Bucket = FROM_PREPARE,
) -> None:
    """Delete an object. Where there is none, that is as good."""
    row = s3_resources.hold(prepared)
    rows = StoredObject.objects.filter(bucket=row, key=key)
    if if_match is not None:
        s3_objects.check_replaceable(rows.first(), key, if_match, None)
    s3_objects.remove(row, rows)


@action(
    "s3:DeleteObjects",
    resource=s3_resources.bucket_resource,
    prepare=as_authorised,
    raises_epoch=False,
)
def delete_objects(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    delete: Keys,
    prepared: Bucket = FROM_PREPARE,
) -> list[Deletion]:
    """Delete objects, 1,000 at most. Each takes s3:DeleteObject on it and has a result of its own.

    In one transaction: what is refused stays, and keeps nothing else from going.
    """
    if not 1 <= len(delete) <= KEYS_PER_DELETION:
        raise MalformedXML(argument="delete")
    row = s3_resources.hold(prepared)
    refused: dict[str, ServiceError] = {}
    for key in dict.fromkeys(delete):
        try:
            on = object_resource(caller, bucket=bucket, key=key)
            authorize(caller, "s3:DeleteObject", on, {})
        except ServiceError as error:
            refused[key] = error
    allowed = set(delete) - set(refused)
    s3_objects.remove(row, StoredObject.objects.filter(bucket=row, key__in=allowed))
    return [Deletion(key, refused.get(key)) for key in delete]
