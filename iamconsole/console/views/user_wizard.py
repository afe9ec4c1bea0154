"""The wizard that makes a user, and the page that shows a new password once."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from iamconsole.console.components import reports
from iamconsole.console.components.steps import Outcome
from iamconsole.console.credentials import passwords_shown
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users.creation import CREATE, DETAILS, LABELS, PERMISSIONS, REVIEW, Draft

_STEPS = [(label, "") for label in LABELS]
_TEMPLATES = {
    DETAILS: "create_details",
    PERMISSIONS: "create_permissions",
    REVIEW: "create_review",
}


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """Ask for a page at a time; on the last one make the user."""
    draft = Draft(request)
    page = draft.destination()
    if page == CREATE:
        wanted = draft.plan()
        outcomes = reports.attempt(draft.review, request.caller, wanted, future=draft.future)
        if outcomes:
            return _created(request, draft, outcomes)
        page = DETAILS if draft.details.errors else REVIEW
    return _page(request, draft, page)


@require_safe
def password(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Show the password, until it was downloaded or ten minutes have passed."""
    shown = passwords_shown.look(request, user_name)
    page = {"shown": shown, "user_name": user_name, "steps": _STEPS, "step": len(LABELS)}
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
        "steps": _STEPS if draft.with_password else _STEPS[:-1],
        "step": page,
        "carried": draft.carried(page),
        "missing": draft.missing if page == REVIEW else [],
    }
    status = 422 if draft.refused(page) else 200
    return render(request, f"console/users/{_TEMPLATES[page]}.html", context, status=status)


def _created(request: ConsoleRequest, draft: Draft, outcomes: list[Outcome]) -> HttpResponse:
    name = draft.name
    draft.forget()
    url = reverse("console:user", args=[name])
    success = format_html('User created successfully. <a href="{}">View user</a>', url)
    if any(done.step.name == "iam:CreateLoginProfile" and done.succeeded for done in outcomes):
        passwords_shown.keep(request, name, draft.password, created=True)
        url = reverse("console:user-password", args=[name])
    return reports.report(
        request, outcomes, heading=f"Create user {name}", success=success, url=url
    )
