"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from iamconsole.console import identities, session
from iamconsole.console.expiry import password_expires_at
from iamconsole.console.navigation import areas
from iamconsole.console.switching import recent_roles
from iamconsole.console.theme import chosen_theme


def page(request: HttpRequest) -> dict[str, Any]:
    """The caller, the services with their navigation, the look, and names that are settings."""
    caller = getattr(request, "caller", None)
    services = areas(request.path) if caller else ()
    return {
        "caller": caller,
        "person": getattr(request, "person", None),
        "acting": session.acting(request) if caller and caller.role else None,
        "recent_roles": recent_roles(request) if caller else (),
        # Called by the template, where it is shown: it takes two queries.
        "identities": lambda: identities.parked(request),
        "areas": services,
        "area": next((each for each in services if each.current), None),
        "password_expires_at": password_expires_at(request),
        "theme": chosen_theme(request),
        "base_url": settings.BASE_URL,
        "product_name": settings.PRODUCT_NAME,
        "csp_nonce": getattr(request, "csp_nonce", ""),
    }
