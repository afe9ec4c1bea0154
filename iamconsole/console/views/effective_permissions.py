"""What all policies of a user, group or role come to: by service, then by action."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.explanations import EffectivePermissions, effective_permissions
from accounts.actions.groups import get_group
from accounts.engine import catalog
from accounts.errors import AccessDenied
from accounts.paging import numbered_slice
from iamconsole.console.components import panels
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.groups import pages as group_pages
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles import pages as role_pages
from iamconsole.console.users import pages as user_pages
from iamconsole.console.why import reach, subjects
from iamconsole.console.why.subjects import Subject

COLUMNS = (
    Column("name", "Service", sortable=False),
    Column("access", "Access", sortable=False),
    Column("limits", "Limits", sortable=False),
)
SHOWN = Filter("shown", "Show", reach.SHOWN)


@require_safe
def user(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """A user's."""
    page = user_pages.context(request.caller, user_name, "effective")
    return _page(request, subjects.user(request.caller, user_name), page)


@require_safe
def group(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """A group's, which its members have besides their own."""
    found = panels.subject(get_group, request.caller, group_name=group_name, max_items=1)
    page = group_pages.context(request.caller, group_name, found, "effective")
    return _page(request, subjects.group(request.caller, group_name), page)


@require_safe
def role(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """A role's."""
    page = role_pages.context(request.caller, role_name, "effective")
    return _page(request, subjects.role(request.caller, role_name), page)


def _page(request: ConsoleRequest, subject: Subject, page: dict[str, Any]) -> HttpResponse:
    """The tab of that name, within what the subject's other tabs show."""
    table = Table(request.GET, COLUMNS, filters=(SHOWN,))
    page |= {"subject": subject, "table": table, "layout": f"console/{subject.kind}s/detail.html"}
    try:
        found = effective_permissions(request.caller, policy_source_arn=subject.arn)
    except AccessDenied as error:
        table.refuse(error)
        return render(request, "console/effective_permissions/index.html", page)
    if prefix := request.GET.get("service", ""):
        return _service(request, subject, found, prefix)
    rows = reach.services(found.reach, table.search, table.filtered["shown"])
    shown = numbered_slice(rows, table.number, table.size)
    table.show(replace(shown, items=reach.with_access(found.reach, shown.items)))
    return render(request, "console/effective_permissions/index.html", page)


def _service(
    request: ConsoleRequest, subject: Subject, found: EffectivePermissions, prefix: str
) -> HttpResponse:
    service = catalog.service(prefix)
    if service is None:
        raise Http404
    statements, unread = reach.statements(found, service.prefix)
    page = {
        "subject": subject,
        "service": service,
        "reach": found.reach.service(service.prefix),
        "levels": reach.levels(found.reach, service.prefix),
        "statements": statements,
        "unread": unread,
    }
    return render(request, "console/effective_permissions/service.html", page)
