"""Temporary credentials of users and of root, for themselves and for whom they vouch for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts import caller as callers
from accounts import sessions, vault
from accounts.actions import (
    access_keys,
    inline_policies,
    policies,
    roles,
    sts,
    sts_identity,
    sts_tokens,
    users,
)
from accounts.actions.sts_terms import PolicyDescriptor
from accounts.arns import Resource
from accounts.authorize import decide
from accounts.caller import Caller, CallerKind, Face
from accounts.context import of_call
from accounts.engine import Policy, PolicyKind, load
from accounts.errors import (
    AccessDenied,
    InvalidClientTokenId,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    ServiceError,
    ValidationError,
)
from accounts.models import Account, Event, MFADevice
from accounts.sessions import Credentials
from accounts.types import Tag
from tests.accounts.assuming import code_at, device_of, new_role, trusting
from tests.cast import ACCOUNT_ID, CallerWith, allow, arn, deny, document

PHONE = arn("mfa/phone")
READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"


def signing(given: Credentials, caller: Caller, **more: Any) -> Caller:
    """Whoever signs with the credentials, at the same moment."""
    token = sessions.open_token(given.access_key_id, given.session_token, caller.now)
    known = {"face": Face.API, "now": caller.now, "request_id": "r"} | more
    return sessions.caller_of(token, **known)


def vouch(caller: Caller, name: str = "guest", **more: Any) -> Caller:
    """Whoever signs with credentials of GetFederationToken."""
    given = sts_tokens.get_federation_token(caller, name=name, **more)
    return signing(given.credentials, caller)


def may(caller: Caller, action: str, on: str = "*", **more: Any) -> bool:
    """Whether the caller may."""
    return decide(caller, action, Resource(on, ACCOUNT_ID, **more), {}).allowed


# --- GetSessionToken -----------------------------------------------------------------------------


def test_a_session_token_makes_its_bearer_the_same_user_with_the_same_permissions(
    caller_with: CallerWith,
):
    alice = caller_with(allow("s3:GetObject"), deny("sts:*"))
    mine = signing(sts_tokens.get_session_token(alice), alice)
    assert (mine.kind, mine.arn, mine.unique_id) == (CallerKind.USER, alice.arn, alice.unique_id)
    assert sts_identity.get_caller_identity(mine).arn == alice.arn
    assert may(mine, "s3:GetObject")
    assert not may(mine, "s3:PutObject")
    found = of_call(mine, "s3:GetObject", Resource("*", ACCOUNT_ID), {})
    assert found["aws:MultiFactorAuthPresent"] == "false"
    assert found["aws:TokenIssueTime"] == "2026-01-15T12:00:00Z"
    assert (found["aws:username"], found["aws:PrincipalType"]) == ("alice", "User")


def test_a_session_token_lasts_twelve_hours_unless_said_and_roots_an_hour_at_most(
    root: Caller, alice: Caller
):
    def lasting(caller: Caller, **more: Any) -> timedelta:
        return sts_tokens.get_session_token(caller, **more).expiration - caller.now

    assert lasting(alice) == timedelta(hours=12)
    for seconds in (900, 129600):
        assert lasting(alice, duration_seconds=seconds) == timedelta(seconds=seconds)
    for seconds in (899, 129601):
        with pytest.raises(ValidationError):
            lasting(alice, duration_seconds=seconds)
    assert lasting(root) == timedelta(hours=1)
    assert lasting(root, duration_seconds=129600) == timedelta(hours=1)
    assert lasting(root, duration_seconds=900) == timedelta(minutes=15)


def test_with_a_code_the_session_has_mfa_and_the_code_is_used_up(caller_with: CallerWith):
    alice = caller_with(
        allow("iam:ListUsers", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    )
    assert alice.user is not None
    device_of(alice.user)
    assert not may(alice, "iam:ListUsers")
    given: dict[str, Any] = {"serial_number": PHONE, "token_code": code_at(alice)}
    mine = signing(sts_tokens.get_session_token(alice, **given), alice)
    assert mine.mfa_at == alice.now
    assert users.list_users(mine)
    with pytest.raises(AccessDenied, match="invalid MFA one time pass code"):
        sts_tokens.get_session_token(alice, **given)
    for event in Event.objects.filter(action="sts:GetSessionToken"):
        assert event.parameters["token_code"] == "***"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"serial_number": PHONE}, "must provide both"),
        ({"token_code": "123456"}, "must provide both"),
        ({"serial_number": arn("mfa/other"), "token_code": "123456"}, "verify your MFA serial"),
        ({"serial_number": PHONE, "token_code": "000000"}, "invalid MFA one time pass code"),
    ],
)
def test_a_wrong_code_gives_nothing(alice: Caller, bob: Caller, given: Any, words: str):
    assert alice.user is not None
    device_of(alice.user)
    with pytest.raises(AccessDenied, match=words):
        sts_tokens.get_session_token(alice, **given)
    with pytest.raises(AccessDenied):
        sts_tokens.get_session_token(bob, serial_number=PHONE, token_code=code_at(bob))


def test_root_has_a_device_of_its_own(root: Caller, alice: Caller):
    assert alice.user is not None
    device_of(alice.user)
    given: dict[str, Any] = {"serial_number": PHONE, "token_code": code_at(root)}
    with pytest.raises(AccessDenied, match="verify your MFA serial"):
        sts_tokens.get_session_token(root, **given)
    MFADevice.objects.update(user=None, is_root=True)
    mine = signing(sts_tokens.get_session_token(root, **given), root)
    assert (mine.kind, mine.arn, mine.mfa_at) == (CallerKind.ROOT, root.arn, root.now)
    assert users.list_users(mine)


def test_a_session_token_may_call_iam_with_mfa_only_and_of_sts_two_operations(
    root: Caller, caller_with: CallerWith
):
    alice = caller_with(allow("*"))
    new_role(root, trusting(alice.arn))
    plain = signing(sts_tokens.get_session_token(alice), alice)
    with pytest.raises(AccessDenied, match="without MFA"):
        users.list_users(plain)
    for mine in (plain, replace(plain, mfa_at=alice.now)):
        assert sts.assume_role(mine, role_arn=arn("role/reader"), role_session_name="work")
        assert sts_identity.get_caller_identity(mine)
        for refused in (
            lambda mine=mine: sts_tokens.get_session_token(mine),
            lambda mine=mine: sts_tokens.get_federation_token(mine, name="guest"),
            lambda mine=mine: sts_identity.get_access_key_info(mine, access_key_id="A" * 20),
        ):
            with pytest.raises(AccessDenied, match=r"^Cannot call \w+ with session credentials$"):
                refused()


def test_a_session_with_mfa_carries_it_into_a_role(root: Caller, caller_with: CallerWith):
    alice = caller_with(allow("sts:*"))
    assert alice.user is not None
    device_of(alice.user)
    new_role(
        root,
        trusting(alice.arn, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    )
    asked: dict[str, Any] = {"role_arn": arn("role/reader"), "role_session_name": "work"}
    with pytest.raises(AccessDenied):
        sts.assume_role(signing(sts_tokens.get_session_token(alice), alice), **asked)
    given: dict[str, Any] = {"serial_number": PHONE, "token_code": code_at(alice)}
    mine = signing(sts_tokens.get_session_token(alice, **given), alice)
    assert sts.assume_role(mine, **asked)


def test_a_session_of_a_role_can_get_neither_token(root: Caller, caller_with: CallerWith):
    alice = caller_with(allow("*"))
    role = new_role(root, trusting(alice.arn))
    inline_policies.put_role_policy(
        root, role_name=role.name, policy_name="all", policy_document=document(allow("*"))
    )
    assumed = sts.assume_role(alice, role_arn=role.arn, role_session_name="work")
    acting = signing(assumed.credentials, alice)
    with pytest.raises(AccessDenied, match="Cannot call GetSessionToken with session credentials"):
        sts_tokens.get_session_token(acting)
    with pytest.raises(AccessDenied, match="Cannot call GetFederationToken with session"):
        sts_tokens.get_federation_token(acting, name="guest")


# --- How they end --------------------------------------------------------------------------------


@pytest.fixture
def made(root: Caller, caller_with: CallerWith) -> list[tuple[Caller, Credentials]]:
    """alice with credentials of both kinds."""
    alice = caller_with(allow("s3:*", "sts:*"))
    federation = sts_tokens.get_federation_token(
        alice, name="guest", policy=document(allow("s3:*"))
    )
    return [(alice, sts_tokens.get_session_token(alice)), (alice, federation.credentials)]


def test_they_outlive_the_key_that_they_were_asked_for_with(
    root: Caller, made: list[tuple[Caller, Credentials]]
):
    key = access_keys.create_access_key(root, user_name="alice").key.access_key_id
    access_keys.delete_access_key(root, user_name="alice", access_key_id=key)
    for alice, given in made:
        assert may(signing(given, alice), "s3:GetObject")


def test_they_lose_at_once_what_the_user_loses(
    root: Caller, made: list[tuple[Caller, Credentials]]
):
    inline_policies.delete_user_policy(root, user_name="alice", policy_name="given")
    for alice, given in made:
        assert not may(signing(given, alice), "s3:GetObject")


def test_a_deny_by_the_time_of_issue_revokes_them(
    root: Caller, made: list[tuple[Caller, Credentials]]
):
    stamp = (root.now + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = document(deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": stamp}}))
    inline_policies.put_user_policy(
        root, user_name="alice", policy_name="revoked", policy_document=text
    )
    for alice, given in made:
        assert not may(signing(given, alice), "s3:GetObject")
    # Whoever signs with a key of the user's own has no time of issue.
    for alice, _given in made:
        assert may(alice, "s3:GetObject")


def test_they_end_with_the_user_also_where_one_of_the_name_is_made_anew(
    root: Caller, made: list[tuple[Caller, Credentials]]
):
    inline_policies.delete_user_policy(root, user_name="alice", policy_name="given")
    users.delete_user(root, user_name="alice")
    users.create_user(root, user_name="alice")
    for alice, given in made:
        with pytest.raises(InvalidClientTokenId):
            signing(given, alice)


def test_roots_end_with_the_account(other: Account, root: Caller):
    there = callers.root(other, face=Face.API, now=root.now, request_id="r")
    given = [
        sts_tokens.get_session_token(there),
        sts_tokens.get_federation_token(there, name="guest").credentials,
    ]
    other.delete()
    for each in given:
        with pytest.raises(InvalidClientTokenId):
            signing(each, root)


# --- GetFederationToken --------------------------------------------------------------------------


@pytest.fixture
def broker(caller_with: CallerWith) -> Caller:
    """A user who may vouch for anybody."""
    return caller_with(allow("s3:*", "iam:*", "sts:GetFederationToken", "sts:TagSession"))


def test_a_federated_user_is_a_principal_of_its_own(broker: Caller):
    made = sts_tokens.get_federation_token(broker, name="guest")
    guest = signing(made.credentials, broker)
    assert made.federated_user.arn == f"arn:aws:sts::{ACCOUNT_ID}:federated-user/guest"
    assert made.federated_user.federated_user_id == f"{ACCOUNT_ID}:guest"
    assert made.packed_policy_size is None
    told = sts_identity.get_caller_identity(guest)
    assert (told.arn, told.user_id) == (guest.arn, made.federated_user.federated_user_id)
    assert (guest.kind, guest.user, guest.issuer) == (CallerKind.FEDERATED, None, broker.arn)
    assert guest.display_name == "guest"
    found = of_call(guest, "s3:GetObject", Resource("*", ACCOUNT_ID), {})
    assert found["aws:PrincipalArn"] == guest.arn
    assert found["aws:PrincipalType"] == "FederatedUser"
    assert found["aws:userid"] == f"{ACCOUNT_ID}:guest"
    assert "aws:username" not in found


#: What the user may × what the session policies allow → what the federated user may of s3:GetObject
#: and s3:PutObject.
LIMITS = [
    (["s3:*"], None, []),
    (["s3:*"], ["s3:GetObject"], ["s3:GetObject"]),
    (["s3:*"], ["*"], ["s3:GetObject", "s3:PutObject"]),
    (["s3:GetObject"], ["*"], ["s3:GetObject"]),
    (["ec2:*"], ["*"], []),
]


@pytest.mark.parametrize(("own", "session", "left"), LIMITS)
def test_a_federated_user_may_what_both_the_user_and_the_session_may(
    caller_with: CallerWith, own: list[str], session: list[str] | None, left: list[str]
):
    broker = caller_with(allow(*own), allow("sts:GetFederationToken"))
    guest = vouch(broker, policy=document(allow(*session)) if session else None)
    asked = ("s3:GetObject", "s3:PutObject")
    assert [action for action in asked if may(guest, action)] == left


def test_managed_session_policies_and_the_users_boundary_limit_as_well(
    root: Caller, broker: Caller
):
    own = policies.create_policy(
        root, policy_name="reading", policy_document=document(allow("s3:GetObject"))
    )
    given = sts_tokens.get_federation_token(
        broker, name="guest", policy_arns=[PolicyDescriptor(own.arn)]
    )
    guest = signing(given.credentials, broker)
    assert may(guest, "s3:GetObject")
    assert not may(guest, "s3:PutObject")
    limit = policies.create_policy(
        root, policy_name="limit", policy_document=document(allow("ec2:*"))
    )
    users.put_user_permissions_boundary(root, user_name="alice", permissions_boundary=limit.arn)
    assert not may(signing(given.credentials, broker), "s3:GetObject")


def test_root_vouches_with_all_that_root_may(root: Caller):
    guest = vouch(root, policy=document(allow("s3:GetObject")))
    assert may(guest, "s3:GetObject")
    assert not may(guest, "s3:PutObject")
    assert not may(vouch(root), "s3:GetObject")
    assert guest.issuer == root.arn


def test_a_resource_policy_can_name_the_federated_user(broker: Caller):
    guest, other = vouch(broker), vouch(broker, "other")
    statement = allow("s3:GetObject", Principal={"AWS": guest.arn})
    policy = Policy(load(document(statement), PolicyKind.RESOURCE), name="bucket")
    assert may(guest, "s3:GetObject", policy=policy)
    assert not may(other, "s3:GetObject", policy=policy)


def test_a_federated_user_may_call_nothing_of_iam_and_of_sts_but_who_it_is(
    root: Caller, broker: Caller
):
    guest = vouch(broker, policy=document(allow("*")))
    new_role(root, trusting(guest.arn))
    with pytest.raises(AccessDenied, match="no operation of IAM"):
        users.list_users(guest)
    with pytest.raises(AccessDenied, match="Cannot call AssumeRole with session credentials"):
        sts.assume_role(guest, role_arn=arn("role/reader"), role_session_name="work")
    for refused in (sts_tokens.get_session_token, roles.list_roles):
        with pytest.raises(AccessDenied):
            refused(guest)
    # The console is open to them. IAM User Guide, "Compare AWS STS credentials".
    assert users.list_users(replace(guest, face=Face.CONSOLE))


def test_vouching_takes_a_permission_on_the_federated_user_and_one_for_tags(
    caller_with: CallerWith,
):
    only = f"arn:aws:sts::{ACCOUNT_ID}:federated-user/guest"
    broker = caller_with(allow("sts:GetFederationToken", on=only))
    assert vouch(broker)
    with pytest.raises(AccessDenied, match="federated-user/other"):
        vouch(broker, "other")
    with pytest.raises(AccessDenied, match="sts:TagSession"):
        vouch(broker, tags=[Tag("team", "red")])


def test_tags_of_the_session_outdo_the_users(root: Caller, broker: Caller):
    users.tag_user(root, user_name="alice", tags=[Tag("Team", "blue"), Tag("level", "1")])
    guest = vouch(broker, tags=[Tag("team", "red")])
    found = of_call(guest, "s3:GetObject", Resource("*", ACCOUNT_ID), {})
    assert (found["aws:PrincipalTag/team"], found["aws:PrincipalTag/level"]) == ("red", "1")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"policy": "{}"}, MalformedPolicyDocument),
        ({"policy": document(allow("s3:*")) + " " * 2048}, ValidationError),
        ({"policy_arns": [PolicyDescriptor(arn("policy/missing"))]}, ValidationError),
        ({"policy_arns": [PolicyDescriptor(READ_ONLY)] * 11}, ValidationError),
        ({"tags": [Tag("team", "a"), Tag("Team", "b")]}, ServiceError),
        ({"tags": [Tag(f"k{n}", chr(0x4E00 + n) * 200) for n in range(50)]}, None),
        ({"name": "x"}, ValidationError),
        ({"name": "x" * 33}, ValidationError),
        ({"name": "a/b"}, ValidationError),
        ({"duration_seconds": 899}, ValidationError),
        ({"duration_seconds": 129601}, ValidationError),
    ],
)
def test_a_federation_that_makes_no_sense_is_refused(broker: Caller, given: Any, error: Any):
    asked: dict[str, Any] = {"name": "guest"} | given
    if error is None:
        assert 0 < (sts_tokens.get_federation_token(broker, **asked).packed_policy_size or 0) <= 100
        return
    with pytest.raises(error):
        sts_tokens.get_federation_token(broker, **asked)


def test_how_much_room_is_taken_is_told_and_too_much_refused(broker: Caller):
    given = sts_tokens.get_federation_token(
        broker, name="guest", policy=document(allow("s3:GetObject"))
    )
    assert 0 < (given.packed_policy_size or 0) < 10
    assert given.credentials.expiration == broker.now + timedelta(hours=12)
    # What is random can't be packed.
    many = [Tag(f"key{n}", vault.chain_hmac(str(n), "") * 2) for n in range(50)]
    with pytest.raises(PackedPolicyTooLarge):
        sts_tokens.get_federation_token(broker, name="guest", tags=many)


def test_what_a_federated_user_does_is_recorded_under_its_own_name(broker: Caller):
    guest = vouch(broker)
    sts_identity.get_caller_identity(guest)
    event = Event.objects.get(action="sts:GetCallerIdentity")
    assert (event.principal_arn, event.principal_kind) == (guest.arn, "federated")
    assert event.issuer == broker.arn
