"""What the lists of a group's users and of users to choose from show, with verdicts in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.caller import Caller
from accounts.models import User
from accounts.paging import Page
from iamconsole.console.components.tables import Column
from iamconsole.console.users.columns import verdicts

_GROUPS = "iam:ListGroupsForUser"
#: Tells Never from None where there is no last sign-in.
_PASSWORD = "iam:GetLoginProfile"


@dataclass(frozen=True, slots=True)
class Row:
    """A user with its cells. A `need` names the action that the caller lacks, or is empty."""

    user: User
    groups_need: str
    password_need: str

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.name

    @property
    def groups(self) -> int:
        """How many groups the user is in."""
        return self.user.group_count or 0  # type: ignore[attr-defined]

    @property
    def last_sign_in(self) -> datetime | None:
        """The last sign-in to the console, which ListUsers tells without a call of its own."""
        return self.user.password_last_used

    @property
    def never(self) -> str:
        """Why there is no last sign-in: no password, or one that was not used yet."""
        has_password = self.user.password_set_at is not None  # type: ignore[attr-defined]
        return "Never" if has_password else "None"


def rows(caller: Caller, page: Page[User]) -> Page[Row]:
    """A page of users as rows. No queries: each carries what `with_columns` annotated."""
    allowed = verdicts(caller)
    items = [
        Row(user, allowed.missing([_GROUPS], user), allowed.missing([_PASSWORD], user))
        for user in page.items
    ]
    return Page(items, total=page.total, number=page.number, pages=page.pages)


def member_columns(caller: Caller) -> tuple[Column, ...]:
    """The columns of a group's users."""
    return (
        Column("name", "User name"),
        Column("groups", "Groups", readable=verdicts(caller).everywhere([_GROUPS]), numeric=True),
        Column("last_sign_in", "Console last sign-in"),
        Column("created", "Creation time"),
    )
