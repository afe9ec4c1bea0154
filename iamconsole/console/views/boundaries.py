"""Permissions boundaries of users and roles: set one, change it, remove it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.arns import last_part
from iamconsole.console.components import reports, steps
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.picker import policy_picker
from iamconsole.console.components.steps import Step
from iamconsole.console.policies.boundaries import Bounded, line
from iamconsole.console.request import ConsoleRequest

_page = require_http_methods(["GET", "HEAD", "POST"])


@_page
def set_of_user(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Choose a user's boundary."""
    return _set(request, Bounded("user", user_name, request.caller))


@_page
def remove_of_user(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Ask once more, then lift a user's boundary."""
    return _remove(request, Bounded("user", user_name, request.caller))


@_page
def set_of_role(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Choose a role's boundary."""
    return _set(request, Bounded("role", role_name, request.caller))


@_page
def remove_of_role(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Ask once more, then lift a role's boundary."""
    return _remove(request, Bounded("role", role_name, request.caller))


def _set(request: ConsoleRequest, bounded: Bounded) -> HttpResponse:
    held = [bounded.arn] if bounded.arn else []
    policies = policy_picker(
        request, None, held=held, held_reason="The boundary now", key="boundary", single=True
    )
    edited = Edited(request, f"the permissions boundary of {bounded.words}", bounded.state)
    sent = request.method == "POST" and not policies.browsing
    chosen = policies.chosen[0] if policies.chosen else ""
    if sent and chosen and "review" not in request.POST:
        success = format_html("{} bounds {} now.", last_part(chosen), bounded.words)
        return _done(request, bounded, edited, line(chosen), bounded.setting(chosen), success)
    context = {
        "bounded": bounded,
        "picker": policies,
        "edited": edited,
        "chosen": chosen,
        "problem": "Choose a policy first." if sent and not chosen else "",
        "reviewed": sent and bool(chosen),
        "effect": bounded.effect(chosen) if sent and chosen else None,
    }
    status = 422 if context["problem"] else 200
    return render(request, "console/boundaries/set.html", context, status=status)


def _remove(request: ConsoleRequest, bounded: Bounded) -> HttpResponse:
    edited = Edited(request, f"the permissions boundary of {bounded.words}", bounded.state)
    if request.method == "POST":
        success = format_html("Permissions boundary of {} removed.", bounded.words)
        return _done(request, bounded, edited, line(None), bounded.removal, success)
    context = {
        "bounded": bounded,
        "edited": edited,
        "effect": bounded.effect(None) if bounded.arn else None,
        "missing": "".join(steps.missing(request.caller, [bounded.removal])),
    }
    return render(request, "console/boundaries/remove.html", context)


def _done(
    request: ConsoleRequest,
    bounded: Bounded,
    edited: Edited,
    wanted: str,
    change: Step,
    success: str,
) -> HttpResponse:
    outcomes = steps.run(edited.guard(wanted), [change])
    heading = f"Permissions boundary of {bounded.words}"
    return reports.report(request, outcomes, heading=heading, success=success, url=bounded.url)
