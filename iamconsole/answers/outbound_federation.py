"""Answers about tokens for services outside."""

from __future__ import annotations

from accounts.actions.outbound_federation import Issued
from iamconsole.answers.members import Answer, Members


def _enabled(issuer: str) -> Members:
    return {"IssuerIdentifier": issuer}


def _known(issuer: str) -> Members:
    return {"IssuerIdentifier": issuer, "JwtVendingEnabled": True}


def _token(issued: Issued) -> Members:
    return {"WebIdentityToken": issued.token, "Expiration": issued.expires_at}


ANSWERS: dict[str, Answer] = {
    "iam:EnableOutboundWebIdentityFederation": _enabled,
    "iam:GetOutboundWebIdentityFederationInfo": _known,
    "sts:GetWebIdentityToken": _token,
}
