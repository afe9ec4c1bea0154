"""Pages of user groups: list, create, the group's users and permissions, rename, delete."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import quotas
from accounts.actions.attachments import list_attached_group_policies
from accounts.actions.groups import PROPERTIES, get_group, list_groups, update_group
from accounts.actions.inline_policies import list_group_policies
from accounts.errors import ServiceError
from iamconsole.console.components import export, panels, rows, steps
from iamconsole.console.components.choosing import choose
from iamconsole.console.components.deleting import delete_named
from iamconsole.console.components.picker import accepted, bound, policy_picker, user_picker
from iamconsole.console.components.preferences import preferences_of
from iamconsole.console.components.reports import attempt, report
from iamconsole.console.components.tables import Table
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.groups import GroupForm, RenameForm
from iamconsole.console.groups import pages as group_pages
from iamconsole.console.groups import rows as group_rows
from iamconsole.console.groups import steps as group_steps
from iamconsole.console.htmx import go
from iamconsole.console.policies.attaching import attached as attached_to
from iamconsole.console.policies.attaching import attachments, detach
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject
from iamconsole.console.users import rows as user_rows

MOST_POLICIES = quotas.POLICIES_PER["group"]


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """The account's groups."""
    verdicts = group_rows.verdicts(request.caller)
    table = Table(
        request.GET,
        group_rows.columns(request.caller, verdicts),
        sort="name",
        properties=PROPERTIES,
        preferences=preferences_of(request.caller, "groups"),
    )
    try:
        rows.show(table, list_groups(request.caller, **table.query_of_action), verdicts)
    except ServiceError as error:
        table.refuse(error)
    if table.exporting:
        return export.csv_of(table, "user-groups.csv")
    denied = panels.missing_everywhere(request.caller, "iam:CreateGroup")
    return render(request, "console/groups/index.html", {"table": table, "create_denied": denied})


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """One page: the name, users to put into the group, policies to attach."""
    users, policies = user_picker(request), policy_picker(request, MOST_POLICIES)
    form = bound(GroupForm, request, users, policies)
    if accepted(form, users, policies):
        name = form.cleaned_data["group_name"]
        wanted = group_steps.creation(name, users.chosen, policies.chosen)
        if outcomes := attempt(form, request.caller, wanted):
            url = reverse("console:group", args=[name])
            return report(
                request,
                outcomes,
                heading=f"User group {name} was created, but not everything was done",
                success=format_html('User group <a href="{}">{}</a> created.', url, name),
                url=url,
            )
    denied = panels.missing_everywhere(request.caller, "iam:CreateGroup")
    context = {
        "form": form, "users": users, "policies": policies, "limit": MOST_POLICIES,
        "denied": denied,
    }  # fmt: skip
    return render(
        request, "console/groups/create.html", context, status=422 if form.is_bound else 200
    )


@require_safe
def show(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """A group with its users."""
    table = Table(request.GET, user_rows.member_columns(request.caller), sort="name")
    found = panels.subject(
        get_group, request.caller, group_name=group_name, search=table.search, sort=table.order,
        page=table.number, page_size=table.size,
    )  # fmt: skip
    if found.error is not None:
        table.refuse(found.error)
    else:
        table.show(user_rows.rows(request.caller, found.value.users))
    return _page(request, group_name, "users", found=found, table=table)


@require_safe
def permissions(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """A group with its policies."""
    caller = request.caller
    attached = panels.subject(list_attached_group_policies, caller, group_name=group_name)
    inline = panels.subject(list_group_policies, caller, group_name=group_name, max_items=1000)
    edited = attached_to(request, Subject("group", group_name), attached)
    return _page(
        request, group_name, "permissions", attached=attached, edited=edited, inline=inline,
        limit=MOST_POLICIES,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """A group's new name."""
    form = RenameForm(request.POST or None, initial={"new_group_name": group_name})
    edited = group_pages.edited(request, group_name)
    if form.is_valid():
        name = form.cleaned_data["new_group_name"]
        caller = edited.guard(f"Name: {name}")
        if submitted(form, caller, update_group, group_name=group_name, new_group_name=name):
            messages.success(request, f"User group {group_name} is now called {name}.")
            return go(request, reverse("console:group", args=[name]))
    context = {"form": form, "group_name": group_name, "edited": edited}
    return render(
        request, "console/groups/rename.html", context, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_users(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """Users to put into a group."""
    found = panels.subject(get_group, request.caller, group_name=group_name, max_items=1000)
    members = [user.name for user in found.value.users.items] if found.value else []
    url = reverse("console:group", args=[group_name])
    return choose(
        request,
        user_picker(request, held=members),
        partial(group_steps.additions, group_name),
        heading=f"Add users to {group_name}",
        button="Add users",
        done=f"added to {group_name}",
        needs=("iam:AddUserToGroup",),
        url=url,
        trail=Subject("group", group_name).trail,
    )


@require_POST
def remove_users(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """Take the ticked users out of a group."""
    names = list(dict.fromkeys(request.POST.getlist("user")))
    outcomes = steps.run(request.caller, group_steps.removals(group_name, names), go_on=True)
    return report(
        request,
        outcomes,
        heading="Not all users were removed",
        success=f"{len(names)} user{pluralize(len(names))} removed from {group_name}.",
        url=reverse("console:group", args=[group_name]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def attach_policies(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """Managed policies to attach to a group."""
    attached = panels.subject(list_attached_group_policies, request.caller, group_name=group_name)
    held = [row.policy_arn for row in attached.value.items] if attached.value else []
    url = reverse("console:group-permissions", args=[group_name])
    return choose(
        request,
        policy_picker(request, MOST_POLICIES - len(held), held=held),
        partial(attachments, "group", group_name),
        heading=f"Attach policies to {group_name}",
        help=f"A user group can have up to {MOST_POLICIES} managed policies.",
        button="Attach policies",
        done=f"attached to {group_name}",
        needs=("iam:AttachGroupPolicy",),
        url=url,
        trail=Subject("group", group_name).trail,
    )


@require_POST
def detach_policies(request: ConsoleRequest, group_name: str) -> HttpResponse:
    """Detach the ticked policies from a group."""
    url = reverse("console:group-permissions", args=[group_name])
    return detach(request, Subject("group", group_name), list_attached_group_policies, url)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest) -> HttpResponse:
    """Delete the groups named in the address, with what hangs on them, once that was typed."""
    return delete_named(
        request,
        request.GET.getlist("group"),
        group_steps.deletion,
        nouns=("user group", "user groups"),
        url=reverse("console:groups"),
    )


def _page(request: ConsoleRequest, group_name: str, tab: str, **more: Any) -> HttpResponse:
    """One tab of a group's page."""
    context = group_pages.context(request.caller, group_name, tab, **more)
    return render(request, f"console/groups/{tab}.html", context)
