"""What principals may do, as checks of labs judge it: by the policy engine, with every layer."""

from __future__ import annotations

import time
from typing import Any

import pytest

from accounts.actions import (
    attachments,
    groups,
    inline_policies,
    password_policy,
    policies,
    roles,
    users,
)
from accounts.caller import Caller
from accounts.models import Account, Event
from tests.cast import (
    ADMINISTRATOR,
    CallerWith,
    allow,
    arn,
    deny,
    document,
)
from tests.labs.asked import ask, world_of
from tests.sandbox.stored import REPORTS

S3_FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
BUCKET = f"arn:aws:s3:::{REPORTS}"
Q1, SECRET = f"{BUCKET}/q1.csv", f"{BUCKET}/secret/plan.txt"
WITH_MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
WITHOUT_MFA = {"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
READ = allow("s3:GetObject", on=f"{BUCKET}/*")
HOME = allow("s3:*Object", on=f"{BUCKET}/own/${{aws:username}}/*")
SECRET_DENIED = deny("s3:GetObject", on=f"{BUCKET}/secret/*")
USERS = allow("iam:CreateUser", "iam:DeleteUser", on=arn("user/dev/*"))
DEVICES = allow("iam:ListVirtualMFADevices", on=arn("mfa/"))

#: What alice's one policy says, the check, whether it holds, and a part of what is found.
JUDGED: list[tuple[tuple[Any, ...], str, dict[str, Any], bool, str]] = [
    ((), "can", {"action": "s3:GetObject", "resource": Q1}, False, "Nothing allows it."),
    ((READ,), "can", {"action": "s3:GetObject", "resource": Q1}, True, "by inline policy given."),
    ((READ,), "can", {"action": "s3:getobject", "resource": [Q1, SECRET]}, True, "All of it"),
    (
        (READ,), "can", {"action": ["s3:GetObject", "s3:PutObject"], "resource": Q1},
        False, f"Nothing allows s3:PutObject on {Q1}.",
    ),
    ((READ,), "can", {"action": "s3:GetObject", "resource": f"{BUCKET}/*"}, True, "It is allowed"),
    (
        (READ, SECRET_DENIED), "can", {"action": "s3:GetObject", "resource": f"{BUCKET}/*"},
        False, "/secret/anything is refused by a Deny in inline policy given.",
    ),
    (
        (allow("s3:GetObject", on=f"{BUCKET}/*.csv"),), "can",
        {"action": "s3:GetObject", "resource": f"{BUCKET}/*"}, False, "names other resources",
    ),
    (
        (allow("s3:GetObject", on=f"{BUCKET}/*.csv"),), "can",
        {"action": "s3:GetObject", "resource": f"{BUCKET}/20??/*.csv"}, True, "It is allowed",
    ),
    ((HOME,), "can", {"action": "s3:GetObject", "resource": f"{BUCKET}/own/alice/*"}, True, ""),
    ((HOME,), "cannot", {"action": "s3:*", "resource": f"{BUCKET}/own/bob/*"}, True, "Nothing"),
    ((HOME,), "cannot", {"action": "s3:*", "resource": f"{BUCKET}/*"}, False, "/own/alice/any"),
    ((READ,), "can", {"action": "s3:Get*", "resource": Q1}, False, "Nothing allows s3:Get"),
    ((allow("s3:*"),), "can", {"action": "s3:Get*", "resource": Q1}, True, "All of it"),
    ((allow("*"),), "can", {"action": "*"}, True, "All of it is allowed by"),
    ((), "can", {"action": "iam:ListUsers"}, False, "Nothing allows it."),
    ((allow("iam:ListUsers", on=arn("user/*")),), "can", {"action": "iam:ListUsers"}, True, ""),
    ((DEVICES,), "can", {"action": "iam:ListVirtualMFADevices"}, True, ""),
    ((allow("iam:ListPolicies"),), "can", {"action": "iam:ListPolicies"}, True, ""),
    # --- What may not be
    ((), "cannot", {"action": "s3:DeleteObject", "resource": Q1}, True, "Nothing allows it."),
    ((READ,), "cannot", {"action": "s3:DeleteObject", "resource": Q1}, True, "Nothing allows it."),
    ((READ,), "cannot", {"action": "s3:GetObject", "resource": Q1}, False, "It is allowed by"),
    ((READ,), "cannot", {"action": "s3:GetObject", "resource": "*"}, False, f"{BUCKET}/anything"),
    ((READ,), "cannot", {"action": "s3:GetObject", "resource": f"{BUCKET}-2/*"}, True, "Nothing"),
    ((READ,), "cannot", {"action": ["iam:*", "s3:Put*"]}, True, "Nothing of it is allowed."),
    ((USERS,), "cannot", {"action": "iam:*"}, False, "iam:CreateUser on arn:aws:iam::1111222233"),
    ((USERS,), "cannot", {"action": "iam:*", "resource": arn("user/ops/*")}, True, "Nothing"),
    ((allow("s3:*", on=Q1),), "cannot", {"action": "s3:ListAllMyBuckets"}, True, "Nothing"),
    ((allow("s3:*", on=Q1),), "cannot", {"action": "s3:DeleteBucket"}, True, "Nothing"),
    ((allow("s3:*"), deny("*")), "cannot", {"action": "*"}, True, "Nothing of it is allowed."),
    ((allow("*"), deny("iam:*")), "cannot", {"action": "*"}, False, "is allowed by inline"),
    ((allow("*"), deny("iam:*")), "cannot", {"action": "iam:*"}, True, "Nothing"),
    (
        (allow("s3:*"), SECRET_DENIED), "cannot", {"action": "s3:GetObject", "resource": SECRET},
        True, "It is refused by a Deny in inline policy given.",
    ),
    # --- Conditions
    (
        (READ | WITH_MFA,), "can", {"action": "s3:GetObject", "resource": Q1},
        False, "asks for aws:MultiFactorAuthPresent with Bool true",
    ),
    ((READ | WITH_MFA,), "can", {"action": "s3:GetObject", "resource": Q1, "mfa": True}, True, ""),
    (
        (READ | WITH_MFA,), "can",
        {"action": "s3:GetObject", "resource": Q1, "mfa": True, "through": "api"}, True, "",
    ),
    (
        (READ, deny("s3:*") | WITHOUT_MFA), "cannot",
        {"action": "s3:GetObject", "resource": Q1, "through": "api"}, True, "a Deny",
    ),
    (
        # The trap: without IfExists a long-term key is not kept out.
        (READ, deny("s3:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})),
        "cannot", {"action": "s3:GetObject", "resource": Q1, "through": "api"}, False, "allowed",
    ),
    (
        (allow("iam:*"),), "can", {"action": "iam:CreateUser", "through": "api", "mfa": True},
        True, "",
    ),
    (
        (allow("s3:*", Condition={"StringEquals": {"aws:RequestTag/team": "red"}}),), "can",
        {"action": "s3:PutObject", "resource": Q1, "context": {"aws:RequestTag/team": "red"}},
        True, "",
    ),
    (
        (allow("s3:*", Condition={"NumericLessThan": {"s3:max-keys": "11"}}),), "can",
        {"action": "s3:ListBucket", "resource": BUCKET, "context": {"s3:max-keys": 10}}, True, "",
    ),
    (
        (allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),), "can",
        {"action": "s3:ListBucket", "resource": BUCKET, "context": {"aws:SourceIp": "203.0.113.9"}},
        True, "",
    ),
    (
        (allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),), "cannot",
        {"action": "s3:ListBucket", "resource": BUCKET}, True, "Nothing allows it.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("says", "verb", "asked", "holds", "part"), JUDGED)
def test_a_policy_is_judged_as_the_engine_decides(
    account: Account,
    caller_with: CallerWith,
    says: tuple[Any, ...],
    verb: str,
    asked: dict[str, Any],
    holds: bool,
    part: str,
):
    caller_with(*(says or (allow("sts:DecodeAuthorizationMessage"),)))
    found = ask(world_of(account), verb, principal="user/alice", **asked)
    assert (found.holds, part in found.found) == (holds, True), found


# --- Whom, and through what ----------------------------------------------------------------------


def test_what_is_asked_found_and_expected_are_sentences(
    account: Account, root: Caller, alice: Caller
):
    groups.create_group(root, group_name="Staff")
    groups.add_user_to_group(root, group_name="Staff", user_name="alice")
    attachments.attach_group_policy(root, group_name="Staff", policy_arn=S3_FULL)
    found = ask(
        world_of(account), "cannot", principal="user/alice", action="s3:DeleteObject", resource=Q1
    )
    assert found.asked == f"alice may not call s3:DeleteObject on {Q1}."
    assert found.found == "It is allowed by AmazonS3FullAccess attached to group Staff."
    assert found.expected == "It is refused."
    assert found.through == ("AmazonS3FullAccess attached to group Staff",)


def test_the_root_user_may_do_everything_but_take_on_a_role(account: Account):
    world = world_of(account)
    for action in ("s3:GetObject", "iam:*", ["ec2:StopInstances", "sns:Publish"]):
        found = ask(world, "can", principal="root", action=action)
        assert found.holds
        assert found.found == "The root user may do everything in its account."
    refused = ask(world, "can", principal="root", action="sts:AssumeRole", resource=arn("role/r"))
    assert not refused.holds
    assert refused.found.startswith("It is refused: Roles may not be assumed by root")


def test_of_whoever_is_not_there_neither_can_nor_cannot_holds(account: Account, alice: Caller):
    for name in ("user/zoe", "role/zoe", "user/zo*", "role/*"):
        for verb in ("can", "cannot"):
            found = ask(world_of(account), verb, principal=name, action="s3:GetObject")
            assert not found.holds
            assert found.found.startswith(f"There is no {name.partition('/')[0]} ")


def test_everybody_of_a_pattern_is_asked_about(
    account: Account, admin: Caller, alice: Caller, caller_with: CallerWith
):
    world = world_of(account)
    caller_with(allow("s3:GetObject"), name="dev-bob")
    caller_with(allow("s3:GetObject"), name="dev-ben")
    assert ask(world, "can", principal="user/DEV-*", action="s3:GetObject").holds
    assert ask(world, "cannot", principal="user/dev-*", action="s3:PutObject").holds
    found = ask(world, "can", principal="user/*", action="s3:GetObject")
    assert not found.holds
    assert found.found == "alice: Nothing allows it."
    found = ask(world, "cannot", principal="user/*", action="s3:PutObject")
    assert found.found == "admin: It is allowed by AdministratorAccess attached to user admin."


def test_a_role_is_asked_about_as_its_session(account: Account, root: Caller):
    trusting = document({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
    roles.create_role(root, role_name="Reader", assume_role_policy_document=trusting)
    inline_policies.put_role_policy(
        root, role_name="Reader", policy_name="read", policy_document=document(READ)
    )
    world = world_of(account)
    found = ask(world, "can", principal="role/reader", action="s3:GetObject", resource=Q1)
    assert found.asked == f"The role Reader may call s3:GetObject on {Q1}." or found.holds
    assert found.through == ("inline policy read",)
    # Whatever policies say, a role's session can't ask for a session token.
    assert ask(world, "cannot", principal="role/Reader", action="sts:GetSessionToken").holds


def test_the_permissions_boundary_counts(account: Account, root: Caller, alice: Caller):
    limit = policies.create_policy(
        root, policy_name="Limit", policy_document=document(allow("s3:Get*"))
    )
    attachments.attach_user_policy(root, user_name="alice", policy_arn=ADMINISTRATOR)
    users.put_user_permissions_boundary(root, user_name="alice", permissions_boundary=limit.arn)
    world = world_of(account)
    assert ask(world, "can", principal="user/alice", action="s3:GetObject", resource=Q1).holds
    found = ask(world, "can", principal="user/alice", action="s3:PutObject", resource=Q1)
    assert found.found == ("It is refused: the permissions boundary Limit does not allow it.")
    assert found.through == ("the permissions boundary Limit",)
    assert ask(world, "cannot", principal="user/alice", action=["iam:*", "ec2:*"]).holds


def test_users_may_change_their_passwords_where_the_account_lets_them(
    account: Account, root: Caller, alice: Caller
):
    own = {"principal": "user/alice", "action": "iam:ChangePassword", "resource": alice.arn}
    assert not ask(world_of(account), "can", **own).holds
    password_policy.update_account_password_policy(root, allow_users_to_change_password=True)
    found = ask(world_of(account), "can", **own)
    assert found.holds
    assert found.found == "The account lets its users change their own passwords."


# --- Whatever is asked ---------------------------------------------------------------------------

ODD = (
    "user/" + "*a" * 500,
    "user/\0",
    "user/'; DROP TABLE accounts_user; --",
    "user/<script>alert(1)</script>",
    "role/" + "?" * 2000,
    "user/{nothing}",
    "user/\ud800",
)


@pytest.mark.parametrize("principal", ODD)
@pytest.mark.parametrize("resource", ["arn:aws:s3:::" + "*a" * 900, "\0", "arn:" * 400, "x*y?z"])
def test_whatever_is_asked_is_answered_at_once(
    account: Account, alice: Caller, principal: str, resource: str
):
    world = world_of(account)
    for verb in ("can", "cannot"):
        begun = time.monotonic()
        found = ask(world, verb, principal=principal, action="s3:GetObject", resource=resource)
        assert time.monotonic() - begun < 2
        assert not found.holds
        for who in ("user/alice", "root"):
            ask(world, verb, principal=who, action="s3:*", resource=resource)


def test_an_action_that_does_not_exist_is_neither_allowed_nor_refused(
    account: Account, admin: Caller
):
    for name in ("s3:GetObjct", "nope:*", "nonsense", "s3:Zzz*", ""):
        for verb in ("can", "cannot"):
            found = ask(world_of(account), verb, principal="user/admin", action=name)
            assert not found.holds


def test_a_check_that_asks_too_much_says_so_and_ends(account: Account, caller_with: CallerWith):
    caller_with(allow("*", on=f"{BUCKET}/*", Condition={"Bool": {"aws:ViaAWSService": "true"}}))
    begun = time.monotonic()
    found = ask(
        world_of(account), "cannot", principal="user/alice", action="*", resource=f"{BUCKET}/*"
    )
    assert time.monotonic() - begun < 5
    assert not found.holds
    assert found.found.startswith("This check asks about more than")


def test_nothing_is_recorded_and_nothing_changes(account: Account, admin: Caller):
    before = Event.objects.count(), Account.objects.values_list().get(pk=account.pk)
    for verb in ("can", "cannot"):
        ask(world_of(account), verb, principal="user/admin", action=["iam:*", "s3:*"])
    assert before == (Event.objects.count(), Account.objects.values_list().get(pk=account.pk))


def test_a_changed_policy_counts_at_once(account: Account, root: Caller, alice: Caller):
    asked = {"principal": "user/alice", "action": "s3:GetObject", "resource": Q1}
    stale = world_of(Account.objects.get(pk=account.pk))
    assert not ask(stale, "can", **asked).holds
    inline_policies.put_user_policy(
        root, user_name="alice", policy_name="read", policy_document=document(READ)
    )
    assert ask(stale, "can", **asked).holds
