"""Which addresses somebody may be sent to by a parameter: pages of this site, and no others."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme


def own_page(text: str) -> str:
    """The text, if it is the path of a page that one signs in for; else nothing.

    It must lead to a view of ours: whatever a browser could read as another host leads to none.
    """
    if not text.startswith("/") or not text.isprintable():
        return ""
    if not url_has_allowed_host_and_scheme(text, allowed_hosts=None):
        return ""
    try:
        match = resolve(urlsplit(text).path)
    except Resolver404:
        return ""
    return "" if match.app_name == "signin" else text
