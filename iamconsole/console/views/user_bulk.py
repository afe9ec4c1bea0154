"""Pages that do one thing to all users ticked in the list: a review, then a line for each user."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import quotas
from iamconsole.console.components import bulk
from iamconsole.console.components.bulk import Line, Task
from iamconsole.console.components.picker import Picker, group_picker
from iamconsole.console.forms.bulk import TagForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import bulk as user_bulk
from iamconsole.console.users.bulk import Plan, absent

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
def add_to_groups(request: ConsoleRequest) -> HttpResponse:
    """Put the users into the groups that are chosen."""
    picker = group_picker(request, quotas.GROUPS_PER_USER)
    plan = user_bulk.added_to(picker.chosen)
    return _page(request, "users-add-to-groups", plan, picker=picker)


@require_http_methods(_METHODS)
def remove_from_groups(request: ConsoleRequest) -> HttpResponse:
    """Take the users out of the groups that are chosen."""
    picker = group_picker(request, quotas.GROUPS_PER_USER)
    plan = user_bulk.removed_from(picker.chosen)
    return _page(request, "users-remove-from-groups", plan, picker=picker)


@require_http_methods(_METHODS)
def deactivate_keys(request: ConsoleRequest) -> HttpResponse:
    """Deactivate all active access keys of the users."""
    return _page(request, "users-deactivate-keys", user_bulk.without_active_keys)


@require_http_methods(_METHODS)
def require_password_change(request: ConsoleRequest) -> HttpResponse:
    """Have the users choose new passwords at their next sign-in."""
    return _page(request, "users-require-password-change", user_bulk.with_new_password)


@require_http_methods(_METHODS)
def add_tag(request: ConsoleRequest) -> HttpResponse:
    """Set one tag on all of the users."""
    form = TagForm(request.POST if "go" in request.POST else None)
    given = form.cleaned_data if form.is_valid() else {"key": "", "value": ""}
    plan = user_bulk.tagged(given.get("key", ""), given.get("value", ""))
    return _page(request, "users-add-tag", plan, form=form)


def _page(
    request: ConsoleRequest,
    page: str,
    plan: Plan,
    *,
    picker: Picker | None = None,
    form: TagForm | None = None,
) -> HttpResponse:
    """The review of an operation; with `go` in the form what it asks for, slice by slice."""
    names, operation, url = (
        bulk.ticked(request),
        user_bulk.operation(page),
        reverse("console:users"),
    )
    if not names:
        messages.info(request, "Select users first.")
        return go(request, url)
    begun = bulk.begun(request)
    users = (user_bulk.load if begun else user_bulk.all_of)(request.caller, names)
    work = user_bulk.plan(request.caller, users, plan)
    sent = "go" in request.POST and not (picker and picker.browsing)
    problem = _problem(picker) if sent else ""
    if sent and not problem and (form is None or form.is_valid()):
        gone = [Line(name, "This user is not there any more.") for name in absent(names, users)]
        task = Task(operation.label, operation.done, url, lines=gone)
        return bulk.work_off(request, task, work)
    context = {
        "operation": operation,
        "work": work,
        "picker": picker,
        "form": form,
        "problem": problem,
        "shows_steps": picker is None and form is None,
        "url": url,
    }
    return render(request, "console/users/bulk.html", context, status=422 if sent else 200)


def _problem(picker: Picker | None) -> str:
    if picker is None:
        return ""
    return picker.problem if picker.chosen else f"Choose {picker.nouns[1]} first."
