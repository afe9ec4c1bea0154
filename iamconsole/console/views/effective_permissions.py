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
from iamconsole.console import detail
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject
from iamconsole.console.why import reach

COLUMNS = (
    Column("name", "Service", sortable=False),
    Column("access", "Access", sortable=False),
    Column("limits", "Limits", sortable=False),
)
SHOWN = Filter("shown", "Show", reach.SHOWN)


@require_safe
def show(request: ConsoleRequest, kind: str, **named: str) -> HttpResponse:
    """The tab of that name, or all about one service where the address names it."""
    subject = Subject(kind, *named.values())
    arn = subject.resource(request.caller).arn
    if prefix := request.GET.get("service", ""):
        found = effective_permissions(request.caller, policy_source_arn=arn)
        return _service(request, subject, found, prefix)
    table = Table(request.GET, COLUMNS, filters=(SHOWN,))
    page = detail.context(request.caller, subject, "effective")
    page |= {"table": table, "simulate_url": subject.page("simulate")}
    try:
        found = effective_permissions(request.caller, policy_source_arn=arn)
    except AccessDenied as error:
        table.refuse(error)
    else:
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
        "trail": [*subject.trail, ("Effective permissions", subject.page("effective-permissions"))],
        "service": service,
        "reach": found.reach.service(service.prefix),
        "levels": reach.levels(found.reach, service.prefix),
        "statements": statements,
        "unread": unread,
    }
    return render(request, "console/effective_permissions/service.html", page)
