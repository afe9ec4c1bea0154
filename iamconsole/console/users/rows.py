"""What the list of users shows of each, with a verdict in memory for cells that AWS asks apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts import arns
from accounts.actions import shared
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.models import User
from accounts.paging import Page
from iamconsole.console.components.panels import missing
from iamconsole.console.components.tables import Column

#: The columns that AWS answers by a call of its own for each user.
APART = {
    "groups": "iam:ListGroupsForUser",
    "mfa": "iam:ListMFADevices",
    "password_age": "iam:GetLoginProfile",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A user with its cells. A `need` names the action that the caller lacks, or is empty."""

    user: User
    groups_need: str
    mfa_need: str
    password_need: str
    now: datetime

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.name

    @property
    def groups(self) -> int:
        """How many groups the user is in."""
        return self.user.group_count or 0  # type: ignore[attr-defined]

    @property
    def mfa(self) -> str:
        """The kind of device, or nothing."""
        return "Virtual" if self.user.device_count else ""  # type: ignore[attr-defined]

    @property
    def password_age(self) -> str:
        """How old the password is, or nothing where there is none."""
        if self._password_set_at is None:
            return ""
        days = (self.now - self._password_set_at).days
        return "Today" if days < 1 else f"{days} day{'' if days == 1 else 's'}"

    @property
    def last_sign_in(self) -> datetime | None:
        """The last sign-in to the console, which ListUsers tells without a call of its own."""
        return self.user.password_last_used

    @property
    def never(self) -> str:
        """Why there is no last sign-in: no password, or one that was not used yet."""
        return "None" if self._password_set_at is None else "Never"

    @property
    def _password_set_at(self) -> datetime | None:
        return self.user.password_set_at  # type: ignore[attr-defined,no-any-return]


def rows(caller: Caller, page: Page[User]) -> Page[Row]:
    """A page of users as rows. No queries: each carries what `with_columns` annotated."""
    items = [_row(caller, user) for user in page.items]
    return Page(items, total=page.total, number=page.number, pages=page.pages)


def columns(caller: Caller) -> tuple[Column, ...]:
    """The columns of the list. By one that may not be read nobody sorts: its order would tell."""
    may_sort = {name: _may_read(caller, name) for name in APART}
    return (
        Column("name", "User name"),
        Column("path", "Path"),
        Column("groups", "Groups", sortable=may_sort["groups"], numeric=True),
        Column("mfa", "MFA", sortable=may_sort["mfa"]),
        Column("password_age", "Password age", sortable=may_sort["password_age"]),
        Column("last_sign_in", "Console last sign-in"),
        Column("created", "Created"),
    )


def member_columns(caller: Caller) -> tuple[Column, ...]:
    """The columns of a group's users."""
    return (
        Column("name", "User name"),
        Column("groups", "Groups", sortable=_may_read(caller, "groups"), numeric=True),
        Column("last_sign_in", "Console last sign-in"),
        Column("created", "Creation time"),
    )


def _may_read(caller: Caller, column: str) -> bool:
    everybody = Resource(arns.iam(caller.home, "user/*"), caller.home.id)
    return not missing(caller, APART[column], everybody)


def _row(caller: Caller, user: User) -> Row:
    resource = shared.of_identity(user)
    groups, mfa, password = (
        missing(caller, action, resource, user_name=user.name) for action in APART.values()
    )
    return Row(user, groups, mfa, password, caller.now)
