"""What the lists of groups show of each, with a verdict in memory for cells that AWS asks apart."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import arns
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.models import Group
from accounts.paging import Page
from iamconsole.console.components.panels import missing
from iamconsole.console.components.tables import Column

#: What AWS tells by a call of its own for each group: its users, its managed and inline policies.
APART = ("iam:GetGroup", "iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies")


@dataclass(frozen=True, slots=True)
class Row:
    """A group with its cells. A `need` names the action that the caller lacks, or is empty."""

    group: Group
    users_need: str
    attached_need: str
    inline_need: str

    @property
    def name(self) -> str:
        """The group's name."""
        return self.group.name

    @property
    def users(self) -> int:
        """How many users are in the group."""
        return self.group.user_count or 0  # type: ignore[attr-defined]

    @property
    def attached(self) -> int:
        """How many managed policies the group has."""
        return self.group.attached_count or 0  # type: ignore[attr-defined]

    @property
    def has_permissions(self) -> bool:
        """Whether the group has any policy."""
        return bool(self.attached or self.group.inline_count)  # type: ignore[attr-defined]

    @property
    def permissions_need(self) -> str:
        """What the caller lacks to know that."""
        return self.attached_need or self.inline_need


def rows(caller: Caller, page: Page[Group]) -> Page[Row]:
    """A page of groups as rows. No queries: each carries what `list_groups` annotated."""
    items = [_row(caller, group) for group in page.items]
    return Page(items, total=page.total, number=page.number, pages=page.pages)


def columns(caller: Caller) -> tuple[Column, ...]:
    """The columns of the list. By users nobody sorts who may not read them of every group."""
    every_group = Resource(arns.iam(caller.home, "group/*"), caller.home.id)
    return (
        Column("name", "Group name"),
        Column("users", "Users", sortable=not missing(caller, APART[0], every_group), numeric=True),
        Column("permissions", "Permissions", sortable=False),
        Column("created", "Creation time"),
    )


def _row(caller: Caller, group: Group) -> Row:
    resource = arns.of_row(group)
    return Row(group, *(missing(caller, action, resource) for action in APART))
