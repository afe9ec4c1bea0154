"""Explanations know the policies and tags of buckets, topics and instances, as the actions do."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from accounts.actions.explanations import explain_access
from accounts.actions.who_can import who_can
from accounts.caller import Caller, Face, in_region
from accounts.errors import AccessDenied, InvalidInput, ServiceError
from accounts.simulation.kinds import ContextEntry
from accounts.types import Tag
from iamconsole.sandbox.actions import (
    bucket_policies,
    ec2_instances,
    ec2_launch,
    s3_buckets,
    s3_listing,
    s3_object_tags,
    s3_objects,
    sns_messages,
    sns_topics,
)
from iamconsole.sandbox.ec2_arguments import TagSpecification
from tests.cast import OTHER_ACCOUNT_ID, allow, arn, deny, new_user
from tests.sandbox.stored import REPORTS, granting, new_bucket, put
from tests.sandbox.topics import arn_of, policy_of

BUCKET = f"arn:aws:s3:::{REPORTS}"
OBJECT = f"{BUCKET}/november.pdf"
TOPIC = arn_of("alarms")
SID = "SidOfTheBucket"
SIMULATE = "iam:SimulatePrincipalPolicy"
READ_OWN = allow("iam:GetUserPolicy", on=arn("user/alice"))


@pytest.fixture
def bucket(root: Caller) -> Callable[..., None]:
    """`bucket("Deny", "s3:GetObject", …)`: give the bucket a policy of one statement."""
    new_bucket(root)
    bucket_policies.delete_public_access_block(root, bucket=REPORTS)
    put(root, "november.pdf")

    def give(effect: str, *actions: str, principal: Any = "*", **more: Any) -> None:
        text = granting(principal, *actions, effect=effect, Sid=SID, **more)
        bucket_policies.put_bucket_policy(root, bucket=REPORTS, policy=text)

    return give


def topic_with(root: Caller, statement: dict[str, Any]) -> None:
    """Make the topic with this policy."""
    text = policy_of({"Sid": SID, "Resource": TOPIC, **statement})
    sns_topics.create_topic(root, name="alarms", attributes={"Policy": text})


def allows(caller: Caller, action: str, on: str, **more: Any) -> bool:
    """What the explanation says."""
    return explain_access(caller, action_name=action, resource_arn=on, **more).allowed


def works(call: Any, caller: Caller, **arguments: Any) -> bool:
    """What the action itself says."""
    try:
        call(caller, **arguments)
    except ServiceError as error:
        return error.code not in ("AccessDenied", "AuthorizationError", "UnauthorizedOperation")
    return True


def reads(caller: Caller) -> bool:
    return works(s3_objects.get_object, caller, bucket=REPORTS, key="november.pdf")


def publishes(caller: Caller) -> bool:
    return works(sns_messages.publish, caller, topic_arn=TOPIC, message="hello")


# --- Buckets and objects -------------------------------------------------------------------------


def test_a_bucket_policy_alone_lets_in(bucket, alice):
    assert allows(alice, "s3:GetObject", OBJECT) is reads(alice) is False
    bucket("Allow", "s3:GetObject", principal={"AWS": alice.arn})
    assert allows(alice, "s3:GetObject", OBJECT) is reads(alice) is True
    assert not allows(alice, "s3:PutObject", OBJECT)


def test_a_bucket_policy_shuts_out_even_root_but_not_from_the_policy(bucket, root, admin):
    bucket("Deny", "s3:*")
    for caller in (root, admin):
        assert allows(caller, "s3:GetObject", OBJECT) is reads(caller) is False
    assert allows(root, "s3:GetBucketPolicy", BUCKET)
    assert not allows(admin, "s3:GetBucketPolicy", BUCKET)
    assert not allows(root, "s3:GetBucketPolicy", BUCKET, principal_arn=admin.arn)
    found = explain_access(root, action_name="s3:GetObject", resource_arn=OBJECT)
    assert [each.sid for each in found.deciding] == [SID]
    found = explain_access(admin, action_name="s3:GetObject", resource_arn=OBJECT)
    assert SID not in repr(found)


def test_the_condition_keys_of_a_listing_count(bucket, alice):
    only = {"StringEquals": {"s3:prefix": "alice/"}}
    bucket("Allow", "s3:ListBucket", principal={"AWS": alice.arn}, Condition=only)
    prefix = ContextEntry("s3:prefix", ["alice/"], "string")
    assert not allows(alice, "s3:ListBucket", BUCKET)
    assert allows(alice, "s3:ListBucket", BUCKET, context_entries=[prefix])
    listed = {"bucket": REPORTS, "prefix": "alice/"}
    assert works(s3_listing.list_objects_v2, alice, **listed)
    owner = ContextEntry("s3:ResourceAccount", ["1"], "string")
    with pytest.raises(AccessDenied):
        allows(alice, "s3:ListBucket", BUCKET, context_entries=[owner])


@pytest.mark.parametrize("may_read", [True, False])
def test_the_tags_of_an_object_count_and_are_told_to_whoever_may_read_them(
    bucket, root, caller_with, may_read
):
    s3_object_tags.put_object_tagging(
        root, bucket=REPORTS, key="november.pdf", tagging=[Tag("team", "crimson")]
    )
    only = {"StringLike": {"s3:ExistingObjectTag/team": "c*"}}
    more = ["s3:GetObjectTagging", "s3:GetBucketTagging"] if may_read else []
    who = caller_with(
        allow("s3:GetObject", Condition=only), READ_OWN, *([allow(*more)] if more else [])
    )
    found = explain_access(who, action_name="s3:GetObject", resource_arn=OBJECT)
    assert found.allowed
    assert reads(who)
    assert ("crimson" in repr(found)) is may_read


def test_of_a_bucket_policy_that_may_not_be_read_only_that_it_decided_is_told(bucket, caller_with):
    who = caller_with(allow("s3:GetObject"))
    bucket("Deny", "s3:GetObject", Condition={"Null": {"aws:PrincipalOrgID": "true"}})
    blind = explain_access(who, action_name="s3:GetObject", resource_arn=OBJECT)
    assert blind.layer == "resource"
    assert blind.unread_deciding
    assert SID not in repr(blind)
    assert "PrincipalOrgID" not in repr(blind)
    reader = caller_with(allow("s3:GetObject", "s3:GetBucketPolicy"))
    seeing = explain_access(reader, action_name="s3:GetObject", resource_arn=OBJECT)
    assert [each.sid for each in seeing.deciding] == [SID]


def test_who_can_knows_the_bucket_policy(bucket, root, admin, bob, caller_with):
    bucket("Allow", "s3:GetObject", principal={"AWS": bob.arn})
    found = who_can(admin, action_name="s3:GetObject", resource_arn=OBJECT).allowed.items
    assert {each.name: each.policy for each in found} == {
        "admin": "AdministratorAccess",
        "bob": "BucketPolicy",
    }
    bucket("Deny", "s3:GetObject", principal={"AWS": admin.arn})
    assert who_can(root, action_name="s3:GetObject", resource_arn=OBJECT).allowed.items == []
    with pytest.raises(AccessDenied) as caught:
        who_can(
            caller_with(allow("iam:ListUsers", SIMULATE)),
            action_name="s3:GetObject",
            resource_arn=OBJECT,
        )
    assert caught.value.action == "s3:GetBucketPolicy"


def test_another_account_learns_of_a_bucket_what_its_call_would_tell(bucket, root, eve):
    def answer() -> Any:
        return explain_access(eve, action_name="s3:GetObject", resource_arn=OBJECT)

    s3_buckets.put_bucket_tagging(root, bucket=REPORTS, tagging=[Tag("team", "crimson")])
    refused = [answer()]
    bucket("Deny", "s3:*")
    refused.append(answer())
    bucket("Allow", "s3:GetObject", principal={"AWS": "111122223333"})
    refused.append(answer())
    assert refused[0] == refused[1] == refused[2]
    assert refused[0].denial == "Access Denied"
    assert not reads(eve)
    bucket("Allow", "s3:GetObject", "s3:GetBucketPolicy", principal={"AWS": OTHER_ACCOUNT_ID})
    found = answer()
    assert found.allowed is reads(eve) is True
    for each in (*refused, found):
        told = repr(each)
        assert SID not in told
        assert "crimson" not in told
        assert "111122223333" not in told


def test_another_account_s_administrator_asks_for_nobody_else_on_a_bucket(bucket, other, eve):
    mallory = new_user(other, "mallory")
    bucket("Allow", "s3:GetObject", "s3:GetBucketPolicy")
    asked: dict[str, Any] = {"action_name": "s3:GetObject", "resource_arn": OBJECT}
    with pytest.raises(AccessDenied):
        who_can(eve, **asked)
    with pytest.raises(AccessDenied):
        explain_access(eve, **asked, principal_arn=mallory.arn)


# --- Topics --------------------------------------------------------------------------------------


def test_a_topic_policy_alone_lets_in_and_shuts_out(root, alice, admin, eve):
    topic_with(
        root,
        {
            "Effect": "Allow",
            "Principal": {"AWS": [alice.arn, OTHER_ACCOUNT_ID]},
            "Action": "SNS:Publish",
        },
    )
    for caller, expected in ((alice, True), (eve, True), (admin, True)):
        assert allows(caller, "sns:Publish", TOPIC) is publishes(caller) is expected
    text = policy_of(
        {"Effect": "Deny", "Principal": "*", "Action": "SNS:Publish", "Resource": TOPIC}
    )
    sns_topics.set_topic_attributes(
        root, topic_arn=TOPIC, attribute_name="Policy", attribute_value=text
    )
    for caller in (alice, eve, admin):
        fresh = replace(caller)
        assert allows(fresh, "sns:Publish", TOPIC) is publishes(fresh) is False


@pytest.mark.parametrize("may_read", [True, False])
def test_a_topic_policy_is_shown_to_whoever_may_read_the_topic_s_attributes(
    root, caller_with, may_read
):
    topic_with(root, {"Effect": "Deny", "Principal": "*", "Action": "SNS:Publish"})
    more = ["sns:GetTopicAttributes"] if may_read else []
    who = caller_with(allow("sns:Publish", *more))
    found = explain_access(who, action_name="sns:Publish", resource_arn=TOPIC)
    assert not found.allowed
    assert (SID in repr(found)) is may_read


def test_a_topic_in_another_region_is_read_there_and_nothing_else_is(root, caller_with):
    far = arn_of("alarms", region="eu-west-1")
    statement = {"Sid": SID, "Effect": "Deny", "Principal": "*", "Action": "SNS:Publish"}
    sns_topics.create_topic(
        in_region(root, "eu-west-1"),
        name="alarms",
        attributes={"Policy": policy_of({**statement, "Resource": far})},
    )
    here = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    away = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    for own_policy, of_topic in ((here, away), (away, here)):
        who = caller_with(
            allow("sns:*", Sid="SidOfTheUser"),
            allow("iam:GetUserPolicy", Condition=own_policy),
            deny("sns:GetTopicAttributes", Condition=of_topic),
        )
        told = repr(explain_access(who, action_name="sns:Publish", resource_arn=far))
        assert (SID in told) is (of_topic is here)
        assert ("SidOfTheUser" in told) is (own_policy is here)


def test_whether_another_account_has_a_topic_is_not_told(root, eve):
    def answer(**more: Any) -> Any:
        try:
            return explain_access(eve, action_name="sns:Publish", resource_arn=TOPIC, **more)
        except AccessDenied as error:
            return (error.message, error.action, error.resource)

    pretended = [ContextEntry("aws:SourceIp", ["203.0.113.9"], "ip")]
    absent = answer(), answer(context_entries=pretended)
    topic_with(root, {"Effect": "Deny", "Principal": "*", "Action": "SNS:Publish"})
    assert (answer(), answer(context_entries=pretended)) == absent
    assert not absent[0].allowed


def test_the_tags_of_a_topic_count(root, caller_with):
    sns_topics.create_topic(root, name="alarms", tags=[Tag("team", "red")])
    only = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    who = caller_with(allow("sns:Publish", Condition=only))
    assert allows(who, "sns:Publish", TOPIC) is publishes(who) is True
    assert not allows(who, "sns:Publish", arn_of("others"))


# --- Instances -----------------------------------------------------------------------------------


@pytest.mark.parametrize("may_read", [True, False])
def test_the_tags_of_an_instance_count(root, caller_with, may_read):
    made = ec2_launch.run_instances(
        root,
        image_id="ami-0a11ab1e000000001",
        instance_type="t3.micro",
        min_count=1,
        max_count=1,
        tag_specifications=[TagSpecification("instance", [Tag("team", "crimson")])],
    )
    instance = made.instances[0]
    only = {"StringLike": {"ec2:ResourceTag/team": "c*", "ec2:InstanceType": "t3.*"}}
    more = [allow("ec2:DescribeInstances")] if may_read else []
    who = caller_with(allow("ec2:StopInstances", Condition=only), READ_OWN, *more)
    found = explain_access(who, action_name="ec2:StopInstances", resource_arn=instance.arn)
    assert found.allowed
    assert ("crimson" in repr(found)) is may_read
    assert ("t3.micro" in repr(found)) is may_read
    assert works(ec2_instances.stop_instances, who, instance_ids=[instance.id])
    assert not allows(who, "ec2:StopInstances", instance.arn.replace(instance.id, "i-00000000"))


def test_of_another_account_s_instance_nothing_is_known(root, eve):
    made = ec2_launch.run_instances(
        root, image_id="ami-0a11ab1e000000001", min_count=1, max_count=1
    ).instances[0]
    asked: dict[str, Any] = {"action_name": "ec2:StopInstances", "resource_arn": made.arn}
    there = explain_access(eve, **asked)
    made.delete()
    absent = explain_access(eve, **asked)
    assert there == absent
    assert not there.allowed


@pytest.mark.parametrize(
    "name",
    [
        "arn:aws:s3:::",
        "arn:aws:s3:::/",
        "arn:aws:s3:::" + "b" * 500,
        "arn:aws:s3:us-east-1:1:x",
        f"{BUCKET}/",
        f"{BUCKET}/*",
        f"{BUCKET}/\U0001f40e%00\x01",
        "arn:aws:sns:::",
        "arn:aws:sns:us-east-1:111122223333:a:b:c",
        "arn:aws:ec2:us-east-1:111122223333:instance/*",
        "arn:aws:ec2:::i-",
        "arn:aws:ec2:us-east-1::image/ami-0a11ab1e000000001",
    ],
)
def test_whatever_is_asked_there_is_an_answer(bucket, admin, name):
    for face in (Face.API, Face.CONSOLE):
        who = replace(admin, face=face, seen={})
        with suppress(InvalidInput):
            assert explain_access(who, action_name="s3:GetObject", resource_arn=name).resource


def test_a_deny_on_reading_the_tags_that_hangs_on_a_tag_holds(bucket, root, caller_with):
    s3_buckets.put_bucket_tagging(root, bucket=REPORTS, tagging=[Tag("level", "crimson")])
    bucket("Deny", "s3:ListBucket")
    hidden = {"StringLike": {"aws:ResourceTag/level": "c*"}}
    who = caller_with(
        allow("s3:*"),
        deny("s3:GetBucketTagging", "s3:GetBucketPolicy", Condition=hidden),
        deny("s3:ListBucket", Condition={"StringNotLike": {"aws:ResourceTag/level": "c*"}}),
        READ_OWN,
    )
    found = explain_access(who, action_name="s3:ListBucket", resource_arn=BUCKET)
    assert not found.allowed
    assert "crimson" not in repr(found)
    assert SID not in repr(found)
