"""The one place that knows whether a request came from htmx."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to another page; htmx would swap a redirect's page into the old one."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def is_piece(request: HttpRequest) -> bool:
    """Whether a script takes a piece out of the answer, and leaves what stands around it."""
    of_dialog = request.headers.get("X-Requested-With") == "dialog"
    return of_dialog or bool(getattr(request, "htmx", False))
