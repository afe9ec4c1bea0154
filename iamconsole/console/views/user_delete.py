"""Deleting users: one, with all that hangs on it, or several that were ticked in the list."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from iamconsole.console.components import bulk, reports, steps
from iamconsole.console.components.bulk import Line, Task, Work
from iamconsole.console.components.editing import Edited
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import bulk as user_bulk
from iamconsole.console.users import deletion as user_deletion


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Show what goes with the user, and delete it once the name was typed."""
    plan = user_deletion.plan(request.caller, user_name)
    sent = request.method == "POST"
    # What the form is made from is known; what it is once the account is locked is not.
    again = partial(user_deletion.plan, request.caller, user_name)
    edited = Edited(request, f"the user {user_name}", lambda: (again() if sent else plan).state)
    form = ConfirmForm(request.POST or None, expected=user_name)
    if sent and plan.possible and form.is_valid():
        return reports.report(
            request,
            steps.run(edited.guard(), plan.steps),
            heading=f"Delete user {user_name}",
            success=format_html("User {} deleted.", user_name),
            url=reverse("console:users"),
        )
    page = {"plan": plan, "form": form, "user_name": user_name, "edited": edited}
    return render(request, "console/users/delete.html", page, status=422 if sent else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_several(request: ConsoleRequest) -> HttpResponse:
    """The same for the users ticked in the list: reviewed together, deleted slice by slice."""
    names, url = bulk.ticked(request), reverse("console:users")
    if not names:
        messages.info(request, "Select the users to delete first.")
        return go(request, url)
    if bulk.begun(request):
        return _next_slice(request, names)
    plans = user_deletion.plans(request.caller, names)
    sent = "confirmation" in request.POST
    again = partial(user_deletion.plans, request.caller, names)
    edited = Edited(request, "one of the users", lambda: _state(again() if sent else plans))
    expected = names[0] if len(names) == 1 else f"{len(names)} users"
    form = ConfirmForm(request.POST if sent else None, expected=expected)
    possible = all(plan.possible for plan in plans)
    if sent and possible and form.is_valid():
        return bulk.work_off(request, _task(), _work(plans), first=edited.guard())
    page = {"plans": plans, "form": form, "expected": expected, "possible": possible}
    page |= {"edited": edited}
    return render(request, "console/users/delete_several.html", page, status=422 if sent else 200)


def _next_slice(request: ConsoleRequest, names: list[str]) -> HttpResponse:
    """Go on with what was confirmed. Whoever has gone meanwhile has a line of their own."""
    there = user_bulk.load(request.caller, names)
    gone = [Line(name, "This user is not there any more.") for name in
            user_bulk.absent(names, there)]  # fmt: skip
    plans = user_deletion.plans(request.caller, [user.name for user in there]) if there else []
    return bulk.work_off(request, _task(gone), _work(plans))


def _work(plans: list[user_deletion.Deletion]) -> list[Work]:
    return [Work(plan.user_name, plan.steps, problem=plan.problem) for plan in plans]


def _task(gone: list[Line] | None = None) -> Task:
    return Task("Delete users", "deleted", reverse("console:users"), lines=gone or [])


def _state(plans: list[user_deletion.Deletion]) -> str:
    return "\n\n".join(plan.state for plan in plans)
