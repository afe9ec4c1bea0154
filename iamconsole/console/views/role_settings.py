"""A role's description, maximum session and tags, and the end of its sessions."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts import types
from accounts.actions import shared
from accounts.actions.inline_policies import get_role_policy, put_role_policy
from accounts.actions.registry import ACTIONS
from accounts.actions.roles import (
    get_role,
    list_role_tags,
    update_role,
    update_role_description,
)
from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.models import Role
from accounts.types import Tag
from iamconsole.console.components import panels, reports
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.steps import Outcome
from iamconsole.console.forms.base import ActionForm, submitted
from iamconsole.console.forms.roles import OTHER, RevokeForm, RoleSettingsForm
from iamconsole.console.forms.tags import posted_tag_rows, tag_rows
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles import pages, revocation
from iamconsole.console.roles import steps as role_steps


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
def edit_tags(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Show the tags as rows; save the difference between them and what comes back."""
    before = _tags(request.caller, role_name)
    sent = request.method == "POST"
    rows = posted_tag_rows(request.POST) if sent else tag_rows(before.items())
    form = ActionForm(request.POST if sent else None)
    edited = Edited(
        request,
        f"the tags of role {role_name}",
        lambda: _lines(_tags(request.caller, role_name).items()),
    )
    if sent and "add_tag" not in request.POST and rows.is_valid():
        outcomes = _save_tags(form, role_name, before, rows.tags, edited)
        if not form.errors:
            return reports.report(
                request,
                outcomes,
                heading=f"Tags of role {role_name}",
                success=format_html("Tags of role {} saved.", role_name),
                url=reverse("console:role-tags", args=[role_name]),
            )
    page = {"role_name": role_name, "rows": rows, "form": form, "edited": edited}
    status = 422 if form.errors or (rows.is_bound and not rows.is_valid()) else 200
    return render(request, "console/roles/edit_tags.html", page, status=status)


def _tags(caller: Caller, role_name: str) -> dict[str, str]:
    return {tag.key: tag.value for tag in list_role_tags(caller, role_name=role_name).items}


def _lines(tags: object) -> str:
    return "\n".join(f"{key}: {value}" for key, value in tags)  # type: ignore[attr-defined]


def _save_tags(
    form: ActionForm,
    role_name: str,
    before: Mapping[str, str],
    after: list[tuple[str, str]],
    edited: Edited,
) -> list[Outcome]:
    try:
        # All rows first: one that is wrong must not be found out when others are gone already.
        tags = [Tag(key, value) for key, value in after]
        types.check(ACTIONS["iam:TagRole"].rules, {"tags": tags})
        types.tag_mapping(tags)
    except ServiceError as error:
        form.refuse(error)
        return []
    wanted = role_steps.tagging(role_name, before, after)
    caller = edited.guard(_lines(sorted(after)))
    return reports.attempt(form, caller, wanted) if wanted else []


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
