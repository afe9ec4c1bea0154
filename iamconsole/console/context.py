"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from iamconsole.console.expiry import password_expires_at
from iamconsole.console.navigation import navigation
from iamconsole.console.theme import chosen_theme


def page(request: HttpRequest) -> dict[str, Any]:
    """The caller, the navigation, the look, and names that are settings."""
    caller = getattr(request, "caller", None)
    return {
        "caller": caller,
        "navigation": navigation(request.path) if caller else (),
        "password_expires_at": password_expires_at(request),
        "theme": chosen_theme(request),
        "base_url": settings.BASE_URL,
        "product_name": settings.PRODUCT_NAME,
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
