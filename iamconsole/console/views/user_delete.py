"""Deleting users: one, with all that hangs on it, or several that were ticked in the list."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from iamconsole.console.components import reports, steps
from iamconsole.console.components.tables import PAGE_SIZE
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import deletion as user_deletion


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Show what goes with the user, and delete it once the name was typed."""
    plan = user_deletion.plan(request.caller, user_name)
    form = ConfirmForm(request.POST or None, expected=user_name)
    if request.method == "POST" and plan.possible and form.is_valid():
        return reports.report(
            request,
            steps.run(request.caller, plan.steps),
            heading=f"Delete user {user_name}",
            success=format_html("User {} deleted.", user_name),
            url=reverse("console:users"),
        )
    page = {"plan": plan, "form": form, "user_name": user_name}
    status = 422 if request.method == "POST" else 200
    return render(request, "console/users/delete.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_several(request: ConsoleRequest) -> HttpResponse:
    """The same for the users ticked in the list, reviewed together and deleted one by one."""
    sent = request.POST if request.method == "POST" else request.GET
    names = list(dict.fromkeys(sent.getlist("user")))[:PAGE_SIZE]
    if not names:
        return go(request, reverse("console:users"))
    plans = [user_deletion.plan(request.caller, name) for name in names]
    expected = names[0] if len(names) == 1 else f"{len(names)} users"
    form = ConfirmForm(request.POST or None, expected=expected)
    possible = all(plan.possible for plan in plans)
    if request.method == "POST" and possible and form.is_valid():
        return _deleted(request, plans, expected)
    page = {"plans": plans, "form": form, "expected": expected, "possible": possible}
    status = 422 if request.method == "POST" else 200
    return render(request, "console/users/delete_several.html", page, status=status)


def _deleted(
    request: ConsoleRequest, plans: list[user_deletion.Deletion], expected: str
) -> HttpResponse:
    # One user's failure stops that user's steps only.
    outcomes = [outcome for plan in plans for outcome in steps.run(request.caller, plan.steps)]
    return reports.report(
        request,
        outcomes,
        heading=f"Delete {expected}",
        success=format_html("User {} deleted." if len(plans) == 1 else "{} deleted.", expected),
        url=reverse("console:users"),
    )
