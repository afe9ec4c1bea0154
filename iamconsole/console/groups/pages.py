"""What the pages of one group share: summary, tabs, and what the caller may do there."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.actions import shared
from accounts.actions.groups import get_group
from accounts.caller import Caller
from iamconsole.console.components import panels
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.panels import Panel
from iamconsole.console.request import ConsoleRequest

TABS = (
    ("users", "Users", "console:group"),
    ("permissions", "Permissions", "console:group-permissions"),
    ("last-accessed", "Last Accessed", "console:group-last-accessed"),
    ("effective", "Effective permissions", "console:group-effective-permissions"),
    ("history", "History", "console:group-history"),
)


def context(
    caller: Caller, group_name: str, tab: str, *, found: Panel | None = None, **more: Any
) -> dict[str, Any]:
    """What the layout of a group's pages needs, and what the page adds.

    `found` is GetGroup's, where the page has asked it. Raises NoSuchEntity for a group that is not
    there.
    """
    found = found or panels.subject(get_group, caller, group_name=group_name, page=1, page_size=1)
    group = found.value.group if found.value else None
    name = group.name if group else group_name
    return {
        "group": group,
        "group_name": name,
        "denied": found.error,
        "tabs": _tabs(name, found),
        "tab": tab,
        "missing": _missing(caller, name),
        **more,
    }


def edited(request: ConsoleRequest, group_name: str) -> Edited:
    """A form that renames a group; unchecked for who may not read it."""

    def read() -> str:
        found = panels.subject(get_group, request.caller, group_name=group_name, max_items=1)
        group = found.value.group if found.value else None
        return f"Name: {group.name}\nUnique ID: {group.unique_id}" if group else ""

    return Edited(request, f"user group {group_name}", read)


def _tabs(name: str, found: Panel) -> list[tuple[str, str, str]]:
    """Name, label and address of each tab; how many users there are, where that may be read."""
    labels = {key: label for key, label, _view in TABS}
    if found.value:
        labels["users"] += f" ({found.value.users.total})"
    return [(key, labels[key], reverse(view, args=[name])) for key, _label, view in TABS]


def _missing(caller: Caller, group_name: str) -> dict[str, str]:
    """What the caller lacks for the buttons. Attaching isn't asked: the policy may matter."""
    resource = shared.group_resource(caller, group_name=group_name)
    return {
        "add": panels.missing(caller, "iam:AddUserToGroup", resource),
        "remove": panels.missing(caller, "iam:RemoveUserFromGroup", resource),
        "rename": panels.missing(caller, "iam:UpdateGroup", resource),
        "delete": panels.missing(caller, "iam:DeleteGroup", resource),
        "put": panels.missing(caller, "iam:PutGroupPolicy", resource),
        "delete_policy": panels.missing(caller, "iam:DeleteGroupPolicy", resource),
    }
