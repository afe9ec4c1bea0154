"""The end of a lab: what was done, and its certificate."""

from django.http import HttpRequest, HttpResponse


def show(request: HttpRequest, lab: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def certificate(request: HttpRequest, lab: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)
