"""Assuming a role with credentials of one's own.

What may be asked for: AWS STS API reference, AssumeRole. Who may: the role's trust policy together
with the caller's own policies, as the engine puts them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import sessions
from accounts.actions import sts_mfa, sts_roles, sts_terms
from accounts.actions.registry import action
from accounts.actions.sts_roles import AssumedRole
from accounts.actions.sts_terms import (
    DeviceSerial,
    DurationSeconds,
    ExternalId,
    PolicyDescriptors,
    ProvidedContexts,
    RoleArn,
    RoleSessionName,
    SessionPolicy,
    SourceIdentity,
    TokenCode,
    TokenSize,
)
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind, Session
from accounts.engine import Principal
from accounts.errors import AccessDenied, ValidationError
from accounts.models import Role
from accounts.types import Tag, TagKeys, Tags, tag_mapping

#: In seconds: what a session of a chain lasts at most.
LONGEST_OF_CHAIN = 3600


def _role_resource(
    caller: Caller,
    *,
    role_arn: str,
    role_session_name: str,
    external_id: str | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    transitive_tag_keys: Sequence[str] = (),
    source_identity: str | None = None,
    **_: Any,
) -> Resource:
    """The role with its trust policy, and the keys that this call alone has."""
    account_id, _name = sts_roles.account_and_name(role_arn)
    role = sts_roles.find(caller, role_arn)
    keys: dict[str, str | Sequence[str]] = {"sts:RoleSessionName": role_session_name}
    if external_id is not None:
        keys["sts:ExternalId"] = external_id
    if transitive_tag_keys:
        keys["sts:TransitiveTagKeys"] = tuple(transitive_tag_keys)
    if identity := source_identity or _inherited(caller).source_identity:
        keys["sts:SourceIdentity"] = identity
    if serial_number is not None or token_code is not None:
        sts_mfa.check_code(caller, serial_number, token_code, "sts:AssumeRole")
        keys |= {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
    tags = role.tags if role is not None else {}
    keys |= sts_roles.tag_keys(role)
    asking = Principal(caller.arn, "", "service") if caller.kind is CallerKind.SERVICE else None
    return Resource(
        role_arn, account_id, tags, sts_roles.trust_of(role), context=keys, asking=asking
    )


def _with_tags_and_identity(caller: Caller, **arguments: Any) -> list[tuple[str, Resource]]:
    """The trust policy must also let the session be tagged, and be said to be somebody's."""
    inherited = _inherited(caller)
    needed = []
    if arguments.get("tags") or inherited.transitive:
        needed.append("sts:TagSession")
    if arguments.get("source_identity") or inherited.source_identity:
        needed.append("sts:SetSourceIdentity")
    return [(name, _role_resource(caller, **arguments)) for name in needed]


@action(
    "sts:AssumeRole",
    resource=_role_resource,
    also=_with_tags_and_identity,
    # As in CloudTrail. It changes nobody's permissions, and only an MFA code is used up.
    read_only=True,
    secrets=("token_code",),
)
def assume_role(
    caller: Caller,
    /,
    *,
    role_arn: RoleArn,
    role_session_name: RoleSessionName,
    policy_arns: PolicyDescriptors = (),
    policy: SessionPolicy | None = None,
    duration_seconds: DurationSeconds | None = None,
    tags: Tags = (),
    transitive_tag_keys: TagKeys = (),
    external_id: ExternalId | None = None,
    serial_number: DeviceSerial | None = None,
    token_code: TokenCode | None = None,
    source_identity: SourceIdentity | None = None,
    provided_contexts: ProvidedContexts | None = None,
    minimum_session_token_size: TokenSize | None = None,
) -> AssumedRole:
    """Credentials with which to act as the role for a while.

    Raises ValidationError for a duration beyond the role's maximum or, in a chain of roles, beyond
    an hour; MalformedPolicyDocument and PackedPolicyTooLarge for the session's policies.
    """
    role = sts_roles.find(caller, role_arn)
    if role is None:  # deleted since it was looked up
        raise AccessDenied(f"{role_arn} is gone.", action="sts:AssumeRole", resource=role_arn)
    if provided_contexts:
        raise ValidationError("There are no context providers.", argument="provided_contexts")
    arns = sts_terms.checked_arns(role.account_id, policy, policy_arns)
    given, transitive = _tags(caller, tags, transitive_tag_keys)
    size = sts_terms.packed_percent(policy, arns, given)
    session = Session(
        name=role_session_name,
        expires_at=caller.now + timedelta(seconds=_duration(caller, role, duration_seconds)),
        policies=(policy,) if policy is not None else (),
        policy_arns=arns,
        tags=given,
        transitive=transitive,
        source_identity=_identity(caller, source_identity),
        claims=_inherited(caller).claims if caller.kind is CallerKind.SERVICE else {},
    )
    credentials = sessions.issue(
        role,
        session,
        now=caller.now,
        mfa_at=_mfa_at(caller, serial_number, token_code),
        at_least=minimum_session_token_size or 0,
    )
    sts_roles.tell_account(caller, role, "sts:AssumeRole", role_session_name=role_session_name)
    return AssumedRole(
        credentials,
        sts_roles.session_user(role, session),
        size,
        session.source_identity or None,
    )


# --- The session ---------------------------------------------------------------------------------

_NO_SESSION = Session("", datetime.max.replace(tzinfo=UTC))


def _inherited(caller: Caller) -> Session:
    """What the next role of a chain inherits from."""
    return caller.session or _NO_SESSION


def _duration(caller: Caller, role: Role, wanted: int | None) -> int:
    if caller.kind is CallerKind.ROLE and (wanted or 0) > LONGEST_OF_CHAIN:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
            argument="duration_seconds",
        )
    if caller.kind is CallerKind.SERVICE:
        # The maximum is for whoever asks for themselves.
        return wanted or sts_roles.DEFAULT_DURATION
    return sts_roles.seconds_of(role, wanted)


def _mfa_at(caller: Caller, serial_number: str | None, code: str | None) -> datetime | None:
    """When MFA was given: with this call, or before it. The code is used up.

    A session that was itself begun by a session of a role has none.
    """
    if serial_number is None and code is None:
        return caller.mfa_at if caller.kind is not CallerKind.ROLE else None
    sts_mfa.use_code(caller, serial_number, code, "sts:AssumeRole")
    return caller.now


def _tags(
    caller: Caller, tags: Sequence[Tag], transitive_keys: Sequence[str]
) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """The session's tags with those that a chain hands on, and which of them go on from here."""
    inherited = _inherited(caller)
    handed_on = {key: inherited.tags[key] for key in inherited.transitive}
    folded = {key.casefold() for key in handed_on}
    if any(tag.key.casefold() in folded for tag in tags):
        raise ValidationError(
            "One of the specified session tags is already handed on by the role chain: it can't "
            "be given another value.",
            argument="tags",
        )
    given = tag_mapping(tags, present=handed_on)
    spelled = {key.casefold(): key for key in given}
    missing = [key for key in transitive_keys if key.casefold() not in spelled]
    if missing:
        raise ValidationError(
            "The specified transitive tag key must be included in the requested tags.",
            argument="transitive_tag_keys",
        )
    transitive = dict.fromkeys([*handed_on, *(spelled[key.casefold()] for key in transitive_keys)])
    return given, tuple(transitive)


def _identity(caller: Caller, wanted: str | None) -> str:
    """Who is behind the session. Once said, it stays so for the whole chain."""
    inherited = _inherited(caller).source_identity
    if inherited and wanted is not None and wanted != inherited:
        raise AccessDenied(
            "The source identity of this session was set before and can't be changed.",
            action="sts:SetSourceIdentity",
        )
    return inherited or wanted or ""
