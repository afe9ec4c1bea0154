"""How much policies allow, and whether it is just what a document allows."""

from __future__ import annotations

import time
from typing import Any

import pytest

from accounts.actions import attachments, groups, inline_policies, policies, users
from accounts.caller import Caller
from accounts.engine import catalog
from accounts.models import Account
from iamconsole.labs.checks.finding import Finding
from tests.cast import ADMINISTRATOR, CallerWith, allow, deny, document
from tests.labs.asked import ask, world_of

B = "arn:aws:s3:::b"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def counts(account: Account, count: int, **more: Any) -> Finding:
    asked = {"principal": "user/alice", "count": count, **more}
    return ask(world_of(account), "max_allowed_actions", **asked)


# --- How many actions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("says", "number"),
    [
        ((), 0),
        ((allow("s3:GetObject", on=f"{B}/*"),), 1),
        ((allow("s3:GetObject", on=f"{B}/*"), allow("s3:getobject", on=B)), 1),
        ((allow("s3:GetObject", "s3:PutObject", "sns:Publish"),), 3),
        ((allow("s3:GetObject", "s3:PutObject"), deny("s3:PutObject")), 1),
        # What is denied in part is still allowed.
        ((allow("s3:GetObject", "s3:PutObject"), deny("s3:PutObject", on=B)), 2),
        ((allow("nope:Nothing"),), 0),
        ((allow("sns:*"),), len(catalog.expand("sns:*"))),
        ((allow("sns:*"), deny("sns:*")), 0),
    ],
)
def test_different_actions_are_counted_once_and_without_what_is_denied(
    account: Account, caller_with: CallerWith, says: tuple[Any, ...], number: int
):
    caller_with(*(says or (deny("s3:*"),)))
    assert counts(account, number).holds
    if number:
        assert not counts(account, number - 1).holds
    assert f"may call {number:,}" in counts(account, number).found


def test_the_count_is_told_with_examples_and_policies(account: Account, caller_with: CallerWith):
    caller_with(allow("s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"))
    found = counts(account, 3)
    assert found.asked == "alice may call 3 different actions at most."
    assert found.found == (
        "alice may call 4: s3:DeleteObject, s3:GetObject, s3:ListBucket and s3:PutObject."
    )
    assert found.through == ("inline policy given of user alice",)


def test_only_the_named_services_count(account: Account, caller_with: CallerWith):
    caller_with(allow("s3:GetObject", "sns:*"))
    assert counts(account, 1, services=["S3"]).holds
    assert not counts(account, 1, services=["s3", "sns"]).holds
    assert counts(account, 0, services=["ec2"]).holds


def test_a_boundary_limits_the_count(account: Account, root: Caller, alice: Caller):
    limit = policies.create_policy(
        root, policy_name="Limit", policy_document=document(allow("s3:GetObject"))
    )
    attachments.attach_user_policy(root, user_name="alice", policy_arn=ADMINISTRATOR)
    assert not counts(account, 10_000).holds
    users.put_user_permissions_boundary(root, user_name="alice", permissions_boundary=limit.arn)
    assert counts(account, 1).holds


def test_administrators_and_root_may_call_every_action(account: Account, admin: Caller):
    every = sum(each.action_count for each in catalog.services())
    for principal in ("root", "user/admin"):
        asked = {"principal": principal, "count": 100}
        begun = time.monotonic()
        found = ask(world_of(account), "max_allowed_actions", **asked)
        assert time.monotonic() - begun < 0.4
        assert not found.holds
        assert f"may call {every:,}" in found.found


def test_the_largest_of_awss_policies_is_counted_in_time(
    account: Account, root: Caller, alice: Caller
):
    attachments.attach_user_policy(root, user_name="alice", policy_arn=READ_ONLY)
    found = counts(account, 100)
    assert not found.holds
    assert "alice may call " in found.found


def test_many_exceptions_are_counted_in_time(account: Account, caller_with: CallerWith):
    kept = [deny("*", on=f"arn:aws:s3:::kept-{number}/*") for number in range(25)]
    caller_with(allow("*"), *kept)
    begun = time.thread_time()
    assert not counts(account, 10_000).holds
    assert time.thread_time() - begun < 0.5


def test_of_nobody_nothing_is_counted(account: Account):
    found = ask(world_of(account), "max_allowed_actions", principal="user/zoe", count=9)
    assert not found.holds


# --- Just what a document allows -----------------------------------------------------------------

READS = document(allow("s3:GetObject", "s3:PutObject", on=f"{B}/*"), allow("s3:ListBucket", on=B))


def equals(account: Account, text: str = READS, **asked: Any) -> Finding:
    world = world_of(account, files={"solution/a.json": text}, values={"bucket": "b"})
    asked = {"principal": "user/alice", "to": "solution/a.json"} | asked
    return ask(world, "policy_equivalent", **asked)


@pytest.mark.parametrize(
    "says",
    [
        (allow("s3:GetObject", "s3:PutObject", on=f"{B}/*"), allow("s3:ListBucket", on=B)),
        (allow("s3:ListBucket", on=B), allow("s3:PutObject", "s3:getobject", on=f"{B}/*")),
        (
            allow("s3:PutObject", on=f"{B}/*"),
            allow("s3:GetObject", on=f"{B}/*", Sid="Read"),
            allow("s3:ListBucket", on=B),
        ),
        # What adds nothing, or denies what nobody allows, is no difference.
        (
            allow("s3:GetObject", "s3:PutObject", on=f"{B}/*"),
            allow("s3:GetObject", on=f"{B}/q1.csv"),
            allow("s3:ListBucket", on=B),
            deny("sns:*"),
        ),
    ],
)
def test_the_same_permissions_are_the_same_however_they_are_written(
    account: Account, caller_with: CallerWith, says: tuple[Any, ...]
):
    caller_with(*says)
    found = equals(account)
    assert found.holds, found
    assert found.found == "They allow the same."


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ((allow("s3:GetObject", "s3:PutObject", on=f"{B}/*"),), "They do not allow s3:ListBucket"),
        (
            (
                allow("s3:GetObject", "s3:PutObject", "s3:DeleteObject", on=f"{B}/*"),
                allow("s3:ListBucket", on=B),
            ),
            f"They also allow s3:DeleteObject on {B}/*.",
        ),
        (
            (allow("s3:GetObject", "s3:PutObject"), allow("s3:ListBucket", on=B)),
            "They also allow s3:GetObject and s3:PutObject.",
        ),
        (
            (
                allow("s3:GetObject", "s3:PutObject", on=f"{B}/*"),
                allow("s3:ListBucket", on=B),
                deny("s3:GetObject", on=f"{B}/x"),
            ),
            "They do not allow s3:GetObject",
        ),
    ],
)
def test_what_is_too_much_or_missing_is_named(
    account: Account, caller_with: CallerWith, says: tuple[Any, ...], told: str
):
    caller_with(*says)
    found = equals(account)
    assert not found.holds
    assert told in found.found, found


def test_patterns_and_the_actions_they_stand_for_are_the_same(
    account: Account, caller_with: CallerWith
):
    caller_with(allow(*catalog.expand("s3:GetObject*"), on=f"{B}/*"))
    assert equals(account, document(allow("s3:GetObject*", on=f"{B}/*"))).holds


def test_conditions_are_compared_however_they_are_ordered(
    account: Account, caller_with: CallerWith
):
    red = {"StringEquals": {"aws:RequestTag/team": ["red", "blue"], "aws:PrincipalTag/a": "b"}}
    turned = {"StringEquals": {"aws:principaltag/a": "b", "aws:RequestTag/team": ["blue", "red"]}}
    caller_with(allow("s3:*", "sns:*", Condition=red))
    assert equals(
        account, document(allow("sns:*", Condition=turned), allow("s3:*", Condition=turned))
    ).holds
    assert not equals(account, document(allow("s3:*", "sns:*"))).holds


def test_groups_count_and_values_are_filled_in(account: Account, root: Caller, alice: Caller):
    text = READS.replace(B, "arn:aws:s3:::{bucket}")
    groups.create_group(root, group_name="Staff")
    groups.add_user_to_group(root, group_name="Staff", user_name="alice")
    inline_policies.put_group_policy(
        root, group_name="Staff", policy_name="read", policy_document=READS
    )
    found = equals(account, text)
    assert found.holds
    assert found.through == ("inline policy read of group Staff",)


def test_one_policy_is_compared_by_its_version_in_force(account: Account, root: Caller):
    made = policies.create_policy(root, policy_name="Read", policy_document=READS)
    world = world_of(account, files={"a.json": READS, "b.json": document(allow("s3:*"))})
    for named in ("Read", "read", made.arn):
        assert ask(world, "policy_equivalent", policy=named, to="a.json").holds
    assert not ask(world, "policy_equivalent", policy="Read", to="b.json").holds
    assert not ask(world, "policy_equivalent", policy="Nope", to="a.json").holds


def test_a_document_that_is_missing_or_broken_is_never_the_same(account: Account, alice: Caller):
    world = world_of(account, files={"a.json": "{", "b.json": '{"Version": "2012-10-17"}'})
    for path in ("a.json", "b.json", "c.json"):
        found = ask(world, "policy_equivalent", principal="user/alice", to=path)
        assert not found.holds


def test_the_root_user_has_no_policies_to_compare(account: Account):
    assert not equals(account, document(allow("*")), principal="root").holds
