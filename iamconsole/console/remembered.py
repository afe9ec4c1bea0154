"""The account and user name that a browser remembers, so that the sign-in page can fill them in."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_YEAR = 365 * 24 * 60 * 60
_NAMES = ("account", "user_name")
_LONGEST = 128


def remembered(request: HttpRequest) -> dict[str, str]:
    """What the browser remembers, as initial values of the sign-in form."""
    try:
        kept = dict(parse_qsl(request.COOKIES.get(settings.REMEMBER_COOKIE_NAME, "")))
    except ValueError:
        return {}
    return {name: kept[name][:_LONGEST] for name in _NAMES if name in kept}


def remember(response: HttpResponse, account: str, user_name: str) -> None:
    """Have the browser remember for a year."""
    response.set_cookie(
        settings.REMEMBER_COOKIE_NAME,
        urlencode({"account": account, "user_name": user_name}),
        max_age=_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    """Have the browser forget."""
    response.delete_cookie(settings.REMEMBER_COOKIE_NAME, samesite="Lax")
