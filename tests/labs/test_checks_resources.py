"""What principals may do with resources that have policies and tags, in this account and others."""

from __future__ import annotations

import pytest

from accounts import authorize
from accounts.actions import attachments, resources, roles, users
from accounts.caller import Caller
from accounts.models import Account
from accounts.types import Tag
from iamconsole.sandbox.actions import bucket_policies, s3_buckets
from tests.cast import OTHER_ACCOUNT_ID, CallerWith, allow, arn, deny, document
from tests.labs.asked import ask, world_of
from tests.sandbox.stored import REPORTS, granting, new_bucket, put

S3_FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
BUCKET = f"arn:aws:s3:::{REPORTS}"
Q1, SECRET = f"{BUCKET}/q1.csv", f"{BUCKET}/secret/plan.txt"
READ = allow("s3:GetObject", on=f"{BUCKET}/*")
SECRET_DENIED = deny("s3:GetObject", on=f"{BUCKET}/secret/*")
USERS = allow("iam:CreateUser", "iam:DeleteUser", on=arn("user/dev/*"))


# --- Resources with policies and tags ------------------------------------------------------------


def test_the_bucket_policy_counts_on_its_own_and_is_named(
    account: Account, root: Caller, alice: Caller
):
    new_bucket(root)
    world = world_of(account)
    asked = {"principal": "user/alice", "action": "s3:GetObject", "resource": Q1}
    text = granting({"AWS": alice.arn}, "s3:GetObject")
    bucket_policies.put_bucket_policy(root, bucket=REPORTS, policy=text)
    found = ask(world, "can", **asked)
    assert found.holds
    assert found.through == (f"the bucket policy of {REPORTS}",)
    for pattern in ("*", f"{BUCKET}/*", "arn:aws:s3:::final-*/*"):
        assert not ask(world, "cannot", **asked | {"resource": pattern}).holds
    assert ask(world, "cannot", **asked | {"action": "s3:PutObject", "resource": "*"}).holds
    text = granting({"AWS": alice.arn}, "s3:GetObject", effect="Deny")
    bucket_policies.put_bucket_policy(root, bucket=REPORTS, policy=text)
    attachments.attach_user_policy(root, user_name="alice", policy_arn=S3_FULL)
    found = ask(world, "can", **asked)
    assert found.found == f"It is refused by a Deny in the bucket policy of {REPORTS}."


def test_a_bucket_policy_that_denies_root_is_seen(account: Account, root: Caller):
    new_bucket(root)
    text = granting("*", "s3:DeleteObject", effect="Deny")
    bucket_policies.put_bucket_policy(root, bucket=REPORTS, policy=text)
    found = ask(world_of(account), "can", principal="root", action="s3:DeleteObject", resource=Q1)
    assert not found.holds


def test_tags_of_principals_and_resources_decide(
    account: Account, root: Caller, caller_with: CallerWith, bob: Caller
):
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    caller_with(allow("iam:DeleteUser", "iam:TagUser", Condition=same))
    users.tag_user(root, user_name="alice", tags=[Tag("team", "red")])
    users.tag_user(root, user_name="bob", tags=[Tag("team", "blue")])
    asked = {"principal": "user/alice", "action": "iam:DeleteUser"}
    world = world_of(account)
    assert ask(world, "cannot", **asked, resource=bob.arn).holds
    users.tag_user(root, user_name="bob", tags=[Tag("team", "red")])
    assert ask(world, "can", **asked, resource=bob.arn).holds
    # Of all resources those that are there are tried, with the tags that they have.
    found = ask(world, "cannot", **asked)
    assert not found.holds
    assert found.found.startswith("iam:DeleteUser on arn:aws:iam::111122223333:user/")


def test_tags_of_objects_decide(account: Account, root: Caller, caller_with: CallerWith):
    new_bucket(root)
    put(root, "open.txt", tagging=[Tag("class", "open")])
    put(root, "closed.txt", tagging=[Tag("class", "closed")])
    caller_with(
        allow("s3:GetObject", Condition={"StringEquals": {"s3:ExistingObjectTag/class": "open"}})
    )
    asked = {"principal": "user/alice", "action": "s3:GetObject"}
    world = world_of(account)
    assert ask(world, "can", **asked, resource=f"{BUCKET}/open.txt").holds
    assert ask(world, "cannot", **asked, resource=f"{BUCKET}/closed.txt").holds
    assert not ask(world, "cannot", **asked, resource=f"{BUCKET}/*").holds


def test_a_check_and_the_product_decide_alike(
    account: Account, root: Caller, caller_with: CallerWith
):
    """Every pair is asked of both; what differs is a check that misleads."""
    new_bucket(root)
    put(root, "q1.csv")
    bucket_policies.put_bucket_policy(
        root, bucket=REPORTS, policy=granting("*", "s3:DeleteObject", effect="Deny")
    )
    alice = caller_with(READ, SECRET_DENIED, USERS, allow("s3:DeleteObject", "sns:*", "iam:List*"))
    world = world_of(account)
    names = ("s3:GetObject", "s3:DeleteObject", "iam:CreateUser", "sns:Publish", "iam:GetUser")
    topic = "arn:aws:sns:us-east-1:111122223333:alarms"
    for action in names:
        for on in (Q1, SECRET, BUCKET, arn("user/dev/x"), arn("user/alice"), topic):
            resource = resources.named(alice, action, on, oneself=True)
            expected = authorize.would_allow(alice, action, resource).allowed
            asked = {"principal": "user/alice", "action": action, "resource": on, "through": "api"}
            assert ask(world, "can", **asked).holds is expected, (action, on)
            assert ask(world, "cannot", **asked).holds is not expected, (action, on)


# --- Other accounts ------------------------------------------------------------------------------


@pytest.fixture
def shared(root: Caller, eve: Caller) -> None:
    """Eve's account has a bucket that lets everybody of the first account in."""
    s3_buckets.create_bucket(eve, bucket=REPORTS)
    text = granting({"AWS": root.arn}, "s3:GetObject", "s3:ListBucket")
    bucket_policies.put_bucket_policy(eve, bucket=REPORTS, policy=text)


def test_a_bucket_of_another_account_of_the_run_is_asked_about(
    account: Account, other: Account, shared: None, caller_with: CallerWith
):
    world = world_of(account, other)
    asked = {"principal": "user/alice", "resource": Q1}
    caller_with(allow("s3:*"))
    assert ask(world, "can", action="s3:GetObject", **asked).holds
    found = ask(world, "can", action="s3:PutObject", **asked)
    assert not found.holds
    assert found.found.startswith(
        f"It is refused: the bucket policy of {REPORTS} does not let alice in."
    )
    caller_with(allow("s3:Put*"))
    assert not ask(world, "can", action="s3:GetObject", **asked).holds


def test_what_belongs_to_an_account_outside_of_the_run_is_not_there(
    account: Account, other: Account, shared: None, caller_with: CallerWith
):
    caller_with(allow("s3:Put*", "sns:*"))
    world = world_of(account)
    elsewhere = ask(world, "can", principal="user/alice", action="s3:GetObject", resource=Q1)
    nowhere = ask(
        world, "can", principal="user/alice", action="s3:GetObject", resource=f"{BUCKET}-no/q1.csv"
    )
    assert elsewhere.found == nowhere.found.replace(f"{BUCKET}-no", BUCKET)
    topic = f"arn:aws:sns:us-east-1:{OTHER_ACCOUNT_ID}:alarms"
    found = ask(world, "can", principal="user/alice", action="sns:Publish", resource=topic)
    assert found.found == "It is refused: it belongs to another account."


def test_principals_are_those_of_the_account_that_a_check_names(
    account: Account, other: Account, admin: Caller, eve: Caller
):
    asked = {"principal": "user/eve", "action": "iam:CreateUser"}
    assert not ask(world_of(account), "can", **asked).holds
    world = world_of(account, other)
    assert not ask(world, "can", **asked).holds
    assert ask(world, "can", in_account="partner", **asked).holds
    found = ask(world_of(account), "can", in_account="partner", **asked)
    assert not found.holds
    assert found.found == "The lab has no account partner."


def test_a_role_of_another_account_of_the_run_is_taken_on_where_both_sides_let(
    account: Account, other: Account, root: Caller, eve: Caller, caller_with: CallerWith
):
    role = f"arn:aws:iam::{OTHER_ACCOUNT_ID}:role/Auditor"
    trust = document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": root.arn},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "s-7"}},
        }
    )
    roles.create_role(eve, role_name="Auditor", assume_role_policy_document=trust)
    caller_with(allow("sts:AssumeRole", on=role))
    asked = {"principal": "user/alice", "action": "sts:AssumeRole", "resource": role}
    world = world_of(account, other)
    assert ask(world, "can", **asked, context={"sts:ExternalId": "s-7"}).holds
    found = ask(world, "can", **asked)
    assert found.found.startswith(
        "It is refused: the trust policy of role Auditor does not let alice in."
    )
    caller_with(allow("s3:*"))
    assert not ask(world, "can", **asked, context={"sts:ExternalId": "s-7"}).holds
    # Of an account outside of the run nobody asks for a trust policy.
    assert not ask(world_of(account), "can", **asked, context={"sts:ExternalId": "s-7"}).holds
