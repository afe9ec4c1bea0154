"""Buckets, objects, topics and instances by their ARNs, for whoever explains decisions on them."""

from __future__ import annotations

from accounts.actions.resources import Kept
from accounts.caller import Caller, in_region
from iamconsole.sandbox import ec2_lookup, s3_resources, topics
from iamconsole.sandbox.ec2_errors import InstanceIdMalformed
from iamconsole.sandbox.s3_errors import NoSuchBucket

#: Asked of a name that may be somebody's already, whatever policy that has.
_MAKING = frozenset({"s3:createbucket", "sns:createtopic"})
#: What root may whatever the bucket's policy says: else it could lock everybody out for good.
_OF_BUCKET_POLICIES = frozenset(
    {"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"}
)
#: Policies may ask these for the tags that the object has.
_ON_TAGGED_OBJECTS = frozenset(
    {
        "s3:deleteobjecttagging",
        "s3:getobject",
        "s3:getobjectattributes",
        "s3:getobjecttagging",
        "s3:putobjecttagging",
    }
)
_S3 = "arn:aws:s3:::"


def in_s3(caller: Caller, action: str, arn: str) -> Kept | None:
    """A bucket, or an object of one whether it is there or not."""
    asked = action.lower()
    name, slash, key = arn.removeprefix(_S3).partition("/")
    if not arn.startswith(_S3) or asked in _MAKING:
        return None
    try:
        bucket = s3_resources.bucket_resource(caller, bucket=name)
    except NoSuchBucket:
        return None
    policy_by = ("s3:GetBucketPolicy", s3_resources.under_policy(caller, bucket=name))
    tags_by = (("s3:GetBucketTagging", bucket),)
    if not slash:
        return Kept(bucket, policy_by, tags_by, root_excused=asked in _OF_BUCKET_POLICIES)
    tagged = s3_resources.existing_object(caller, bucket=name, key=key)
    plain = s3_resources.object_resource(caller, bucket=name, key=key)
    found = tagged if asked in _ON_TAGGED_OBJECTS else plain
    return Kept(found, policy_by, (*tags_by, ("s3:GetObjectTagging", tagged)))


def in_sns(caller: Caller, action: str, arn: str) -> Kept | None:
    """A topic. Another account's looks the same whether it is there or not."""
    named = topics.parts_of(arn)
    if named is None or action.lower() in _MAKING:
        return None
    topic = topics.resource(caller, named)
    tags_by = (("sns:ListTagsForResource", topic),)
    return Kept(topic, ("sns:GetTopicAttributes", topic), tags_by)


def in_ec2(caller: Caller, action: str, arn: str) -> Kept | None:
    """An instance of the caller's account. It has no policy of its own."""
    region, _account, rest = arn.split(":", 5)[3:]
    there = in_region(caller, region)
    try:
        instance = ec2_lookup.resources_of(there, [rest.removeprefix("instance/")])[0]
    except InstanceIdMalformed:
        return None
    # Of another account's, or of no instance, the ARN is not the one that was asked for.
    return Kept(instance, tags_by=(("ec2:DescribeInstances", ec2_lookup.anything(there)),))


FINDERS = {"s3": in_s3, "sns": in_sns, "ec2": in_ec2}
