"""Multipart uploads: found, checked and put together."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from iamconsole.sandbox import s3_limits, s3_objects, storage
from iamconsole.sandbox.models import Bucket, Part, Upload
from iamconsole.sandbox.s3_errors import (
    BadDigest,
    EntityTooSmall,
    InvalidPart,
    InvalidPartOrder,
    InvalidRequest,
    MalformedXML,
    NoSuchUpload,
)
from iamconsole.sandbox.s3_objects import CHECKSUMS
from iamconsole.sandbox.s3_types import CompletedPart
from iamconsole.sandbox.storage import ALGORITHMS, Incoming

#: What the checksum of a whole object can be, by algorithm; AWS's default comes first.
#: Amazon S3 User Guide, "Checking object integrity".
TYPES: Mapping[str, tuple[str, ...]] = {
    "CRC32": ("COMPOSITE", "FULL_OBJECT"),
    "CRC32C": ("COMPOSITE", "FULL_OBJECT"),
    "CRC64NVME": ("FULL_OBJECT",),
    "SHA1": ("COMPOSITE",),
    "SHA256": ("COMPOSITE",),
}


def find(bucket: Bucket, key: str, upload_id: str) -> Upload:
    """An upload that was begun. Raise NoSuchUpload for another bucket's or key's, too."""
    found = Upload.objects.filter(bucket=bucket, id=upload_id, key=key).first()
    if found is None:
        raise NoSuchUpload(UploadId=upload_id)
    return found


def checksum_type(algorithm: str | None, asked: str | None) -> str:
    """The type of an upload's checksum. Raise InvalidRequest for one that there is not."""
    if algorithm is None:
        if asked is not None:
            raise InvalidRequest(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
                "header."
            )
        return ""
    known = TYPES[algorithm]
    if asked is not None and asked not in known:
        raise InvalidRequest(
            f"The {asked} checksum type cannot be used with the {algorithm.lower()} checksum "
            "algorithm."
        )
    return asked or known[0]


def algorithms_of(upload: Upload, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The checksums that a part gets. Raise InvalidRequest where they are not the upload's."""
    own = upload.checksum_algorithm
    for algorithm in asked:
        if own and algorithm != own:
            raise InvalidRequest(
                f"Checksum Type mismatch occurred, expected checksum Type: {own.lower()}, actual "
                f"checksum Type: {algorithm.lower()}"
            )
    return (own,) if own else asked


def put(upload: Upload, bucket: Bucket, number: int, incoming: Incoming, **columns: Any) -> Part:
    """Make the row of a part that was written, in place of the one that has its number."""
    old = Part.objects.filter(upload=upload, number=number).first()
    more = s3_limits.counted(incoming.size) - (s3_limits.counted(old.size) if old else 0)
    s3_limits.take(bucket, more)
    new = Part(
        pk=old.pk if old is not None else None,
        upload=upload,
        number=number,
        size=incoming.size,
        etag=incoming.md5,
        checksums=incoming.checksums,
        blob=incoming.blob,
        **columns,
    )
    new.save(force_update=old is not None, force_insert=old is None)
    if old is not None:
        storage.drop([old.blob])
    incoming.keep()
    return new


def remove(bucket: Bucket, upload: Upload) -> None:
    """Delete an upload with its parts. `bucket` is locked."""
    found = list(upload.parts.values_list("size", "blob"))
    s3_limits.take(bucket, -sum(s3_limits.counted(size) for size, _blob in found))
    storage.drop([blob for _size, blob in found])
    upload.delete()


def chosen(upload: Upload, listed: Sequence[CompletedPart]) -> list[Part]:
    """The parts that an object is to be made of, in order.

    Raises MalformedXML for none or more than 10,000, InvalidPartOrder, InvalidPart for one that is
    not there or was replaced, EntityTooSmall for one below 5 MiB that is not the last, and
    EntityTooLarge for all together.
    """
    if not listed or len(listed) > s3_limits.PARTS_PER_UPLOAD:
        raise MalformedXML(argument="multipart_upload")
    numbers = [each.part_number for each in listed]
    if numbers != sorted(set(numbers)):
        raise InvalidPartOrder(UploadId=upload.id)
    there = {part.number: part for part in upload.parts.all()}
    found = []
    for each in listed:
        part = there.get(each.part_number)
        if part is None or part.etag != each.etag.strip('"') or not _same(part, each):
            raise InvalidPart(
                UploadId=upload.id, PartNumber=str(each.part_number), ETag=each.etag.strip('"')
            )
        found.append(part)
    for part in found[:-1]:
        if part.size < s3_limits.PART_BYTES:
            raise EntityTooSmall(
                ProposedSize=str(part.size),
                MinSizeAllowed=str(s3_limits.PART_BYTES),
                PartNumber=str(part.number),
                ETag=part.etag,
            )
    s3_limits.check_size(sum(part.size for part in found))
    return found


def assembled(upload: Upload, parts: Sequence[Part], given: Mapping[str, Any]) -> Incoming:
    """The parts in one new file, with the object's entity tag and checksum.

    Raises BadDigest where the checksum that was given is another.
    """
    # Of a composite checksum the number of parts may be left out, or stand behind a hyphen.
    plain = {name: str(given[name]).partition("-")[0] for name in CHECKSUMS.values() if given[name]}
    expected = s3_objects.checksums_of(plain)
    whole = upload.checksum_type == "FULL_OBJECT"
    algorithms = [upload.checksum_algorithm] if whole else ()
    with storage.write(_bytes_of(upload, parts), algorithms) as incoming:
        digests = b"".join(bytes.fromhex(part.etag) for part in parts)
        incoming.md5 = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
        if upload.checksum_type == "COMPOSITE":
            incoming.checksums = {upload.checksum_algorithm: _composite(upload, parts)}
        for algorithm, value in expected.items():
            if incoming.checksums.get(algorithm, value).partition("-")[0] != value:
                raise BadDigest(algorithm)
        return incoming


def _same(part: Part, listed: CompletedPart) -> bool:
    """Whether the checksums that are listed with a part are its own."""
    return all(part.checksums.get(name, value) == value for name, value in listed.checksums.items())


def _bytes_of(upload: Upload, parts: Sequence[Part]) -> Iterator[bytes]:
    for part in parts:
        try:
            file = storage.open_blob(part.blob)
        except FileNotFoundError:
            # Aborted, or completed by somebody else, since its rows were read.
            raise NoSuchUpload(UploadId=upload.id) from None
        with file:
            yield from storage.pieces_of(file, 0, part.size)


def _composite(upload: Upload, parts: Sequence[Part]) -> str:
    algorithm = upload.checksum_algorithm
    total = ALGORITHMS[algorithm]()
    for part in parts:
        total.update(base64.b64decode(part.checksums[algorithm]))
    return f"{storage.base64_of(total.digest())}-{len(parts)}"
