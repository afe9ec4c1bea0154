"""S3's multipart uploads: begin, upload and list parts, complete, abort."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from accounts.actions.registry import FROM_PREPARE, action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.types import Time
from iamconsole.sandbox import s3_limits, s3_objects, s3_parts, s3_resources, s3_sources
from iamconsole.sandbox.actions.s3_listing import rolled_up
from iamconsole.sandbox.actions.s3_objects import Arrived, new_object, tagging_too
from iamconsole.sandbox.models import Bucket, Part, StoredObject, Upload
from iamconsole.sandbox.s3_errors import InvalidRequest, OperationAborted, QuotaExceeded
from iamconsole.sandbox.s3_objects import DEFAULT_TYPE, declared
from iamconsole.sandbox.s3_resources import (
    as_authorised,
    bucket_resource,
    object_resource,
    with_context,
)
from iamconsole.sandbox.s3_types import (
    Algorithm,
    Body,
    BucketName,
    Checksum,
    ChecksumType,
    CompletedParts,
    ContentType,
    CopySource,
    ETag,
    Header,
    KeyPart,
    MaxKeys,
    Metadata,
    ObjectKey,
    ObjectTags,
    PartMarker,
    PartNumber,
    Range,
    Size,
    UploadId,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A page of an upload's parts."""

    upload: Upload
    parts: list[Part]
    max_parts: int
    is_truncated: bool = False
    next_part_number_marker: int = 0


@dataclass(frozen=True, slots=True)
class Uploads:
    """A page of the uploads that were begun in a bucket, rolled up at a delimiter."""

    bucket: Bucket
    uploads: list[Upload]
    common_prefixes: list[str]
    max_uploads: int
    is_truncated: bool = False
    next_key_marker: str = ""
    next_upload_id_marker: str = ""


@dataclass(slots=True)
class _Assembled:
    """What `prepare` of a completion hands over: the parts, and the one file they became."""

    arrived: Arrived
    parts: list[Part]


@action(
    "s3:CreateMultipartUpload",
    permission="s3:PutObject",
    resource=new_object,
    also=tagging_too,
    prepare=as_authorised,
    raises_epoch=False,
)
def create_multipart_upload(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    content_type: ContentType | None = None,
    cache_control: Header | None = None,
    content_disposition: Header | None = None,
    content_encoding: Header | None = None,
    content_language: Header | None = None,
    expires: Header | None = None,
    metadata: Metadata | None = None,
    tagging: ObjectTags = (),
    checksum_algorithm: Algorithm | None = None,
    checksum_type: ChecksumType | None = None,
    prepared: Bucket = FROM_PREPARE,
) -> Upload:
    """Begin an upload in parts. It counts towards the quotas as its parts come."""
    kind = s3_parts.checksum_type(checksum_algorithm, checksum_type)
    headers = s3_objects.headers_of(
        {
            "cache_control": cache_control,
            "content_disposition": content_disposition,
            "content_encoding": content_encoding,
            "content_language": content_language,
            "expires": expires,
        }
    )
    row = s3_resources.hold(prepared)
    begun = Upload.objects.filter(bucket__account=row.account_id).count()
    if begun >= s3_limits.UPLOADS_PER_ACCOUNT:
        raise QuotaExceeded(
            f"An account may have {s3_limits.UPLOADS_PER_ACCOUNT} multipart uploads in progress "
            "here. Complete or abort some."
        )
    return Upload.objects.create(
        id=secrets.token_urlsafe(48),
        bucket=row,
        key=key,
        content_type=content_type or DEFAULT_TYPE,
        headers=headers,
        metadata=s3_objects.metadata_of(metadata or {}),
        tags=s3_objects.tags_of(tagging),
        checksum_algorithm=checksum_algorithm or "",
        checksum_type=kind,
        initiated_at=caller.now,
        initiator_arn=caller.arn,
    )


def _arrive(caller: Caller, **given: Any) -> Arrived:
    found = declared(
        given["body"],
        given["content_length"],
        given["content_md5"],
        given["checksum_algorithm"],
        given,
    )
    bucket = s3_resources.find_bucket(caller, given["bucket"])
    upload = s3_parts.find(bucket, given["key"], given["upload_id"])
    algorithms = s3_parts.algorithms_of(upload, found.algorithms)
    s3_limits.check_room(bucket, s3_limits.counted(found.length))
    return Arrived(
        bucket, s3_objects.Declared(found.length, algorithms, found.expected).receive(given["body"])
    )


@action(
    "s3:UploadPart",
    permission="s3:PutObject",
    resource=object_resource,
    prepare=_arrive,
    secrets=("body",),
    raises_epoch=False,
)
def upload_part(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    upload_id: UploadId,
    part_number: PartNumber,
    body: Body | None = None,
    content_length: Size | None = None,
    content_md5: Header | None = None,
    checksum_algorithm: Algorithm | None = None,
    checksum_crc32: Checksum | None = None,
    checksum_crc32_c: Checksum | None = None,
    checksum_crc64_nvme: Checksum | None = None,
    checksum_sha1: Checksum | None = None,
    checksum_sha256: Checksum | None = None,
    prepared: Arrived = FROM_PREPARE,
) -> Part:
    """Store one part of an upload, in place of one of the same number. Read as PutObject's body."""
    return _put_part(caller, prepared, key, upload_id, part_number)


def _copied_part(caller: Caller, *, copy_source: str, **arguments: Any) -> Resource:
    return with_context(
        object_resource(caller, **arguments),
        **{"s3:x-amz-copy-source": copy_source.removeprefix("/")},
    )


def _of_source(caller: Caller, *, copy_source: str, **_: Any) -> tuple[str, Resource]:
    return "s3:GetObject", s3_sources.resource_of(caller, copy_source)


def _read_source(caller: Caller, **given: Any) -> Arrived:
    bucket = s3_resources.find_bucket(caller, given["bucket"])
    upload = s3_parts.find(bucket, given["key"], given["upload_id"])
    source = s3_sources.find(caller, given["copy_source"], given)
    start, length = s3_sources.range_of(source, given["copy_source_range"])
    s3_limits.check_room(bucket, s3_limits.counted(length))
    algorithms = s3_parts.algorithms_of(upload, ())
    return Arrived(bucket, s3_sources.copied(source, start, length, algorithms))


@action(
    "s3:UploadPartCopy",
    permission="s3:PutObject",
    resource=_copied_part,
    also=_of_source,
    prepare=_read_source,
    raises_epoch=False,
)
def upload_part_copy(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    upload_id: UploadId,
    part_number: PartNumber,
    copy_source: CopySource,
    copy_source_range: Range | None = None,
    copy_source_if_match: ETag | None = None,
    copy_source_if_none_match: ETag | None = None,
    copy_source_if_modified_since: Time | None = None,
    copy_source_if_unmodified_since: Time | None = None,
    prepared: Arrived = FROM_PREPARE,
) -> Part:
    """Store bytes of another object as one part of an upload."""
    return _put_part(caller, prepared, key, upload_id, part_number)


def _put_part(caller: Caller, arrived: Arrived, key: str, upload_id: str, number: int) -> Part:
    with arrived.incoming as incoming:
        row = s3_resources.hold(arrived.bucket)
        upload = s3_parts.find(row, key, upload_id)
        return s3_parts.put(upload, row, number, incoming, modified_at=caller.now)


def _assemble(caller: Caller, **given: Any) -> _Assembled:
    """Put the parts together, before the transaction: it takes a while."""
    bucket = s3_resources.find_bucket(caller, given["bucket"])
    upload = s3_parts.find(bucket, given["key"], given["upload_id"])
    old = s3_resources.find_object(caller, given["bucket"], given["key"])
    s3_objects.check_replaceable(old, given["key"], given["if_match"], given["if_none_match"])
    parts = s3_parts.chosen(upload, given["multipart_upload"])
    total = sum(part.size for part in parts)
    if given["mpu_object_size"] not in (None, total):
        raise InvalidRequest(
            f"The provided 'x-amz-mp-object-size' header value {given['mpu_object_size']} does not "
            f"match what was computed: {total}"
        )
    if given["checksum_type"] is not None and given["checksum_type"] != upload.checksum_type:
        raise InvalidRequest("The checksum type is not the one that the upload was begun with.")
    return _Assembled(Arrived(bucket, s3_parts.assembled(upload, parts, given)), parts)


@action(
    "s3:CompleteMultipartUpload",
    permission="s3:PutObject",
    resource=new_object,
    prepare=_assemble,
    raises_epoch=False,
)
def complete_multipart_upload(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    upload_id: UploadId,
    multipart_upload: CompletedParts,
    checksum_crc32: Checksum | None = None,
    checksum_crc32_c: Checksum | None = None,
    checksum_crc64_nvme: Checksum | None = None,
    checksum_sha1: Checksum | None = None,
    checksum_sha256: Checksum | None = None,
    checksum_type: ChecksumType | None = None,
    mpu_object_size: Size | None = None,
    if_match: ETag | None = None,
    if_none_match: ETag | None = None,
    prepared: _Assembled = FROM_PREPARE,
) -> StoredObject:
    """Make the object of the parts that are listed; the upload and all its parts are gone then."""
    with prepared.arrived.incoming as incoming:
        row = s3_resources.hold(prepared.arrived.bucket)
        upload = s3_parts.find(row, key, upload_id)
        blobs = {part.blob for part in prepared.parts}
        if upload.parts.filter(blob__in=blobs).count() != len(blobs):
            raise OperationAborted
        s3_parts.remove(row, upload)
        return s3_objects.store(
            caller,
            row,
            key,
            incoming,
            if_match=if_match,
            if_none_match=if_none_match,
            content_type=upload.content_type,
            headers=upload.headers,
            metadata=upload.metadata,
            tags=upload.tags,
            checksum_type=upload.checksum_type,
            part_sizes=[part.size for part in prepared.parts],
        )


@action(
    "s3:AbortMultipartUpload", resource=object_resource, prepare=as_authorised, raises_epoch=False
)
def abort_multipart_upload(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    upload_id: UploadId,
    prepared: Bucket = FROM_PREPARE,
) -> None:
    """Give an upload up: its parts are gone then. Raise NoSuchUpload where there is none."""
    row = s3_resources.hold(prepared)
    s3_parts.remove(row, s3_parts.find(row, key, upload_id))


@action(
    "s3:ListParts",
    permission="s3:ListMultipartUploadParts",
    resource=object_resource,
    read_only=True,
)
def list_parts(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    key: ObjectKey,
    upload_id: UploadId,
    part_number_marker: PartMarker = 0,
    max_parts: MaxKeys | None = None,
) -> Parts:
    """The parts of an upload, by number, after the marker. 1,000 at most."""
    upload = s3_parts.find(s3_resources.find_bucket(caller, bucket), key, upload_id)
    most = s3_limits.KEYS_PER_PAGE if max_parts is None else min(max_parts, s3_limits.KEYS_PER_PAGE)
    rows = upload.parts.filter(number__gt=part_number_marker).order_by("number")
    found = list(rows[: most + 1]) if most else []
    more = len(found) > most
    del found[most:]
    return Parts(upload, found, most, more, found[-1].number if found else 0)


def _listed(
    caller: Caller,
    *,
    bucket: str,
    prefix: str | None = None,
    delimiter: str | None = None,
    **_: Any,
) -> Resource:
    return with_context(
        bucket_resource(caller, bucket=bucket),
        **{"s3:prefix": prefix, "s3:delimiter": delimiter},
    )


@action(
    "s3:ListMultipartUploads",
    permission="s3:ListBucketMultipartUploads",
    resource=_listed,
    read_only=True,
)
def list_multipart_uploads(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    prefix: KeyPart | None = None,
    delimiter: KeyPart | None = None,
    key_marker: KeyPart | None = None,
    upload_id_marker: UploadId | None = None,
    max_uploads: MaxKeys | None = None,
) -> Uploads:
    """The uploads that were begun in a bucket, by key and then by id. 1,000 at most."""
    row = s3_resources.find_bucket(caller, bucket)
    limit = s3_limits.KEYS_PER_PAGE
    most = limit if max_uploads is None else min(max_uploads, limit)
    after = (key_marker or "", upload_id_marker or "")
    elements: dict[tuple[str, str], Upload | None] = {}
    # An account has a thousand at most.
    for upload in sorted(row.uploads.all(), key=lambda each: (each.key, each.id)):
        if not upload.key.startswith(prefix or ""):
            continue
        rolled = rolled_up(upload.key, prefix or "", delimiter or "")
        place = (upload.key, upload.id) if rolled is None else (rolled, "")
        # Without an upload's id the marker stands for all uploads of its key.
        passed = place <= after if after[1] else place[0] <= after[0]
        if not (passed and key_marker):
            elements.setdefault(place, upload if rolled is None else None)
    places = list(elements)[:most]
    more = len(elements) > most > 0
    return Uploads(
        bucket=row,
        uploads=[found for place in places if (found := elements[place]) is not None],
        common_prefixes=[place[0] for place in places if elements[place] is None],
        max_uploads=most,
        is_truncated=more,
        next_key_marker=places[-1][0] if more else "",
        next_upload_id_marker=places[-1][1] if more else "",
    )
