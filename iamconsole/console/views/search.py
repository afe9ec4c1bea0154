"""The page of the search, which is also a dialog above every other page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from iamconsole.console.request import ConsoleRequest
from iamconsole.console.search.finding import find


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """What was typed, and what is of that name."""
    text = request.GET.get("q", "")
    sections = find(request.caller, text)
    hits = sum(len(section.hits) for section in sections)
    page = {"q": text.strip(), "sections": sections, "hits": hits}
    return render(request, "console/search/index.html", page)
