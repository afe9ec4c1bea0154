"""Pages that explain: why somebody may do something or not, and who else may."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.actions.explanations import explain_access
from accounts.actions.who_can import who_can
from accounts.engine import catalog
from accounts.errors import ServiceError
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.explain import ExplainForm, QuestionForm
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.why import contexts
from iamconsole.console.why.words import RULES, layer_answers

COLUMNS = (
    Column("name", "Name", sortable=False),
    Column("kind", "Type", sortable=False),
    Column("through", "Allowed by", sortable=False),
)
KINDS = Filter("kind", "Who", (("users", "Users"), ("roles", "Roles")))
#: Suggestions while an action is being typed.
MOST_NAMES = 50
TABS = (
    ("one", "One request", "console:explain"),
    ("who", "Who can", "console:explain-who"),
)


@require_safe
def show(request: ConsoleRequest) -> HttpResponse:
    """Why somebody may do something, or not: the question stands in the address."""
    asked = bool(request.GET.get("action"))
    form = ExplainForm(request.GET if asked else None)
    explained = _explained(request, form) if form.is_valid() else None
    page = {
        "form": form,
        "rows": contexts.rows(request.GET),
        "explained": explained,
        "layers": layer_answers(explained.layers) if explained else [],
        "rule": RULES.get(explained.rule, "") if explained else "",
        "tabs": _tabs(),
    }
    status = 422 if asked and explained is None else 200
    return render(request, "console/explain/show.html", page, status=status)


@require_safe
def who(request: ConsoleRequest) -> HttpResponse:
    """Which users and roles of the account may do something."""
    asked = bool(request.GET.get("action"))
    form = QuestionForm(request.GET if asked else None)
    table = Table(request.GET, COLUMNS, filters=(KINDS,))
    found = None
    if form.is_valid():
        found = _found(request, form, table)
    page = {
        "form": form,
        "rows": contexts.rows(request.GET),
        "table": table,
        "found": found,
        "tabs": _tabs(),
    }
    status = 422 if asked and not form.is_valid() else 200
    return render(request, "console/explain/who.html", page, status=status)


@require_safe
def action_names(request: ConsoleRequest) -> HttpResponse:
    """Suggestions for the action that is being typed: options of a list."""
    typed = request.GET.get("action", "")[:128].replace("*", "").replace("?", "")
    prefix, colon, _ = typed.partition(":")
    if colon:
        names = catalog.expand(f"{typed}*")[:MOST_NAMES]
    else:
        lower = prefix.lower()
        services = [each.prefix for each in catalog.services() if each.prefix.startswith(lower)]
        names = tuple(f"{each}:" for each in services[:MOST_NAMES])
    return render(request, "console/explain/action_names.html", {"names": names})


def _explained(request: ConsoleRequest, form: ExplainForm) -> Any:
    try:
        entries = contexts.entries(request.GET)
    except ServiceError as error:
        form.refuse(error)
        return None
    return submitted(
        form,
        request.caller,
        explain_access,
        action_name=form.cleaned_data["action"],
        resource_arn=form.cleaned_data["resource"],
        principal_arn=form.cleaned_data["principal"] or None,
        context_entries=entries,
    )


def _found(request: ConsoleRequest, form: QuestionForm, table: Table) -> Any:
    try:
        found = who_can(
            request.caller,
            action_name=form.cleaned_data["action"],
            resource_arn=form.cleaned_data["resource"],
            kind=table.filtered["kind"],
            search=table.search,
            page=table.number,
            context_entries=contexts.entries(request.GET),
        )
    except ServiceError as error:
        if error.code == "AccessDenied":
            table.refuse(error)
        else:
            form.refuse(error)
        return None
    table.show(found.allowed)
    return found


def _tabs() -> list[tuple[str, str, str]]:
    return [(key, label, reverse(view)) for key, label, view in TABS]
