"""The notice that one's password is about to expire, on every page of the console."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from accounts import passwords
from accounts.caller import Caller
from accounts.models import Login


def password_expires_at(request: HttpRequest) -> datetime | None:
    """When the caller's password runs out, if that is within fifteen days. Takes no query: the
    policy comes with the session's login.
    """
    caller: Caller | None = getattr(request, "caller", None)
    # A role has no password; the notice waits until the person switches back.
    login = request.user if caller and caller.role is None else None
    if caller is None or not isinstance(login, Login):
        return None
    # An account without a policy of its own has no such attribute.
    policy = getattr(login.account, "password_policy", None)
    if passwords.expiry(login, policy, caller.now) is not passwords.Expiry.SOON:
        return None
    return passwords.expires_at(login, policy)
