"""Pages of roles: the role's permissions and tags, attach and detach, delete."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.attachments import list_attached_role_policies
from accounts.actions.inline_policies import list_role_policies
from accounts.actions.roles import list_role_tags
from iamconsole.console.components import panels
from iamconsole.console.components.choosing import choose
from iamconsole.console.components.deleting import delete_named
from iamconsole.console.components.picker import policy_picker
from iamconsole.console.policies.attaching import attached as attached_to
from iamconsole.console.policies.attaching import attachments, detach
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles import pages
from iamconsole.console.roles import steps as role_steps
from iamconsole.console.roles.wizard import MOST_POLICIES
from iamconsole.console.subjects import Subject


@require_safe
def show(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """A role with its policies."""
    caller = request.caller
    attached = panels.subject(list_attached_role_policies, caller, role_name=role_name)
    inline = panels.subject(list_role_policies, caller, role_name=role_name, max_items=1000)
    edited = attached_to(request, Subject("role", role_name), attached)
    return _page(
        request, role_name, "permissions", attached=attached, edited=edited, inline=inline,
        limit=MOST_POLICIES,
    )  # fmt: skip


@require_safe
def tags(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """A role with its tags."""
    found = panels.subject(list_role_tags, request.caller, role_name=role_name)
    return _page(request, role_name, "tags", tags=found)


@require_http_methods(["GET", "HEAD", "POST"])
def attach_policies(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Managed policies to attach to a role."""
    attached = panels.subject(list_attached_role_policies, request.caller, role_name=role_name)
    held = [row.policy_arn for row in attached.value.items] if attached.value else []
    url = reverse("console:role", args=[role_name])
    return choose(
        request,
        policy_picker(request, MOST_POLICIES - len(held), held=held),
        partial(attachments, "role", role_name),
        heading=f"Attach policies to {role_name}",
        help=f"A role can have up to {MOST_POLICIES} managed policies.",
        button="Attach policies",
        done=f"attached to {role_name}",
        needs=("iam:AttachRolePolicy",),
        url=url,
        trail=Subject("role", role_name).trail,
    )


@require_POST
def detach_policies(request: ConsoleRequest, role_name: str) -> HttpResponse:
    """Detach the ticked policies from a role."""
    url = reverse("console:role", args=[role_name])
    return detach(request, Subject("role", role_name), list_attached_role_policies, url)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest) -> HttpResponse:
    """Delete the roles named in the address, with what hangs on them, once that was typed."""
    return delete_named(
        request,
        request.GET.getlist("role"),
        role_steps.deletion,
        nouns=("role", "roles"),
        url=reverse("console:roles"),
    )


def _page(request: ConsoleRequest, role_name: str, tab: str, **more: Any) -> HttpResponse:
    """One tab of a role's page."""
    page = pages.context(request.caller, role_name, tab, **more)
    return render(request, f"console/roles/{tab}.html", page)
