"""Pages of managed policies: the list, what one policy allows, and its tags."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.policies import (
    AS_BOTH,
    AS_BOUNDARY,
    AS_POLICY,
    NOT_USED,
    PROPERTIES,
    list_policies,
    list_policy_tags,
)
from accounts.errors import ServiceError
from iamconsole.console.components import export, panels, rows
from iamconsole.console.components.picker import POLICY_TYPES
from iamconsole.console.components.preferences import preferences_of
from iamconsole.console.components.tables import Filter, Table
from iamconsole.console.policies import columns, documents, pages
from iamconsole.console.request import ConsoleRequest

USED_AS = Filter(
    "used",
    "Filter by use",
    (
        ("", "Any use"),
        (AS_POLICY, "Permissions policy"),
        (AS_BOUNDARY, "Permissions boundary"),
        (AS_BOTH, "Both"),
        (NOT_USED, "Not used"),
    ),
)


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """The managed policies that the account can use, its own and AWS's: as a page or a file."""
    caller = request.caller
    table = Table(
        request.GET,
        columns.COLUMNS,
        sort="name",
        filters=(POLICY_TYPES, USED_AS),
        properties=PROPERTIES,
        preferences=preferences_of(caller, "policies"),
    )
    try:
        found = list_policies(
            caller,
            kind=table.filtered["type"],
            used=table.filtered["used"],
            **table.query_of_action,
        )
        rows.show(table, found, columns.verdicts(caller))
    except ServiceError as error:
        table.refuse(error)
    if table.exporting:
        return export.csv_of(table, "policies.csv")
    missing = {
        name: panels.missing_everywhere(caller, f"iam:{action}Policy")
        for name, action in (("create", "Create"), ("delete", "Delete"))
    }
    return render(request, "console/policies/index.html", {"table": table, "missing": missing})


@require_safe
def show(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """What the policy allows and denies, service by service."""
    page = pages.context(request.caller, policy_arn, "permissions", shown="summary")
    document = pages.in_force(request.caller, page["found"])
    text = document.value.document if document.value else ""
    effect, _, prefix = request.GET.get("open", "").partition(":")
    page |= {
        "document": document,
        "sections": documents.sections(text) if text else (),
        "opened": f"{effect}:{prefix}",
        "actions": documents.actions_of(text, prefix, effect) if text and prefix else (),
        "all_services": request.GET.get("all", ""),
        "counts": documents.counted(documents.findings(text)) if text else (),
    }
    return render(request, "console/policies/permissions.html", page)


@require_safe
def json(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """The document that is in force, with what the policy checks say of it."""
    page = pages.context(request.caller, policy_arn, "permissions", shown="json")
    document = pages.in_force(request.caller, page["found"])
    text = document.value.document if document.value else ""
    found = documents.findings(text) if text else ()
    page |= {
        "document": document,
        "lines": documents.laid_out(text).splitlines(),
        "findings": found,
        "counts": documents.counted(found),
    }
    return render(request, "console/policies/permissions.html", page)


@require_safe
def tags(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """The policy's tags."""
    found = panels.subject(list_policy_tags, request.caller, policy_arn=policy_arn)
    page = pages.context(request.caller, policy_arn, "tags", tags=found)
    return render(request, "console/policies/tags.html", page)
