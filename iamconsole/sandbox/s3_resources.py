"""Buckets and objects as policies see them, and the rows themselves, found and locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from accounts.arns import Resource
from accounts.authorize import authorize
from accounts.caller import Caller, CallerKind
from accounts.models.prepared import Prepared
from accounts.types import Tag
from iamconsole.sandbox import bucket_policies
from iamconsole.sandbox.models import Bucket, StoredObject
from iamconsole.sandbox.s3_errors import NoSuchBucket, NoSuchKey

Context = dict[str, str | Sequence[str]]

_BUCKETS: Prepared[Bucket] = Prepared(lambda name: Bucket.objects.filter(name=name))
_OBJECTS: Prepared[StoredObject] = Prepared(
    lambda bucket, key: StoredObject.objects.select_related("bucket").filter(
        bucket__name=bucket, key=key
    ),
    values=2,
)


def find_bucket(caller: Caller, name: str) -> Bucket:
    """The bucket of that name, whoever's it is. Raise NoSuchBucket where nobody has one."""
    found = None
    # Pages ask by whatever stands in their address, and PostgreSQL takes no NUL.
    if _is_text(name):
        found = caller.once(("s3 bucket", name), lambda: _BUCKETS.first(name))
    if found is None:
        raise NoSuchBucket(argument="bucket", BucketName=name)
    return found


def find_object(caller: Caller, bucket: str, key: str) -> StoredObject | None:
    """The object of that key, or nothing."""
    if not _is_text(key):
        return None
    return caller.once((f"s3 object of {bucket}", key), lambda: _OBJECTS.first(bucket, key))


def existing(caller: Caller, bucket: str, key: str) -> StoredObject:
    """The object of that key. Whether there is none is told only to who may list the bucket.

    Raises NoSuchKey for them, AccessDenied for everybody else.
    """
    found = find_object(caller, bucket, key)
    if found is None:
        authorize(caller, "s3:ListBucket", bucket_resource(caller, bucket=bucket), {})
        raise NoSuchKey(Key=key)
    return found


def bucket_resource(caller: Caller, *, bucket: str, **_: Any) -> Resource:
    """A bucket, with its tags and its policy. Raise NoSuchBucket: S3 tells everybody."""
    row = find_bucket(caller, bucket)
    return _resource(caller, row, row.arn, row.tags)


def under_policy(caller: Caller, *, bucket: str, **_: Any) -> Resource:
    """A bucket, for what its owner's root user may whatever the bucket's policy says.

    Amazon S3 API reference, DeleteBucketPolicy: else a policy could lock everybody out for good.
    """
    found = bucket_resource(caller, bucket=bucket)
    if caller.is_root and caller.home.pk == found.account:
        return replace(found, policy=bucket_policies.NOBODY)
    return found


def object_resource(caller: Caller, *, bucket: str, key: str, **_: Any) -> Resource:
    """An object, whether it is there or not."""
    row = find_bucket(caller, bucket)
    return _resource(caller, row, f"{row.arn}/{key}")


def existing_object(caller: Caller, *, bucket: str, key: str, **_: Any) -> Resource:
    """The same with the object's tags as s3:ExistingObjectTag."""
    found = object_resource(caller, bucket=bucket, key=key)
    row = find_object(caller, bucket, key)
    tags = {f"s3:ExistingObjectTag/{name}": text for name, text in row.tags.items()} if row else {}
    return with_context(found, **tags)


def with_context(resource: Resource, **more: str | Sequence[str] | None) -> Resource:
    """The same resource with further condition keys; what is None or has no members is left out."""
    given = {key: value for key, value in more.items() if value not in (None, ())}
    return replace(resource, context={**resource.context, **given}) if given else resource


def request_tags(tags: Sequence[Tag]) -> Mapping[str, str | Sequence[str]]:
    """The condition keys of the tags that a request gives to an object."""
    found: Context = {f"s3:RequestObjectTag/{tag.key}": tag.value for tag in tags}
    return found | {"s3:RequestObjectTagKeys": tuple(tag.key for tag in tags)} if tags else found


def as_authorised(caller: Caller, *, bucket: str, **_: Any) -> Bucket:
    """What `prepare` of a change hands over: the bucket for which the caller was authorised."""
    return find_bucket(caller, bucket)


def hold(authorised: Bucket) -> Bucket:
    """The bucket with its row locked. Raise NoSuchBucket where it is gone by now.

    Another account may have made one of the same name since; for that nobody was authorised.
    """
    row = Bucket.objects.select_for_update().filter(pk=authorised.pk).first()
    if row is None:
        raise NoSuchBucket(argument="bucket", BucketName=authorised.name)
    return row


def _is_text(text: str) -> bool:
    return "\x00" not in text


def _resource(
    caller: Caller, row: Bucket, arn: str, tags: Mapping[str, str] | None = None
) -> Resource:
    context: Context = {"s3:ResourceAccount": row.account_id}
    context |= {f"s3:BucketTag/{name}": text for name, text in row.tags.items()}
    if caller.kind is CallerKind.ANONYMOUS:
        context |= {"aws:PrincipalType": "Anonymous", "aws:userid": "anonymous"}
    context |= caller.signing
    account = caller.account.pk if caller.account is not None else None
    policy = bucket_policies.compiled(row, account)
    return Resource(arn, row.account_id, tags or {}, policy=policy, context=context)
