"""The drawer's pages: steps, checks, hints, solutions."""

from django.http import HttpRequest, HttpResponse


def pulse(request: HttpRequest, lab: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def step(request: HttpRequest, lab: str, step: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def check(request: HttpRequest, lab: str, step: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def hint(request: HttpRequest, lab: str, step: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)


def solution(request: HttpRequest, lab: str, step: str) -> HttpResponse:
    """Not built yet."""
    return HttpResponse(status=501)
