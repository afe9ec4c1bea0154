"""A role's trust policy: what it means, and changing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts import engine
from accounts.actions.roles import get_role, update_assume_role_policy
from accounts.errors import UnmodifiableEntity
from iamconsole.console.components.difference import side_by_side
from iamconsole.console.forms.base import ActionForm, submitted
from iamconsole.console.htmx import go
from iamconsole.console.policies.editor import TRUST, PolicyEditor
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles import pages, trust_words
from iamconsole.console.templatetags.roles import as_json

_REVIEW, _BACK, _SAVE = "review", "back", "save"


@require_safe
def show(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """A role with its trust policy, in words and as it was written."""
    page = pages.context(request.caller, role_name, "trust")
    if role := page["role"]:
        page["statements"] = trust_words.statements(role.trust_policy)
        page["findings"] = engine.lint(role.trust_policy, engine.PolicyKind.TRUST)
    return render(request, "console/roles/trust.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """The editor; then what the change takes out and puts in; then it is saved."""
    role = get_role(request.caller, role_name=role_name)
    if role.is_service_linked:
        raise UnmodifiableEntity(pages.LOCKED)
    before = as_json(role.trust_policy)
    editor = PolicyEditor(request, TRUST, initial=before)
    edited = pages.edited(
        request, role.name, "trust policy", lambda found: as_json(found.trust_policy)
    )
    form, asked = ActionForm(request.POST or None), request.POST.get("go", "")
    if editor.accepted and asked == _SAVE and form.is_valid():
        url = reverse("console:role-trust", args=[role.name])
        done = submitted(
            form,
            edited.guard(editor.document),
            update_assume_role_policy,
            role_name=role.name,
            policy_document=editor.document,
        )
        if done:
            messages.success(request, format_html("Trust policy of {} updated.", role.name))
            return go(request, url)
    page: dict[str, Any] = {
        "role_name": role.name,
        "editor": editor,
        "edited": edited,
        "form": form,
    }
    if editor.accepted and asked == _REVIEW:
        page["lines"] = side_by_side(before, editor.document)
        page["same"] = before == editor.document
        return render(request, "console/roles/review_trust.html", page)
    refused = editor.refused or bool(form.errors)
    return render(request, "console/roles/edit_trust.html", page, status=422 if refused else 200)
