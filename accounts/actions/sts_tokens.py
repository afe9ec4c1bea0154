"""Temporary credentials of a user or the root user: for oneself, or for somebody vouched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts import arns, sessions
from accounts import caller as callers
from accounts.actions import sts_mfa, sts_terms
from accounts.actions.registry import action
from accounts.actions.sts_terms import (
    DeviceSerial,
    FederatedName,
    PolicyDescriptors,
    ShortSessionPolicy,
    TokenCode,
    TokenDuration,
    TokenSize,
)
from accounts.arns import Resource
from accounts.caller import Caller, Session
from accounts.errors import AccessDenied
from accounts.models import Account, User
from accounts.sessions import Credentials
from accounts.types import Tags, tag_mapping

#: In seconds: what they last unless said, and what the root user's last at most.
DEFAULT_DURATION = 43200
LONGEST_OF_ROOT = 3600


@dataclass(frozen=True, slots=True)
class FederatedUser:
    """The session as a principal."""

    federated_user_id: str
    arn: str


@dataclass(frozen=True, slots=True)
class Federation:
    """Temporary credentials of a federated user."""

    credentials: Credentials
    federated_user: FederatedUser
    #: How much of the room for session policies and tags is taken, where there are any.
    packed_policy_size: int | None


# As in CloudTrail both are reads. They change nobody's permissions, and only a code is used up.


@action("sts:GetSessionToken", resource=arns.everything, read_only=True, secrets=("token_code",))
def get_session_token(
    caller: Caller,
    /,
    *,
    duration_seconds: TokenDuration | None = None,
    serial_number: DeviceSerial | None = None,
    token_code: TokenCode | None = None,
    minimum_session_token_size: TokenSize | None = None,
) -> Credentials:
    """Temporary credentials of the caller's own, which count as given with MFA where a code is.

    Raises AccessDenied for a wrong code, and for callers that have temporary credentials already.
    """
    mfa_at = None
    if serial_number is not None or token_code is not None:
        sts_mfa.check_code(caller, serial_number, token_code, "sts:GetSessionToken")
        sts_mfa.use_code(caller, serial_number, token_code, "sts:GetSessionToken")
        mfa_at = caller.now
    return sessions.issue(
        _holder(caller, "sts:GetSessionToken"),
        Session("", caller.now + _lasting(caller, duration_seconds)),
        now=caller.now,
        mfa_at=mfa_at,
        at_least=minimum_session_token_size or 0,
    )


def _federated_user(caller: Caller, *, name: str, **_: Any) -> Resource:
    account = caller.home
    return Resource(callers.federated_user_arn(account, name), account.id)


def _tagging(caller: Caller, *, tags: Sequence[Any] = (), **arguments: Any) -> Any:
    if not tags:
        return None
    return "sts:TagSession", _federated_user(caller, **arguments)


@action("sts:GetFederationToken", resource=_federated_user, also=_tagging, read_only=True)
def get_federation_token(
    caller: Caller,
    /,
    *,
    name: FederatedName,
    policy: ShortSessionPolicy | None = None,
    policy_arns: PolicyDescriptors = (),
    duration_seconds: TokenDuration | None = None,
    tags: Tags = (),
    minimum_session_token_size: TokenSize | None = None,
) -> Federation:
    """Credentials for somebody whom the caller vouches for.

    They may what both the caller's policies and the session's allow: without session policies
    nothing. Raises MalformedPolicyDocument and PackedPolicyTooLarge for the session's policies.
    """
    account = caller.home
    holder = _holder(caller, "sts:GetFederationToken")
    arns_given = sts_terms.checked_arns(account.id, policy, policy_arns)
    given = tag_mapping(tags)
    size = sts_terms.packed_percent(policy, arns_given, given)
    session = Session(
        name=name,
        expires_at=caller.now + _lasting(caller, duration_seconds),
        policies=(policy,) if policy is not None else (),
        policy_arns=arns_given,
        tags=given,
    )
    credentials = sessions.issue(
        holder,
        session,
        now=caller.now,
        mfa_at=None,
        at_least=minimum_session_token_size or 0,
        federated=True,
    )
    named = FederatedUser(f"{account.id}:{name}", callers.federated_user_arn(account, name))
    return Federation(credentials, named, size)


def _holder(caller: Caller, operation: str) -> User | Account:
    """The user, or for the root user the account."""
    if caller.user is not None:
        return caller.user
    if caller.is_root:
        return caller.home
    raise AccessDenied(
        f"Cannot call {operation.partition(':')[2]} with session credentials", action=operation
    )


def _lasting(caller: Caller, seconds: int | None) -> timedelta:
    """How long they last; of what the root user asks beyond an hour, AWS gives an hour."""
    wanted = DEFAULT_DURATION if seconds is None else seconds
    return timedelta(seconds=min(wanted, LONGEST_OF_ROOT) if caller.is_root else wanted)
