"""Assuming a role: who may, under which conditions, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.actions import inline_policies, policies, sts, users
from accounts.caller import Caller
from accounts.errors import (
    AccessDenied,
    ValidationError,
)
from accounts.models import Event
from tests.accounts.assuming import (
    MAY,
    ROLE,
    as_role,
    assume,
    code_at,
    device_of,
    new_role,
    trusting,
)
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, CallerWith, allow, arn, deny, document

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
