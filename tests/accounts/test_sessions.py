"""Session tokens: what opens, what does not, and whom an open one makes of its bearer."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts import caller as callers
from accounts import ids, sessions, vault
from accounts.actions import roles
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind, Face, Session
from accounts.context import of_call
from accounts.engine import Context
from accounts.errors import ExpiredToken, InvalidClientTokenId
from accounts.models import Role
from accounts.policy_sets import of_caller
from accounts.sessions import Credentials
from tests.cast import ACCOUNT_ID, allow, arn, document, trust

KNOWN: dict[str, Any] = {"face": Face.API, "request_id": "r"}


@pytest.fixture
def role(root: Caller) -> Role:
    """A role."""
    return roles.create_role(
        root, role_name="reader", assume_role_policy_document=trust(AWS=root.arn)
    )


def issued(role: Role, caller: Caller, **more: Any) -> Credentials:
    """Credentials for an hour."""
    session = Session("work", caller.now + timedelta(hours=1), **more)
    return sessions.issue(role, session, now=caller.now, mfa_at=None)


def test_an_open_token_says_all_that_was_put_in(role: Role, root: Caller):
    session = Session(
        "work",
        root.now + timedelta(hours=1),
        policies=(document(allow("s3:*")),),
        policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
        tags={"team": "r\u00e9d"},
        transitive=("team",),
        source_identity="alice",
    )
    given = sessions.issue(role, session, now=root.now, mfa_at=root.now)
    token = sessions.open_token(given.access_key_id, given.session_token, root.now)
    assert token.session == session
    assert (token.unique_id, token.account_id) == (role.unique_id, ACCOUNT_ID)
    assert token.secret_access_key == given.secret_access_key
    assert (token.issued_at, token.mfa_at) == (root.now, root.now)


def test_credentials_look_like_those_of_aws(role: Role, root: Caller):
    given = issued(role, root)
    assert given.access_key_id.startswith("ASIA")
    assert len(given.access_key_id) == 20
    assert ids.account_of_key(given.access_key_id) == ACCOUNT_ID
    assert len(given.secret_access_key) == 40
    assert given.secret_access_key not in base64.b64decode(given.session_token).decode()
    assert issued(role, root).session_token != given.session_token
    longer = sessions.issue(
        role, Session("work", root.now + timedelta(hours=1)), now=root.now, mfa_at=None,
        at_least=4096,
    )  # fmt: skip
    assert len(longer.session_token) == 4096
    assert sessions.open_token(longer.access_key_id, longer.session_token, root.now)


def test_a_token_opens_until_its_time_and_not_a_moment_longer(role: Role, root: Caller):
    given = issued(role, root)
    last = given.expiration - timedelta(microseconds=1)
    assert sessions.open_token(given.access_key_id, given.session_token, last)
    with pytest.raises(ExpiredToken):
        sessions.open_token(given.access_key_id, given.session_token, given.expiration)


def test_a_token_opens_with_its_own_key_only(role: Role, root: Caller):
    mine, other = issued(role, root), issued(role, root)
    for key in (other.access_key_id, "ASIA" + "A" * 16, "", "\u0000"):
        with pytest.raises(InvalidClientTokenId):
            sessions.open_token(key, mine.session_token, root.now)


def test_a_token_that_was_changed_or_made_up_does_not_open(role: Role, root: Caller):
    given = issued(role, root)
    sealed = base64.b64decode(given.session_token).decode()
    version, key, body = sealed.split(":")
    raw = bytearray(base64.b64decode(body))
    forged = ["", "x", "....", "A" * 5000, "\u00e9", given.session_token[:-8], "e30="]
    for place in (0, 11, 12, len(raw) // 2, len(raw) - 1):
        changed = bytearray(raw)
        changed[place] ^= 1
        text = f"{version}:{key}:{base64.b64encode(changed).decode()}"
        forged.append(base64.b64encode(text.encode()).decode())
    other_key = f"{version}:k9:{body}"
    forged.append(base64.b64encode(other_key.encode()).decode())
    # Sealed by us, but for another place.
    elsewhere = vault.seal("{}", vault.key_place(ACCOUNT_ID, given.access_key_id))
    forged.append(base64.b64encode(elsewhere.encode()).decode())
    for token in forged:
        with pytest.raises(InvalidClientTokenId):
            sessions.open_token(given.access_key_id, token, root.now)


def test_the_sessions_of_a_deleted_role_are_dead_also_when_it_is_made_anew(
    role: Role, root: Caller
):
    given = issued(role, root)
    token = sessions.open_token(given.access_key_id, given.session_token, root.now)
    assert sessions.caller_of(token, now=root.now, **KNOWN).role == role
    roles.delete_role(root, role_name="reader")
    for _ in range(2):
        with pytest.raises(InvalidClientTokenId):
            sessions.caller_of(token, now=root.now, **KNOWN)
        if not Role.objects.exists():
            roles.create_role(
                root, role_name="reader", assume_role_policy_document=trust(AWS=root.arn)
            )


def test_nothing_of_a_token_is_stored(role: Role, root: Caller, django_assert_num_queries: Any):
    with django_assert_num_queries(0):
        given = issued(role, root)
        token = sessions.open_token(given.access_key_id, given.session_token, root.now)
    with django_assert_num_queries(1):
        sessions.caller_of(token, now=root.now, **KNOWN)


def acting(role: Role, root: Caller, **more: Any) -> Caller:
    """A session of the role."""
    session = Session("work", root.now + timedelta(hours=1), **more)
    return callers.role(role, session, now=root.now, issued_at=root.now, **KNOWN)


def context(caller: Caller) -> Context:
    return of_call(caller, "s3:GetObject", Resource("*", ACCOUNT_ID), {})


def test_policies_see_the_keys_of_a_roles_session(role: Role, root: Caller):
    role.tags = {"Team": "blue", "level": "1"}
    found = context(acting(role, root, tags={"team": "red"}, source_identity="alice"))
    assert found["aws:PrincipalArn"] == arn("role/reader")
    assert found["aws:userid"] == f"{role.unique_id}:work"
    assert found["aws:PrincipalType"] == "AssumedRole"
    assert found["aws:PrincipalAccount"] == ACCOUNT_ID
    assert found["aws:PrincipalTag/team"] == "red"
    assert found["aws:PrincipalTag/level"] == "1"
    assert found["aws:SourceIdentity"] == "alice"
    assert found["aws:TokenIssueTime"] == "2026-01-15T12:00:00Z"
    assert found["aws:MultiFactorAuthPresent"] == "false"
    assert "aws:username" not in found
    assert "aws:MultiFactorAuthAge" not in found
    assert "aws:SourceIdentity" not in context(acting(role, root))


def test_a_session_is_a_principal_of_its_own(role: Role, root: Caller):
    found = acting(role, root)
    assert found.kind is CallerKind.ROLE
    assert found.arn == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/reader/work"
    assert (found.issuer, found.user) == (role.arn, None)
    assert found.display_name == "reader/work"


def test_policies_are_kept_by_role_and_session_policies(
    role: Role, root: Caller, django_assert_num_queries: Any
):
    limited = acting(role, root, policies=(document(allow("s3:*")),))
    plain, again = acting(role, root), replace(acting(role, root), request_id="another")
    assert of_caller(limited) is not of_caller(plain)
    with django_assert_num_queries(0):
        assert of_caller(again) is of_caller(plain)
    other = acting(role, root, policies=(document(allow("ec2:*")),))
    assert of_caller(other) is not of_caller(limited)
    assert of_caller(plain).session is None


def test_the_last_use_of_a_role_is_written_down_every_five_minutes_at_most(
    role: Role, root: Caller, django_assert_num_queries: Any
):
    first = acting(role, root)
    sessions.note_use(first)
    role.refresh_from_db()
    assert (role.last_used_at, role.last_used_region) == (root.now, "us-east-1")
    soon = replace(acting(role, root), now=root.now + timedelta(minutes=4))
    with django_assert_num_queries(0):
        sessions.note_use(soon)
    later = replace(acting(role, root), now=root.now + timedelta(minutes=6))
    sessions.note_use(later)
    role.refresh_from_db()
    assert role.last_used_at == later.now
    # A worker that still holds the old row sets nothing back.
    sessions.note_use(replace(first, now=root.now + timedelta(minutes=6, seconds=1)))
    role.refresh_from_db()
    assert role.last_used_at == later.now
