"""Tokens of OpenID Connect providers: whether one is genuine, and what it says.

Nothing is fetched from a provider. The keys of an issuer are those that the operator of this
installation put into `ISSUER_KEYS_FILE`: a JSON object of issuers (`https://…`, as in a token's
`iss`), each with the JSON Web Key Set that it publishes. RFC 7519 (JWT), RFC 7517 (keys), RFC 8725
(what to check).
"""

from __future__ import annotations

import functools
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from django.conf import settings

from accounts.engine import catalog
from accounts.errors import IDPCommunicationError, InvalidIdentityToken, TokenExpired

logger = logging.getLogger(__name__)

#: Only signatures that a public key verifies. AWS takes these.
_ALGORITHMS = {"RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "ES256": "EC", "ES384": "EC",
               "ES512": "EC"}  # fmt: skip
_SIGNATURES = jwt.PyJWS(options={"enforce_minimum_key_length": True})
_ISSUER = re.compile(r"https://[\x21-\x7e]{1,255}")
#: How far an issuer's clock may be ahead of ours.
_SKEW = timedelta(minutes=5)
#: Claims that every issuer's tokens bring into policies; those that stay for the session.
#: IAM User Guide, "Available keys for AWS OIDC federation".
_IN_TRUST = frozenset({"amr", "aud", "email", "oaud", "sub"})
_IN_SESSION = frozenset({"amr", "aud", "sub"})
_TAGS = "https://aws.amazon.com/tags"
_SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"
#: RFC 9068 and AWS's SubjectFromWebIdentityToken.
_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """What a genuine token says."""

    #: Without `https://`, as a provider's URL is kept.
    issuer: str
    subject: str
    #: Those audiences of the token that the provider is registered for.
    audiences: tuple[str, ...]
    claims: Mapping[str, Any]

    def keys(self) -> dict[str, str | tuple[str, ...]]:
        """The condition keys that a role's trust policy sees: `issuer:claim`."""
        return {
            f"{self.issuer}:{name}": _texts(value)
            for name, value in self.claims.items()
            if name in _IN_TRUST or _is_known(self.issuer, name)
        }

    def session_keys(self) -> dict[str, str | tuple[str, ...]]:
        """Those of them that policies see for as long as the session lasts."""
        return {
            f"{self.issuer}:{name}": _texts(value)
            for name, value in self.claims.items()
            if name in _IN_SESSION
        }

    @property
    def tags(self) -> list[tuple[str, str]]:
        """The session tags that the issuer gives: (key, value)."""
        given = self._tagging().get("principal_tags", {})
        if not isinstance(given, dict):
            raise _invalid("The claim of session tags is not an object of lists.")
        return [(key, _only(value)) for key, value in given.items()]

    @property
    def transitive_tag_keys(self) -> list[str]:
        """The keys of the tags that a chain of roles hands on."""
        keys = self._tagging().get("transitive_tag_keys", [])
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise _invalid("The transitive tag keys are not a list of texts.")
        return keys

    @property
    def source_identity(self) -> str | None:
        """Who is behind the session, where the issuer says so."""
        value = self.claims.get(_SOURCE_IDENTITY)
        if value is not None and not isinstance(value, str):
            raise _invalid("The source identity is not a text.")
        return value

    def _tagging(self) -> dict[str, Any]:
        given = self.claims.get(_TAGS, {})
        if not isinstance(given, dict):
            raise _invalid("The claim of session tags is not an object.")
        return given


def issuer_of(token: str) -> str:
    """Who a token says it is from, not yet verified: `https://…`."""
    issuer = _unverified(token)[1].get("iss")
    if not isinstance(issuer, str) or _ISSUER.fullmatch(issuer) is None:
        raise _invalid("The token names no issuer that begins with https://.")
    return issuer


def verify(token: str, issuer: str, client_ids: list[str], now: datetime) -> WebIdentity:
    """What a token of the issuer says.

    Raises IDPCommunicationError where the issuer's keys are not known here, TokenExpired, and
    InvalidIdentityToken for whatever else is wrong with it.
    """
    header, _claims = _unverified(token)
    claims = _signed_claims(token, header, _keys_of(issuer))
    if claims.get("iss") != issuer:
        raise _invalid("The token is from another issuer.")
    _check_times(claims, now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise _invalid("Missing a required claim: sub")
    if not subject.isprintable():
        raise _invalid("The subject has characters that are not text.")
    return WebIdentity(issuer.removeprefix("https://"), subject, *_audience(claims, client_ids))


def _audience(
    claims: Mapping[str, Any], client_ids: list[str]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The audiences that the provider is registered for, and the claims as policies see them.

    Where `azp` says for whom the token was made, policies see that as `aud`, and `aud` as `oaud`.
    """
    meant = claims.get("azp", claims.get("aud"))
    named = [meant] if isinstance(meant, str) else meant if isinstance(meant, list) else []
    accepted = tuple(each for each in named if each in client_ids)
    if not accepted:
        raise _invalid("Incorrect token audience")
    seen = {name: value for name, value in claims.items() if name != "oaud"}
    if "azp" in claims:
        seen["oaud"] = claims.get("aud")
    seen["aud"] = accepted[0] if len(accepted) == 1 else accepted
    return accepted, seen


def _unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        parts = _SIGNATURES.decode_complete(token, options={"verify_signature": False})
        claims = json.loads(parts["payload"])
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise _not_a_token() from None
    if not isinstance(claims, dict):
        raise _not_a_token()
    return parts["header"], claims


def _signed_claims(
    token: str, header: Mapping[str, Any], keys: tuple[Mapping[str, Any], ...]
) -> dict[str, Any]:
    """The claims, read again from what the signature covers."""
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
        raise _invalid(f"The token must be signed with one of {', '.join(_ALGORITHMS)}.")
    for key in keys:
        if key.get("kty") != _ALGORITHMS[algorithm] or key.get("use", "sig") != "sig":
            continue
        if "kid" in header and key.get("kid") != header["kid"]:
            continue
        try:
            public = jwt.PyJWK.from_dict(dict(key), algorithm=algorithm)
            payload = _SIGNATURES.decode(token, public, algorithms=[algorithm])
            claims = json.loads(payload)
            # Half of a character of UTF-16 can be written in JSON, and nowhere else.
            json.dumps(claims, ensure_ascii=False).encode()
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            continue
        return claims if isinstance(claims, dict) else {}
    raise _invalid("The token's signature is not by any key of its issuer that is known here.")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    moment, latest = now.timestamp(), (now + _SKEW).timestamp()
    expires = _seconds(claims, "exp")
    if moment >= expires:
        raise TokenExpired(
            f"Token expired: current date/time {int(moment)} must be before the expiration "
            f"date/time {int(expires)}",
            argument="web_identity_token",
        )
    for name in ("iat", "nbf") if "nbf" in claims else ("iat",):
        if _seconds(claims, name) > latest:
            raise _invalid(f"The token is not valid yet: its {name} lies in the future.")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    # NaN and infinity are numbers to Python's JSON, and no moments.
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e11:
        raise _invalid(f"Missing a required claim: {name}")
    return value


# --- Keys ----------------------------------------------------------------------------------------


def _keys_of(issuer: str) -> tuple[Mapping[str, Any], ...]:
    keys = _all_keys().get(issuer)
    if not keys:
        raise IDPCommunicationError(
            f"The keys of {issuer} are not known here: this installation fetches nothing from "
            "outside. Its operator can add the issuer's JSON Web Key Set to the file of issuer "
            "keys.",
            argument="web_identity_token",
        )
    return keys


def _all_keys() -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """The file's keys, read again when it changes."""
    path = Path(settings.ISSUER_KEYS_FILE)
    try:
        found = path.stat()
        return _read(path, (found.st_mtime_ns, found.st_ino, found.st_size))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        logger.exception("The file of issuer keys %s can't be read", path)
        return {}


@functools.lru_cache(maxsize=2)
def _read(
    path: Path, _changed: tuple[int, int, int]
) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {issuer: tuple(keys["keys"]) for issuer, keys in stored.items()}


# --- Claims as condition keys --------------------------------------------------------------------


@functools.cache
def _known() -> tuple[re.Pattern[str], ...]:
    """Keys of well-known issuers beyond the common ones, such as GitHub's `repository`."""
    action = catalog.action("sts:AssumeRoleWithWebIdentity")
    names = action.condition_keys if action is not None else ()
    return tuple(
        re.compile("[^:]+".join(map(re.escape, re.split(r"\$\{[^}]*\}", name))))
        for name in names
        # A key of AWS's own is no issuer's to fill.
        if "." in name.partition(":")[0]
    )


def _is_known(issuer: str, claim: str) -> bool:
    return any(pattern.fullmatch(f"{issuer}:{claim}") for pattern in _known())


def _texts(value: Any) -> str | tuple[str, ...]:
    """A claim as a condition key has it; what is no text, number or list of these is left out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return tuple(str(each) for each in value if isinstance(each, str | int))
    return ()


def _only(value: Any) -> str:
    """A tag's value: a text, or a list of one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise _invalid("A session tag has one value.")
    return value


def _not_a_token() -> InvalidIdentityToken:
    return _invalid("The ID Token provided is not a valid JWT.")


def _invalid(message: str) -> InvalidIdentityToken:
    return InvalidIdentityToken(message, argument="web_identity_token")
