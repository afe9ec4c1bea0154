"""Condition keys: which are there, which are absent, and for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts import caller as callers
from accounts import context
from accounts.actions import groups, users
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind, Face
from accounts.errors import AccessDenied
from accounts.models import Account
from accounts.types import Tag
from tests.cast import CallerWith, allow, arn, caller_of, deny, new_user

SOMETHING = Resource(arn("user/carol"), "111122223333")


def keys(
    caller: Caller, resource: Resource = SOMETHING, action: str = "iam:GetUser", **arguments: Any
) -> Any:
    """The context of a call."""
    return context.of_call(caller, action, resource, arguments)


def test_every_call_tells_time_transport_and_region(alice: Caller, now: Any):
    found = keys(alice)
    assert found["aws:CurrentTime"] == "2026-01-15T12:00:00Z"
    assert found["aws:EpochTime"] == str(int(now.timestamp()))
    assert found["aws:SecureTransport"] == "false"
    assert keys(replace(alice, secure=True))["aws:SecureTransport"] == "true"
    assert found["aws:RequestedRegion"] == "us-east-1"
    assert found["aws:ViaAWSService"] == found["aws:PrincipalIsAWSService"] == "false"


def test_address_and_agent_are_absent_where_they_are_not_known(alice: Caller):
    assert keys(alice)["aws:SourceIp"] == "192.0.2.10"
    assert "aws:UserAgent" not in keys(alice)
    assert keys(replace(alice, user_agent="aws-cli/2"))["aws:UserAgent"] == "aws-cli/2"
    assert "aws:SourceIp" not in keys(replace(alice, source_address=""))


def test_a_user_is_known_by_name_id_arn_and_tags(account: Account):
    user = new_user(account, "alice")
    user.tags = {"team": "dev", "City": "Pune"}
    found = keys(caller_of(user))
    assert found["aws:username"] == "alice"
    assert found["aws:userid"] == user.unique_id
    assert found["aws:PrincipalArn"] == arn("user/alice")
    assert found["aws:PrincipalAccount"] == account.id
    assert found["aws:PrincipalType"] == "User"
    assert found["aws:PrincipalTag/team"] == "dev"
    assert found["aws:principaltag/city"] == "Pune"


def test_root_has_no_user_name(root: Caller):
    found = keys(root)
    assert "aws:username" not in found
    assert found["aws:userid"] == root.home.id
    assert found["aws:PrincipalArn"] == arn("root")
    assert found["aws:PrincipalType"] == "Account"


def test_a_role_session_is_known_by_its_role(account: Account, now: Any):
    session = Caller(
        kind=CallerKind.ROLE,
        account=account,
        face=Face.API,
        now=now,
        request_id="r",
        arn=f"arn:aws:sts::{account.id}:assumed-role/Reader/me",
        unique_id="AROA00000000000000001:me",
        issuer=arn("role/Reader"),
    )
    found = keys(session)
    assert found["aws:PrincipalArn"] == arn("role/Reader")
    assert found["aws:PrincipalType"] == "AssumedRole"
    assert found["aws:userid"] == "AROA00000000000000001:me"
    assert "aws:username" not in found


def test_of_a_stranger_nothing_is_known_but_that(account: Account, now: Any):
    for home in (account, None):
        stranger = callers.anonymous(home, face=Face.API, now=now, request_id="r")
        found = keys(stranger)
        assert {key for key in found if "principal" in key or "user" in key} <= {
            "aws:principaltype",
            "aws:principalisawsservice",
        }


# --- MFA -----------------------------------------------------------------------------------------

MFA = ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:TokenIssueTime")


def test_long_term_keys_have_no_mfa_keys_at_all(alice: Caller, now: Any):
    key = replace(alice, temporary=False, mfa_at=now, issued_at=now)
    assert not any(name in keys(key) for name in MFA)


def test_the_shell_has_none_either(root: Caller):
    assert not any(name in keys(replace(root, face=Face.SHELL)) for name in MFA)


def test_a_session_without_mfa_says_so_and_has_no_age(alice: Caller, now: Any):
    found = keys(replace(alice, temporary=True, issued_at=now - timedelta(hours=1)))
    assert found["aws:MultiFactorAuthPresent"] == "false"
    assert "aws:MultiFactorAuthAge" not in found
    assert found["aws:TokenIssueTime"] == "2026-01-15T11:00:00Z"


def test_a_session_with_mfa_tells_its_age_in_seconds(alice: Caller, now: Any):
    found = keys(replace(alice, temporary=True, mfa_at=now - timedelta(seconds=90.7)))
    assert found["aws:MultiFactorAuthPresent"] == "true"
    assert found["aws:MultiFactorAuthAge"] == "90"
    future = keys(replace(alice, temporary=True, mfa_at=now + timedelta(seconds=5)))
    assert future["aws:MultiFactorAuthAge"] == "0", "two clocks may differ"


def test_force_mfa_holds_for_sessions_and_only_its_if_exists_form_for_keys(
    caller_with: CallerWith, now: Any
):
    strict = deny("iam:ListUsers", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
    alice = caller_with(allow("iam:*"), strict)
    users.list_users(alice)  # a long-term key has no such key: the Deny does not match
    with pytest.raises(AccessDenied, match="explicit deny"):
        users.list_users(replace(alice, temporary=True))
    users.list_users(replace(alice, temporary=True, mfa_at=now))

    stricter = strict | {"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
    alice = caller_with(allow("iam:*"), stricter)
    with pytest.raises(AccessDenied, match="explicit deny"):
        users.list_users(alice)
    users.list_users(replace(alice, temporary=True, mfa_at=now))


# --- Tags ----------------------------------------------------------------------------------------


def test_tags_that_a_call_sets_are_request_tags(alice: Caller):
    found = keys(alice, tags=[Tag("team", "dev"), Tag("City", "")])
    assert found["aws:RequestTag/team"] == "dev"
    assert found["aws:RequestTag/city"] == ""
    assert found["aws:TagKeys"] == ("team", "City")


def test_keys_that_a_call_removes_are_named_and_have_no_value(alice: Caller):
    found = keys(alice, tag_keys=["team"])
    assert found["aws:TagKeys"] == ("team",)
    assert "aws:RequestTag/team" not in found


def test_without_tags_there_are_no_tag_keys(alice: Caller):
    found = keys(alice, tags=[], tag_keys=None)
    assert "aws:TagKeys" not in found
    assert not any(key.startswith("aws:requesttag") for key in found)


def test_tags_of_the_resource_are_known_by_both_names(alice: Caller):
    tagged = Resource(arn("user/carol"), "111122223333", {"team": "dev"})
    found = keys(alice, tagged)
    assert found["aws:ResourceTag/team"] == found["iam:ResourceTag/team"] == "dev"
    assert found["aws:ResourceAccount"] == "111122223333"


def test_what_only_this_call_knows_is_added(alice: Caller):
    special = Resource("*", "", context={"iam:PolicyARN": arn("policy/P")})
    found = keys(alice, special)
    assert found["iam:PolicyARN"] == arn("policy/P")
    assert "aws:ResourceAccount" not in found


def test_removing_a_protected_tag_can_be_denied_by_its_key(root: Caller, caller_with: CallerWith):
    users.create_user(root, user_name="carol", tags=[Tag("owner", "root"), Tag("note", "x")])
    protected = {"ForAnyValue:StringEquals": {"aws:TagKeys": "owner"}}
    alice = caller_with(allow("iam:*"), deny("iam:UntagUser", "iam:TagUser", Condition=protected))
    users.untag_user(alice, user_name="carol", tag_keys=["note"])
    for keys_given in (["owner"], ["note", "owner"]):
        with pytest.raises(AccessDenied):
            users.untag_user(alice, user_name="carol", tag_keys=keys_given)
    with pytest.raises(AccessDenied):
        users.tag_user(alice, user_name="carol", tags=[Tag("owner", "alice")])


def test_access_by_tag_lets_each_team_at_its_own(root: Caller, caller_with: CallerWith):
    same_team = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    alice = caller_with(allow("iam:DeleteUser", Condition=same_team))
    assert alice.user is not None
    alice.user.tags = {"team": "dev"}
    alice.user.save()
    for name, team in (("carol", "dev"), ("dave", "ops")):
        users.create_user(root, user_name=name, tags=[Tag("team", team)])
    users.delete_user(alice, user_name="carol")
    for name in ("dave", "nobody"):
        with pytest.raises(AccessDenied):
            users.delete_user(alice, user_name=name)


def test_time_and_address_conditions_see_the_request(root: Caller, caller_with: CallerWith):
    groups.create_group(root, group_name="Devs")
    here = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    before = {"DateLessThan": {"aws:CurrentTime": "2026-01-16T00:00:00Z"}}
    alice = caller_with(allow("iam:GetGroup", Condition=here | before))
    groups.get_group(alice, group_name="Devs")
    for changed in (
        replace(alice, source_address="198.51.100.7"),
        replace(alice, source_address=""),
        replace(alice, now=alice.now + timedelta(days=1)),
    ):
        with pytest.raises(AccessDenied):
            groups.get_group(changed, group_name="Devs")
