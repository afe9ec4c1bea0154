"""What all policies of a user, group or role come to: by service, then by action."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.explanations import EffectivePermissions, effective_permissions
from accounts.engine import catalog
from accounts.errors import AccessDenied
from accounts.paging import numbered_slice
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.why import services, subjects
from iamconsole.console.why.subjects import Subject

COLUMNS = (
    Column("name", "Service", sortable=False),
    Column("access", "Access", sortable=False),
    Column("limits", "Limits", sortable=False),
)
SHOWN = Filter("shown", "Show", services.SHOWN)


@require_safe
def user(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """A user's."""
    return _page(request, subjects.user(request.caller, user_name))


@require_safe
def group(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """A group's, which its members have besides their own."""
    return _page(request, subjects.group(request.caller, group_name))


@require_safe
def role(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """A role's."""
    return _page(request, subjects.role(request.caller, role_name))


def _page(request: ConsoleRequest, subject: Subject) -> HttpResponse:
    table = Table(request.GET, COLUMNS, filters=(SHOWN,))
    try:
        found = effective_permissions(request.caller, policy_source_arn=subject.arn)
    except AccessDenied as error:
        table.refuse(error)
        page = {"subject": subject, "table": table}
        return render(request, "console/effective_permissions/index.html", page)
    if prefix := request.GET.get("service", ""):
        return _service(request, subject, found, prefix)
    rows = services.services(found.reach, table.search, table.filtered["shown"])
    shown = numbered_slice(rows, table.number, table.size)
    table.show(replace(shown, items=services.with_access(found.reach, shown.items)))
    return render(
        request, "console/effective_permissions/index.html", {"subject": subject, "table": table}
    )


def _service(
    request: ConsoleRequest, subject: Subject, found: EffectivePermissions, prefix: str
) -> HttpResponse:
    service = catalog.service(prefix)
    if service is None:
        raise Http404
    statements, unread = services.statements(found, service.prefix)
    page = {
        "subject": subject,
        "service": service,
        "reach": found.reach.service(service.prefix),
        "levels": services.levels(found.reach, service.prefix),
        "statements": statements,
        "unread": unread,
    }
    return render(request, "console/effective_permissions/service.html", page)
