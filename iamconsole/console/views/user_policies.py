"""Giving a user permissions, taking the user's own policies away, suspending the user."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.actions.inline_policies import get_user_policy
from accounts.arns import last_part
from accounts.errors import NoSuchEntity
from iamconsole.console.components import panels, reports, steps
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.steps import Step, step
from iamconsole.console.forms.users import COPIED
from iamconsole.console.htmx import go
from iamconsole.console.policies.boundaries import Bounded
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import pages as user_pages
from iamconsole.console.users import suspension
from iamconsole.console.users.permission_choice import Given, PermissionChoice, of_user
from iamconsole.console.users.permissions import attached_arns

#: The actions that give a user something: without any of them there is nothing to add.
_GIVING = ("iam:AddUserToGroup", "iam:AttachUserPolicy", "iam:PutUserPolicy")

_page = require_http_methods(["GET", "HEAD", "POST"])


@_page
def add(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Choose how, and from what; show it once more; give it."""
    copying = request.POST.get("option") == COPIED
    held = of_user(request.caller, user_name, inline=copying)
    choice = PermissionChoice(request, held, user_pages.resource(request.caller, user_name))
    wanted = request.POST.get("go", "review" if request.method == "POST" else "")
    onward = wanted in ("review", "add") and not choice.browsing
    problem = (choice.problem or _nothing(choice.given)) if onward else ""
    if onward and not problem and wanted == "add":
        return reports.report(
            request,
            steps.run(request.caller, _giving(request, user_name, held, choice), go_on=True),
            heading=f"Not everything was given to {user_name}",
            success=format_html("Permissions added to user {}.", user_name),
            url=reverse("console:user", args=[user_name]),
        )
    reviewed = onward and not problem
    given = _giving(request, user_name, held, choice) if reviewed else []
    context = {
        "user_name": user_name,
        "denied": panels.missing_all(request.caller, _GIVING),
        "choice": choice,
        "problem": problem,
        "given": given,
        "missing": " and ".join(steps.missing(request.caller, given)),
        "steps": [("Add permissions", ""), ("Review", "")],
        "step": 2 if reviewed else 1,
    }
    template = "review_permissions" if reviewed else "add_permissions"
    status = 422 if problem else 200
    return render(request, f"console/users/{template}.html", context, status=status)


@_page
def remove(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Ask once more, then detach a managed policy or delete an inline one."""
    sent = request.POST if request.method == "POST" else request.GET
    value, url = sent.get("policy", ""), reverse("console:user", args=[user_name])
    removal = _removal(user_name, value)
    if removal is None:
        user_pages.must_exist(request.caller, user_name)
        messages.info(request, "Select a policy first.")
        return go(request, url)
    label, wanted = removal
    return user_pages.confirm(
        request,
        user_name,
        [wanted],
        "console/users/remove_policy.html",
        heading=f"Remove policy {label}",
        success=format_html("Policy {} removed from user {}.", label, user_name),
        url=url,
        edited=Edited(request, f"policy {label}", lambda: _read(request, user_name, value)),
        label=label,
        policy=value,
        managed=wanted.name == "iam:DetachUserPolicy",
    )


@_page
def suspend(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Show the policy that denies everything, then attach it."""
    user = request.caller.user
    return user_pages.confirm(
        request,
        user_name,
        [suspension.suspend(user_name)],
        "console/users/suspend.html",
        heading=f"Suspend user {user_name}",
        success=format_html("User {} is suspended.", user_name),
        url=reverse("console:user", args=[user_name]),
        policy=suspension.NAME,
        document=suspension.DOCUMENT,
        oneself=user is not None and user.name.lower() == user_name.lower(),
    )


@_page
def resume(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Ask once more, then take that policy away."""
    url = reverse("console:user", args=[user_name])
    user_pages.must_exist(request.caller, user_name)
    named = {"user_name": user_name, "policy_name": suspension.NAME}
    held = panels.panel(get_user_policy, request.caller, **named)
    if isinstance(held.error, NoSuchEntity):
        messages.info(request, format_html("User {} is not suspended.", user_name))
        return go(request, url)
    return user_pages.confirm(
        request,
        user_name,
        [suspension.resume(user_name)],
        "console/users/resume.html",
        heading=f"End the suspension of user {user_name}",
        success=format_html("User {} is no longer suspended.", user_name),
        url=url,
        policy=suspension.NAME,
    )


def _giving(
    request: ConsoleRequest, user_name: str, held: Given, choice: PermissionChoice
) -> list[Step]:
    """All the steps; of another user's permissions the boundary is copied, too."""
    wanted = choice.given.steps(user_name)
    boundary = choice.given.boundary
    if boundary and boundary != held.boundary:
        wanted.append(Bounded("user", user_name, request.caller).setting(boundary))
    return wanted


def _nothing(given: Given) -> str:
    if given.groups or given.attached or given.inline or given.boundary:
        return ""
    return "Choose something first: what was chosen adds nothing that the user does not have."


def _removal(user_name: str, value: str) -> tuple[str, Step] | None:
    """The policy's name and the step that removes it; nothing where none was named."""
    if value.startswith("arn:"):
        label = last_part(value)
        name = f"Detach {label}"
        return label, step(name, "iam:DetachUserPolicy", user_name=user_name, policy_arn=value)
    kind, _, label = value.partition(":")
    if kind != "inline" or not label:
        return None
    name = f"Delete inline policy {label}"
    return label, step(name, "iam:DeleteUserPolicy", user_name=user_name, policy_name=label)


def _read(request: ConsoleRequest, user_name: str, value: str) -> str:
    """An inline policy's text, or whether a managed policy is attached, as far as one may know."""
    if value.startswith("arn:"):
        held = attached_arns(request.caller, user_name)
        return f"{'Attached' if value in held else 'Not attached'}: {value}"
    name = value.partition(":")[2]
    named = {"user_name": user_name, "policy_name": name}
    found = panels.panel(get_user_policy, request.caller, **named)
    return str(found.value.document) if found.value else ""
