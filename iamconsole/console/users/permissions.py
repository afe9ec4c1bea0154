"""The policies that a user has, and through what: attached, inline, or by a group."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse

from accounts.actions import shared
from accounts.actions.attachments import list_attached_group_policies, list_attached_user_policies
from accounts.actions.groups import list_groups_for_user
from accounts.actions.inline_policies import (
    get_group_policy,
    get_user_policy,
    list_group_policies,
    list_user_policies,
)
from accounts.actions.policies import get_policy
from accounts.actions.policy_versions import get_policy_version
from accounts.caller import Caller
from accounts.errors import AccessDenied, ServiceError
from accounts.models import Attachment
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel
from iamconsole.console.policies.types import INLINE, label_of_arn


@dataclass(frozen=True, slots=True)
class Permission:
    """One policy as the user has it. `group` is empty where it is the user's own."""

    name: str
    type: str
    #: The ARN of a managed policy; nothing for an inline one.
    arn: str = ""
    group: str = ""
    user: str = ""

    @property
    def via(self) -> str:
        """Directly, Inline, or the group."""
        if self.group:
            return f"Group {self.group}"
        return "Directly" if self.arn else "Inline"

    @property
    def group_url(self) -> str:
        """The group's page."""
        return reverse("console:group", args=[self.group]) if self.group else ""

    @property
    def policy_url(self) -> str:
        """The policy's page; inline policies have none."""
        return reverse("console:policy", args=[self.arn]) if self.arn else ""

    @property
    def edit_url(self) -> str:
        """The page that edits an inline policy of the user's own, where there is such a page."""
        return "" if self.arn or self.group else self._user_page("user-edit-inline-policy")

    @property
    def place(self) -> str:
        """Tells it apart from all others of the user, also those of groups."""
        return f"{self.group}/{self.value}"

    @property
    def value(self) -> str:
        """What a form says to name it among the user's own."""
        return self.arn or f"inline:{self.name}"

    def _user_page(self, name: str) -> str:
        try:
            return reverse(f"console:{name}", args=[self.user, self.name])
        except NoReverseMatch:
            return ""


@dataclass(slots=True)
class Permissions:
    """What could be read, and the refusals of what could not."""

    rows: list[Permission] = field(default_factory=list)
    refusals: list[AccessDenied] = field(default_factory=list)


def permissions(caller: Caller, user_name: str) -> Permissions:
    """Ask for the policies of a user and of each of the user's groups."""
    found = Permissions()

    def ask(action: Callable[..., Any], **arguments: str) -> Iterable[Any]:
        try:
            items: Iterable[Any] = action(caller, **arguments).items
        except AccessDenied as error:
            found.refusals.append(error)
            return ()
        return items

    found.rows += map(managed, ask(list_attached_user_policies, user_name=user_name))
    inline = ask(list_user_policies, user_name=user_name)
    found.rows += [Permission(name, INLINE, user=user_name) for name in inline]
    groups = [group.name for group in ask(list_groups_for_user, user_name=user_name)]
    shared.look_ahead(caller, groups=groups)
    for name in groups:
        attached = ask(list_attached_group_policies, group_name=name)
        found.rows += [managed(row, name) for row in attached]
        inline = ask(list_group_policies, group_name=name)
        found.rows += [Permission(policy, INLINE, group=name) for policy in inline]
    return found


def managed(row: Attachment, group: str = "") -> Permission:
    """An attached managed policy."""
    return Permission(row.policy_name, label_of_arn(row.policy_arn), row.policy_arn, group)


def document_of(caller: Caller, user_name: str, permission: Permission) -> Panel:
    """The text of a policy that the user has. Each sort is an action of its own."""
    name = permission.name
    if permission.arn:
        found = panels.panel(get_policy, caller, policy_arn=permission.arn)
        if found.error is None:
            version = found.value.default_version_id
            found = panels.panel(
                get_policy_version, caller, policy_arn=permission.arn, version_id=version
            )
    elif permission.group:
        found = panels.panel(
            get_group_policy, caller, group_name=permission.group, policy_name=name
        )
    else:
        found = panels.panel(get_user_policy, caller, user_name=user_name, policy_name=name)
    return Panel(found.value.document) if found.error is None else found


def attached_arns(caller: Caller, user_name: str) -> list[str]:
    """The ARNs that are attached to the user itself; none where the caller may not know."""
    try:
        found = list_attached_user_policies(caller, user_name=user_name)
    except ServiceError:
        return []
    return [row.policy_arn for row in found.items]
