"""What the lists of groups show of each, with a verdict in memory for cells that AWS asks apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import arns
from accounts.actions.groups import SORTABLE
from accounts.caller import Caller
from accounts.models import Group
from accounts.paging import Page
from iamconsole.console.components.tables import Column
from iamconsole.console.components.verdicts import Verdicts
from iamconsole.console.templatetags import ui

#: What AWS tells by a call of its own for each group: its users, its managed policies.
APART = ("iam:GetGroup", "iam:ListAttachedGroupPolicies")
#: Names, labels and what they need; the rest of a column is what it shows.
NAMES = (
    Column("name", "Group name"),
    Column("users", "Users", numeric=True, needs=("iam:GetGroup",)),
    Column(
        "permissions",
        "Permissions",
        needs=("iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies"),
    ),
    Column("created", "Creation time"),
    Column("path", "Path", shown=False),
    Column("arn", "ARN", shown=False),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A group with its cells. A `need` names the action that the caller lacks, or is empty."""

    group: Group
    users_need: str
    attached_need: str

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


def rows(caller: Caller, page: Page[Group]) -> Page[Row]:
    """A page of groups as rows. No queries: each carries what `list_groups` annotated."""
    allowed = verdicts(caller)
    items = [
        Row(group, *(allowed.missing([action], group) for action in APART)) for group in page.items
    ]
    return Page(items, total=page.total, number=page.number, pages=page.pages)


def of_user(caller: Caller, page: Page[Group]) -> Page[Row]:
    """The groups of one user as rows, without their own users. No queries either."""
    allowed = verdicts(caller)
    items = [Row(group, "", allowed.missing([APART[1]], group)) for group in page.items]
    return Page(items, total=page.total, number=page.number, pages=page.pages)


def verdicts(caller: Caller) -> Verdicts:
    """What the caller may read of which group."""
    return Verdicts(caller, "group", arns.of_row, "group_name")


def columns(caller: Caller, allowed: Verdicts) -> tuple[Column, ...]:
    """The columns of the list. By users nobody sorts who may not read them of every group."""
    return tuple(
        replace(
            column,
            sortable=column.name in SORTABLE,
            readable=allowed.everywhere(column.needs),
            **_SHOWS[column.name],
        )
        for column in NAMES
    )


def _name(group: Any) -> SafeString:
    return ui.link_cell(reverse("console:group", args=[group.name]), group.name)


def _permissions(group: Any) -> str:
    return "Defined" if group.attached_count or group.inline_count else "Not defined"


def _permissions_cell(group: Any) -> SafeString:
    words = _permissions(group)
    return format_html("<td>{}</td>", ui.status(_STATUS[words], words))


def _created(group: Any) -> SafeString:
    return format_html("<td>{}</td>", ui.ago(group.created_at))


_STATUS = {"Defined": "success", "Not defined": "warning"}
_SHOWS: dict[str, dict[str, Any]] = {
    "name": {"text": lambda group: group.name, "cell": _name},
    "users": {"text": lambda group: str(group.user_count)},
    "permissions": {"text": _permissions, "cell": _permissions_cell},
    "created": {"text": lambda group: f"{group.created_at:%Y-%m-%dT%H:%M:%SZ}", "cell": _created},
    "path": {"text": lambda group: group.path},
    "arn": {"text": lambda group: group.arn},
}
