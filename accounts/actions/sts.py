"""Temporary credentials: assuming a role.

What may be asked for: AWS STS API reference, AssumeRole. Who may: the role's trust policy together
with the caller's own policies, as the engine puts them together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from django.db import transaction

from accounts import caller as callers
from accounts import engine, events, managed_policies, sessions, throttle
from accounts.actions import documents, mfa
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind, Session
from accounts.engine import PolicyKind
from accounts.errors import (
    AccessDenied,
    InvalidAuthenticationCode,
    PackedPolicyTooLarge,
    ValidationError,
)
from accounts.models import MFADevice, Policy, Role
from accounts.sessions import Credentials
from accounts.types import Number, Several, Structure, Tag, TagKeys, Tags, Text, tag_mapping

#: In seconds: what a session lasts unless said, and what one of a chain lasts at most.
DEFAULT_DURATION = 3600
LONGEST_OF_CHAIN = 3600
#: Characters of an inline session policy, and how many managed ones there may be.
LONGEST_POLICY = 2048
MOST_POLICY_ARNS = 10
#: Bytes that session policies and tags may take in a token.
_PACKED = 2048

_ROLE_ARN = re.compile(r"arn:aws:iam::([0-9]{12}):role/(?:[\x21-\x7e]*/)?([\w+=,.@-]{1,64})", re.A)
#: Stands for the trust policy of a role that is not there: it trusts nobody.
_NOBODY = '{"Version":"2012-10-17","Statement":[]}'
_MFA_FAILED = "MultiFactorAuthentication failed"
_ARN_CHARACTERS = (
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
)


def _arn_characters(text: str) -> bool:
    return all(c in "\t\n\r\x85" or "\x20" <= c <= "\x7e" or c >= "\xa0" for c in text)


# The STS API's shapes; some have IAM's names and other limits.
RoleArn = Annotated[str, Text(20, 2048, _ARN_CHARACTERS, fits=_arn_characters)]
RoleSessionName = Annotated[str, Text(2, 64, r"[\w+=,.@-]*")]
SessionPolicy = Annotated[str, Text(1, None, r"[\u0009\u000A\u000D\u0020-\u00FF]+")]
DurationSeconds = Annotated[int, Number(900, 43200)]
ExternalId = Annotated[str, Text(2, 1224, r"[\w+=,.@:\/-]*")]
DeviceSerial = Annotated[str, Text(9, 256, r"[\w+=/:,.@-]*")]
TokenCode = Annotated[str, Text(6, 6, r"[\d]*")]
SourceIdentity = Annotated[str, Text(2, 64, r"[\w+=,.@-]*")]
TokenSize = Annotated[int, Number(0, 4096)]


@dataclass(frozen=True, slots=True)
class PolicyDescriptor:
    """A managed policy that limits a session."""

    arn: RoleArn | None = None


@dataclass(frozen=True, slots=True)
class ProvidedContext:
    """What a context provider of AWS vouches for. There is none here."""

    provider_arn: RoleArn | None = None
    context_assertion: Annotated[str, Text(4, 2048)] | None = None


PolicyDescriptors = Annotated[Sequence[PolicyDescriptor], Several(Structure(PolicyDescriptor))]
ProvidedContexts = Annotated[Sequence[ProvidedContext], Several(Structure(ProvidedContext), 1, 5)]


@dataclass(frozen=True, slots=True)
class AssumedRoleUser:
    """The session as a principal."""

    assumed_role_id: str
    arn: str


@dataclass(frozen=True, slots=True)
class AssumedRole:
    """Temporary credentials of a role."""

    credentials: Credentials
    assumed_role_user: AssumedRoleUser
    #: How much of the room for session policies and tags is taken, where there are any.
    packed_policy_size: int | None
    source_identity: str | None


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
    account_id, _name = _parts(role_arn)
    role = _find(caller, role_arn)
    keys: dict[str, str | Sequence[str]] = {"sts:RoleSessionName": role_session_name}
    if external_id is not None:
        keys["sts:ExternalId"] = external_id
    if transitive_tag_keys:
        keys["sts:TransitiveTagKeys"] = tuple(transitive_tag_keys)
    if identity := source_identity or _inherited(caller).source_identity:
        keys["sts:SourceIdentity"] = identity
    if serial_number is not None or token_code is not None:
        _check_code(caller, serial_number, token_code)
        keys |= {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
    tags = role.tags if role is not None else {}
    keys |= {f"iam:ResourceTag/{key}": value for key, value in tags.items()}
    return Resource(role_arn, account_id, tags, _trust_of(role), context=keys)


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
    role = _find(caller, role_arn)
    if role is None:  # deleted since it was looked up
        raise AccessDenied(f"{role_arn} is gone.", action="sts:AssumeRole", resource=role_arn)
    if provided_contexts:
        raise ValidationError("There are no context providers.", argument="provided_contexts")
    arns = tuple(each.arn for each in policy_arns if each.arn is not None)
    _check_policies(role, policy, arns)
    given, transitive = _tags(caller, tags, transitive_tag_keys)
    size = _packed_percent(policy, arns, given)
    session = Session(
        name=role_session_name,
        expires_at=caller.now + timedelta(seconds=_duration(caller, role, duration_seconds)),
        policies=(policy,) if policy is not None else (),
        policy_arns=arns,
        tags=given,
        transitive=transitive,
        source_identity=_identity(caller, source_identity),
    )
    credentials = sessions.issue(
        role,
        session,
        now=caller.now,
        mfa_at=_mfa_at(caller, serial_number, token_code),
        at_least=minimum_session_token_size or 0,
    )
    _tell_the_other_account(caller, role, role_session_name)
    return AssumedRole(
        credentials,
        AssumedRoleUser(
            f"{role.unique_id}:{session.name}", callers.assumed_role_arn(role, session.name)
        ),
        size,
        session.source_identity or None,
    )


# --- The role ------------------------------------------------------------------------------------


def _parts(role_arn: str) -> tuple[str, str]:
    """Account id and name of a role's ARN."""
    found = _ROLE_ARN.fullmatch(role_arn)
    if found is None:
        raise ValidationError(f"{role_arn} is invalid", argument="role_arn")
    return found[1], found[2]


def _find(caller: Caller, role_arn: str) -> Role | None:
    """The role in whichever account the ARN names, to the letter."""
    account_id, name = _parts(role_arn)
    rows = Role.objects.select_related("account").filter(
        account=account_id, folded_name=name.lower()
    )
    found = caller.once(("role to assume", role_arn), rows.first)
    return found if found is not None and found.arn == role_arn else None


def _trust_of(role: Role | None) -> engine.Policy:
    """The role's trust policy; of a role that is not there, one that trusts nobody.

    So whether there is such a role can't be told from the answer.
    """
    text = role.trust_policy if role is not None else _NOBODY
    try:
        document = engine.load(text, PolicyKind.TRUST)
    except engine.MalformedPolicy:
        document = engine.load(_NOBODY, PolicyKind.TRUST)
    return engine.Policy(document, name="trust policy", source="resource")


def _tell_the_other_account(caller: Caller, role: Role, session_name: str) -> None:
    """AWS records the call in the role's account as well."""
    if role.account_id == caller.home.id:
        return
    event = events.describe(
        callers.on_account(caller, role.account),
        "sts:AssumeRole",
        outcome=events.SUCCESS,
        read_only=True,
        parameters={"role_arn": role.arn, "role_session_name": session_name},
        resources=[role.arn],
    )
    if caller.journal is not None:
        caller.journal.append(event)
    else:
        events.write([event])


# --- The session ---------------------------------------------------------------------------------

_NO_SESSION = Session("", datetime.max.replace(tzinfo=UTC))


def _inherited(caller: Caller) -> Session:
    """What the next role of a chain inherits from."""
    return caller.session or _NO_SESSION


def _duration(caller: Caller, role: Role, wanted: int | None) -> int:
    seconds = DEFAULT_DURATION if wanted is None else wanted
    if caller.kind is CallerKind.ROLE and seconds > LONGEST_OF_CHAIN:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
            argument="duration_seconds",
        )
    if seconds > role.max_session_duration:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            argument="duration_seconds",
        )
    return seconds


def _check_policies(role: Role, policy: str | None, arns: Sequence[str]) -> None:
    if policy is not None:
        if len(policy) > LONGEST_POLICY:
            raise ValidationError(
                "1 validation error detected: Value at 'policy' failed to satisfy constraint: "
                f"Member must have length less than or equal to {LONGEST_POLICY}",
                argument="policy",
            )
        documents.check_session(policy)
    if len(arns) > MOST_POLICY_ARNS:
        raise ValidationError(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST_POLICY_ARNS}",
            argument="policy_arns",
        )
    for arn in arns:
        if managed_policies.get(arn) is None and not _is_own(role, arn):
            raise ValidationError(
                f"ARN {arn} is not valid or names no policy of the role's account.",
                argument="policy_arns",
            )


def _is_own(role: Role, arn: str) -> bool:
    named = Policy.objects.filter(
        account=role.account_id, folded_name=arn.rpartition("/")[2].lower()
    )
    return any(policy.arn == arn for policy in named)


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


def _packed_percent(
    policy: str | None, arns: tuple[str, ...], tags: Mapping[str, str]
) -> int | None:
    if policy is None and not arns and not tags:
        return None
    taken = sessions.packed_size((policy,) if policy is not None else (), arns, tags)
    percent = math.ceil(taken * 100 / _PACKED)
    if percent > 100:
        raise PackedPolicyTooLarge(
            f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
        )
    return percent


# --- MFA -----------------------------------------------------------------------------------------


def _check_code(caller: Caller, serial_number: str | None, code: str | None) -> None:
    """Raise AccessDenied unless it is the code of a device of the caller's own, not yet used."""
    device = _device(caller, serial_number, code)
    counters = throttle.code_counters(caller.unique_id, caller.source_address)
    admitted = throttle.admit(counters, caller.now)
    right = False
    try:
        mfa.matching_step(device, code or "", caller)
        right = True
    except InvalidAuthenticationCode:
        pass
    throttle.settle(counters, caller.now, admitted=admitted, right=right)
    if not (admitted and right):
        raise _wrong_code()


def _mfa_at(caller: Caller, serial_number: str | None, code: str | None) -> datetime | None:
    """When MFA was given: with this call, or before it. The code is used up.

    A session that was itself begun by a session of a role has none.
    """
    if serial_number is None and code is None:
        return caller.mfa_at if caller.kind is not CallerKind.ROLE else None
    try:
        with transaction.atomic():
            mfa.use_code(_device(caller, serial_number, code), code or "", caller)
    except InvalidAuthenticationCode:
        raise _wrong_code() from None
    return caller.now


def _device(caller: Caller, serial_number: str | None, code: str | None) -> MFADevice:
    if serial_number is None or code is None:
        raise AccessDenied(
            f"{_MFA_FAILED}, must provide both MFA serial number and one time pass code.",
            action="sts:AssumeRole",
        )
    found = None
    if caller.user is not None:
        found = MFADevice.objects.filter(user=caller.user, serial_number=serial_number).first()
    if found is None:
        raise AccessDenied(
            f"{_MFA_FAILED}, unable to validate MFA code.  Please verify your MFA serial number "
            "is valid and associated with this user.",
            action="sts:AssumeRole",
        )
    return found


def _wrong_code() -> AccessDenied:
    return AccessDenied(
        f"{_MFA_FAILED} with invalid MFA one time pass code. ", action="sts:AssumeRole"
    )
