"""A role's description and maximum session, and the end of its sessions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.actions import shared
from accounts.actions.inline_policies import get_role_policy, put_role_policy
from accounts.actions.roles import (
    get_role,
    update_role,
    update_role_description,
)
from accounts.models import Role
from iamconsole.console.components import panels
from iamconsole.console.components.editing import Edited
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.roles import OTHER, RevokeForm, RoleSettingsForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles import pages, revocation


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Change description and maximum session duration; of a service's role the description."""
    role = get_role(request.caller, role_name=role_name)
    sent = request.POST if request.method == "POST" else None
    form = RoleSettingsForm(sent, initial=_settings(role))
    if role.is_service_linked:
        for name in ("duration", "max_session_duration"):
            del form.fields[name]
    edited = pages.edited(request, role.name, "settings", _words)
    if form.is_valid() and _save(form, role, edited):
        messages.success(request, format_html("Role {} updated.", role.name))
        return go(request, reverse("console:role", args=[role.name]))
    page = {"role": role, "form": form, "edited": edited}
    status = 422 if form.is_bound else 200
    return render(request, "console/roles/edit.html", page, status=status)


def _settings(role: Role) -> dict[str, str | int]:
    seconds = role.max_session_duration
    whole = seconds % 3600 == 0
    return {
        "description": role.description,
        "duration": str(seconds) if whole else OTHER,
        "max_session_duration": seconds,
    }


def _words(role: Role) -> str:
    return (
        f"Description: {role.description}\n"
        f"Maximum session duration: {role.max_session_duration} seconds"
    )


def _save(form: RoleSettingsForm, role: Role, edited: Edited) -> bool:
    description = form.cleaned_data["description"].replace("\r\n", "\n")
    if role.is_service_linked:
        caller = edited.guard(f"Description: {description}")
        return bool(
            submitted(
                form, caller, update_role_description, role_name=role.name, description=description
            )
        )
    wanted = f"Description: {description}\nMaximum session duration: {form.seconds} seconds"
    return bool(
        submitted(
            form,
            edited.guard(wanted),
            update_role,
            role_name=role.name,
            description=description,
            max_session_duration=form.seconds,
        )
    )


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_sessions(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """When all sessions were last ended, and ending them once that was acknowledged."""
    caller = request.caller
    page = pages.context(caller, role_name, "revoke")
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        done = submitted(
            form,
            caller,
            put_role_policy,
            role_name=role_name,
            policy_name=revocation.POLICY_NAME,
            policy_document=revocation.document(caller.now),
        )
        if done:
            messages.success(
                request, format_html("All active sessions of {} revoked.", page["role_name"])
            )
            return go(request, request.path)
    found = panels.panel(
        get_role_policy, caller, role_name=role_name, policy_name=revocation.POLICY_NAME
    )
    on = shared.role_resource(caller, role_name=role_name)
    page |= {
        "form": form,
        "policy_name": revocation.POLICY_NAME,
        "last": revocation.moment(found.value.document) if found.value else None,
        "revoke_denied": panels.missing(
            caller, "iam:PutRolePolicy", on, role_name=role_name, policy_name=revocation.POLICY_NAME
        ),
    }
    status = 422 if form.is_bound else 200
    return render(request, "console/roles/revoke.html", page, status=status)
