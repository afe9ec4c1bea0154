"""Trust policies as the console builds them, and who a trust policy names, in a few words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

#: Issuers that every account may trust without a provider of its own, and the claim that names the
#: application. IAM User Guide, "Available keys for AWS OIDC federation".
KNOWN_ISSUERS = {
    "accounts.google.com": ("Google", "aud"),
    "www.amazon.com": ("Login with Amazon", "app_id"),
    "graph.facebook.com": ("Facebook", "app_id"),
    "cognito-identity.amazonaws.com": ("Amazon Cognito", "aud"),
}
GITHUB = "token.actions.githubusercontent.com"
#: The audience of assertions that lead to the AWS console.
SAML_CONSOLE = "https://signin.aws.amazon.com/saml"

Conditions = dict[str, dict[str, Any]]


def of_service(service: str) -> str:
    """The document that lets a service assume the role."""
    return _document({"Service": service}, "sts:AssumeRole", {})


def of_account(account_id: str, *, external_id: str = "", require_mfa: bool = False) -> str:
    """The document that lets an account's identities assume the role, if their policies do."""
    conditions: Conditions = {}
    if external_id:
        conditions["StringEquals"] = {"sts:ExternalId": external_id}
    if require_mfa:
        conditions["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    return _document({"AWS": f"arn:aws:iam::{account_id}:root"}, "sts:AssumeRole", conditions)


def of_web_identity(provider: str, *, audience: str, subject: str = "") -> str:
    """The document that lets in whoever an OIDC provider has signed in for an audience.

    `provider` is an ARN or one of the known issuers; `subject` may hold wildcards.
    """
    issuer = issuer_of(provider)
    claim = KNOWN_ISSUERS[issuer][1] if issuer in KNOWN_ISSUERS else "aud"
    conditions: Conditions = {"StringEquals": {f"{issuer}:{claim}": audience}}
    if subject:
        operator = "StringLike" if "*" in subject or "?" in subject else "StringEquals"
        conditions.setdefault(operator, {})[f"{issuer}:sub"] = subject
    return _document({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", conditions)


def of_saml(provider: str, *, attribute: str = "SAML:aud", value: str = SAML_CONSOLE) -> str:
    """The document that lets in whoever a SAML provider vouches for, if an attribute has a value.

    Without one: assertions that were made for the AWS console.
    """
    conditions: Conditions = {"StringEquals": {attribute: value}}
    return _document({"Federated": provider}, "sts:AssumeRoleWithSAML", conditions)


def issuer_of(provider: str) -> str:
    """The issuer's host and path, which begins its condition keys."""
    return provider.partition(":oidc-provider/")[2] or provider


def github_subject(organization: str, repository: str = "", branch: str = "") -> str:
    """The `sub` claim of GitHub's tokens, as far as it is to be laid down."""
    if not repository or repository == "*":
        return f"repo:{organization}/*"
    if not branch or branch == "*":
        return f"repo:{organization}/{repository}:*"
    return f"repo:{organization}/{repository}:ref:refs/heads/{branch}"


def trusted_entities(document: str, path: str = "/") -> str:
    """Whom a trust policy lets in: "AWS Service: ec2, Account: 111122223333", or nothing.

    `path` is the role's: below /aws-service-role/ lie the service-linked ones.
    """
    linked = " (Service-Linked Role)" if path.startswith("/aws-service-role/") else ""
    named = {
        _words(kind, name, linked)
        for statement in _statements(document)
        if statement.get("Effect") == "Allow"
        for kind, name in _principals(statement.get("Principal"))
    }
    return ", ".join(sorted(named))


def is_for_switching(document: str) -> bool:
    """Whether the trust policy lets in anybody who could switch to the role in the console."""
    return any(
        statement.get("Effect") == "Allow" and kind == "AWS"
        for statement in _statements(document)
        for kind, _name in _principals(statement.get("Principal"))
    )


def _document(principal: dict[str, str], action: str, conditions: Conditions) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if conditions:
        statement["Condition"] = conditions
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def _statements(document: str) -> list[dict[str, Any]]:
    found = json.loads(document).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _principals(element: Any) -> Iterator[tuple[str, str]]:
    if isinstance(element, str):
        yield "AWS", element
    elif isinstance(element, dict):
        for kind, names in element.items():
            for name in [names] if isinstance(names, str) else names:
                yield kind, name


def _words(kind: str, name: str, linked: str) -> str:
    if kind == "Service":
        return f"AWS Service: {name.partition('.')[0]}{linked}"
    if kind == "Federated":
        return f"Identity Provider: {name}"
    if kind == "AWS" and name != "*":
        # An ARN's fifth part is its account; a bare number is one, and a deleted user's id stays.
        return f"Account: {name.split(':')[4]}" if name.startswith("arn:") else f"Account: {name}"
    return f"{kind}: {name}"
