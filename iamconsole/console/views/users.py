"""The tabs of one user's page, but for the credentials."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.groups import list_groups_for_user
from accounts.actions.users import list_user_tags
from accounts.paging import numbered_slice
from iamconsole.console.components import panels
from iamconsole.console.components.tables import Column, Table
from iamconsole.console.groups import rows as group_rows
from iamconsole.console.policies.documents import laid_out, sections
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import pages as user_pages
from iamconsole.console.users import suspension
from iamconsole.console.users.permissions import Permission, document_of, permissions

PERMISSION_COLUMNS = (
    Column("name", "Policy name", sortable=False),
    Column("type", "Type", sortable=False),
    Column("via", "Attached via", sortable=False),
    Column("document", "Document", sortable=False),
)
_PERMISSION_ACTIONS = (
    "iam:AttachUserPolicy",
    "iam:DetachUserPolicy",
    "iam:PutUserPolicy",
    "iam:DeleteUserPolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
)
GROUP_COLUMNS = (
    Column("name", "Group name", sortable=False),
    Column("attached", "Attached policies", sortable=False, numeric=True),
    Column("created", "Creation time", sortable=False),
)


@require_safe
def show_permissions(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """The tab of policies: attached, inline, and those of groups; one of them opened."""
    caller = request.caller
    page = user_pages.context(caller, user_name, "permissions", *_PERMISSION_ACTIONS)
    found = permissions(caller, user_name)
    table = Table(request.GET, PERMISSION_COLUMNS)
    table.show(numbered_slice(_matching(found.rows, table.search), table.number, table.size))
    page |= {"table": table, "refusals": found.refusals, "suspended": suspension.held(found)}
    page["may_add"] = user_pages.add_refusal(caller, page["denied"])
    opened = next((row for row in table.rows if row.place == request.GET.get("show")), None)
    if opened is not None:
        document = document_of(caller, user_name, opened)
        page |= {"opened": opened.place, "document": document}
        if document.value:
            page |= {"text": laid_out(document.value), "sections": sections(document.value)}
    return render(request, "console/users/permissions.html", page)


@require_safe
def show_groups(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """The tab of groups."""
    page = user_pages.context(request.caller, user_name, "groups")
    page["join_denied"] = panels.missing_everywhere(request.caller, "iam:AddUserToGroup")
    page["leave_denied"] = panels.missing_everywhere(request.caller, "iam:RemoveUserFromGroup")
    table = Table(request.GET, GROUP_COLUMNS)
    found = panels.subject(list_groups_for_user, request.caller, user_name=user_name)
    if found.error is not None:
        table.refuse(found.error)
    else:
        table.show(group_rows.of_user(request.caller, found.value))
    return render(request, "console/users/groups.html", page | {"table": table})


@require_safe
def show_tags(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """The tab of tags."""
    actions = ("iam:TagUser", "iam:UntagUser")
    page = user_pages.context(request.caller, user_name, "tags", *actions)
    denied = page["denied"]
    page["edit_denied"] = denied["TagUser"] if denied["UntagUser"] else ""
    page["tags"] = panels.subject(list_user_tags, request.caller, user_name=user_name)
    return render(request, "console/users/tags.html", page)


def _matching(rows: list[Permission], search: str) -> list[Permission]:
    return [row for row in rows if search.lower() in row.name.lower()]
