"""The wizard that creates a role."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.errors import ServiceError
from iamconsole.console.components import panels
from iamconsole.console.components.reports import attempt, report
from iamconsole.console.components.steps import Outcome
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles import steps as role_steps
from iamconsole.console.roles.wizard import MOST_POLICIES, STEPS, RoleWizard


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """Three steps at one address: who is trusted, permissions, name and review."""
    wizard = RoleWizard(request)
    if wizard.complete and (outcomes := _created(request, wizard)):
        name = wizard.naming.cleaned_data["role_name"]
        url = reverse("console:role", args=[name])
        return report(
            request,
            outcomes,
            heading=f"Role {name} was created, but not everything was done",
            success=format_html('Role <a href="{}">{}</a> created.', url, name),
            url=url,
        )
    context = {
        "wizard": wizard,
        "editor": wizard.editor,
        "steps": [(label, "") for label in STEPS],
        "step": wizard.step,
        "limit": MOST_POLICIES,
        "denied": panels.missing_everywhere(request.caller, "iam:CreateRole"),
    }
    template = f"console/roles/create_{wizard.step}.html"
    return render(request, template, context, status=422 if wizard.refused else 200)


def _created(request: ConsoleRequest, wizard: RoleWizard) -> list[Outcome]:
    name = wizard.naming.cleaned_data["role_name"]
    wanted = role_steps.creation(
        name,
        wizard.trust_policy,
        with_profile=wizard.makes_profile,
        boundary=wizard.boundary_arn,
        description=wizard.naming.cleaned_data["description"],
        tags=wizard.chosen_tags,
        policies=wizard.policies.chosen,
    )
    try:
        role = role_steps.future(request.caller, name, wizard.chosen_tags, wizard.boundary_arn)
    except ServiceError as error:
        wizard.naming.refuse(error)
        return []
    return attempt(wizard.naming, request.caller, wanted, future=role)
