"""Putting a user into groups and taking it out of them."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.actions.groups import list_groups_for_user
from accounts.quotas import GROUPS_PER_USER
from iamconsole.console.components import panels, picker
from iamconsole.console.components.choosing import choose
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.steps import step
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject
from iamconsole.console.users import pages as user_pages
from iamconsole.console.users.permission_choice import joining


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Choose groups for the user."""
    held = panels.subject(list_groups_for_user, request.caller, user_name=user_name)
    names = [group.name for group in held.value.items] if held.value else []
    groups = picker.group_picker(
        request,
        GROUPS_PER_USER - len(names),
        held=names,
        unfit=partial(user_pages.join_refusal, request.caller),
    )
    url = reverse("console:user-groups", args=[user_name])
    return choose(
        request,
        groups,
        partial(joining, user_name),
        heading=f"Add user {user_name} to groups",
        button="Add to groups",
        done=f"joined by user {user_name}",
        needs=("iam:AddUserToGroup",),
        url=url,
        trail=Subject("user", user_name).trail,
        help="A user can be a member of up to 10 groups at a time.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Ask once more, then take the user out of the groups that were ticked."""
    sent = request.POST if request.method == "POST" else request.GET
    names = list(dict.fromkeys(sent.getlist("group")))[:GROUPS_PER_USER]
    url = reverse("console:user-groups", args=[user_name])
    if not names:
        return go(request, url)
    wanted = [
        step(f"Remove from {name}", "iam:RemoveUserFromGroup", group_name=name, user_name=user_name)
        for name in names
    ]

    def read() -> str:
        found = panels.panel(list_groups_for_user, request.caller, user_name=user_name)
        return "\n".join(group.name for group in found.value.items) if found.value else ""

    return user_pages.confirm(
        request,
        user_name,
        wanted,
        "console/users/remove_from_groups.html",
        heading=f"Remove user {user_name} from groups",
        success=format_html("User {} removed from {}.", user_name, ", ".join(names)),
        url=url,
        edited=Edited(request, f"the groups of {user_name}", read),
        names=names,
    )
