"""An OpenID Connect issuer: its keys, and the tokens that it would sign."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from accounts.actions import oidc_providers
from accounts.caller import Caller
from accounts.models import OpenIDConnectProvider
from tests.accounts.pems import rsa_key

HOST = "tokens.example.com"
ISSUER = f"https://{HOST}"
AUDIENCE = "our-app"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def public(key: Key, **members: Any) -> dict[str, Any]:
    """A key as the issuer publishes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        found: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    else:
        found = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    return found | members


def publish(path: Path, *keys: dict[str, Any], issuer: str = ISSUER) -> None:
    """Put an issuer's keys into the operator's file."""
    path.write_text(json.dumps({issuer: {"keys": list(keys)}}))


def token(now: Any, key: Any = None, algorithm: Any = "RS256", **other: Any) -> str:
    """A token about frank; `other` are claims otherwise, and None leaves one out."""
    moment = int(now.timestamp())
    header = other.pop("header", {"kid": "one"})
    claims = {
        "iss": ISSUER,
        "sub": "frank@example.com",
        "aud": AUDIENCE,
        "iat": moment,
        "exp": moment + 600,
    } | other
    said = {name: value for name, value in claims.items() if value is not None}
    body = json.dumps(said).encode()
    return jwt.PyJWS().encode(body, key or rsa_key(), algorithm=algorithm, headers=header)


def register(root: Caller, url: str = ISSUER) -> OpenIDConnectProvider:
    """The issuer, in root's account."""
    return oidc_providers.create_open_id_connect_provider(
        root, url=url, client_id_list=[AUDIENCE, "another-app"]
    )
