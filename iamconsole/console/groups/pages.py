"""What the pages of one group share: summary, tabs, and what the caller may do there."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.actions import shared
from accounts.actions.groups import get_group
from accounts.caller import Caller
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel

_TABS = (
    ("users", "Users", "console:group"),
    ("permissions", "Permissions", "console:group-permissions"),
    ("last-accessed", "Last Accessed", "console:group-last-accessed"),
    ("effective", "Effective permissions", "console:group-effective-permissions"),
)


def context(
    caller: Caller, group_name: str, tab: str, *, found: Panel | None = None, **more: Any
) -> dict[str, Any]:
    """What the layout of a group's pages needs, and what the page adds.

    `found` is GetGroup's, where the page has asked it. Raises NoSuchEntity for a group that is not
    there.
    """
    found = found or panels.subject(get_group, caller, group_name=group_name, max_items=1)
    group = found.value.group if found.value else None
    name = group.name if group else group_name
    return {
        "group": group,
        "group_name": name,
        "denied": found.error,
        "tabs": [(key, label, reverse(view, args=[name])) for key, label, view in _TABS],
        "tab": tab,
        "missing": _missing(caller, name),
        **more,
    }


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
