"""Sessions of roles: what they may, what they are tagged with, and what is recorded of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts import vault
from accounts.actions import inline_policies, policies, roles, users
from accounts.actions.sts_terms import PolicyDescriptor
from accounts.caller import Caller, CallerKind
from accounts.errors import (
    AccessDenied,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    ServiceError,
    ValidationError,
)
from accounts.models import Event
from accounts.types import Tag
from tests.accounts.assuming import (
    MAY,
    ROLE,
    TAGGING,
    as_role,
    assume,
    new_role,
    trusting,
)
from tests.cast import ACCOUNT_ID, CallerWith, allow, arn, deny, document

# --- What the session may ------------------------------------------------------------------------


@pytest.fixture
def trusted(root: Caller, caller_with: CallerWith) -> Caller:
    """alice, whom the role trusts with tags and a source identity."""
    alice = caller_with(allow(*TAGGING))
    role = new_role(root, trusting(alice.arn, actions=list(TAGGING)))
    inline_policies.put_role_policy(
        root, role_name=role.name, policy_name="more", policy_document=document(allow("iam:*"))
    )
    return alice


def test_a_session_may_what_its_role_may_and_not_what_its_person_may(
    root: Caller, caller_with: CallerWith
):
    alice = caller_with(MAY, allow("iam:ListUsers"))
    new_role(root, trusting(alice.arn))
    acting = as_role(assume(alice), alice)
    assert users.list_users(alice)
    with pytest.raises(AccessDenied) as refused:
        users.list_users(acting)
    assert refused.value.message.startswith(f"User: {acting.arn} is not authorized")


def test_what_the_role_may_changes_at_once_for_sessions_that_have_begun(
    root: Caller, trusted: Caller
):
    assumed = assume(trusted)
    assert users.list_users(as_role(assumed, trusted))
    inline_policies.delete_role_policy(root, role_name="reader", policy_name="more")
    with pytest.raises(AccessDenied):
        users.list_users(as_role(assumed, trusted))


def test_the_roles_boundary_limits_its_sessions(root: Caller, trusted: Caller):
    limit = policies.create_policy(
        root, policy_name="limit", policy_document=document(allow("s3:*"))
    )
    roles.put_role_permissions_boundary(root, role_name="reader", permissions_boundary=limit.arn)
    with pytest.raises(AccessDenied) as refused:
        users.list_users(as_role(assume(trusted), trusted))
    assert refused.value.reasons["layer"] == "boundary"


def test_a_session_policy_takes_and_never_gives(trusted: Caller):
    limited = as_role(assume(trusted, policy=document(allow("iam:ListUsers", "ec2:*"))), trusted)
    assert users.list_users(limited)
    with pytest.raises(AccessDenied) as refused:
        roles.list_roles(limited)
    assert refused.value.reasons["layer"] == "session"
    assert roles.list_roles(as_role(assume(trusted), trusted)), "another session is not limited"


def test_managed_session_policies_limit_as_well(root: Caller, trusted: Caller):
    own = policies.create_policy(
        root, policy_name="listing", policy_document=document(allow("iam:ListUsers"))
    )
    assumed = assume(trusted, policy_arns=[PolicyDescriptor(own.arn)])
    limited = as_role(assumed, trusted)
    assert users.list_users(limited)
    with pytest.raises(AccessDenied):
        roles.list_roles(limited)
    policies.delete_policy(root, policy_arn=own.arn)
    with pytest.raises(AccessDenied):
        users.list_users(as_role(assumed, trusted))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"policy": "{}"}, MalformedPolicyDocument),
        ({"policy": document(allow("s3:*")) + " " * 2048}, ValidationError),
        ({"policy_arns": [PolicyDescriptor(arn("policy/missing"))]}, ValidationError),
        (
            {"policy_arns": [PolicyDescriptor("arn:aws:iam::aws:policy/ReadOnlyAccess")] * 11},
            ValidationError,
        ),
        ({"transitive_tag_keys": ["team"]}, ValidationError),
        ({"tags": [Tag("team", "a"), Tag("Team", "b")]}, ServiceError),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(trusted: Caller, given: Any, error: Any):
    with pytest.raises(error):
        assume(trusted, **given)


def test_tags_that_do_not_fit_the_token_are_too_large_and_the_room_taken_is_told(trusted: Caller):
    assert assume(trusted).packed_policy_size is None
    few = assume(trusted, tags=[Tag("team", "red")])
    assert 0 < (few.packed_policy_size or 0) < 10
    # What is random can't be packed.
    many = [Tag(f"key{n}", vault.chain_hmac(str(n), "") * 2) for n in range(50)]
    with pytest.raises(PackedPolicyTooLarge, match=r"consumes \d{3}% of allotted space"):
        assume(trusted, tags=many)


# --- Tags and source identity --------------------------------------------------------------------


def test_session_tags_are_principal_tags_and_outdo_the_roles(root: Caller, trusted: Caller):
    roles.tag_role(root, role_name="reader", tags=[Tag("Team", "blue"), Tag("level", "1")])
    inline_policies.put_role_policy(
        root,
        role_name="reader",
        policy_name="more",
        policy_document=document(
            allow("iam:ListUsers", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}}),
            allow("iam:ListRoles", Condition={"StringEquals": {"aws:PrincipalTag/level": "1"}}),
        ),
    )
    tagged = as_role(assume(trusted, tags=[Tag("team", "red")]), trusted)
    assert users.list_users(tagged)
    assert roles.list_roles(tagged)
    with pytest.raises(AccessDenied):
        users.list_users(as_role(assume(trusted), trusted))


@pytest.mark.parametrize(
    ("given", "permission"),
    [
        ({"tags": [Tag("team", "red")]}, "sts:TagSession"),
        ({"source_identity": "alice"}, "sts:SetSourceIdentity"),
    ],
)
def test_tags_and_source_identity_take_a_permission_of_their_own_on_the_role(
    root: Caller, caller_with: CallerWith, given: Any, permission: str
):
    alice = caller_with(allow("sts:*"))
    new_role(root, trusting(alice.arn))
    with pytest.raises(AccessDenied, match=f"to perform: {permission} on resource: {ROLE}"):
        assume(alice, **given)
    assert assume(alice)


def test_the_trust_policy_can_ask_for_tags_and_a_source_identity(
    root: Caller, caller_with: CallerWith
):
    alice = caller_with(MAY)
    condition = {
        "StringEquals": {"aws:RequestTag/team": "red", "sts:SourceIdentity": "${aws:username}"}
    }
    new_role(root, trusting(alice.arn, actions=list(TAGGING), Condition=condition))
    for wrong in (
        {},
        {"tags": [Tag("team", "red")]},
        {"tags": [Tag("team", "blue")], "source_identity": "alice"},
        {"tags": [Tag("team", "red")], "source_identity": "bob"},
    ):
        with pytest.raises(AccessDenied):
            assume(alice, **wrong)
    assert assume(alice, tags=[Tag("team", "red")], source_identity="alice")


def test_a_chain_hands_on_transitive_tags_and_the_source_identity_unchanged(
    root: Caller, trusted: Caller
):
    new_role(root, trusting(ROLE, actions=list(TAGGING)), "second")
    new_role(root, trusting(ROLE), "plain")
    inline_policies.put_role_policy(
        root, role_name="reader", policy_name="go", policy_document=document(allow("sts:*"))
    )
    first = as_role(
        assume(
            trusted,
            tags=[Tag("team", "red"), Tag("here", "only")],
            transitive_tag_keys=["team"],
            source_identity="alice",
        ),
        trusted,
    )
    second = as_role(assume(first, arn("role/second"), tags=[Tag("new", "x")]), trusted)
    assert second.session is not None
    assert second.session.tags == {"team": "red", "new": "x"}
    assert second.session.transitive == ("team",)
    assert second.session.source_identity == "alice"
    with pytest.raises(ValidationError):
        assume(first, arn("role/second"), tags=[Tag("TEAM", "blue")])
    with pytest.raises(AccessDenied):
        assume(first, arn("role/second"), source_identity="bob")
    with pytest.raises(AccessDenied, match="sts:TagSession"):
        assume(first, arn("role/plain"))


def test_mfa_does_not_go_on_along_a_chain(root: Caller, trusted: Caller):
    new_role(root, trusting(ROLE), "second")
    inline_policies.put_role_policy(
        root, role_name="reader", policy_name="go", policy_document=document(allow("sts:*"))
    )
    first = as_role(assume(replace(trusted, temporary=True, mfa_at=trusted.now)), trusted)
    assert first.mfa_at is not None
    assert as_role(assume(first, arn("role/second")), trusted).mfa_at is None


# --- The record ----------------------------------------------------------------------------------


def test_an_event_of_a_session_names_session_role_and_key(root: Caller, trusted: Caller):
    assumed = assume(trusted)
    acting = as_role(assumed, trusted)
    assert (acting.kind, acting.temporary) == (CallerKind.ROLE, True)
    users.create_user(acting, user_name="made-by-role")
    event = Event.objects.get(action="iam:CreateUser", parameters__user_name="made-by-role")
    assert event.principal_arn == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/reader/work"
    assert event.principal_id == assumed.assumed_role_user.assumed_role_id
    assert event.principal_id.endswith(":work")
    assert event.issuer == ROLE
    assert event.access_key_id == assumed.credentials.access_key_id
    assert event.principal_kind == "role"


def test_neither_secret_nor_token_is_in_the_result_as_it_is_printed(trusted: Caller):
    assumed = assume(trusted)
    shown = repr(assumed)
    assert assumed.credentials.secret_access_key not in shown
    assert assumed.credentials.session_token not in shown


def test_revoking_ends_sessions_that_were_issued_before(root: Caller, trusted: Caller):
    old = assume(trusted)
    later = replace(trusted, now=trusted.now + timedelta(minutes=1))
    stamp = later.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    inline_policies.put_role_policy(
        root,
        role_name="reader",
        policy_name="AWSRevokeOlderSessions",
        policy_document=document(
            deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": stamp}})
        ),
    )
    with pytest.raises(AccessDenied, match="explicit deny"):
        users.list_users(as_role(old, later))
    assert users.list_users(as_role(assume(later), later))
