"""The address without a path: it leads to the console, which leads to sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go to the dashboard."""
    return redirect("console:dashboard")
