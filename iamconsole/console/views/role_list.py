"""The list of roles."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.roles import PROPERTIES, list_roles
from accounts.errors import ServiceError
from iamconsole.console.components import export, panels, rows
from iamconsole.console.components.preferences import preferences_of
from iamconsole.console.components.tables import Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles.columns import COLUMNS, verdicts


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """The account's roles, as a page or as a file."""
    caller = request.caller
    table = Table(
        request.GET,
        COLUMNS,
        sort="name",
        properties=PROPERTIES,
        preferences=preferences_of(caller, "roles"),
    )
    try:
        rows.show(table, list_roles(caller, **table.query_of_action), verdicts(caller))
    except ServiceError as error:
        table.refuse(error)
    if table.exporting:
        return export.csv_of(table, "roles.csv")
    denied = panels.missing_everywhere(caller, "iam:CreateRole")
    return render(request, "console/roles/index.html", {"table": table, "create_denied": denied})
