"""What S3's object actions share: conditions, ranges, checksums, and rows made and replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db.models import QuerySet

from accounts.caller import Caller
from accounts.types import Tag
from iamconsole.sandbox import s3_limits, storage
from iamconsole.sandbox.models import Bucket, StoredObject
from iamconsole.sandbox.s3_errors import (
    InvalidArgument,
    InvalidDigest,
    InvalidPartNumber,
    InvalidRange,
    InvalidRequest,
    MissingContentLength,
    NoSuchKey,
    NotModified,
    PreconditionFailed,
)
from iamconsole.sandbox.storage import Incoming

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_MD5 = re.compile(r"[A-Za-z0-9+/]{22}==")
#: The headers that come back with an object, by the arguments that set them.
HEADERS = {
    "cache_control": "cache-control",
    "content_disposition": "content-disposition",
    "content_encoding": "content-encoding",
    "content_language": "content-language",
    "expires": "expires",
}
DEFAULT_TYPE = "binary/octet-stream"
#: The arguments that bring a checksum, by the algorithms' names.
CHECKSUMS = {
    "CRC32": "checksum_crc32",
    "CRC32C": "checksum_crc32_c",
    "CRC64NVME": "checksum_crc64_nvme",
    "SHA1": "checksum_sha1",
    "SHA256": "checksum_sha256",
}
#: Characters of each checksum in Base64.
_LENGTHS = {"CRC32": 8, "CRC32C": 8, "CRC64NVME": 12, "SHA1": 28, "SHA256": 44}


@dataclass(slots=True)
class Download:
    """An object, or a range of it, to be sent. HeadObject's has no file.

    Whoever gets one reads `chunks` to the end or calls `close`.
    """

    object: StoredObject
    start: int
    length: int
    is_partial: bool = False
    file: BinaryIO | None = None

    @property
    def content_range(self) -> str:
        """`bytes 0-9/100`."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.object.size}"

    def chunks(self) -> Iterator[bytes]:
        """The bytes, piece by piece; the file is closed after the last."""
        if self.file is not None:
            with self.file:
                yield from storage.pieces_of(self.file, self.start, self.length)

    def close(self) -> None:
        """Let go of the file."""
        if self.file is not None:
            self.file.close()


@dataclass(frozen=True, slots=True)
class Declared:
    """What the client says of a body: how long it is, and what its checksums are to be."""

    length: int
    algorithms: tuple[str, ...]
    expected: Mapping[str, str]

    def receive(self, body: Any) -> Incoming:
        """Write the body to a file; raise where it is not what was said of it."""
        return storage.receive(body, self.length, self.algorithms, self.expected)


def declared(
    body: Any,
    content_length: int | None,
    content_md5: str | None,
    checksum_algorithm: str | None,
    given: Mapping[str, Any],
) -> Declared:
    """Read the arguments of an upload. Raise for a length that is missing or too large."""
    if content_length is None and body is not None:
        raise MissingContentLength
    length = content_length or 0
    s3_limits.check_size(length)
    expected = checksums_of(given)
    algorithms = tuple(dict.fromkeys([*expected, *filter(None, [checksum_algorithm])]))
    if len(expected) > 1:
        raise InvalidRequest("Expecting a single x-amz-checksum- header. Multiple were found.")
    if content_md5 is not None:
        if not _MD5.fullmatch(content_md5):
            raise InvalidDigest(argument="content_md5")
        expected["Content-MD5"] = content_md5
    return Declared(length, algorithms, expected)


def checksums_of(given: Mapping[str, Any]) -> dict[str, str]:
    """The checksums among some arguments, by algorithm. Raise InvalidRequest for what is none."""
    found = {}
    for algorithm, argument in CHECKSUMS.items():
        value = given.get(argument)
        if value is None:
            continue
        if not re.fullmatch(r"[A-Za-z0-9+/]+=*", value) or len(value) != _LENGTHS[algorithm]:
            raise InvalidRequest(
                f"Value for x-amz-checksum-{algorithm.lower()} header is invalid.",
                argument=argument,
            )
        found[algorithm] = value
    return found


def headers_of(given: Mapping[str, Any]) -> dict[str, str]:
    """The headers to keep, out of the arguments of an action."""
    return {name: given[argument] for argument, name in HEADERS.items() if given.get(argument)}


def tags_of(tags: Sequence[Tag]) -> dict[str, str]:
    """Tags as they are kept."""
    return {tag.key: tag.value for tag in tags}


def metadata_of(metadata: Mapping[str, str]) -> dict[str, str]:
    """The x-amz-meta- headers, whose names have no case."""
    return {name.lower(): text for name, text in metadata.items()}


def check_unchanged(
    found: StoredObject,
    if_match: str | None,
    if_none_match: str | None,
    if_modified_since: datetime | None,
    if_unmodified_since: datetime | None,
) -> None:
    """Raise NotModified or PreconditionFailed where a read's conditions do not hold. RFC 9110, 13.

    An entity tag that matches makes If-Unmodified-Since void, one that does not match makes
    If-Modified-Since void.
    """
    if if_match is not None:
        if not _names(if_match, found):
            raise PreconditionFailed("If-Match")
    elif if_unmodified_since is not None and _second(found.modified_at) > if_unmodified_since:
        raise PreconditionFailed("If-Unmodified-Since")
    if if_none_match is not None:
        if _names(if_none_match, found):
            raise NotModified(found)
    elif if_modified_since is not None and _second(found.modified_at) <= if_modified_since:
        raise NotModified(found)


def check_replaceable(
    found: StoredObject | None, key: str, if_match: str | None, if_none_match: str | None
) -> None:
    """Raise PreconditionFailed, or NoSuchKey, where a write's conditions do not hold.

    Amazon S3 User Guide, "Conditional requests": If-None-Match takes an asterisk only.
    """
    if if_none_match is not None:
        if if_none_match != "*":
            raise InvalidArgument(
                "A header you provided implies functionality that is not implemented",
                argument="if_none_match",
            )
        if found is not None:
            raise PreconditionFailed("If-None-Match")
    if if_match is not None:
        if found is None:
            raise NoSuchKey(Key=key)
        if not _names(if_match, found):
            raise PreconditionFailed("If-Match")


def part_asked(found: StoredObject, range: str | None, part_number: int | None) -> Download:
    """Which bytes of an object a request wants. RFC 9110, 14: a range that is none is passed over.

    Raises InvalidRange for one that begins after the end.
    """
    if part_number is not None:
        if range is not None:
            raise InvalidRequest("Cannot specify both Range header and partNumber query parameter")
        sizes = found.part_sizes or [found.size]
        if part_number > len(sizes):
            raise InvalidPartNumber(
                ActualPartCount=str(len(sizes)), PartNumberRequested=str(part_number)
            )
        start = sum(sizes[: part_number - 1])
        return Download(found, start, sizes[part_number - 1], is_partial=True)
    read = _RANGE.fullmatch(range.replace(" ", "")) if range is not None else None
    if read is None or read.groups() == ("", ""):
        return Download(found, 0, found.size)
    first, last = read.groups()
    start = int(first) if first else max(0, found.size - int(last))
    end = min(int(last), found.size - 1) if first and last else found.size - 1
    if first and last and int(last) < int(first):
        return Download(found, 0, found.size)
    if start >= found.size or (not first and int(last) == 0):
        raise InvalidRange(RangeRequested=str(range), ActualObjectSize=str(found.size))
    return Download(found, start, end - start + 1, is_partial=True)


def store(
    caller: Caller,
    bucket: Bucket,
    key: str,
    incoming: Incoming,
    *,
    if_match: str | None,
    if_none_match: str | None,
    **columns: Any,
) -> StoredObject:
    """Make the row of a file that was written, in place of the object that has the key.

    `bucket` is locked. What is replaced has its file removed after the commit. Raises what
    `check_replaceable` raises, and QuotaExceeded.
    """
    old = StoredObject.objects.filter(bucket=bucket, key=key).first()
    check_replaceable(old, key, if_match, if_none_match)
    more = s3_limits.counted(incoming.size) - (s3_limits.counted(old.size) if old else 0)
    s3_limits.take(bucket, more)
    new = StoredObject(
        pk=old.pk if old is not None else None,
        bucket=bucket,
        key=key,
        size=incoming.size,
        modified_at=caller.now,
        blob=incoming.blob,
        **{"etag": incoming.md5, "checksums": incoming.checksums, **columns},
    )
    new.save(force_update=old is not None, force_insert=old is None)
    if old is not None:
        storage.drop([old.blob])
    incoming.keep()
    return new


def remove(bucket: Bucket, rows: QuerySet[StoredObject]) -> None:
    """Delete objects' rows, and their files after the commit. `bucket` is locked."""
    found = list(rows.values_list("pk", "size", "blob"))
    if found:
        s3_limits.take(bucket, -sum(s3_limits.counted(size) for _pk, size, _blob in found))
        storage.drop([blob for _pk, _size, blob in found])
        StoredObject.objects.filter(pk__in=[pk for pk, _size, _blob in found]).delete()


def _names(condition: str, found: StoredObject) -> bool:
    """Whether a list of entity tags has the object's, or is an asterisk."""
    tags = [each.strip().removeprefix("W/").strip('"') for each in condition.split(",")]
    return condition.strip() == "*" or found.etag in tags


def _second(moment: datetime) -> datetime:
    """As precise as headers are."""
    return moment - timedelta(microseconds=moment.microsecond)
