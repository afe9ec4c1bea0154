"""The lab that stands beside every page of somebody who is signed in to a run's account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from iamconsole.console.htmx import is_piece
from iamconsole.labs.drawer import Drawer, drawer_of


def drawer(request: HttpRequest) -> dict[str, Any]:
    """`lab_drawer`: what the drawer shows, or nothing; looked up once, when a page asks for it."""
    return {"lab_drawer": lambda: _found_once(request)}


def _found_once(request: HttpRequest) -> Drawer | None:
    if is_piece(request):
        return None
    if not hasattr(request, "lab_drawer"):
        request.lab_drawer = drawer_of(request)  # type: ignore[attr-defined]
    found: Drawer | None = request.lab_drawer  # type: ignore[attr-defined]
    return found
