"""The labs there are, and each one's own page."""

from django.http import HttpRequest, HttpResponse


def index(request: HttpRequest) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def show(request: HttpRequest, lab: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)
