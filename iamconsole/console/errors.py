"""Expected failures as pages: what happened, to what, and what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.errors import AccessDenied, ServiceError
from iamconsole.console.components.editing import Conflict, conflict_page
from iamconsole.console.credentials.own_pages import own_page

logger = logging.getLogger(__name__)


class ServiceErrors:
    """Shows a ServiceError that no view caught, with its own status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; Django's answer to a wrong method is an empty page."""
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET":
            return _only_for_forms(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page of an expected failure; anything else is Django's 500."""
        if not isinstance(error, ServiceError):
            return None
        return error_page(request, error)


def error_page(request: HttpRequest, error: ServiceError) -> HttpResponse:
    """The page of a refusal, of a thing that is not there, or of another failure."""
    if isinstance(error, Conflict):
        return conflict_page(request, error)
    if isinstance(error, AccessDenied):
        template = "errors/403.html"
    elif error.status == HTTPStatus.NOT_FOUND:
        template = "errors/404.html"
    else:
        template = "errors/failed.html"
    return render(request, template, {"error": error}, status=error.status)


def _only_for_forms(request: HttpRequest, refusal: HttpResponse) -> HttpResponse:
    """The page of an address that only takes forms: it was typed, bookmarked or loaded again."""
    above = request.path.rstrip("/").rpartition("/")[0] + "/"
    page = render(request, "errors/405.html", {"above": own_page(above)}, status=405)
    page["Allow"] = refusal["Allow"]
    return page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not ours, or that was left open through a sign-out."""
    logger.info("CSRF check failed: %s", reason)
    return render(request, "errors/stale_form.html", status=403)
