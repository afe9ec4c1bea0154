"""The check of whom a role's trust policy lets in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from accounts import authorize, engine
from accounts.actions import sts_roles
from accounts.arns import Resource
from accounts.models import Role
from iamconsole.labs.checks import entities, principals
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.permissions import context
from iamconsole.labs.checks.place import Place
from iamconsole.labs.checks.principals import Who
from iamconsole.labs.checks.words import capital, listed

Arguments = Mapping[str, Any]

_EVERYTHING = engine.Policies(
    identity=(
        engine.Policy(
            engine.load(
                '{"Version":"2012-10-17",'
                '"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
            ),
            name="whatever the principal may",
            source="none",
        ),
    )
)


def trust_allows(place: Place, arguments: Arguments) -> Finding:
    """Each role that is meant lets the principal in, as far as its trust policy decides."""
    name, named = arguments["role"], arguments["principal"]
    who = named if "." in named or named.startswith("arn:") else principals.described(named)
    given = [f"the external ID {arguments['external_id']}"] if "external_id" in arguments else []
    given += ["MFA"] if arguments.get("mfa") else []
    under = f" with {listed(given)}" if given else ""
    asked = f"The role {name} lets {who} in{under}."
    expected = "Its trust policy lets them in."
    roles = entities.roles(place, name)
    if not roles:
        return Finding(False, asked, entities.missing(place, f"role/{name}"), expected)
    found = _principals(place, named)
    if not found:
        return Finding(False, asked, principals.missing(place, named), expected)
    for role in roles:
        for each in found:
            verdict = _verdict(place, role, each, arguments)
            told = _told(role, verdict)
            path = (f"the trust policy of role {role.name}",)
            if not verdict.allowed:
                return Finding(False, asked, told, expected, path)
    return Finding(True, asked, told, expected, path)


def _principals(place: Place, named: str) -> Sequence[Who | engine.Principal]:
    if named.startswith("arn:"):
        known = principals.of_arn(place, named)
        return [known or _outsider(named)]
    if named == "root" or "/" in named:
        return principals.find(place, named)
    return [engine.Principal(named, "", "service")]


def _outsider(arn: str) -> engine.Principal:
    """Somebody of whom the run knows no more than the ARN."""
    parts = [*arn.split(":", 5), "", "", "", "", "", ""]
    account, rest = parts[4], parts[5]
    if rest.startswith(("saml-provider/", "oidc-provider/")):
        return engine.Principal(arn, "", "federated")
    if rest.startswith("role/"):
        name = rest.rpartition("/")[2]
        session = f"arn:aws:sts::{account}:assumed-role/{name}/session"
        return engine.Principal(session, account, "role", role_arn=arn)
    return engine.Principal(arn, account, "root" if rest == "root" else "user")


def _verdict(
    place: Place, role: Role, who: Who | engine.Principal, arguments: Arguments
) -> engine.Verdict:
    place.budget.spend()
    keys: dict[str, str | Sequence[str]] = {
        "sts:RoleSessionName": "session",
        **sts_roles.tag_keys(role),
    }
    if "external_id" in arguments:
        keys["sts:ExternalId"] = arguments["external_id"]
    if arguments.get("mfa"):
        keys |= {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
    keys |= context(arguments)
    trust = sts_roles.trust_of(role)
    on = Resource(role.arn, role.account_id, role.tags, trust, context=keys)
    return engine.evaluate(_request(place, who, on, arguments), _EVERYTHING, trust)


def _request(
    place: Place, who: Who | engine.Principal, on: Resource, arguments: Arguments
) -> engine.Request:
    if isinstance(who, Who):
        caller = principals.caller_of(place, who, mfa=arguments.get("mfa", False))
        return authorize.request_of(caller, "sts:AssumeRole", on, {})
    action = "sts:AssumeRole"
    if who.kind == "federated":
        action += "WithSAML" if ":saml-provider/" in who.arn else "WithWebIdentity"
    keys: dict[str, str | Sequence[str]] = {
        "aws:CurrentTime": place.world.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:PrincipalArn": who.role_arn or who.arn,
        "aws:ResourceAccount": on.account,
    }
    if who.account:
        keys["aws:PrincipalAccount"] = who.account
    if who.kind == "federated":
        keys["aws:FederatedProvider"] = who.arn
    return engine.Request(action, on.arn, engine.Context({**keys, **on.context}), who, on.account)


def _told(role: Role, verdict: engine.Verdict) -> str:
    policy = f"the trust policy of role {role.name}"
    if verdict.allowed:
        return f"{capital(policy)} lets them in."
    if verdict.decision is engine.Decision.EXPLICIT_DENY:
        return f"A Deny in {policy} keeps them out."
    asks = f" It asks for {listed(verdict.missing_keys)}." if verdict.missing_keys else ""
    return f"{capital(policy)} does not let them in.{asks}"
