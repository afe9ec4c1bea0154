"""The dialog in which somebody says how a list is to look."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from iamconsole.console.components.preferences import keep, preferences_of
from iamconsole.console.components.tables import Column
from iamconsole.console.forms.preferences import PreferencesForm
from iamconsole.console.groups.rows import NAMES as GROUPS
from iamconsole.console.htmx import go
from iamconsole.console.policies.columns import NAMES as POLICIES
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles.columns import COLUMNS as ROLES
from iamconsole.console.users.columns import NAMES as USERS

#: The lists that have preferences: the columns, and the page.
LISTS: dict[str, tuple[tuple[Column, ...], str]] = {
    "users": (USERS, "console:users"),
    "groups": (GROUPS, "console:groups"),
    "roles": (ROLES, "console:roles"),
    "policies": (POLICIES, "console:policies"),
}
#: Characters of a list's query string.
_LONGEST_VIEW = 4000


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, table: str) -> HttpResponse:
    """Show what holds for a list, keep what was chosen, and go back to the list."""
    if table not in LISTS:
        raise Http404("No list of that name has preferences.")
    columns, page = LISTS[table]
    sent = request.POST if request.method == "POST" else None
    form = PreferencesForm(sent, columns=columns, now=preferences_of(request.caller, table))
    view = request.POST.get("view", request.GET.get("view", ""))
    back = _back(reverse(page), view)
    if form.is_valid():
        keep(request.caller, form.chosen)
        return go(request, back)
    context = {"form": form, "table": table, "back": back, "view": view}
    return render(
        request, "console/preferences.html", context, status=422 if form.is_bound else 200
    )


def _back(page: str, view: str) -> str:
    """The list as it stood, but for columns and size: the address would win over the choice."""
    query = [
        (name, value)
        for name, value in parse_qsl(view[:_LONGEST_VIEW])
        if name not in ("columns", "size", "page", "format")
    ]
    return f"{page}?{urlencode(query)}" if query else page
