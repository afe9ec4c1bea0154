"""Secrets that a page shows once more after a redirect: sealed in the session, for ten minutes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from accounts import vault

KEPT = timedelta(minutes=10)
_PREFIX = "kept:"


def keep(request: HttpRequest, purpose: str, secret: dict[str, Any], now: datetime) -> None:
    """Seal something for this session, under a name; what had the name before goes."""
    _sweep(request, now)
    sealed = vault.seal(json.dumps(secret), vault.session_place(purpose, _session(request)))
    request.session[_name(purpose)] = {"sealed": sealed, "at": now.timestamp()}


def look(request: HttpRequest, purpose: str, now: datetime) -> dict[str, Any] | None:
    """What was kept under the name, if it is younger than ten minutes; older it goes."""
    record = request.session.get(_name(purpose))
    if record is None:
        return None
    if now.timestamp() - record["at"] > KEPT.total_seconds():
        drop(request, purpose)
        return None
    try:
        opened = vault.unseal(record["sealed"], vault.session_place(purpose, _session(request)))
    except vault.Unopened:
        drop(request, purpose)
        return None
    found: dict[str, Any] = json.loads(opened)
    return found


def drop(request: HttpRequest, purpose: str) -> None:
    """Forget what was kept under the name."""
    request.session.pop(_name(purpose), None)


def _sweep(request: HttpRequest, now: datetime) -> None:
    """Forget what nobody came back for, such as the password of a wizard that was left."""
    for name, record in list(request.session.items()):
        if name.startswith(_PREFIX) and now.timestamp() - record["at"] > KEPT.total_seconds():
            del request.session[name]


def _name(purpose: str) -> str:
    return f"{_PREFIX}{purpose}"


def _session(request: HttpRequest) -> str:
    # The session's own id, which stays when its key is changed on a password change.
    return str(request.session.get("session_id", ""))
