"""Which services a user, group, role or policy gives, and when each was last tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.last_accessed import (
    Grant,
    ServiceLastAccessed,
    TrackedAction,
    last_accessed,
    list_policies_granting_service_access,
)
from accounts.arns import last_part
from accounts.caller import Caller
from accounts.errors import AccessDenied
from accounts.paging import Page, numbered_slice
from iamconsole.console import detail
from iamconsole.console.components import panels
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject

_ACCESSED = Filter(
    "accessed",
    "Filter by use",
    (("", "All services"), ("yes", "Accessed"), ("no", "Not accessed")),
)
_TRIED = Filter(
    "tried",
    "Filter by use",
    (("", "All actions"), ("yes", "Accessed"), ("no", "Not accessed")),
)
_ACTION_COLUMNS = (
    Column("name", "Action"),
    Column("time", "Last accessed"),
    Column("by", "By", sortable=False),
    Column("region", "Region", sortable=False),
)
#: Users and roles that the page of one service lists.
_MOST_ENTITIES = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A service of the list."""

    service: ServiceLastAccessed
    policies: Sequence[Grant]

    @property
    def by(self) -> str:
        """The name of who tried last."""
        return last_part(self.service.entity)


@require_safe
def show(request: ConsoleRequest, kind: str, **named: str) -> HttpResponse:
    """The tab of that name, or all about one service where the address names it."""
    subject = Subject(kind, *named.values())
    if service := request.GET.get("service", ""):
        return _service(request, subject, service)
    page = detail.context(request.caller, subject, "last-accessed")
    table = Table(request.GET, _columns(subject), sort="name", filters=(_ACCESSED,))
    try:
        arn = subject.resource(request.caller).arn
        found = last_accessed(request.caller, arn=arn).services
    except AccessDenied as error:
        table.refuse(error)
    else:
        services = _sorted(_matching(found, table), table)
        shown = numbered_slice(services, table.number, table.size)
        granted = _grants(request.caller, subject, [each.namespace for each in shown.items])
        rows = [Row(each, granted.get(each.namespace, ())) for each in shown.items]
        table.show(Page(rows, total=shown.total, number=shown.number, pages=shown.pages))
    page |= {
        "table": table,
        "has_grants": _has_grants(subject),
        "has_entities": _has_entities(subject),
    }
    return render(request, "console/last_accessed/index.html", page)


def _service(request: ConsoleRequest, subject: Subject, namespace: str) -> HttpResponse:
    """One service: each action that was tried, the policies that give it, who can use it."""
    arn = subject.resource(request.caller).arn
    found = last_accessed(request.caller, arn=arn, service_namespace=namespace)
    service = found.services[0]
    table = Table(request.GET, _ACTION_COLUMNS, sort="time", descending=True, filters=(_TRIED,))
    table.show(numbered_slice(_listed(service.actions, table), table.number, table.size))
    page = {
        "trail": [*subject.trail, ("Last Accessed", subject.page("last-accessed"))],
        "service": service,
        "table": table,
        "grants": _grants(request.caller, subject, [namespace]).get(namespace, ()),
        "has_grants": _has_grants(subject),
        "entities": found.entities[:_MOST_ENTITIES],
        "has_entities": _has_entities(subject),
    }
    return render(request, "console/last_accessed/service.html", page)


def _listed(actions: Sequence[TrackedAction], table: Table) -> list[TrackedAction]:
    """The actions that the table asks for, in its order; one never tried is older than all."""
    search, tried = table.search.lower(), table.filtered["tried"]
    found = [
        each
        for each in sorted(actions, key=lambda each: each.name)
        if search in each.name.lower() and tried in ("", "yes" if each.time else "no")
    ]

    def key(each: TrackedAction) -> str:
        if table.sort == "time":
            return each.time.isoformat() if each.time else ""
        return each.name

    return sorted(found, key=key, reverse=table.descending)


def _has_grants(subject: Subject) -> bool:
    """Whether the policies that give a service can be told: a policy itself is not asked."""
    return subject.kind != "policy"


def _has_entities(subject: Subject) -> bool:
    """Whether it is others who try: a group's users, or whoever has a policy."""
    return subject.kind in ("group", "policy")


def _columns(subject: Subject) -> tuple[Column, ...]:
    by = (Column("by", "Last accessed by", sortable=False),) if _has_entities(subject) else ()
    grants = (
        (Column("policies", "Policies granting permissions", sortable=False),)
        if _has_grants(subject)
        else ()
    )
    return (Column("name", "Service"), *grants, Column("time", "Last accessed"), *by)


def _matching(found: Sequence[ServiceLastAccessed], table: Table) -> list[ServiceLastAccessed]:
    search, accessed = table.search.lower(), table.filtered["accessed"]
    return [
        each
        for each in found
        if (search in each.name.lower() or search in each.namespace)
        and accessed in ("", "yes" if each.last_authenticated else "no")
    ]


def _sorted(found: Sequence[ServiceLastAccessed], table: Table) -> list[ServiceLastAccessed]:
    def key(each: ServiceLastAccessed) -> tuple[bool, datetime | str]:
        if table.sort == "time":
            moment = each.last_authenticated
            return (moment is not None, moment.isoformat() if moment else "")
        return (True, each.name.lower())

    return sorted(found, key=key, reverse=table.descending)


def _grants(caller: Caller, subject: Subject, namespaces: list[str]) -> dict[str, Sequence[Grant]]:
    """The policies by service, as far as the caller may know them."""
    if not _has_grants(subject) or not namespaces:
        return {}
    found = panels.panel(
        list_policies_granting_service_access, caller,
        arn=subject.resource(caller).arn, service_namespaces=namespaces,
    )  # fmt: skip
    return {each.namespace: each.policies for each in found.value.items} if found.value else {}
