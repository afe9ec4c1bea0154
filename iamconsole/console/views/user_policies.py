"""Attaching managed policies to a user, and taking the user's own policies away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.arns import last_part
from accounts.quotas import POLICIES_PER
from iamconsole.console.components import picker
from iamconsole.console.components.choosing import choose
from iamconsole.console.components.steps import Step, step
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import pages as user_pages
from iamconsole.console.users.permissions import attached_arns


@require_http_methods(["GET", "HEAD", "POST"])
def attach(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Choose managed policies for the user."""
    user_pages.must_exist(request.caller, user_name)
    url = reverse("console:user", args=[user_name])
    return choose(
        request,
        _policies(request, user_name),
        partial(_attaching, user_name),
        heading=f"Attach policies to user {user_name}",
        button="Attach policies",
        done=f"attached to user {user_name}",
        url=url,
        trail=(("Users", reverse("console:users")), (user_name, url)),
        help="Where several people need the same, give it to a group instead.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Ask once more, then detach a managed policy or delete an inline one."""
    sent = request.POST if request.method == "POST" else request.GET
    label, wanted = _removal(user_name, sent.get("policy", ""))
    return user_pages.confirm(
        request,
        user_name,
        [wanted],
        "console/users/remove_policy.html",
        heading=f"Remove policy {label}",
        success=format_html("Policy {} removed from user {}.", label, user_name),
        url=reverse("console:user", args=[user_name]),
        label=label,
        policy=sent["policy"],
        managed=wanted.name == "iam:DetachUserPolicy",
    )


def _policies(request: ConsoleRequest, user_name: str) -> picker.Picker:
    held = attached_arns(request.caller, user_name)
    on = user_pages.resource(request.caller, user_name)
    return picker.policy_picker(
        request,
        POLICIES_PER["user"] - len(held),
        held=held,
        unfit=lambda policy: user_pages.policy_refusal(
            request.caller, "iam:AttachUserPolicy", on, policy.arn
        ),
    )


def _attaching(user_name: str, arns: Sequence[str]) -> list[Step]:
    return [
        step(
            f"Attach {last_part(arn)}", "iam:AttachUserPolicy", user_name=user_name, policy_arn=arn
        )
        for arn in arns
    ]


def _removal(user_name: str, value: str) -> tuple[str, Step]:
    """The policy's name and the step that removes it. Raises Http404 where none was named."""
    if value.startswith("arn:"):
        label = last_part(value)
        name = f"Detach {label}"
        return label, step(name, "iam:DetachUserPolicy", user_name=user_name, policy_arn=value)
    kind, _, label = value.partition(":")
    if kind != "inline" or not label:
        raise Http404
    name = f"Delete inline policy {label}"
    return label, step(name, "iam:DeleteUserPolicy", user_name=user_name, policy_name=label)
