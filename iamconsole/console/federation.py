"""Signing in with temporary credentials: tokens that begin a session of the console, once.

IAM User Guide, "Enable custom identity broker access to the AWS console". What AWS does otherwise:
a session may last longer there than the credentials. Between the two steps the credentials wait
under a random key in the table of sessions, sealed as they came; the token is that key, sealed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from accounts import sessions, signin, vault
from accounts.caller import Caller
from accounts.errors import ExpiredToken, InvalidClientTokenId, ValidationError
from accounts.sessions import Kind, Token
from iamconsole.console.session import Federated

#: How long a sign-in token waits to be used.
WAITING = timedelta(minutes=15)
_SHORTEST = timedelta(minutes=15)
_WANTED = {"sessionId", "sessionKey", "sessionToken"}
_PLACE = vault.session_place("signin-token", "federation")
_BEGAN = "federation"
_SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def signin_token(given: str, duration: str, known: Mapping[str, Any]) -> str:
    """A token that signs in whoever the credentials are, within 15 minutes, once.

    `given` is the JSON of the credentials, `duration` seconds or nothing, `known` what is known of
    the request. Raises ValidationError, InvalidClientTokenId, ExpiredToken and AccessDenied.
    """
    now: datetime = known["now"]
    credentials = _credentials(given)
    token = sessions.open_token(credentials["sessionId"], credentials["sessionToken"], now)
    if not constant_time_compare(token.secret_access_key, credentials["sessionKey"]):
        raise InvalidClientTokenId
    signin.get_signin_token(sessions.caller_of(token, **known))
    ends = min(token.session.expires_at, now + _lasting(duration, token))
    began = Federated(token.access_key_id, credentials["sessionToken"], ends.timestamp())
    waiting = _SessionStore()
    waiting[_BEGAN] = asdict(began)
    waiting.set_expiry(WAITING)
    waiting.create()
    sealed = vault.seal(str(waiting.session_key), _PLACE)
    # Programs put it into an address as it is.
    return base64.urlsafe_b64encode(sealed.encode()).decode().rstrip("=")


def redeem(token: str, now: datetime) -> Federated:
    """What the token stands for; it stands for nothing afterwards. Raise ExpiredToken where it is
    none of ours, was used, or is too old.
    """
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
        key = vault.unseal(sealed, _PLACE)
    except (ValueError, vault.Unopened):
        raise ExpiredToken from None
    record = _SessionStore(key).load().get(_BEGAN)
    # Of two that come at once, one deletes the row.
    deleted, _ = Session.objects.filter(session_key=key, expire_date__gt=now).delete()
    if not deleted or record is None:
        raise ExpiredToken
    return Federated(**record)


def caller_of(began: Federated, *, now: datetime, **known: Any) -> Caller:
    """Whoever signed in with the credentials. Raise ExpiredToken or InvalidClientTokenId where
    their session is over or they are nobody's any more.
    """
    token = sessions.open_token(began.access_key_id, began.session_token, now)
    ends = datetime.fromtimestamp(began.ends, tz=UTC)
    if now >= ends:
        raise ExpiredToken
    lasting = replace(token.session, expires_at=ends)
    return sessions.caller_of(replace(token, session=lasting), now=now, **known)


def _credentials(given: str) -> dict[str, str]:
    try:
        found = json.loads(given)
    except (ValueError, RecursionError):
        found = None
    if not (
        isinstance(found, dict)
        and found.keys() >= _WANTED
        and all(isinstance(found[name], str) and found[name].isascii() for name in _WANTED)
    ):
        raise ValidationError(
            "Session must be JSON with sessionId, sessionKey and sessionToken.", argument="session"
        )
    return found


def _lasting(duration: str, token: Token) -> timedelta:
    """How long the session may last, whatever the credentials do."""
    if not duration:
        return signin.SESSION
    if token.kind is Kind.FEDERATED:
        raise ValidationError(
            "SessionDuration goes with a role's credentials only, not with GetFederationToken's.",
            argument="session_duration",
        )
    plain = duration.isascii() and duration.isdigit() and len(duration) < 9
    if not plain or not _SHORTEST <= timedelta(seconds=int(duration)) <= signin.SESSION:
        raise ValidationError(
            "SessionDuration must be 900 to 43200 seconds.", argument="session_duration"
        )
    return timedelta(seconds=int(duration))
