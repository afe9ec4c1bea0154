"""Taking on a role with nothing but what an identity provider says of somebody.

The token or assertion is the proof: nobody signs these calls, and a signature counts for nothing.
Who is let in, the role's trust policy says to the provider. AWS STS API reference,
AssumeRoleWithSAML and AssumeRoleWithWebIdentity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts import saml_assertions, sessions, vault, web_identity
from accounts.actions import sts_roles, sts_terms
from accounts.actions.registry import action
from accounts.actions.sts_roles import AssumedRoleUser
from accounts.actions.sts_terms import (
    Assertion,
    DurationSeconds,
    PolicyDescriptors,
    ProviderUrl,
    RoleArn,
    RoleSessionName,
    ShortSessionPolicy,
    SourceIdentity,
    TokenSize,
    WebToken,
)
from accounts.arns import Resource
from accounts.caller import Caller, Session
from accounts.engine import Principal
from accounts.errors import AccessDenied, InvalidIdentityToken, TokenExpired
from accounts.models import OpenIDConnectProvider, Role, SAMLProvider
from accounts.sessions import Credentials
from accounts.types import Tag, Tags, check, rule_of, tag_mapping

_SAML, _WEB = "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"


@dataclass(frozen=True, slots=True)
class _Vouched:
    """What a provider says of whoever calls, once that is verified."""

    provider_arn: str
    account_id: str
    session_name: str
    tags: tuple[Tag, ...]
    transitive: tuple[str, ...]
    source_identity: str | None
    #: Condition keys of the call, and those that stay for the session.
    keys: dict[str, str | tuple[str, ...]]
    session_keys: dict[str, str | tuple[str, ...]]
    #: When the provider's own session ends, where it says so.
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class AssumedWithSAML:
    """Temporary credentials of a role, and whom the provider signed in."""

    credentials: Credentials
    packed_policy_size: int | None
    assumed_role_user: AssumedRoleUser
    source_identity: str | None
    subject: str
    subject_type: str
    issuer: str
    audience: str
    name_qualifier: str


@dataclass(frozen=True, slots=True)
class AssumedWithWebIdentity:
    """Temporary credentials of a role, and whom the issuer's token is about."""

    credentials: Credentials
    packed_policy_size: int | None
    assumed_role_user: AssumedRoleUser
    source_identity: str | None
    subject_from_web_identity_token: str
    provider: str
    audience: str


# --- SAML ----------------------------------------------------------------------------------------


def _asserted(
    caller: Caller, role_arn: str, principal_arn: str, assertion: str
) -> tuple[saml_assertions.Assertion, SAMLProvider]:
    """The verified assertion and its provider, which must be one of the role's account."""

    def verified() -> tuple[saml_assertions.Assertion, SAMLProvider]:
        account_id, _name = sts_roles.account_and_name(role_arn)
        start = f"arn:aws:iam::{account_id}:saml-provider/"
        provider = SAMLProvider.objects.filter(
            account=account_id, name=principal_arn.removeprefix(start)
        ).first()
        if provider is None or provider.arn != principal_arn:
            raise InvalidIdentityToken("Specified provider doesn't exist", argument="principal_arn")
        if provider.valid_until is not None and caller.now >= provider.valid_until:
            raise InvalidIdentityToken(
                "The provider's metadata document is valid no longer.", argument="principal_arn"
            )
        said = saml_assertions.verify(
            assertion,
            provider.metadata,
            caller.now,
            private_keys=[
                vault.unseal(key.sealed_key, vault.saml_key_place(account_id, key.key_id))
                for key in provider.private_keys.all()
            ],
            must_be_encrypted=provider.assertion_encryption_mode == "Required",
        )
        return said, provider

    return caller.once((f"assertion for {principal_arn}", assertion), verified)


def _vouched_by_saml(caller: Caller, role_arn: str, principal_arn: str, assertion: str) -> _Vouched:
    said, provider = _asserted(caller, role_arn, principal_arn, assertion)
    if not _is_paired(said.attributes.get(saml_assertions.ROLE, ()), role_arn, principal_arn):
        raise AccessDenied(f"Not authorized to perform {_SAML}", action=_SAML, resource=role_arn)
    session_name = said.one(saml_assertions.SESSION_NAME)
    if session_name is None:
        raise InvalidIdentityToken(
            "RoleSessionName is required in AuthnResponse", argument="saml_assertion"
        )
    account_id, name = provider.account_id, provider.name
    return _vouched(
        argument="saml_assertion",
        provider_arn=provider.arn,
        account_id=account_id,
        session_name=session_name,
        tags=said.tags,
        transitive=said.attributes.get(saml_assertions.TRANSITIVE, ()),
        source_identity=said.one(saml_assertions.SOURCE_IDENTITY),
        keys=said.keys(account_id, name),
        session_keys=dict(said.session_keys(account_id, name)),
        ends=said.session_ends,
    )


def _is_paired(values: Sequence[str], role_arn: str, provider_arn: str) -> bool:
    """Whether the assertion offers the role through this provider, in either order."""
    pairs = [tuple(part.strip() for part in value.split(",")) for value in values]
    return (role_arn, provider_arn) in pairs or (provider_arn, role_arn) in pairs


def _by_saml(
    caller: Caller, *, role_arn: str, principal_arn: str, saml_assertion: str, **_: Any
) -> Resource:
    vouched = _vouched_by_saml(caller, role_arn, principal_arn, saml_assertion)
    return _role_for(caller, role_arn, vouched)


def _more_by_saml(
    caller: Caller, *, role_arn: str, principal_arn: str, saml_assertion: str, **_: Any
) -> list[tuple[str, Resource]]:
    vouched = _vouched_by_saml(caller, role_arn, principal_arn, saml_assertion)
    return _also(caller, role_arn, vouched)


@action(_SAML, resource=_by_saml, also=_more_by_saml, read_only=True, secrets=("saml_assertion",))
def assume_role_with_saml(
    caller: Caller,
    /,
    *,
    role_arn: RoleArn,
    principal_arn: RoleArn,
    saml_assertion: Assertion,
    policy_arns: PolicyDescriptors = (),
    policy: ShortSessionPolicy | None = None,
    duration_seconds: DurationSeconds | None = None,
    minimum_session_token_size: TokenSize | None = None,
) -> AssumedWithSAML:
    """Credentials of a role for somebody whom a SAML provider of its account signed in.

    They end with the provider's own session, where it says when that is. Raises
    InvalidIdentityToken, TokenExpired and IDPRejectedClaim for the assertion.
    """
    vouched = _vouched_by_saml(caller, role_arn, principal_arn, saml_assertion)
    role, session, size = _begin(
        caller, _SAML, role_arn, vouched, policy, policy_arns, duration_seconds
    )
    said, provider = _asserted(caller, role_arn, principal_arn, saml_assertion)
    sts_roles.tell_account(
        caller, role, _SAML, principal_arn=principal_arn, role_session_name=session.name,
        subject=said.subject,
    )  # fmt: skip
    return AssumedWithSAML(
        credentials=_issued(caller, role, session, minimum_session_token_size),
        packed_policy_size=size,
        assumed_role_user=sts_roles.session_user(role, session),
        source_identity=session.source_identity or None,
        subject=said.subject,
        subject_type=said.subject_type,
        issuer=said.issuer,
        audience=said.recipient,
        name_qualifier=said.name_qualifier(provider.account_id, provider.name),
    )


# --- Web identity --------------------------------------------------------------------------------


def _identified(
    caller: Caller, role_arn: str, token: str, provider_id: str | None
) -> tuple[web_identity.WebIdentity, OpenIDConnectProvider]:
    """The verified token and its issuer, which must be registered in the role's account."""

    def verified() -> tuple[web_identity.WebIdentity, OpenIDConnectProvider]:
        account_id, _name = sts_roles.account_and_name(role_arn)
        if provider_id is not None:
            raise InvalidIdentityToken(
                "A ProviderId goes with an OAuth 2.0 access token, which only its provider could "
                "check. Take an OpenID Connect ID token and leave ProviderId out.",
                argument="provider_id",
            )
        issuer = web_identity.issuer_of(token)
        provider = OpenIDConnectProvider.objects.filter(
            account=account_id, url=issuer.removeprefix("https://")
        ).first()
        if provider is None:
            raise InvalidIdentityToken(
                f"No OpenIDConnect provider found in your account for {issuer}",
                argument="web_identity_token",
            )
        return web_identity.verify(token, issuer, provider.client_ids, caller.now), provider

    return caller.once((f"token for {role_arn}", token), verified)


def _vouched_by_token(
    caller: Caller, role_arn: str, session_name: str, token: str, provider_id: str | None
) -> _Vouched:
    said, provider = _identified(caller, role_arn, token, provider_id)
    return _vouched(
        argument="web_identity_token",
        provider_arn=provider.arn,
        account_id=provider.account_id,
        session_name=session_name,
        tags=said.tags,
        transitive=said.transitive_tag_keys,
        source_identity=said.source_identity,
        keys=said.keys(),
        session_keys=said.session_keys(),
    )


def _by_token(
    caller: Caller,
    *,
    role_arn: str,
    role_session_name: str,
    web_identity_token: str,
    provider_id: str | None = None,
    **_: Any,
) -> Resource:
    vouched = _vouched_by_token(
        caller, role_arn, role_session_name, web_identity_token, provider_id
    )
    return _role_for(caller, role_arn, vouched)


def _more_by_token(
    caller: Caller,
    *,
    role_arn: str,
    role_session_name: str,
    web_identity_token: str,
    provider_id: str | None = None,
    **_: Any,
) -> list[tuple[str, Resource]]:
    vouched = _vouched_by_token(
        caller, role_arn, role_session_name, web_identity_token, provider_id
    )
    return _also(caller, role_arn, vouched)


@action(
    _WEB, resource=_by_token, also=_more_by_token, read_only=True, secrets=("web_identity_token",)
)
def assume_role_with_web_identity(
    caller: Caller,
    /,
    *,
    role_arn: RoleArn,
    role_session_name: RoleSessionName,
    web_identity_token: WebToken,
    provider_id: ProviderUrl | None = None,
    policy_arns: PolicyDescriptors = (),
    policy: ShortSessionPolicy | None = None,
    duration_seconds: DurationSeconds | None = None,
    minimum_session_token_size: TokenSize | None = None,
) -> AssumedWithWebIdentity:
    """Credentials of a role for whomever a token of a registered issuer is about.

    Raises IDPCommunicationError where the issuer's keys are not known here, InvalidIdentityToken
    and TokenExpired for the token.
    """
    vouched = _vouched_by_token(
        caller, role_arn, role_session_name, web_identity_token, provider_id
    )
    role, session, size = _begin(
        caller, _WEB, role_arn, vouched, policy, policy_arns, duration_seconds
    )
    said, provider = _identified(caller, role_arn, web_identity_token, provider_id)
    sts_roles.tell_account(
        caller, role, _WEB, principal_arn=provider.arn, role_session_name=session.name,
        subject=said.subject,
    )  # fmt: skip
    return AssumedWithWebIdentity(
        credentials=_issued(caller, role, session, minimum_session_token_size),
        packed_policy_size=size,
        assumed_role_user=sts_roles.session_user(role, session),
        source_identity=session.source_identity or None,
        subject_from_web_identity_token=said.subject,
        provider=provider.arn,
        audience=said.audiences[0],
    )


# --- What both share -----------------------------------------------------------------------------


def _vouched(
    *,
    argument: str,
    session_name: str,
    tags: Sequence[tuple[str, str]],
    transitive: Sequence[str],
    source_identity: str | None,
    **more: Any,
) -> _Vouched:
    """What a provider says, held to the limits of what AssumeRole's callers say themselves."""
    given = tuple(Tag(key, value) for key, value in tags)
    said = {
        "role_session_name": session_name,
        "tags": given,
        "transitive_tag_keys": tuple(transitive),
        "source_identity": source_identity,
    }
    check(_LIMITS, said)
    if not set(transitive) <= {tag.key for tag in given}:
        raise InvalidIdentityToken(
            "The specified transitive tag key must be included in the requested tags.",
            argument=argument,
        )
    return _Vouched(
        session_name=session_name,
        tags=given,
        transitive=tuple(dict.fromkeys(transitive)),
        source_identity=source_identity,
        **more,
    )


_LIMITS = {
    name: rule
    for name, hint in (
        ("role_session_name", RoleSessionName),
        ("tags", Tags),
        ("source_identity", SourceIdentity),
    )
    if (rule := rule_of(hint)) is not None
}


def _role_for(caller: Caller, role_arn: str, vouched: _Vouched) -> Resource:
    """The role with its trust policy, and what that policy is asked about."""
    role = sts_roles.find(caller, role_arn)
    keys: dict[str, str | Sequence[str]] = dict(vouched.keys)
    keys["sts:RoleSessionName"] = vouched.session_name
    if vouched.tags:
        keys |= {f"aws:RequestTag/{tag.key}": tag.value for tag in vouched.tags}
        keys["aws:TagKeys"] = tuple(tag.key for tag in vouched.tags)
    if vouched.transitive:
        keys["sts:TransitiveTagKeys"] = vouched.transitive
    if vouched.source_identity is not None:
        keys["sts:SourceIdentity"] = vouched.source_identity
    keys |= sts_roles.tag_keys(role)
    return Resource(
        role_arn,
        vouched.account_id,
        role.tags if role is not None else {},
        sts_roles.trust_of(role),
        context=keys,
        asking=Principal(vouched.provider_arn, vouched.account_id, "federated"),
    )


def _also(caller: Caller, role_arn: str, vouched: _Vouched) -> list[tuple[str, Resource]]:
    """The trust policy must also let the session be tagged, and be said to be somebody's."""
    needed = ["sts:TagSession"] if vouched.tags else []
    if vouched.source_identity is not None:
        needed.append("sts:SetSourceIdentity")
    resource = _role_for(caller, role_arn, vouched) if needed else None
    return [(name, resource) for name in needed if resource is not None]


def _begin(
    caller: Caller,
    operation: str,
    role_arn: str,
    vouched: _Vouched,
    policy: str | None,
    descriptors: PolicyDescriptors,
    wanted: int | None,
) -> tuple[Role, Session, int | None]:
    """The role, the session that begins, and how much of its room is taken."""
    role = sts_roles.find(caller, role_arn)
    if role is None:  # deleted since it was looked up
        raise AccessDenied(f"Not authorized to perform {operation}", action=operation)
    arns = sts_terms.checked_arns(role.account_id, policy, descriptors)
    tags = tag_mapping(vouched.tags)
    size = sts_terms.packed_percent(policy, arns, tags)
    expires = caller.now + timedelta(seconds=sts_roles.seconds_of(role, wanted))
    if vouched.ends is not None and vouched.ends <= caller.now:
        raise TokenExpired("The identity provider's session is over.", argument="saml_assertion")
    session = Session(
        name=vouched.session_name,
        expires_at=min(expires, vouched.ends) if vouched.ends is not None else expires,
        policies=(policy,) if policy is not None else (),
        policy_arns=arns,
        tags=tags,
        transitive=vouched.transitive,
        source_identity=vouched.source_identity or "",
        provider=vouched.provider_arn,
        claims=vouched.session_keys,
    )
    return role, session, size


def _issued(caller: Caller, role: Role, session: Session, at_least: int | None) -> Credentials:
    return sessions.issue(role, session, now=caller.now, mfa_at=None, at_least=at_least or 0)
