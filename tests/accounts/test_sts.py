"""Assuming a role: who may, for how long, with what, and what comes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.utils import timezone

from accounts import sessions, vault
from accounts.actions import inline_policies, policies, roles, sts, users
from accounts.actions.sts import AssumedRole, PolicyDescriptor
from accounts.caller import Caller, CallerKind, Face
from accounts.errors import (
    AccessDenied,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    ServiceError,
    ValidationError,
)
from accounts.models import Event, MFADevice, User
from accounts.types import Tag
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, CallerWith, allow, arn, deny, document

ROLE = arn("role/reader")
SEED = "JBSWY3DPEHPK3PXP" * 2
MAY = allow("sts:AssumeRole", on=ROLE)
TAGGING = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")


def trusting(*principals: str, actions: Any = "sts:AssumeRole", **more: Any) -> str:
    """A trust policy that lets these in."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": actions}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


def new_role(root: Caller, trust: str, name: str = "reader", **more: Any) -> Any:
    """A role that may read objects of S3."""
    role = roles.create_role(root, role_name=name, assume_role_policy_document=trust, **more)
    inline_policies.put_role_policy(
        root, role_name=name, policy_name="read", policy_document=document(allow("s3:Get*"))
    )
    return role


def assume(caller: Caller, role_arn: str = ROLE, **more: Any) -> AssumedRole:
    """A session called "work"."""
    return sts.assume_role(caller, role_arn=role_arn, role_session_name="work", **more)


def as_role(assumed: AssumedRole, caller: Caller, **more: Any) -> Caller:
    """Whoever signs with the credentials, at the same moment."""
    given = assumed.credentials
    token = sessions.open_token(given.access_key_id, given.session_token, caller.now)
    return sessions.caller_of(token, face=Face.API, now=caller.now, request_id="r", **more)


def device_of(user: User) -> MFADevice:
    """A device of the user's with SEED."""
    serial = arn("mfa/phone")
    return MFADevice.objects.create(
        account=user.account,
        name="phone",
        serial_number=serial,
        sealed_seed=vault.seal(SEED, vault.seed_place(user.account_id, serial)),
        created_at=timezone.now(),
        user=user,
        slot=1,
    )


def code_at(caller: Caller) -> str:
    return str(pyotp.TOTP(SEED).at(caller.now))


# --- Who may -------------------------------------------------------------------------------------

#: Who the trust policy names × what the identity policy says → whether it is allowed, by the layer
#: that refuses. In one account a trust policy that names the user is enough; one that names the
#: account needs an identity policy too; an explicit Deny always wins.
SAME_ACCOUNT = [
    ("user", None, ""),
    ("user", "allow", ""),
    ("user", "deny", "identity"),
    ("account", None, "identity"),
    ("account", "allow", ""),
    ("account", "deny", "identity"),
    ("somebody else", None, "trust"),
    ("somebody else", "allow", "trust"),
    ("nobody", "allow", "trust"),
]


@pytest.mark.parametrize(("named", "own", "refused_by"), SAME_ACCOUNT)
def test_in_one_account_the_trust_policy_must_let_in_and_may_suffice(
    root: Caller, caller_with: CallerWith, named: str, own: str | None, refused_by: str
):
    alice = caller_with(*{"allow": [MAY], "deny": [deny("sts:*")]}.get(own or "", []))
    users.create_user(root, user_name="zoe")
    principals = {
        "user": alice.arn,
        "account": root.arn,
        "somebody else": arn("user/zoe"),
        "nobody": arn("user/zoe"),
    }
    more = {"Effect": "Deny"} if named == "nobody" else {}
    new_role(root, trusting(principals[named], **more))
    if not refused_by:
        assert as_role(assume(alice), alice).arn == (
            f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/reader/work"
        )
        return
    with pytest.raises(AccessDenied) as refused:
        assume(alice)
    assert refused.value.reasons["layer"] == refused_by
    assert refused.value.message.startswith(
        f"User: {alice.arn} is not authorized to perform: sts:AssumeRole on resource: {ROLE} "
    )


@pytest.mark.parametrize(
    ("bounded", "named", "allowed"),
    [
        ("s3:*", "account", False),
        ("sts:*", "account", True),
        # A grant to the user itself is not limited by what the boundary does not mention.
        ("s3:*", "user", True),
    ],
)
def test_a_boundary_limits_whoever_is_let_in_through_the_account(
    root: Caller, caller_with: CallerWith, bounded: str, named: str, allowed: bool
):
    alice = caller_with(MAY)
    limit = policies.create_policy(
        root, policy_name="limit", policy_document=document(allow(bounded))
    )
    users.put_user_permissions_boundary(root, user_name="alice", permissions_boundary=limit.arn)
    new_role(root, trusting(root.arn if named == "account" else alice.arn))
    alice.user.refresh_from_db()  # type: ignore[union-attr]
    alice = replace(alice, account=root.home)
    if allowed:
        assert assume(alice)
        return
    with pytest.raises(AccessDenied) as refused:
        assume(alice)
    assert refused.value.reasons["layer"] == "boundary"


@pytest.mark.parametrize(
    ("trusted", "own", "allowed"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_across_accounts_both_sides_must_allow(
    root: Caller, eve: Caller, trusted: bool, own: bool, allowed: bool
):
    if not own:
        eve.user.attachments.all().delete()  # type: ignore[union-attr]
    new_role(root, trusting(eve.arn if trusted else arn("user/admin", OTHER_ACCOUNT_ID)))
    if allowed:
        acting = as_role(assume(eve), eve)
        assert acting.home == root.home
        assert acting.issuer == ROLE
        recorded = Event.objects.filter(action="sts:AssumeRole", outcome="success")
        assert sorted(recorded.values_list("account", flat=True)) == [ACCOUNT_ID, OTHER_ACCOUNT_ID]
        return
    with pytest.raises(AccessDenied):
        assume(eve)


def test_across_accounts_a_refusal_does_not_tell_what_is_there(root: Caller, eve: Caller):
    new_role(root, trusting(root.arn), name="reader")
    new_role(root, trusting(eve.arn, Effect="Deny"), name="denying")
    told = set()
    for place in (ROLE, arn("role/denying"), arn("role/missing"), arn("role/x", "9" * 12)):
        with pytest.raises(AccessDenied) as refused:
            assume(eve, place)
        assert refused.value.asked is None
        told.add((refused.value.message.replace(place, "R"), str(refused.value.reasons)))
    assert len(told) == 1
    assert told.pop()[0] == (
        f"User: {eve.arn} is not authorized to perform: sts:AssumeRole on resource: R"
    )


def test_a_role_that_is_not_there_is_access_denied_too(caller_with: CallerWith):
    alice = caller_with(allow("*"))
    for missing in (arn("role/missing"), arn("role/with/path/missing")):
        with pytest.raises(AccessDenied):
            assume(alice, missing)


def test_the_arn_counts_to_the_letter(root: Caller, caller_with: CallerWith):
    alice = caller_with(allow("*"))
    new_role(root, trusting(root.arn), path="/team/")
    for wrong in (ROLE, arn("role/team/Reader"), arn("role/Team/reader")):
        with pytest.raises(AccessDenied):
            assume(alice, wrong)
    acting = as_role(assume(alice, arn("role/team/reader")), alice)
    assert acting.arn == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/reader/work"
    assert acting.issuer == arn("role/team/reader")


@pytest.mark.parametrize("bad", [arn("user/alice"), "arn:aws:iam::1:role/x" + "y" * 9, "x" * 30])
def test_what_is_no_arn_of_a_role_is_said_to_be_none(alice: Caller, bad: str):
    with pytest.raises(ValidationError) as refused:
        assume(alice, bad)
    assert refused.value.argument == "role_arn"


def test_root_may_not_assume_a_role_even_where_it_is_trusted(root: Caller):
    new_role(root, trusting(root.arn))
    with pytest.raises(AccessDenied, match=r"^Roles may not be assumed by root accounts\.$"):
        assume(root)


def test_a_user_who_was_made_anew_is_not_the_one_who_was_trusted(
    root: Caller, caller_with: CallerWith
):
    """Where the trust policy holds the unique id, which the name does not bring back."""
    alice = caller_with(MAY)
    new_role(root, trusting(alice.unique_id))
    assert assume(alice)
    again = replace(alice, unique_id="AIDA" + "X" * 17)
    with pytest.raises(AccessDenied):
        assume(again)


# --- Conditions ----------------------------------------------------------------------------------


def test_an_external_id_must_be_the_one_that_the_trust_policy_asks_for(root: Caller, eve: Caller):
    """The confused deputy: whoever knows the ARN alone gets nowhere."""
    condition = {"StringEquals": {"sts:ExternalId": "Unique-7"}}
    new_role(root, trusting(eve.arn, Condition=condition))
    for wrong in ({}, {"external_id": "unique-7"}, {"external_id": "other"}):
        with pytest.raises(AccessDenied):
            assume(eve, **wrong)
    assert assume(eve, external_id="Unique-7")


def test_the_session_name_can_be_bound_to_the_users_name(root: Caller, caller_with: CallerWith):
    alice = caller_with(MAY)
    condition = {"StringLike": {"sts:RoleSessionName": "${aws:username}"}}
    new_role(root, trusting(alice.arn, Condition=condition))
    with pytest.raises(AccessDenied):
        assume(alice)
    assert sts.assume_role(alice, role_arn=ROLE, role_session_name="alice")


@pytest.fixture
def guarded(root: Caller, caller_with: CallerWith) -> Caller:
    """alice, who has a device, and a role that asks for MFA of the last hour."""
    alice = caller_with(MAY)
    condition = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
    }
    new_role(root, trusting(alice.arn, Condition=condition))
    assert alice.user is not None
    device_of(alice.user)
    return alice


def test_a_role_that_asks_for_mfa_wants_serial_number_and_code(guarded: Caller):
    serial, code = arn("mfa/phone"), code_at(guarded)
    refused = [
        ({}, "not authorized to perform"),
        ({"serial_number": serial}, "must provide both MFA serial number and one time pass code"),
        ({"token_code": code}, "must provide both MFA serial number and one time pass code"),
        ({"serial_number": arn("mfa/other"), "token_code": code}, "verify your MFA serial number"),
        ({"serial_number": serial, "token_code": "000000"}, "invalid MFA one time pass code"),
    ]
    for given, words in refused:
        with pytest.raises(AccessDenied, match=words):
            assume(guarded, **given)
    acting = as_role(assume(guarded, serial_number=serial, token_code=code), guarded)
    assert acting.mfa_at == guarded.now


def test_a_code_is_accepted_once_and_is_in_no_event(guarded: Caller):
    given = {"serial_number": arn("mfa/phone"), "token_code": code_at(guarded)}
    assume(guarded, **given)
    with pytest.raises(AccessDenied, match="invalid MFA one time pass code"):
        assume(guarded, **given)
    for event in Event.objects.filter(action="sts:AssumeRole"):
        assert event.parameters["token_code"] == "***"


def test_guessing_codes_is_slowed_down(guarded: Caller):
    for _ in range(8):
        with pytest.raises(AccessDenied):
            assume(guarded, serial_number=arn("mfa/phone"), token_code="000000")
    with pytest.raises(AccessDenied):
        assume(guarded, serial_number=arn("mfa/phone"), token_code=code_at(guarded))


def test_a_console_session_with_mfa_needs_no_code_and_carries_its_mfa_along(guarded: Caller):
    signed_in = replace(guarded, temporary=True, mfa_at=guarded.now - timedelta(minutes=10))
    assert as_role(assume(signed_in), guarded).mfa_at == signed_in.mfa_at
    too_old = replace(guarded, temporary=True, mfa_at=guarded.now - timedelta(minutes=61))
    with pytest.raises(AccessDenied):
        assume(too_old)


# --- How long ------------------------------------------------------------------------------------


def test_a_session_lasts_an_hour_unless_said_and_as_long_as_the_role_allows_at_most(
    root: Caller, caller_with: CallerWith
):
    alice = caller_with(MAY)
    new_role(root, trusting(alice.arn), max_session_duration=7200)
    assert assume(alice).credentials.expiration == alice.now + timedelta(hours=1)
    for seconds in (900, 7200):
        lasting = assume(alice, duration_seconds=seconds).credentials.expiration - alice.now
        assert lasting == timedelta(seconds=seconds)
    for seconds in (899, 7201, 43201):
        with pytest.raises(ValidationError) as refused:
            assume(alice, duration_seconds=seconds)
        assert refused.value.argument == "duration_seconds"


def test_a_role_assumed_by_a_role_lasts_an_hour_at_most(root: Caller, caller_with: CallerWith):
    alice = caller_with(MAY)
    first = new_role(root, trusting(alice.arn), max_session_duration=43200)
    new_role(root, trusting(first.arn), "second", max_session_duration=43200)
    inline_policies.put_role_policy(
        root, role_name="reader", policy_name="go", policy_document=document(allow("sts:*"))
    )
    acting = as_role(assume(alice, duration_seconds=43200), alice)
    with pytest.raises(ValidationError, match="1 hour session limit"):
        assume(acting, arn("role/second"), duration_seconds=3601)
    second = as_role(assume(acting, arn("role/second"), duration_seconds=3600), alice)
    assert second.issuer == arn("role/second")
    # What the second session is asked for is not asked of the first.
    assert Event.objects.filter(action="sts:AssumeRole", issuer=ROLE).count() == 2


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
