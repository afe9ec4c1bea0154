"""What S3's actions returned, as members of the results in botocore's model of S3.

S3 repeats in its answers what was asked for, so each answer gets that beside the result. Keys and
prefixes are percent-encoded where the client wants it: XML can't hold every key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from accounts.paging import Page
from iamconsole.answers.members import Members
from iamconsole.sandbox.actions.s3_listing import Listing
from iamconsole.sandbox.actions.s3_objects import Deletion
from iamconsole.sandbox.actions.s3_uploads import Parts, Uploads
from iamconsole.sandbox.models import Bucket, Part, StoredObject, Upload
from iamconsole.sandbox.s3_objects import Download

_STANDARD = "STANDARD"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request comes back in its answer."""

    #: The account of whoever asks; nothing where nobody signed.
    account: str
    bucket: str
    key: str
    #: Parameters of the query string, and the action's arguments.
    query: Mapping[str, str]
    arguments: Mapping[str, Any]
    #: The address of the object, without parameters.
    url: str = ""
    #: Whether checksums are wanted beside an object.
    with_checksums: bool = False
    #: Whether only what went wrong is to be told.
    is_quiet: bool = False

    @property
    def is_encoded(self) -> bool:
        """Whether keys are to be percent-encoded."""
        return self.query.get("encoding-type") == "url"

    def text(self, name: str) -> str | None:
        """A parameter, encoded where keys are."""
        value = self.query.get(name)
        return self.encoded(value) if value else value

    def encoded(self, text: str) -> str:
        """A key or a part of one."""
        return quote(text, safe="/-_.~*") if self.is_encoded else text

    @property
    def encoding(self) -> str | None:
        """The EncodingType of the answer."""
        return "url" if self.is_encoded else None


#: What an action returned and what was asked → the members of its operation's result.
Answer = Callable[[Any, Asked], Members]


@lru_cache(maxsize=1024)
def canonical_id(account_id: str) -> str:
    """The 64 hexadecimal digits by which S3 calls an account."""
    return hashlib.sha256(f"canonical user of {account_id}".encode()).hexdigest()


def owner(account_id: str) -> Members:
    """An account as S3 names owners."""
    return {"ID": canonical_id(account_id)}


def tag_set(tags: Mapping[str, str], _: Asked) -> Members:
    """All tags of a bucket or an object."""
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}


def checksums(of: StoredObject | Part) -> Members:
    """The checksums of an object or a part."""
    found: Members = {f"Checksum{name}": value for name, value in of.checksums.items()}
    if found and isinstance(of, StoredObject):
        found["ChecksumType"] = of.checksum_type
    return found


# --- Buckets -------------------------------------------------------------------------------------


def _buckets(found: Page[Bucket], asked: Asked) -> Members:
    """ListBuckets."""
    return {
        "Buckets": [
            {
                "Name": row.name,
                "CreationDate": row.created_at,
                "BucketRegion": row.region,
                "BucketArn": row.arn,
            }
            for row in found.items
        ],
        "Owner": owner(asked.account),
        "Prefix": asked.query.get("prefix"),
        "ContinuationToken": found.marker,
    }


def _created(found: Bucket, _: Asked) -> Members:
    return {"Location": f"/{found.name}", "BucketArn": found.arn}


def _head_bucket(found: Bucket, _: Asked) -> Members:
    return {"BucketArn": found.arn, "BucketRegion": found.region, "AccessPointAlias": False}


def _location(found: Bucket, _: Asked) -> Members:
    return {"LocationConstraint": None if found.region == "us-east-1" else found.region}


def _versioning(_nothing: None, _: Asked) -> Members:
    return {}


def _policy(found: str, _: Asked) -> Members:
    return {"Policy": found}


def _policy_status(found: bool, _: Asked) -> Members:
    return {"PolicyStatus": {"IsPublic": found}}


def _public_access_block(found: Bucket, _: Asked) -> Members:
    return {
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": found.block_public_acls,
            "IgnorePublicAcls": found.ignore_public_acls,
            "BlockPublicPolicy": found.block_public_policy,
            "RestrictPublicBuckets": found.restrict_public_buckets,
        }
    }


# --- Lists of objects ----------------------------------------------------------------------------


def _objects_v2(found: Listing, asked: Asked) -> Members:
    owned = asked.query.get("fetch-owner", "").lower() == "true"
    return {
        **_listing(found, asked, with_owner=owned),
        "KeyCount": len(found.objects) + len(found.common_prefixes),
        "ContinuationToken": asked.query.get("continuation-token"),
        "NextContinuationToken": found.next_continuation_token,
        "StartAfter": asked.text("start-after"),
    }


def _objects(found: Listing, asked: Asked) -> Members:
    following = found.next_marker
    return {
        **_listing(found, asked, with_owner=True),
        "Marker": asked.text("marker") or "",
        # The last key says as much: S3 has a marker only where keys are rolled up.
        "NextMarker": asked.encoded(following)
        if following and "delimiter" in asked.query
        else None,
    }


def _listing(found: Listing, asked: Asked, *, with_owner: bool) -> Members:
    mine = owner(found.bucket.account_id) if with_owner else None
    return {
        "Name": found.bucket.name,
        "Prefix": asked.text("prefix") or "",
        "Delimiter": asked.text("delimiter") or None,
        "MaxKeys": found.max_keys,
        "EncodingType": asked.encoding,
        "IsTruncated": found.is_truncated,
        "Contents": [
            {
                "Key": asked.encoded(row.key),
                "LastModified": row.modified_at,
                "ETag": f'"{row.etag}"',
                "ChecksumAlgorithm": list(row.checksums) or None,
                "ChecksumType": row.checksum_type or None,
                "Size": row.size,
                "StorageClass": _STANDARD,
                "Owner": mine,
            }
            for row in found.objects
        ],
        "CommonPrefixes": _prefixes(found.common_prefixes, asked),
    }


def _prefixes(found: Sequence[str], asked: Asked) -> list[Members]:
    return [{"Prefix": asked.encoded(prefix)} for prefix in found]


# --- Objects -------------------------------------------------------------------------------------

_HEADERS = {
    "cache-control": "CacheControl",
    "content-disposition": "ContentDisposition",
    "content-encoding": "ContentEncoding",
    "content-language": "ContentLanguage",
    "expires": "Expires",
}


def _stored(found: StoredObject, _: Asked) -> Members:
    return {"ETag": f'"{found.etag}"', **checksums(found)}


def _download(found: Download, asked: Asked) -> Members:
    row = found.object
    return {
        **unmodified(row),
        "AcceptRanges": "bytes",
        "ContentLength": found.length,
        "ContentRange": found.content_range if found.is_partial and found.length else None,
        "ContentType": row.content_type,
        **{_HEADERS[name]: value for name, value in row.headers.items() if name in _HEADERS},
        "Metadata": row.metadata,
        "TagCount": len(row.tags) or None,
        "PartsCount": len(row.part_sizes) or None if "partNumber" in asked.query else None,
        # A checksum is that of the whole object.
        **(checksums(row) if asked.with_checksums and not found.is_partial else {}),
        "Body": found,
    }


def unmodified(row: StoredObject) -> Members:
    """What is told even of an object that the client has already."""
    return {"ETag": f'"{row.etag}"', "LastModified": row.modified_at}


def _copied(found: StoredObject, _: Asked) -> Members:
    return {"CopyObjectResult": {**unmodified(found), **checksums(found)}}


def _attributes(found: StoredObject, asked: Asked) -> Members:
    sums = checksums(found) or None
    parts = {"TotalPartsCount": len(found.part_sizes)} if found.part_sizes else None
    known: Members = {
        "ETag": found.etag,
        "Checksum": sums,
        "ObjectParts": parts,
        "StorageClass": _STANDARD,
        "ObjectSize": found.size,
    }
    wanted = asked.arguments["object_attributes"]
    told = {name: value for name, value in known.items() if name in wanted}
    return {"LastModified": found.modified_at, **told}


def _deleted(found: list[Deletion], asked: Asked) -> Members:
    return {
        "Deleted": [{"Key": one.key} for one in found if one.error is None]
        if not asked.is_quiet
        else [],
        "Errors": [
            {"Key": one.key, "Code": one.error.code, "Message": one.error.message}
            for one in found
            if one.error is not None
        ],
    }


# --- Uploads in parts ----------------------------------------------------------------------------


def _begun(found: Upload, asked: Asked) -> Members:
    return {
        "Bucket": asked.bucket,
        "Key": asked.key,
        "UploadId": found.id,
        "ChecksumAlgorithm": found.checksum_algorithm or None,
        "ChecksumType": found.checksum_type or None,
    }


def _part(found: Part, _: Asked) -> Members:
    return {"ETag": f'"{found.etag}"', **checksums(found)}


def _copied_part(found: Part, _: Asked) -> Members:
    told = {"ETag": f'"{found.etag}"', "LastModified": found.modified_at, **checksums(found)}
    return {"CopyPartResult": told}


def _completed(found: StoredObject, asked: Asked) -> Members:
    return {
        "Location": asked.url,
        "Bucket": asked.bucket,
        "Key": asked.key,
        "ETag": f'"{found.etag}"',
        **checksums(found),
    }


def _initiator(upload: Upload) -> Members:
    return {"ID": upload.initiator_arn, "DisplayName": upload.initiator_arn.rpartition("/")[2]}


def _parts(found: Parts, asked: Asked) -> Members:
    upload = found.upload
    return {
        "Bucket": asked.bucket,
        "Key": asked.encoded(asked.key),
        "UploadId": upload.id,
        "PartNumberMarker": int(asked.arguments.get("part_number_marker") or 0),
        "NextPartNumberMarker": found.next_part_number_marker,
        "MaxParts": found.max_parts,
        "IsTruncated": found.is_truncated,
        "Parts": [
            {
                "PartNumber": part.number,
                "LastModified": part.modified_at,
                "ETag": f'"{part.etag}"',
                "Size": part.size,
                **checksums(part),
            }
            for part in found.parts
        ],
        "Initiator": _initiator(upload),
        "Owner": owner(upload.bucket.account_id),
        "StorageClass": _STANDARD,
        "ChecksumAlgorithm": upload.checksum_algorithm or None,
        "ChecksumType": upload.checksum_type or None,
    }


def _uploads(found: Uploads, asked: Asked) -> Members:
    following = found.next_key_marker
    return {
        "Bucket": found.bucket.name,
        "KeyMarker": asked.text("key-marker") or "",
        "UploadIdMarker": asked.query.get("upload-id-marker", ""),
        "NextKeyMarker": asked.encoded(following) if following else None,
        "NextUploadIdMarker": found.next_upload_id_marker or None,
        "Prefix": asked.text("prefix") or "",
        "Delimiter": asked.text("delimiter") or None,
        "EncodingType": asked.encoding,
        "MaxUploads": found.max_uploads,
        "IsTruncated": found.is_truncated,
        "Uploads": [
            {
                "UploadId": row.id,
                "Key": asked.encoded(row.key),
                "Initiated": row.initiated_at,
                "StorageClass": _STANDARD,
                "Owner": owner(found.bucket.account_id),
                "Initiator": _initiator(row),
                "ChecksumAlgorithm": row.checksum_algorithm or None,
                "ChecksumType": row.checksum_type or None,
            }
            for row in found.uploads
        ],
        "CommonPrefixes": _prefixes(found.common_prefixes, asked),
    }


def _nothing(_result: None, _: Asked) -> Members:
    return {}


#: Every operation of S3 that is answered here.
ANSWERS: dict[str, Answer] = {
    "ListBuckets": _buckets,
    "CreateBucket": _created,
    "HeadBucket": _head_bucket,
    "GetBucketLocation": _location,
    "DeleteBucket": _nothing,
    "GetBucketVersioning": _versioning,
    "GetBucketTagging": tag_set,
    "PutBucketTagging": _nothing,
    "DeleteBucketTagging": _nothing,
    "GetBucketPolicy": _policy,
    "PutBucketPolicy": _nothing,
    "DeleteBucketPolicy": _nothing,
    "GetBucketPolicyStatus": _policy_status,
    "GetPublicAccessBlock": _public_access_block,
    "PutPublicAccessBlock": _nothing,
    "DeletePublicAccessBlock": _nothing,
    "ListObjectsV2": _objects_v2,
    "ListObjects": _objects,
    "PutObject": _stored,
    "GetObject": _download,
    "HeadObject": _download,
    "DeleteObject": _nothing,
    "DeleteObjects": _deleted,
    "CopyObject": _copied,
    "GetObjectAttributes": _attributes,
    "GetObjectTagging": tag_set,
    "PutObjectTagging": _nothing,
    "DeleteObjectTagging": _nothing,
    "CreateMultipartUpload": _begun,
    "UploadPart": _part,
    "UploadPartCopy": _copied_part,
    "CompleteMultipartUpload": _completed,
    "AbortMultipartUpload": _nothing,
    "ListParts": _parts,
    "ListMultipartUploads": _uploads,
}
