"""Roles as somebody takes them on: found by their ARNs, with their trust policies and durations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts import caller as callers
from accounts import engine, events
from accounts.caller import Caller, Session
from accounts.engine import PolicyKind
from accounts.errors import ValidationError
from accounts.models import Role
from accounts.sessions import Credentials

#: In seconds: what a session lasts unless said.
DEFAULT_DURATION = 3600

_ROLE_ARN = re.compile(r"arn:aws:iam::([0-9]{12}):role/(?:[\x21-\x7e]*/)?([\w+=,.@-]{1,64})", re.A)
#: Stands for the trust policy of a role that is not there: it trusts nobody.
_NOBODY = '{"Version":"2012-10-17","Statement":[]}'


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


def account_and_name(role_arn: str) -> tuple[str, str]:
    """What a role's ARN names. Raise ValidationError where it is none."""
    found = _ROLE_ARN.fullmatch(role_arn)
    if found is None:
        raise ValidationError(f"{role_arn} is invalid", argument="role_arn")
    return found[1], found[2]


def find(caller: Caller, role_arn: str) -> Role | None:
    """The role in whichever account the ARN names, to the letter."""
    account_id, name = account_and_name(role_arn)
    rows = Role.objects.select_related("account").filter(
        account=account_id, folded_name=name.lower()
    )
    found = caller.once(("role to assume", role_arn), rows.first)
    return found if found is not None and found.arn == role_arn else None


def trust_of(role: Role | None) -> engine.Policy:
    """The role's trust policy; of a role that is not there, one that trusts nobody.

    So whether there is such a role can't be told from the answer.
    """
    text = role.trust_policy if role is not None else _NOBODY
    try:
        document = engine.load(text, PolicyKind.TRUST)
    except engine.MalformedPolicy:
        document = engine.load(_NOBODY, PolicyKind.TRUST)
    return engine.Policy(document, name="trust policy", source="resource")


def tag_keys(role: Role | None) -> dict[str, str | Sequence[str]]:
    """The condition keys of a role's tags as IAM spells them, beside aws:ResourceTag."""
    tags: Mapping[str, str] = role.tags if role is not None else {}
    return {f"iam:ResourceTag/{key}": value for key, value in tags.items()}


def seconds_of(role: Role, wanted: int | None) -> int:
    """How long a session of the role lasts. Raise ValidationError beyond its maximum."""
    seconds = DEFAULT_DURATION if wanted is None else wanted
    if seconds > role.max_session_duration:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            argument="duration_seconds",
        )
    return seconds


def session_user(role: Role, session: Session) -> AssumedRoleUser:
    """A session of the role as the principal that it is."""
    return AssumedRoleUser(
        f"{role.unique_id}:{session.name}", callers.assumed_role_arn(role, session.name)
    )


def tell_account(caller: Caller, role: Role, action: str, **parameters: str) -> None:
    """AWS records the call in the role's account as well, where that is another one."""
    if caller.account is not None and role.account_id == caller.account.id:
        return
    event = events.describe(
        callers.on_account(caller, role.account),
        action,
        outcome=events.SUCCESS,
        read_only=True,
        parameters={"role_arn": role.arn, **parameters},
        resources=[role.arn],
    )
    if caller.journal is not None:
        caller.journal.append(event)
    else:
        events.write([event])
