"""The detail page of a user, group, role or policy, for the tabs that all of them have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.caller import Caller
from iamconsole.console.groups import pages as group_pages
from iamconsole.console.policies import pages as policy_pages
from iamconsole.console.roles import pages as role_pages
from iamconsole.console.subjects import Subject
from iamconsole.console.users import pages as user_pages

#: By kind: the template that every tab extends, and what that one needs.
_DETAIL: dict[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "user": ("console/users/detail.html", user_pages.context),
    "group": ("console/groups/detail.html", group_pages.context),
    "role": ("console/roles/detail.html", role_pages.context),
    "policy": ("console/policies/detail.html", policy_pages.context),
}


def context(caller: Caller, subject: Subject, tab: str) -> dict[str, Any]:
    """What the tab of that name needs but for its own content; it extends `layout`.

    Raises NoSuchEntity where there is no such subject.
    """
    layout, of = _DETAIL[subject.kind]
    return of(caller, subject.key, tab) | {"subject": subject, "layout": layout}
