"""What the pages of one role share: summary, tabs, and what the caller may do there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from accounts.actions import shared
from accounts.actions.instance_profiles import list_instance_profiles_for_role
from accounts.actions.roles import get_role
from accounts.caller import Caller
from accounts.errors import AccessDenied
from accounts.models import Role
from iamconsole.console.components import panels
from iamconsole.console.components.editing import Edited
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.roles import trust

#: Why nothing of a service-linked role can be changed.
LOCKED = "This role is linked to a service, which alone can change it."

TABS = (
    ("permissions", "Permissions", "role"),
    ("trust", "Trust relationships", "role-trust"),
    ("tags", "Tags", "role-tags"),
    ("last-accessed", "Last Accessed", "role-last-accessed"),
    ("effective", "Effective permissions", "role-effective-permissions"),
    ("history", "History", "role-history"),
    ("revoke", "Revoke sessions", "role-revoke-sessions"),
)
_ACTIONS = (
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteServiceLinkedRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
)


def context(caller: Caller, role_name: str, current: str, **more: Any) -> dict[str, Any]:
    """What the layout of a role's pages needs, and what the page adds.

    Raises NoSuchEntity for a role that is not there.
    """
    found = panels.subject(get_role, caller, role_name=role_name)
    role: Role | None = found.value
    name = role.name if role else role_name
    linked = role is not None and role.is_service_linked
    on = shared.role_resource(caller, role_name=role_name)
    missing = panels.missing_of(caller, _ACTIONS, on, role_name=role_name)
    return {
        "role": role,
        "role_name": name,
        "denied": found.error,
        "locked": LOCKED if linked else "",
        "delete_denied": missing["DeleteServiceLinkedRole" if linked else "DeleteRole"],
        "missing": missing,
        "profiles": panels.subject(list_instance_profiles_for_role, caller, role_name=role_name),
        "switch_url": switch_url(caller, role),
        "tabs": [(key, label, url) for key, label, view in TABS if (url := _url(view, name))],
        "tab": current,
        **more,
    }


def switch_url(caller: Caller, role: Role | None) -> str:
    """The address that whoever the role trusts opens to switch to it; nothing if nobody can."""
    if role is None or not trust.is_for_switching(role.trust_policy):
        return ""
    query = urlencode({"account": caller.home.id, "roleName": f"{role.path}{role.name}"[1:]})
    return f"{settings.BASE_URL.rstrip('/')}/switchrole/?{query}"


def edited(
    request: ConsoleRequest, role_name: str, what: str, words: Callable[[Role], str]
) -> Edited:
    """A form about one side of a role, which `words` tells; unchecked for who may not read it."""

    def read() -> str:
        try:
            return words(get_role(request.caller, role_name=role_name))
        except AccessDenied:
            return ""

    return Edited(request, f"the {what} of role {role_name}", read)


def _url(view: str, role_name: str) -> str:
    """The address of a tab, or nothing while there is no such page."""
    try:
        return reverse(f"console:{view}", args=[role_name])
    except NoReverseMatch:
        return ""
