"""S3's buckets: make, list, look at, tag, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts import paging
from accounts.actions.registry import FROM_PREPARE, action
from accounts.arns import Resource
from accounts.caller import Caller
from iamconsole.sandbox import s3_limits, s3_resources, storage
from iamconsole.sandbox.models import Bucket, Part
from iamconsole.sandbox.s3_errors import (
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    IllegalLocationConstraint,
    InvalidLocationConstraint,
    NoSuchTagSet,
)
from iamconsole.sandbox.s3_resources import as_authorised, bucket_resource, with_context
from iamconsole.sandbox.s3_types import (
    BucketConfiguration,
    BucketName,
    BucketTags,
    KeyPart,
    MaxBuckets,
    Token,
)

#: The region of buckets made without naming one, and only of those.
FIRST_REGION = "us-east-1"
_REGION = re.compile(r"[a-z]{2,3}(-[a-z]+)+-[0-9]")


def _every_bucket(caller: Caller, **_: Any) -> Resource:
    return Resource("*", caller.home.id, context=caller.signing)


def _new_bucket(
    caller: Caller,
    *,
    bucket: str,
    create_bucket_configuration: BucketConfiguration | None = None,
    **_: Any,
) -> Resource:
    chosen = create_bucket_configuration
    found = Resource(f"arn:aws:s3:::{bucket}", caller.home.id, context=caller.signing)
    if chosen is None:
        return found
    return with_context(
        found,
        **{"s3:LocationConstraint": chosen.location_constraint},
        **{f"aws:RequestTag/{tag.key}": tag.value for tag in chosen.tags},
        **{"aws:TagKeys": tuple(tag.key for tag in chosen.tags)},
    )


def _tagging_of_new(caller: Caller, **arguments: Any) -> tuple[str, Resource] | None:
    chosen = arguments.get("create_bucket_configuration")
    if chosen is None or not chosen.tags:
        return None
    return "s3:TagResource", _new_bucket(caller, **arguments)


def _with_new_tags(caller: Caller, *, bucket: str, tagging: BucketTags, **_: Any) -> Resource:
    return with_context(
        bucket_resource(caller, bucket=bucket),
        **{f"aws:RequestTag/{tag.key}": tag.value for tag in tagging},
        **{"aws:TagKeys": tuple(tag.key for tag in tagging)},
    )


@action(
    "s3:ListBuckets",
    permission="s3:ListAllMyBuckets",
    resource=_every_bucket,
    read_only=True,
)
def list_buckets(
    caller: Caller,
    /,
    *,
    prefix: KeyPart | None = None,
    continuation_token: Token | None = None,
    max_buckets: MaxBuckets | None = None,
) -> paging.Page[Bucket]:
    """The account's buckets, sorted by name; other accounts' are in nobody's list."""
    # A hundred at most. Sorted here: PostgreSQL would sort by the rules of some language.
    own = Bucket.objects.filter(account=caller.home)
    found = sorted(
        (row for row in own if row.name.startswith(prefix or "")), key=lambda row: row.name
    )
    return paging.slice_after_marker(
        found, lambda row: row.name, continuation_token, max_buckets or 10_000
    )


@action("s3:CreateBucket", resource=_new_bucket, also=_tagging_of_new, raises_epoch=False)
def create_bucket(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    create_bucket_configuration: BucketConfiguration | None = None,
) -> Bucket:
    """Make a bucket that blocks public access, in the region that is named.

    Raises BucketAlreadyExists for another account's name, BucketAlreadyOwnedByYou for one's own;
    one's own in us-east-1 is simply returned, as AWS does. TooManyBuckets for the 101st.
    """
    chosen = create_bucket_configuration
    region = _region(caller, chosen.location_constraint if chosen is not None else None)
    taken = Bucket.objects.filter(name=bucket).first()
    if taken is not None:
        if taken.account_id != caller.home.pk:
            raise BucketAlreadyExists(argument="bucket", BucketName=bucket)
        if taken.region == region == FIRST_REGION:
            return taken
        raise BucketAlreadyOwnedByYou(argument="bucket", BucketName=bucket)
    s3_limits.room_for_bucket(caller.home.pk)
    row = Bucket(
        account=caller.home,
        name=bucket,
        region=region,
        created_at=caller.now,
        tags={tag.key: tag.value for tag in chosen.tags} if chosen is not None else {},
    )
    try:
        # A block of its own: PostgreSQL gives up the whole transaction after an error.
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise BucketAlreadyExists(argument="bucket", BucketName=bucket) from None
    return row


@action("s3:HeadBucket", permission="s3:ListBucket", resource=bucket_resource, read_only=True)
def head_bucket(caller: Caller, /, *, bucket: BucketName) -> Bucket:
    """The bucket, for whoever may list what is in it."""
    return s3_resources.find_bucket(caller, bucket)


@action("s3:GetBucketLocation", resource=bucket_resource, read_only=True)
def get_bucket_location(caller: Caller, /, *, bucket: BucketName) -> Bucket:
    """The bucket, for its region."""
    return s3_resources.find_bucket(caller, bucket)


@action("s3:GetBucketVersioning", resource=bucket_resource, read_only=True)
def get_bucket_versioning(caller: Caller, /, *, bucket: BucketName) -> None:
    """Nothing: no bucket here keeps versions."""


@action("s3:DeleteBucket", resource=bucket_resource, prepare=as_authorised, raises_epoch=False)
def delete_bucket(
    caller: Caller, /, *, bucket: BucketName, prepared: Bucket = FROM_PREPARE
) -> None:
    """Delete a bucket and the multipart uploads begun in it. Raise BucketNotEmpty for objects."""
    row = s3_resources.hold(prepared)
    if row.objects_of.exists():
        raise BucketNotEmpty(BucketName=bucket)
    storage.drop(Part.objects.filter(upload__bucket=row).values_list("blob", flat=True))
    row.delete()


@action("s3:GetBucketTagging", resource=bucket_resource, read_only=True)
def get_bucket_tagging(caller: Caller, /, *, bucket: BucketName) -> Mapping[str, str]:
    """A bucket's tags. Raise NoSuchTagSet where it has none."""
    tags: dict[str, str] = s3_resources.find_bucket(caller, bucket).tags
    if not tags:
        raise NoSuchTagSet(BucketName=bucket)
    return tags


@action("s3:PutBucketTagging", resource=_with_new_tags, prepare=as_authorised, raises_epoch=False)
def put_bucket_tagging(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    tagging: BucketTags,
    prepared: Bucket = FROM_PREPARE,
) -> None:
    """Give a bucket these tags in place of all it has."""
    row = s3_resources.hold(prepared)
    row.tags = {tag.key: tag.value for tag in tagging}
    row.save(update_fields=["tags"])


@action(
    "s3:DeleteBucketTagging",
    permission="s3:PutBucketTagging",
    resource=bucket_resource,
    prepare=as_authorised,
    raises_epoch=False,
)
def delete_bucket_tagging(
    caller: Caller, /, *, bucket: BucketName, prepared: Bucket = FROM_PREPARE
) -> None:
    """Take all tags off a bucket."""
    row = s3_resources.hold(prepared)
    row.tags = {}
    row.save(update_fields=["tags"])


def _region(caller: Caller, constraint: str | None) -> str:
    """Where a bucket is to be. AWS wants the region named in which the request is made."""
    if not constraint:
        if caller.region != FIRST_REGION:
            raise IllegalLocationConstraint(
                "The unspecified location constraint is incompatible for the region specific "
                "endpoint this request was sent to."
            )
        return FIRST_REGION
    named = "eu-west-1" if constraint == "EU" else constraint
    if named == FIRST_REGION or not _REGION.fullmatch(named):
        raise InvalidLocationConstraint(LocationConstraint=constraint)
    # The endpoint of us-east-1 makes buckets everywhere, the others in their own region only.
    if caller.region not in (FIRST_REGION, named):
        raise IllegalLocationConstraint(
            f"The {named} location constraint is incompatible for the region specific endpoint "
            "this request was sent to."
        )
    return named
