"""What is there: kinds of things, attachments, groups, tags, boundaries and versions."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actions import (
    access_keys,
    attachments,
    groups,
    inline_policies,
    instance_profiles,
    oidc_providers,
    policies,
    policy_versions,
    roles,
    users,
)
from accounts.actions import (
    account as account_actions,
)
from accounts.caller import Caller
from accounts.models import Account
from accounts.types import Tag
from iamconsole.labs.checks.world import World
from iamconsole.sandbox.actions import ec2_launch, s3_buckets, sns_topics
from iamconsole.sandbox.ec2_arguments import NamedProfile, TagSpecification
from tests.cast import ADMINISTRATOR, allow, arn, document, new_user, trust
from tests.labs.asked import ask, world_of
from tests.sandbox.stored import REPORTS, new_bucket

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def launch(root: Caller, name: str, **more: Any) -> None:
    """An instance of that name."""
    ec2_launch.run_instances(
        root,
        image_id="ami-0a11ab1e000000001",
        instance_type="t3.micro",
        min_count=1,
        max_count=1,
        tag_specifications=[TagSpecification("instance", [Tag("Name", name)])],
        **more,
    )


@pytest.fixture
def world(account: Account, root: Caller, alice: Caller, bob: Caller) -> World:
    """Alice is in Staff, which reads S3; bob has a boundary; and one thing of each other kind."""
    groups.create_group(root, group_name="Staff")
    groups.add_user_to_group(root, group_name="Staff", user_name="alice")
    attachments.attach_group_policy(root, group_name="Staff", policy_arn=READ_ONLY)
    limit = policies.create_policy(
        root, policy_name="Limit", path="/team/", policy_document=document(allow("s3:*"))
    )
    policy_versions.create_policy_version(
        root, policy_arn=limit.arn, policy_document=document(allow("s3:Get*"))
    )
    users.put_user_permissions_boundary(root, user_name="bob", permissions_boundary=limit.arn)
    attachments.attach_user_policy(root, user_name="bob", policy_arn=limit.arn)
    inline_policies.put_user_policy(
        root, user_name="bob", policy_name="Own", policy_document=document(allow("sns:*"))
    )
    users.tag_user(root, user_name="alice", tags=[Tag("Team", "red"), Tag("note", "")])
    roles.create_role(
        root, role_name="Web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    for name in ("Web", "Empty"):
        instance_profiles.create_instance_profile(root, instance_profile_name=name)
        instance_profiles.add_role_to_instance_profile(
            root, instance_profile_name=name, role_name="Web"
        )
    oidc_providers.create_open_id_connect_provider(
        root, url="https://id.example.com/a", thumbprint_list=["0" * 40]
    )
    account_actions.create_account_alias(root, account_alias="example-co")
    new_bucket(root)
    s3_buckets.put_bucket_tagging(root, bucket=REPORTS, tagging=[Tag("class", "open")])
    sns_topics.create_topic(root, name="alarms")
    launch(root, "web-1", iam_instance_profile=NamedProfile(name="Web"))
    launch(root, "batch-1")
    launch(root, "batch-2", iam_instance_profile=NamedProfile(name="Empty"))
    instance_profiles.remove_role_from_instance_profile(
        root, instance_profile_name="Empty", role_name="Web"
    )
    return world_of(account)


#: A check, whether it holds, and what is found.
JUDGED: list[tuple[str, dict[str, Any], bool, str]] = [
    ("exists", {"user": "ALICE"}, True, "There is user alice."),
    ("exists", {"user": "al*"}, True, "There is user alice."),
    ("exists", {"user": "zoe"}, False, "There is no user zoe."),
    ("absent", {"user": "zoe"}, True, "There is no user zoe."),
    ("absent", {"user": "*"}, False, "There is user alice and user bob."),
    ("exists", {"group": "Staff"}, True, "There is group Staff."),
    ("exists", {"role": "W?b"}, True, "There is role Web."),
    ("exists", {"policy": "limit"}, True, "There is customer managed policy Limit."),
    ("exists", {"policy": arn("policy/team/Limit")}, True, ""),
    ("exists", {"policy": arn("policy/Limit")}, False, "There is no customer managed policy"),
    ("exists", {"policy": "AdministratorAccess"}, False, "There is no customer managed policy"),
    ("exists", {"policy_version": "Limit/v2"}, True, "There is policy version Limit/v2."),
    ("absent", {"policy_version": "Limit/v3"}, True, "There is no policy version Limit/v3."),
    ("exists", {"instance_profile": "web"}, True, "There is instance profile Web."),
    ("exists", {"alias": "example-co"}, True, "There is alias example-co."),
    ("absent", {"alias": "*"}, False, "There is alias example-co."),
    ("exists", {"bucket": REPORTS}, True, f"There is bucket {REPORTS}."),
    ("exists", {"bucket": "final-*"}, True, f"There is bucket {REPORTS}."),
    ("absent", {"bucket": REPORTS}, False, ""),
    ("exists", {"topic": "alarms"}, True, "There is topic alarms."),
    ("exists", {"instance": "web-1"}, True, "There is instance web-1."),
    ("exists", {"instance": "i-*"}, True, "There is instance i-"),
    ("exists", {"identity_provider": "id.example.com*"}, True, "There is identity provider id."),
    ("absent", {"access_key": "AKIA*"}, True, "There is no access key named AKIA*."),
    # --- Attached
    (
        "attached", {"to": "user/alice", "policy": "AmazonS3ReadOnlyAccess"},
        True, "AmazonS3ReadOnlyAccess attached to group Staff.",
    ),
    ("attached", {"to": "user/alice", "policy": READ_ONLY}, True, ""),
    ("attached", {"to": "user/alice", "policy": "*S3*"}, True, ""),
    (
        "attached", {"to": "user/alice", "policy": "*S3*", "direct": True},
        False, "No managed policy is attached to user alice directly.",
    ),
    ("attached", {"to": "user/bob", "policy": "Limit"}, True, "Limit attached to user bob."),
    ("attached", {"to": "group/Staff", "policy": "AdministratorAccess"}, False, "Attached to"),
    ("attached", {"to": "role/Web", "policy": "*"}, False, "No managed policy is attached to role"),
    ("attached", {"to": "user/*", "policy": "Limit"}, False, "Attached to user alice: AmazonS3Re"),
    ("attached", {"to": "user/zoe", "policy": "*"}, False, "There is no user zoe."),
    ("not_attached", {"to": "user/alice", "policy": "AdministratorAccess"}, True, "Attached to"),
    ("not_attached", {"to": "user/alice", "policy": "*", "direct": True}, True, "No managed"),
    (
        "not_attached", {"to": "user/alice", "policy": "*S3*"},
        False, "AmazonS3ReadOnlyAccess attached to group Staff.",
    ),
    ("not_attached", {"to": "user/*", "policy": "Limit"}, False, "Limit attached to user bob."),
    ("not_attached", {"to": "user/zoe", "policy": "*"}, True, "There is no user zoe."),
    ("has_inline_policy", {"to": "user/bob"}, True, "There is inline policy Own of user bob."),
    ("has_inline_policy", {"to": "user/bob", "name": "o*"}, True, ""),
    ("has_inline_policy", {"to": "user/bob", "name": "x"}, False, "User bob has only Own."),
    ("has_inline_policy", {"to": "group/Staff"}, False, "Group Staff has no inline policy."),
    ("has_inline_policy", {"to": "role/Nobody"}, False, "There is no role Nobody."),
    # --- Groups, tags, boundaries, versions
    ("member_of", {"user": "alice", "group": "Staff"}, True, "User alice is in group Staff."),
    ("member_of", {"user": "alice", "group": "*"}, True, ""),
    ("member_of", {"user": "alice", "group": "Admins"}, False, "alice is only in Staff."),
    ("member_of", {"user": "bob", "group": "*"}, False, "bob is in no group."),
    ("member_of", {"user": "*", "group": "Staff"}, False, "bob is in no group."),
    ("member_of", {"user": "zoe", "group": "*"}, False, "There is no user zoe."),
    ("tag", {"on": "user/alice", "key": "team", "value": "red"}, True, "The tag team of"),
    ("tag", {"on": "user/alice", "key": "team", "value": "r*"}, True, ""),
    ("tag", {"on": "user/alice", "key": "team", "value": "RED"}, False, "has the value red."),
    ("tag", {"on": "user/alice", "key": "note", "value": ""}, True, ""),
    ("tag", {"on": "user/alice", "key": "cost"}, False, "Of the tags user alice has only Team and"),
    ("tag", {"on": "user/bob", "key": "team"}, False, "Of the tags user bob has none."),
    ("tag", {"on": f"bucket/{REPORTS}", "key": "class", "value": "open"}, True, ""),
    ("tag", {"on": "instance/web-*", "key": "Name"}, True, ""),
    ("tag", {"on": "policy/Limit", "key": "x"}, False, ""),
    ("tag", {"on": "role/Nobody", "key": "x"}, False, "There is no role Nobody."),
    ("boundary_is", {"of": "user/bob", "policy": "Limit"}, True, "boundary of user bob is Limit."),
    ("boundary_is", {"of": "user/bob", "policy": arn("policy/team/*")}, True, ""),
    ("boundary_is", {"of": "user/bob", "policy": "Admin*"}, False, "user bob is Limit."),
    ("boundary_is", {"of": "user/alice", "policy": "*"}, False, "has no permissions boundary."),
    ("instance_role", {"instance": "web-1", "role": "web"}, True, "has the role Web, by the inst"),
    ("instance_role", {"instance": "i-*", "role": "*"}, False, ""),
    ("instance_role", {"instance": "web-1", "role": "Other"}, False, "has the role Web"),
    ("instance_role", {"instance": "batch-1", "role": "*"}, False, "has no instance profile."),
    ("instance_role", {"instance": "batch-2", "role": "*"}, False, "Empty, with no role in it."),
    ("instance_role", {"instance": "nope", "role": "*"}, False, "There is no instance nope."),
    ("version_count", {"policy": "Limit", "count": 2}, True, "The policy Limit has 2 versions."),
    ("version_count", {"policy": "Limit", "at_least": 2, "at_most": 3}, True, ""),
    ("version_count", {"policy": "Limit", "at_most": 1}, False, "has 2 versions."),
    ("version_count", {"policy": "Nope", "at_least": 0}, False, "There is no customer managed"),
]  # fmt: skip


def test_each_check_of_what_is_there_says_what_it_found(world: World):
    for verb, arguments, holds, part in JUDGED:
        found = ask(world, verb, **arguments)
        assert (found.holds, part in found.found) == (holds, True), (verb, arguments, found)
        assert found.asked.endswith(".")
        assert found.found.endswith(".")
        assert found.expected.endswith(".")


def test_an_access_key_is_there_until_it_is_deleted(world: World, root: Caller):
    key = access_keys.create_access_key(root, user_name="bob").key.access_key_id
    assert ask(world, "exists", access_key=key).holds
    access_keys.delete_access_key(root, user_name="bob", access_key_id=key)
    assert ask(world, "absent", access_key=key).holds


def test_the_last_membership_is_seen_at_once(world: World, root: Caller):
    groups.add_user_to_group(root, group_name="Staff", user_name="bob")
    assert ask(world, "member_of", user="*", group="Staff").holds


def test_nothing_of_another_account_is_there(world: World, other: Account, eve: Caller):
    """Eve has all that is asked for."""
    attachments.attach_user_policy(eve, user_name="eve", policy_arn=READ_ONLY)
    users.tag_user(eve, user_name="eve", tags=[Tag("team", "red")])
    s3_buckets.create_bucket(eve, bucket="bucket-of-eve")
    s3_buckets.put_bucket_tagging(eve, bucket="bucket-of-eve", tagging=[Tag("a", "b")])
    key = access_keys.create_access_key(eve, user_name="eve").key.access_key_id
    for verb, arguments in (
        ("exists", {"user": "eve"}),
        ("exists", {"bucket": "bucket-of-eve"}),
        ("exists", {"access_key": key}),
        ("attached", {"to": "user/eve", "policy": "*"}),
        ("attached", {"to": "user/eve", "policy": ADMINISTRATOR}),
        ("tag", {"on": "user/eve", "key": "team"}),
        ("tag", {"on": "bucket/bucket-of-eve", "key": "a"}),
    ):
        assert not ask(world, verb, **arguments).holds, verb
        in_partner = {**arguments, "in_account": "partner"}
        assert ask(world_of(world.accounts["main"], other), verb, **in_partner).holds, verb


def test_too_many_of_a_kind_is_too_much(world: World, account: Account):
    for number in range(101):
        new_user(account, f"many{number}")
    found = ask(world, "member_of", user="many*", group="Staff")
    assert not found.holds
    assert found.found.startswith("This check asks about more than")
