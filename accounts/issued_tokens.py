"""Tokens that tell services outside who somebody is here: how they are signed, and verified there.

Each account is an issuer of its own, whose discovery document and keys this installation serves.
RFC 7519 (JWT), RFC 7517 (keys), OpenID Connect Discovery 1.0. IAM User Guide, "Federating AWS
identities to external services".
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from accounts import vault
from accounts.models import Account, TokenKey

ALGORITHMS = ("RS256", "ES384")
#: In bits.
_RSA = 2048
#: Where an issuer's documents stand, below its URL.
CONFIGURATION = ".well-known/openid-configuration"
KEYS = ".well-known/jwks.json"


def issuer_of(account: Account) -> str:
    """The URL that an account's tokens name as their issuer. It never changes."""
    return f"{settings.BASE_URL}/issuers/{account.token_issuer}"


def make_keys(now: datetime) -> None:
    """See that there is a key of each algorithm. Takes a moment the first time."""
    there = set(TokenKey.objects.values_list("algorithm", flat=True))
    for algorithm in ALGORITHMS:
        if algorithm not in there:
            key_id = str(uuid.uuid4())
            sealed = vault.seal(_new_key(algorithm), vault.token_key_place(algorithm))
            # Of two that are made at the same moment, the first one stays.
            TokenKey.objects.get_or_create(
                algorithm=algorithm,
                defaults={"key_id": key_id, "sealed_key": sealed, "created_at": now},
            )


def signed(claims: Mapping[str, Any], algorithm: str) -> str:
    """A token of these claims, signed with the key of an algorithm."""
    row = TokenKey.objects.get(algorithm=algorithm)
    return jwt.encode(
        dict(claims), _private(row.sealed_key, algorithm), algorithm, {"kid": row.key_id}
    )


def configuration(issuer: str) -> dict[str, Any]:
    """An issuer's discovery document."""
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/{KEYS}",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "claims_supported": ["aud", "exp", "iat", "iss", "jti", "sub"],
    }


def public_keys() -> dict[str, Any]:
    """The keys that verify tokens, as a JSON Web Key Set."""
    return {"keys": [_public(row) for row in TokenKey.objects.order_by("algorithm")]}


def _new_key(algorithm: str) -> str:
    made: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if algorithm == "ES384":
        made = ec.generate_private_key(ec.SECP384R1())
    else:
        made = rsa.generate_private_key(public_exponent=65537, key_size=_RSA)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@functools.lru_cache(maxsize=4)
def _private(sealed: str, algorithm: str) -> Any:
    pem = vault.unseal(sealed, vault.token_key_place(algorithm))
    return load_pem_private_key(pem.encode(), None)


def _public(row: TokenKey) -> dict[str, Any]:
    key = _private(row.sealed_key, row.algorithm).public_key()
    of = ECAlgorithm if row.algorithm == "ES384" else RSAAlgorithm
    known: dict[str, Any] = of.to_jwk(key, as_dict=True)
    known.pop("key_ops", None)
    return known | {"kid": row.key_id, "use": "sig", "alg": row.algorithm}
