"""What happens to every request before a view sees it: whence it comes, and who is asking."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils import timezone
from django.utils.cache import patch_cache_control

from accounts import caller, events, ids, sessions, signin
from accounts.caller import Caller, Face
from accounts.errors import ExpiredToken, InvalidClientTokenId
from accounts.signin import State
from iamconsole import arrival
from iamconsole.console import federation, session
from iamconsole.console.errors import csrf_failure

GetResponse = Callable[[HttpRequest], HttpResponse]
_SAFE = ("GET", "HEAD", "OPTIONS")

_SIGNIN_HOST = re.compile(
    rf"([a-z0-9-]{{3,63}})\.signin\.{re.escape(settings.BASE_NAME)}", re.ASCII
)
#: The one address that takes more than LARGEST_BODY, of whoever is signed in: files for a bucket.
_UPLOAD = re.compile(r"/console/s3/buckets/[^/]+/upload/")
_FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)


class FrontDoor:
    """Believes a proxy only where the operator named it, and keeps people on one host name.

    Cookies are not shared between localhost and 127.0.0.1, so pages asked for under another name
    are redirected to BASE_URL; ACCOUNT.signin.HOST leads to that account's sign-in page. The target
    is the configured one, never what the request says.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Redirect, refuse, or pass on."""
        _believe_proxy(request)
        try:
            host = request.get_host()
        except DisallowedHost:
            return HttpResponseBadRequest(
                f"This server does not answer to that host name. It is at {settings.BASE_URL}\n",
                content_type="text/plain; charset=utf-8",
            )
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if named := _SIGNIN_HOST.fullmatch(name):
            return HttpResponseRedirect(f"{settings.BASE_URL}/signin/{named[1]}/")
        if name != settings.BASE_NAME and not request.path.startswith(settings.STATIC_URL):
            # Percent-encoded as it came, below the one host that is configured.
            return HttpResponseRedirect(settings.BASE_URL + request.get_full_path())
        uploading = request.method == "POST" and _UPLOAD.fullmatch(request.path)
        if _is_larger(request, settings.LARGEST_UPLOAD if uploading else settings.LARGEST_BODY):
            return _too_large()
        return self.get_response(request)


class Headers:
    """The security headers that Django and the CSP middleware don't send."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add what is missing; pages are never stored, since they may show what is secret."""
        response = self.get_response(request)
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        if "Cache-Control" not in response.headers:
            patch_cache_control(response, no_store=True, private=True)
        return response


class CallerOfRequest:
    """Finds out who is asking and how far their sign-in is; writes the events of the reads."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set `request.caller`, `.person`, `.stranger`, `.pending` and `.state`."""
        now = timezone.now()
        journal: list[Any] = []
        known = facts(request, now, journal)
        request.stranger = caller.anonymous(None, **known)  # type: ignore[attr-defined]
        person = _signed_in(request, known, now)
        request.person = person  # type: ignore[attr-defined]
        if person is None and _is_larger(request, settings.LARGEST_BODY):
            return _too_large()
        who = _acting(request, person, known) if person else None
        request.caller = who  # type: ignore[attr-defined]
        request.pending = None  # type: ignore[attr-defined]
        state = State.SIGNED_IN
        if who is None:
            pending = session.pending(request, known, now)
            request.pending = pending  # type: ignore[attr-defined]
            state = pending.state if pending else State.ANONYMOUS
        request.state = state  # type: ignore[attr-defined]
        if who is person and _stops_acting(request) and request.method not in _SAFE:
            # It was filled in as the role: the person shall not do it unawares. The check for
            # forged forms compares with the cookie, which this answer only begins to change.
            return csrf_failure(request, "made as a role whose session is over")
        try:
            return self.get_response(request)
        finally:
            events.write(journal)


def facts(request: HttpRequest, now: datetime, journal: list[Any] | None) -> dict[str, Any]:
    """What a Caller knows of a request, whoever it is from."""
    return {
        "face": Face.CONSOLE,
        "now": now,
        "request_id": ids.request_id(),
        "source_address": request.META.get("REMOTE_ADDR", ""),
        "user_agent": request.headers.get("User-Agent", "")[:1024],
        "secure": request.is_secure(),
        "journal": journal,
        "seen": {},
    }


def _signed_in(request: HttpRequest, known: dict[str, Any], now: datetime) -> Caller | None:
    login = request.user
    if not login.is_authenticated:
        return _federated(request, known)
    issued_at = session.moment(request, session.ISSUED_AT)
    if issued_at is None or now - issued_at > signin.SESSION:
        request.session.flush()
        return None
    return signin.caller_of(
        login,
        **known,
        issued_at=issued_at,
        mfa_at=session.moment(request, session.MFA_AT),
        session_id=request.session.get(session.SESSION_ID, ""),
    )


def _federated(request: HttpRequest, known: dict[str, Any]) -> Caller | None:
    """Whoever signed in with temporary credentials, as long as these are good."""
    began = session.federated(request)
    if began is None:
        return None
    try:
        found = federation.caller_of(began, **known)
    except (ExpiredToken, InvalidClientTokenId):
        request.session.flush()
        return None
    sessions.note_use(found)
    return replace(found, session_id=request.session.get(session.SESSION_ID, ""))


def _acting(request: HttpRequest, person: Caller, known: dict[str, Any]) -> Caller:
    """The role that the person switched to; the person, where there is none or its time is over."""
    role = session.acting(request)
    if role is None:
        return person
    # What the person has looked up is in the person's account, not in the role's.
    known = known | {"seen": {}, "session_id": person.session_id}
    try:
        token = sessions.open_token(role.access_key_id, role.session_token, person.now)
        acting = sessions.caller_of(token, **known)
    except ExpiredToken:
        ended = f"Your session as {role.name} is over. You are {person.display_name} again."
    except InvalidClientTokenId:
        ended = f"{role.name} can't be used any more. You are {person.display_name} again."
    else:
        sessions.note_use(acting)
        return acting
    messages.warning(request, ended)
    return person


def _stops_acting(request: HttpRequest) -> bool:
    """Whether the session was a role's until this request, which then is the person's."""
    if session.acting(request) is None:
        return False
    session.stop_acting(request)
    return True


def _believe_proxy(request: HttpRequest) -> None:
    """Take address and scheme from the headers of a trusted proxy; drop anybody else's."""
    meta = request.META
    address, secure = arrival.source(meta)
    for header in _FORWARDED:
        meta.pop(header, None)
    meta["wsgi.url_scheme"] = "https" if secure else "http"
    if address:
        meta["REMOTE_ADDR"] = address


def _is_larger(request: HttpRequest, most: int) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not (length.isascii() and length.isdigit()) or (len(length) > 12 or int(length) > most)


def _too_large() -> HttpResponse:
    # The body stays unread: Django limits texts, but would write files of any size to the disk.
    return HttpResponse("That is too large.\n", status=413, content_type="text/plain")
