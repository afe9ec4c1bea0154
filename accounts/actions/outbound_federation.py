"""Tokens for services outside: whether an account gives them, and to whoever calls one of theirs.

IAM User Guide, "Federating AWS identities to external services". As in AWS they open nothing here:
they are no proof for AssumeRoleWithWebIdentity.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from accounts import arns, context, issued_tokens
from accounts.actions.registry import FROM_PREPARE, action
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind
from accounts.errors import (
    FeatureDisabled,
    FeatureEnabled,
    OutboundWebIdentityFederationDisabled,
    SessionDurationEscalation,
    ValidationError,
)
from accounts.models import Account
from accounts.types import Number, Several, Tags, Text, tag_mapping

#: In seconds.
DEFAULT_DURATION = 300
#: Under this name stand the claims that are not OpenID Connect's.
NAMESPACE = "https://sts.amazonaws.com/"

Audiences = Annotated[Sequence[str], Several(Text(1, 1000), 1, 10)]
TokenLifetime = Annotated[int, Number(60, 3600)]
SigningAlgorithm = Annotated[str, Text(5, 5)]


@dataclass(frozen=True, slots=True)
class Issued:
    """A token and when it ends."""

    token: str
    expires_at: datetime


def _make_keys(caller: Caller, **_: Any) -> None:
    issued_tokens.make_keys(caller.now)


@action(
    "iam:EnableOutboundWebIdentityFederation",
    resource=arns.everything,
    prepare=_make_keys,
    raises_epoch=False,
)
def enable_outbound_web_identity_federation(
    caller: Caller, /, *, prepared: None = FROM_PREPARE
) -> str:
    """Let the account's identities get tokens; return its issuer. Raise FeatureEnabled."""
    account = _fresh(caller)
    if account.issues_tokens:
        raise FeatureEnabled(
            f"Outbound web identity federation is already enabled for the account {account.id}."
        )
    account.issues_tokens = True
    account.token_issuer = account.token_issuer or str(uuid.uuid4())
    account.save(update_fields=["issues_tokens", "token_issuer"])
    return issued_tokens.issuer_of(account)


@action("iam:DisableOutboundWebIdentityFederation", resource=arns.everything, raises_epoch=False)
def disable_outbound_web_identity_federation(caller: Caller, /) -> None:
    """Give no more tokens. Those that were given go on to be verified. Raise FeatureDisabled."""
    account = _enabled(caller)
    account.issues_tokens = False
    account.save(update_fields=["issues_tokens"])


@action("iam:GetOutboundWebIdentityFederationInfo", resource=arns.everything, read_only=True)
def get_outbound_web_identity_federation_info(caller: Caller, /) -> str:
    """The issuer of the account's tokens. Raise FeatureDisabled where it gives none."""
    return issued_tokens.issuer_of(_enabled(caller))


def _token_resource(
    caller: Caller,
    *,
    audience: Sequence[str] = (),
    signing_algorithm: str = "",
    duration_seconds: int | None = None,
    **_: Any,
) -> Resource:
    return replace(
        arns.everything(caller),
        context={
            "sts:IdentityTokenAudience": tuple(audience),
            "sts:SigningAlgorithm": signing_algorithm,
            "sts:DurationSeconds": str(duration_seconds or DEFAULT_DURATION),
        },
    )


def _tagging(caller: Caller, *, tags: Sequence[Any] = (), **_: Any) -> tuple[str, Resource] | None:
    return ("sts:TagGetWebIdentityToken", arns.everything(caller)) if tags else None


@action(
    "sts:GetWebIdentityToken",
    resource=_token_resource,
    also=_tagging,
    prepare=_make_keys,
    read_only=True,
)
def get_web_identity_token(
    caller: Caller,
    /,
    *,
    audience: Audiences,
    duration_seconds: TokenLifetime | None = None,
    signing_algorithm: SigningAlgorithm,
    tags: Tags = (),
    prepared: None = FROM_PREPARE,
) -> Issued:
    """A token that says who the caller is, for whoever is named as its audience.

    Raises OutboundWebIdentityFederationDisabled, SessionDurationEscalation where it would outlive
    the caller's session, and ValidationError for an algorithm that there is not.
    """
    if signing_algorithm not in issued_tokens.ALGORITHMS:
        raise ValidationError(
            "1 validation error detected: Value at 'signingAlgorithm' failed to satisfy "
            "constraint: Member must satisfy enum value set: "
            f"[{', '.join(issued_tokens.ALGORITHMS)}]",
            argument="signing_algorithm",
        )
    account = _fresh(caller)
    if not account.issues_tokens:
        raise OutboundWebIdentityFederationDisabled(
            f"Outbound web identity federation is not enabled for the account {account.id}."
        )
    expires_at = caller.now + timedelta(seconds=duration_seconds or DEFAULT_DURATION)
    if caller.session is not None and expires_at > caller.session.expires_at:
        raise SessionDurationEscalation(
            "The token would outlive the session: ask for a shorter duration."
        )
    principal = caller.issuer if caller.kind is CallerKind.ROLE else caller.arn
    claims = {
        "iss": issued_tokens.issuer_of(account),
        "aud": audience[0] if len(audience) == 1 else list(audience),
        "sub": principal,
        "iat": int(caller.now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": str(uuid.uuid4()),
        NAMESPACE: _about(caller, principal, tag_mapping(tags)),
    }
    return Issued(issued_tokens.signed(claims, signing_algorithm), expires_at)


def _about(caller: Caller, principal: str, request_tags: dict[str, str]) -> dict[str, Any]:
    """The claims that AWS adds. What does not apply is not there."""
    session = caller.session
    told: dict[str, Any] = {
        "aws_account": caller.home.id,
        "source_region": caller.region,
        "principal_id": principal,
        "principal_tags": dict(context.principal_tags(caller)),
        "request_tags": request_tags,
        "original_session_exp": (
            session.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ") if session is not None else ""
        ),
        "source_identity": session.source_identity if session is not None else "",
        "federated_provider": session.provider if session is not None else "",
    }
    return {name: value for name, value in told.items() if value}


def _fresh(caller: Caller) -> Account:
    """The account as it is now; a change before may be younger than what the caller holds."""
    return Account.objects.get(pk=caller.home.pk)


def _enabled(caller: Caller) -> Account:
    account = _fresh(caller)
    if not account.issues_tokens:
        raise FeatureDisabled(
            f"Outbound web identity federation is disabled for the account {account.id}."
        )
    return account
