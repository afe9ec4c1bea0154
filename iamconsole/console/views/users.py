"""The list of users, and the tabs of one user's page but for the credentials."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.groups import list_groups_for_user
from accounts.actions.users import list_user_tags, list_users
from accounts.errors import ServiceError
from accounts.paging import Page, numbered_slice
from iamconsole.console.components import panels
from iamconsole.console.components.tables import Column, Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import pages as user_pages
from iamconsole.console.users import rows as user_rows
from iamconsole.console.users.permissions import Permission, permissions

PERMISSION_COLUMNS = (
    Column("name", "Policy name", sortable=False),
    Column("type", "Type", sortable=False),
    Column("via", "Attached via", sortable=False),
)
GROUP_COLUMNS = (
    Column("name", "Group name", sortable=False),
    Column("path", "Path", sortable=False),
    Column("created", "Creation time", sortable=False),
)


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """All users of the account."""
    caller = request.caller
    table = Table(request.GET, user_rows.columns(caller), sort="name")
    try:
        found = list_users(
            caller,
            search=table.search,
            sort=table.order,
            page=table.number,
            page_size=table.size,
        )
        table.show(user_rows.rows(caller, found))
    except ServiceError as error:
        table.refuse(error)
    page = {"table": table, "create_denied": panels.missing_everywhere(caller, "iam:CreateUser")}
    return render(request, "console/users/index.html", page)


@require_safe
def show_permissions(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """The tab of policies: attached, inline, and those of groups."""
    caller = request.caller
    actions = ("iam:AttachUserPolicy", "iam:DetachUserPolicy")
    page = user_pages.context(caller, user_name, "permissions", *actions)
    found = permissions(caller, user_name)
    table = Table(request.GET, PERMISSION_COLUMNS)
    table.show(numbered_slice(_matching(found.rows, table.search), table.number, table.size))
    page |= {"table": table, "refusals": found.refusals}
    return render(request, "console/users/permissions.html", page)


@require_safe
def show_groups(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """The tab of groups."""
    page = user_pages.context(request.caller, user_name, "groups")
    table = Table(request.GET, GROUP_COLUMNS)
    found = panels.subject(list_groups_for_user, request.caller, user_name=user_name)
    if found.error is not None:
        table.refuse(found.error)
    else:
        table.show(Page(found.value.items))
    return render(request, "console/users/groups.html", page | {"table": table})


@require_safe
def show_tags(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """The tab of tags."""
    actions = ("iam:TagUser", "iam:UntagUser")
    page = user_pages.context(request.caller, user_name, "tags", *actions)
    page["tags"] = panels.subject(list_user_tags, request.caller, user_name=user_name)
    return render(request, "console/users/tags.html", page)


def _matching(rows: list[Permission], search: str) -> list[Permission]:
    return [row for row in rows if search.lower() in row.name.lower()]
