"""The list of users."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.users import PROPERTIES, list_users
from accounts.errors import ServiceError
from iamconsole.console.components import export, panels, rows
from iamconsole.console.components.preferences import preferences_of
from iamconsole.console.components.tables import Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import bulk
from iamconsole.console.users import columns as user_columns


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """All users of the account, as a page or as a file."""
    caller = request.caller
    verdicts = user_columns.verdicts(caller)
    table = Table(
        request.GET,
        user_columns.columns(caller, verdicts),
        sort="name",
        properties=PROPERTIES,
        preferences=preferences_of(caller, "users"),
    )
    try:
        rows.show(table, list_users(caller, **table.query_of_action), verdicts)
    except ServiceError as error:
        table.refuse(error)
    if table.exporting:
        return export.csv_of(table, "users.csv")
    page = {
        "table": table,
        "create_denied": panels.missing_everywhere(caller, "iam:CreateUser"),
        "bulk_actions": bulk.offered(caller),
    }
    return render(request, "console/users/index.html", page)
