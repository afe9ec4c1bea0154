"""Several identities in one browser: one session is current, up to four more are parked.

A parked session is a normal session whose key lies in a second cookie. Whatever ends a session,
such as a new password, ends a parked one too. Pages name it by the id that events record, never by
its key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import signin
from accounts.caller import Caller
from accounts.models import Login
from iamconsole.console import session

#: As in AWS's console.
MOST = 5
_KEY = re.compile(r"[a-z0-9]{32}")
_SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


@dataclass(frozen=True, slots=True)
class Parked:
    """A session that waits, and whose it is."""

    key: str
    id: str
    login: Login
    #: The name of the role that it acts as, if any.
    role: str
    issued_at: datetime

    @property
    def name(self) -> str:
        """How the console names whoever it belongs to."""
        return self.login.user.name if self.login.user else self.login.account.root_email

    @property
    def account_name(self) -> str:
        """The account's alias, or its number as people read it."""
        account = self.login.account
        return account.alias or account.grouped_id


def parked(request: HttpRequest) -> Sequence[Parked]:
    """The sessions that wait in this browser and are still good. Two queries, or none."""
    known = getattr(request, "parked_sessions", None)
    if known is None:
        known = _found(_keys(request))
        request.parked_sessions = known  # type: ignore[attr-defined]
    found: Sequence[Parked] = known
    return found


def find(request: HttpRequest, session_id: str) -> Parked | None:
    """The parked session of that id."""
    return next((each for each in parked(request) if each.id == session_id), None)


def is_full(request: HttpRequest) -> bool:
    """Whether this browser has as many identities as it may have."""
    return len(parked(request)) + 1 >= MOST


def park(request: HttpRequest, response: HttpResponse) -> None:
    """Set the current session aside: the browser is nobody's until it signs in."""
    waiting = [each.key for each in parked(request)]
    _set_aside(request)
    _keep(response, [*waiting, str(request.session.session_key)])
    request.session = _SessionStore()
    rotate_token(request)


def switch(request: HttpRequest, wanted: Parked, response: HttpResponse) -> None:
    """Make a parked session the current one, under a new key and a new CSRF token.

    What was current is parked in its place. A sign-in that was half way is given up, and so is a
    session without a login.
    """
    aside: tuple[str, ...] = ()
    if request.person is not None and request.user.is_authenticated:  # type: ignore[attr-defined]
        _set_aside(request)
        aside = (str(request.session.session_key),)
    else:
        request.session.flush()
    _resume(request, wanted, response, aside)


def end_all(request: HttpRequest, response: HttpResponse) -> None:
    """End every parked session on the server."""
    end(request, parked(request), response)


def end(request: HttpRequest, unwanted: Sequence[Parked], response: HttpResponse) -> None:
    """End some of the parked sessions on the server."""
    left = tuple(each for each in parked(request) if each not in unwanted)
    for each in unwanted:
        _SessionStore(each.key).delete()
    request.parked_sessions = left  # type: ignore[attr-defined]
    _keep(response, [each.key for each in left])


def return_to(request: HttpRequest, wanted: Parked, response: HttpResponse) -> None:
    """End the current session and go on with a parked one, under a new key and CSRF token."""
    request.session.flush()
    _resume(request, wanted, response, ())


def caller_of(each: Parked, known: Mapping[str, Any]) -> Caller:
    """Whose session it is, for the record."""
    return signin.caller_of(each.login, **known, issued_at=each.issued_at, session_id=each.id)


def _resume(
    request: HttpRequest, wanted: Parked, response: HttpResponse, aside: Sequence[str]
) -> None:
    waiting = [each.key for each in parked(request) if each.key != wanted.key]
    _keep(response, [*waiting, *aside])
    request.session = _SessionStore(wanted.key)
    request.session.cycle_key()
    rotate_token(request)


def _set_aside(request: HttpRequest) -> None:
    if request.session.modified:
        request.session.save()


def _keys(request: HttpRequest) -> list[str]:
    """The keys in the cookie, but for what can't be any and the current one."""
    named = request.COOKIES.get(settings.PARKED_COOKIE_NAME, "").split(".")
    keys = dict.fromkeys(key for key in named if _KEY.fullmatch(key))
    keys.pop(str(request.session.session_key), None)
    return list(keys)[: MOST - 1]


def _found(keys: Sequence[str]) -> Sequence[Parked]:
    if not keys:
        return ()
    now = timezone.now()
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
    records = {row.session_key: row.get_decoded() for row in rows}
    logins = {
        str(login.pk): login
        for login in Login.objects.select_related("account", "user__account").filter(
            pk__in=[record.get(SESSION_KEY) for record in records.values()]
        )
    }
    found = [
        _good(key, records[key], logins.get(records[key].get(SESSION_KEY, "")), now)
        for key in keys
        if key in records
    ]
    return tuple(each for each in found if each is not None)


def _good(key: str, record: Mapping[str, Any], login: Login | None, now: datetime) -> Parked | None:
    """The session, unless it is half way, too old, or its login has changed since."""
    if login is None or session.ISSUED_AT not in record:
        return None
    issued_at = datetime.fromtimestamp(record[session.ISSUED_AT], tz=UTC)
    proof = record.get(HASH_SESSION_KEY, "")
    if now - issued_at > signin.SESSION or not constant_time_compare(
        proof, login.get_session_auth_hash()
    ):
        return None
    role = record.get(session.ROLE) or {}
    return Parked(key, record.get(session.SESSION_ID, ""), login, role.get("name", ""), issued_at)


def _keep(response: HttpResponse, keys: Sequence[str]) -> None:
    if not keys:
        response.delete_cookie(settings.PARKED_COOKIE_NAME, samesite="Lax")
        return
    response.set_cookie(
        settings.PARKED_COOKIE_NAME,
        ".".join(keys[: MOST - 1]),
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
