"""Which services a user, group, role or policy gives, and when each was last tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.actions.last_accessed import (
    Grant,
    ServiceLastAccessed,
    generate_service_last_accessed_details,
    get_service_last_accessed_details,
    get_service_last_accessed_details_with_entities,
    list_policies_granting_service_access,
)
from accounts.arns import last_part
from accounts.caller import Caller
from accounts.errors import NoSuchEntity, ServiceError
from accounts.paging import Page, numbered_slice
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.why import subjects

_ACCESSED = Filter(
    "accessed",
    "Filter by use",
    (("", "All services"), ("yes", "Accessed"), ("no", "Not accessed")),
)


@dataclass(frozen=True, slots=True)
class About:
    """What the page is about, and where its own pages are."""

    kind: str
    name: str
    arn: str
    list_label: str
    list_url: str
    url: str
    here: str

    @property
    def grants(self) -> bool:
        """Whether the policies that give a service can be told: a policy itself is not asked."""
        return self.kind != "policy"

    @property
    def entities(self) -> bool:
        """Whether it is others who try: a group's users, or whoever has a policy."""
        return self.kind in ("group", "policy")


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
def user(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """A user's services."""
    return _page(request, _of(subjects.user(request.caller, user_name)))


@require_safe
def group(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """The services that a group gives its users."""
    return _page(request, _of(subjects.group(request.caller, group_name)))


@require_safe
def role(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """A role's services."""
    return _page(request, _of(subjects.role(request.caller, role_name)))


@require_safe
def policy(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """The services that a policy gives whoever has it."""
    about = About(
        "policy", last_part(policy_arn), policy_arn, "Policies", reverse("console:policies"),
        reverse("console:policy", args=[policy_arn]),
        reverse("console:policy-last-accessed", args=[policy_arn]),
    )  # fmt: skip
    return _page(request, about)


def _of(subject: subjects.Subject) -> About:
    return About(
        subject.kind, subject.name, subject.arn, subject.list_label, subject.list_url, subject.url,
        reverse(f"console:{subject.kind}-last-accessed", args=[subject.name]),
    )  # fmt: skip


def _page(request: ConsoleRequest, about: About) -> HttpResponse:
    """The list of services, or one of them where the address names it."""
    service = request.GET.get("service", "")
    if service:
        return _service(request, about, service)
    table = Table(request.GET, _columns(about), sort="name", filters=(_ACCESSED,))
    try:
        found = _asked(request.caller, about, "SERVICE_LEVEL")[1]
        services = _sorted(_matching(found, table), table)
        page = numbered_slice(services, table.number, table.size)
        granted = _grants(request.caller, about, [each.namespace for each in page.items])
        rows = [Row(each, granted.get(each.namespace, ())) for each in page.items]
        table.show(Page(rows, total=page.total, number=page.number, pages=page.pages))
    except ServiceError as error:
        if isinstance(error, NoSuchEntity):
            raise
        table.refuse(error)
    return render(request, "console/last_accessed/index.html", {"about": about, "table": table})


def _service(request: ConsoleRequest, about: About, namespace: str) -> HttpResponse:
    """One service: each action that was tried, the policies that give it, who can use it."""
    job, services = _asked(request.caller, about, "ACTION_LEVEL")
    found = next((each for each in services if each.namespace == namespace), None)
    if found is None:
        raise NoSuchEntity(f"No policy gives access to {namespace[:64]} here.")
    entities = Panel()
    if about.entities:
        entities = panels.panel(
            get_service_last_accessed_details_with_entities, request.caller,
            job_id=job, service_namespace=namespace, max_items=100,
        )  # fmt: skip
    tried = [each for each in found.actions if each.time is not None]
    page = {
        "about": about,
        "service": found,
        "actions": sorted(tried, key=lambda each: str(each.time), reverse=True),
        "policies": _grants(request.caller, about, [namespace]).get(namespace, ()),
        "entities": entities,
    }
    return render(request, "console/last_accessed/service.html", page)


def _asked(caller: Caller, about: About, granularity: str) -> tuple[str, list[ServiceLastAccessed]]:
    """Make a report and read it: its job, and all its services."""
    job = generate_service_last_accessed_details(caller, arn=about.arn, granularity=granularity)
    found = get_service_last_accessed_details(caller, job_id=job, max_items=1000)
    return job, list(found.services.items)


def _columns(about: About) -> tuple[Column, ...]:
    by = (Column("by", "Last accessed by", sortable=False),) if about.entities else ()
    grants = (
        (Column("policies", "Policies granting permissions", sortable=False),)
        if about.grants
        else ()
    )
    return (Column("name", "Service"), *grants, Column("time", "Last accessed"), *by)


def _matching(found: list[ServiceLastAccessed], table: Table) -> list[ServiceLastAccessed]:
    search, accessed = table.search.lower(), table.filtered["accessed"]
    return [
        each
        for each in found
        if (search in each.name.lower() or search in each.namespace)
        and accessed in ("", "yes" if each.last_authenticated else "no")
    ]


def _sorted(found: list[ServiceLastAccessed], table: Table) -> list[ServiceLastAccessed]:
    def key(each: ServiceLastAccessed) -> tuple[bool, datetime | str]:
        if table.sort == "time":
            moment = each.last_authenticated
            return (moment is not None, moment.isoformat() if moment else "")
        return (True, each.name.lower())

    return sorted(found, key=key, reverse=table.descending)


def _grants(caller: Caller, about: About, namespaces: list[str]) -> dict[str, Sequence[Grant]]:
    """The policies by service, as far as the caller may know them."""
    if not about.grants or not namespaces:
        return {}
    found = panels.panel(
        list_policies_granting_service_access, caller,
        arn=about.arn, service_namespaces=namespaces,
    )  # fmt: skip
    return {each.namespace: each.policies for each in found.value.items} if found.value else {}
