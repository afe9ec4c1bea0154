"""S3's bucket policies, and what blocks public access to a bucket."""

from __future__ import annotations

from accounts.actions.registry import FROM_PREPARE, action
from accounts.caller import Caller
from accounts.errors import AccessDenied
from iamconsole.sandbox import bucket_policies, s3_resources
from iamconsole.sandbox.models import Bucket
from iamconsole.sandbox.resource_policies import is_public
from iamconsole.sandbox.s3_errors import MethodNotAllowed, NoSuchBucketPolicy
from iamconsole.sandbox.s3_resources import as_authorised, bucket_resource, under_policy
from iamconsole.sandbox.s3_types import BucketName, PolicyText, PublicAccessBlock


@action("s3:GetBucketPolicy", resource=under_policy, read_only=True)
def get_bucket_policy(caller: Caller, /, *, bucket: BucketName) -> str:
    """A bucket's policy. Raise NoSuchBucketPolicy where it has none."""
    row = s3_resources.find_bucket(caller, bucket)
    _check_own(caller, row)
    if not row.policy:
        raise NoSuchBucketPolicy(BucketName=bucket)
    return bucket_policies.shown(row)


@action("s3:PutBucketPolicy", resource=under_policy, prepare=as_authorised, raises_epoch=False)
def put_bucket_policy(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    policy: PolicyText,
    prepared: Bucket = FROM_PREPARE,
) -> None:
    """Give a bucket a policy of 20 KB at most, in place of the one it has.

    Raises MalformedPolicy, PolicyTooLarge, and AccessDenied for a public one where the bucket
    blocks those.
    """
    _check_own(caller, prepared)
    bucket_policies.check(bucket, policy)
    row = s3_resources.hold(prepared)
    kept = bucket_policies.stored(row.account_id, policy)
    if row.block_public_policy and is_public(kept):
        raise AccessDenied(
            f"User: {caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"{row.arn}" because public policies are blocked by the BlockPublicPolicy block '
            "public access setting.",
            action="s3:PutBucketPolicy",
            resource=row.arn,
            principal=caller.arn,
            reasons={"rule": "BlockPublicPolicy"},
            request_id=caller.request_id,
        )
    row.policy = kept
    row.save(update_fields=["policy"])


@action("s3:DeleteBucketPolicy", resource=under_policy, prepare=as_authorised, raises_epoch=False)
def delete_bucket_policy(
    caller: Caller, /, *, bucket: BucketName, prepared: Bucket = FROM_PREPARE
) -> None:
    """Take a bucket's policy away. Where there is none, that is as good."""
    _check_own(caller, prepared)
    row = s3_resources.hold(prepared)
    row.policy = ""
    row.save(update_fields=["policy"])


@action("s3:GetBucketPolicyStatus", resource=bucket_resource, read_only=True)
def get_bucket_policy_status(caller: Caller, /, *, bucket: BucketName) -> bool:
    """Whether a bucket's policy is public. Raise NoSuchBucketPolicy where it has none."""
    row = s3_resources.find_bucket(caller, bucket)
    if not row.policy:
        raise NoSuchBucketPolicy(BucketName=bucket)
    return is_public(row.policy)


@action(
    "s3:GetPublicAccessBlock",
    permission="s3:GetBucketPublicAccessBlock",
    resource=bucket_resource,
    read_only=True,
)
def get_public_access_block(caller: Caller, /, *, bucket: BucketName) -> Bucket:
    """The bucket, for its four settings. Without a configuration all four are off."""
    return s3_resources.find_bucket(caller, bucket)


@action(
    "s3:PutPublicAccessBlock",
    permission="s3:PutBucketPublicAccessBlock",
    resource=bucket_resource,
    prepare=as_authorised,
    raises_epoch=False,
)
def put_public_access_block(
    caller: Caller,
    /,
    *,
    bucket: BucketName,
    public_access_block_configuration: PublicAccessBlock,
    prepared: Bucket = FROM_PREPARE,
) -> None:
    """Set what is blocked. What a public policy allows stops at once, the policy stays."""
    chosen = public_access_block_configuration
    _set(
        prepared,
        block_public_acls=chosen.block_public_acls,
        ignore_public_acls=chosen.ignore_public_acls,
        block_public_policy=chosen.block_public_policy,
        restrict_public_buckets=chosen.restrict_public_buckets,
    )


@action(
    "s3:DeletePublicAccessBlock",
    permission="s3:PutBucketPublicAccessBlock",
    resource=bucket_resource,
    prepare=as_authorised,
    raises_epoch=False,
)
def delete_public_access_block(
    caller: Caller, /, *, bucket: BucketName, prepared: Bucket = FROM_PREPARE
) -> None:
    """Block nothing any more."""
    _set(
        prepared,
        block_public_acls=False,
        ignore_public_acls=False,
        block_public_policy=False,
        restrict_public_buckets=False,
    )


def _check_own(caller: Caller, bucket: Bucket) -> None:
    """Raise MethodNotAllowed for whoever is not of the bucket's account.

    Amazon S3 API reference, PutBucketPolicy: a policy hands out everything but itself.
    """
    if caller.account is None or caller.account.pk != bucket.account_id:
        raise MethodNotAllowed(Method="POLICY", ResourceType="BUCKETPOLICY")


def _set(bucket: Bucket, **settings: bool) -> None:
    row = s3_resources.hold(bucket)
    for name, value in settings.items():
        setattr(row, name, value)
    row.save(update_fields=list(settings))
