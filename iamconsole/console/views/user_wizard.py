"""The wizard that makes users, and the pages that show new passwords and keys once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from iamconsole.console.components import panels, reports
from iamconsole.console.components.steps import Outcome
from iamconsole.console.credentials import new_users, passwords_shown
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users.creation import (
    BOUNDARY,
    CREATE,
    DETAILS,
    GROUP,
    LABELS,
    MAKE_GROUP,
    PERMISSIONS,
    REVIEW,
    Draft,
)

_STEPS = [(label, "") for label in LABELS]
_TEMPLATES = {
    DETAILS: "create_details",
    PERMISSIONS: "create_permissions",
    REVIEW: "create_review",
    GROUP: "create_group",
    BOUNDARY: "create_boundary",
}


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """Ask for a page at a time; on the last one make the users."""
    draft = Draft(request)
    page = draft.destination()
    if page == CREATE:
        if outcomes := draft.carry_out():
            return _created(request, draft, outcomes)
        page = DETAILS if draft.details.errors else REVIEW
    elif page == MAKE_GROUP:
        page = _group_made(request, draft)
    return _page(request, draft, page)


@require_safe
def created(request: ConsoleRequest, token: str) -> HttpResponse:
    """Show the passwords and keys, until they were downloaded or ten minutes have passed."""
    users = new_users.look(request, token)
    page = {
        "users": users,
        "token": token,
        "with_keys": any(user.secret for user in users),
        "with_passwords": any(user.password for user in users),
        "steps": _STEPS,
        "step": len(LABELS),
    }
    return render(request, "console/users/created.html", page, status=200 if users else 410)


@require_POST
def created_file(request: ConsoleRequest, token: str) -> HttpResponse:
    """Hand them out as a file, which is the last time they are seen."""
    users = new_users.look(request, token)
    if not users:
        return redirect("console:users-created", token)
    return new_users.download(request, token, users, classic="classic" in request.POST)


@require_safe
def password(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Show a password that was set, until it was downloaded or ten minutes have passed."""
    shown = passwords_shown.look(request, user_name)
    page = {"shown": shown, "user_name": user_name}
    return render(request, "console/users/password.html", page, status=200 if shown else 410)


@require_POST
def password_file(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Hand the password out as a file, which is the last time it is seen."""
    shown = passwords_shown.look(request, user_name)
    if shown is None:
        return redirect("console:user-password", user_name)
    return passwords_shown.download(request, shown)


def _page(request: ConsoleRequest, draft: Draft, page: int) -> HttpResponse:
    context = {
        "draft": draft,
        "steps": _STEPS if draft.with_credentials else _STEPS[:-1],
        "step": page if page <= REVIEW else PERMISSIONS,
        "carried": draft.carried(page),
        "missing": draft.missing if page == REVIEW else [],
        "denied": panels.missing_everywhere(request.caller, "iam:CreateUser"),
    }
    status = 422 if draft.refused(page) else 200
    return render(request, f"console/users/{_TEMPLATES[page]}.html", context, status=status)


def _group_made(request: ConsoleRequest, draft: Draft) -> int:
    """The page to go on with: back to the permissions, once the group is there."""
    outcomes = draft.make_group()
    if not outcomes:
        return GROUP
    name = draft.group.cleaned_data["group_name"]
    failed = [each.error.message for each in outcomes if each.error]
    if failed:
        messages.warning(request, f"User group {name} created, but: {' '.join(failed)}")
    else:
        messages.success(request, f"User group {name} created.")
    return PERMISSIONS


def _created(request: ConsoleRequest, draft: Draft, outcomes: list[Outcome]) -> HttpResponse:
    """On to the passwords and keys, where there are any, or a line for each step."""
    draft.forget()
    made = _credentials(draft, outcomes)
    url = reverse("console:users")
    success = format_html("{} users created successfully.", len(draft.names))
    if len(draft.names) == 1:
        url = reverse("console:user", args=draft.names)
        success = format_html('User created successfully. <a href="{}">View user</a>', url)
    if any(password or secret for _, password, _, secret in made):
        new_users.keep(request, draft.token, made)
        url = reverse("console:users-created", args=[draft.token])
    heading = f"Create user {draft.names[0]}" if len(draft.names) == 1 else "Create users"
    return reports.report(request, outcomes, heading=heading, success=success, url=url)


def _credentials(draft: Draft, outcomes: list[Outcome]) -> list[tuple[str, str, str, str]]:
    """Name, password, key ID and secret of everybody who was made; nothing for what failed."""
    done = {
        (each.step.arguments["user_name"], each.step.name): each.result
        for each in outcomes
        if each.succeeded
    }
    found = []
    for name in draft.names:
        if (name, "iam:CreateUser") not in done:
            continue
        password = draft.passwords[name] if (name, "iam:CreateLoginProfile") in done else ""
        key = done.get((name, "iam:CreateAccessKey"))
        found.append((name, password, *((key.key.access_key_id, key.secret) if key else ("", ""))))
    return found
