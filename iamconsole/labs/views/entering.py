"""Into a lab, out of it, and back to its start."""

from django.http import HttpRequest, HttpResponse


def leave(request: HttpRequest) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def start(request: HttpRequest, lab: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def enter(request: HttpRequest, lab: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def reset(request: HttpRequest, lab: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def reset_step(request: HttpRequest, lab: str, step: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def skip(request: HttpRequest, lab: str, step: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)
