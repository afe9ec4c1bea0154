"""The look that somebody chose, kept in a cookie so that a page arrives in its colours."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

#: "auto" follows the browser.
THEMES = ("auto", "light", "dark")


def chosen_theme(request: HttpRequest) -> str:
    """One of THEMES; "auto" where nothing valid was chosen."""
    theme = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return theme if theme in THEMES else "auto"
