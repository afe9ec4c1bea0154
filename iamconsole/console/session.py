"""What a browser's session holds: a sign-in that is half way, or a complete one and its role.

Instead of a login a session may have temporary credentials with which it began.

Sessions lie in the database; the browser has only a random key, which changes at every step up.
A half-way sign-in is no login: `request.user` stays anonymous until the last step.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import login as start_session
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from accounts import signin
from accounts.caller import Caller
from accounts.models import Login
from accounts.sessions import Credentials
from accounts.signin import State

ISSUED_AT = "issued_at"
MFA_AT = "mfa_at"
SESSION_ID = "session_id"
ROLE = "role"
FEDERATED = "federated"
_PENDING = "signin"
_BACKEND = "accounts.signin.Sessions"


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that is half way: whose it is, where it is, and where it wants to go."""

    login: Login
    caller: Caller
    state: State
    next: str
    #: Codes that were refused so far; after some, resynchronising is offered.
    failures: int


@dataclass(frozen=True, slots=True)
class Acting:
    """The role that a session acts as: its temporary credentials, and how the bar shows it.

    The token is sealed, and bound to the key: who can read the session's row learns no secret.
    """

    access_key_id: str
    session_token: str
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Federated:
    """The temporary credentials that a session without a login began with, and when it ends."""

    access_key_id: str
    session_token: str
    #: Seconds since 1970; never later than the credentials.
    ends: float


def begin(request: HttpRequest, login: Login, now: datetime, wanted: str) -> None:
    """Remember that somebody gave the right password. Everything else of the session goes."""
    request.session.flush()
    request.session[_PENDING] = {
        "login": login.pk,
        "proof": login.get_session_auth_hash(),
        "at": now.timestamp(),
        "mfa_at": None,
        "next": wanted,
        "failures": 0,
    }
    request.session.cycle_key()


def pending(request: HttpRequest, known: dict[str, Any], now: datetime) -> Pending | None:
    """The half-way sign-in of this session, if it is younger than ten minutes and still true."""
    record = request.session.get(_PENDING)
    if record is None:
        return None
    login = signin.Sessions().get_user(record["login"])
    too_old = now.timestamp() - record["at"] > signin.HALF_WAY.total_seconds()
    if login is None or too_old or record["proof"] != login.get_session_auth_hash():
        request.session.flush()
        return None
    who = signin.caller_of(login, **known, mfa_at=_moment(record["mfa_at"]), issued_at=now)
    state = signin.state_after(login, now, mfa_given=record["mfa_at"] is not None)
    if state is State.SIGNED_IN:
        # The step that was waited for is gone, such as a device that an administrator removed.
        # Nobody is signed in by what somebody else did: the sign-in starts over.
        request.session.flush()
        return None
    return Pending(login, who, state, record["next"], record["failures"])


def mfa_given(request: HttpRequest, now: datetime) -> None:
    """Remember that an MFA code was accepted, under a new session key."""
    request.session[_PENDING] = request.session[_PENDING] | {"mfa_at": now.timestamp()}
    request.session.cycle_key()


def mfa_failed(request: HttpRequest) -> int:
    """Count a refused code and return how many were."""
    record = request.session[_PENDING]
    failures = int(record["failures"]) + 1
    request.session[_PENDING] = record | {"failures": failures}
    return failures


def complete(request: HttpRequest, login: Login, now: datetime) -> str:
    """Turn the half-way sign-in into a session: a new key, a new CSRF token.

    Returns the path that was asked for before the sign-in, if any.
    """
    record = request.session.pop(_PENDING)
    start_session(request, login, backend=_BACKEND)
    request.session[ISSUED_AT] = now.timestamp()
    request.session[MFA_AT] = record["mfa_at"]
    request.session[SESSION_ID] = secrets.token_hex(8)
    return str(record["next"])


def federate(request: HttpRequest, began: Federated) -> None:
    """Begin a session that is nobody's login: a new key, a new CSRF token, nothing from before."""
    request.session.flush()
    request.session[FEDERATED] = asdict(began)
    request.session[SESSION_ID] = secrets.token_hex(8)
    request.session.cycle_key()
    rotate_token(request)


def federated(request: HttpRequest) -> Federated | None:
    """What a session without a login began with, if it is one."""
    record = request.session.get(FEDERATED)
    return Federated(**record) if record else None


def password_changed(request: HttpRequest, login: Login) -> None:
    """Keep this session, half-way or complete, after its own password changed; others end."""
    if _PENDING in request.session:
        record = request.session[_PENDING]
        request.session[_PENDING] = record | {"proof": login.get_session_auth_hash()}
        request.session.cycle_key()
    else:
        update_session_auth_hash(request, login)


def act(request: HttpRequest, credentials: Credentials, *, name: str, color: str) -> None:
    """Act as a role from here on, under a new session key and a new CSRF token.

    So a form that was made before the switch is refused after it.
    """
    request.session[ROLE] = {
        "access_key_id": credentials.access_key_id,
        "session_token": credentials.session_token,
        "name": name,
        "color": color,
    }
    request.session.cycle_key()
    rotate_token(request)


def acting(request: HttpRequest) -> Acting | None:
    """The role that the session acts as, if it does."""
    record = request.session.get(ROLE)
    return Acting(**record) if record else None


def stop_acting(request: HttpRequest) -> None:
    """Be oneself again. A form that was made as the role is refused from here on.

    The key stays: other requests of the page may be under way with it.
    """
    request.session.pop(ROLE, None)
    rotate_token(request)


def moment(request: HttpRequest, name: str) -> datetime | None:
    """A moment that the session remembers."""
    return _moment(request.session.get(name))


def _moment(stamp: float | None) -> datetime | None:
    return None if stamp is None else datetime.fromtimestamp(stamp, tz=UTC)
