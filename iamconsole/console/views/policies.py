"""Pages of managed policies: the list, and one policy with its document and whoever has it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.actions.policies import (
    Entities,
    get_policy,
    list_entities_for_policy,
    list_policies,
)
from accounts.actions.policy_versions import get_policy_version
from accounts.arns import last_part
from accounts.errors import ServiceError
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel
from iamconsole.console.components.picker import POLICY_TYPES
from iamconsole.console.components.tables import Column, Table
from iamconsole.console.request import ConsoleRequest

COLUMNS = (
    Column("name", "Policy name"),
    Column("kind", "Type"),
    Column("used_as", "Used as"),
    Column("path", "Path", sortable=False),
)


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody who has a policy, as the panel lists it."""

    name: str
    kind: str
    url: str


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """The managed policies that the account can use: its own and AWS's."""
    table = Table(request.GET, COLUMNS, sort="name", filters=(POLICY_TYPES,))
    try:
        table.show(
            list_policies(
                request.caller, search=table.search, sort=table.order, page=table.number,
                page_size=table.size, kind=table.filtered["type"],
            )
        )  # fmt: skip
    except ServiceError as error:
        table.refuse(error)
    return render(request, "console/policies/index.html", {"table": table})


@require_safe
def show(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """One managed policy: what it is, its document, and who has it."""
    caller = request.caller
    found = panels.subject(get_policy, caller, policy_arn=policy_arn)
    document = Panel()
    if found.value is not None:
        version_id = found.value.default_version_id
        document = panels.subject(
            get_policy_version, caller, policy_arn=policy_arn, version_id=version_id
        )
    marker = request.GET.get("after") or None
    entities = panels.subject(
        list_entities_for_policy, caller, policy_arn=policy_arn, marker=marker
    )
    context = {
        "policy_arn": policy_arn,
        "name": last_part(policy_arn),
        "found": found,
        "document": document,
        "entities": entities,
        "rows": _rows(entities.value) if entities.value else [],
    }
    return render(request, "console/policies/show.html", context)


def _rows(entities: Entities) -> list[Entity]:
    kinds = (
        ("User", "console:user", entities.users),
        ("User group", "console:group", entities.groups),
        ("Role", "console:role", entities.roles),
    )
    return [
        Entity(row.name, kind, reverse(view, args=[row.name]))
        for kind, view, rows in kinds
        for row in rows
    ]
