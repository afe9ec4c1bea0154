"""What the pages of unused access show of each kind: its columns, in their order and as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.actions.unused import Unused
from iamconsole.console.components.tables import Column
from iamconsole.console.subjects import Subject
from iamconsole.console.templatetags import ui

#: Services that a row names before it says how many there are besides.
_NAMED = 3
#: Where somebody tried nothing at all: what was before the days asked for is not looked at.
_NOT_NOW = "Not in this time"


@dataclass(frozen=True, slots=True)
class Section:
    """One of the pages: its tab, its columns, and what is said of what it lists."""

    kind: str
    view: str
    label: str
    find: str
    text: str
    columns: tuple[str, ...]
    file: str
    #: The column that what is worst stands first by; none where the list has one order only.
    sort: str = "days"

    @property
    def url(self) -> str:
        """Its address."""
        return reverse(self.view)


SECTIONS: Mapping[str, Section] = {
    each.kind: each
    for each in (
        Section(
            "users", "console:unused", "Users", "Find users",
            "Users whose password and access keys nobody has used.",
            ("user", "created", "last_used", "days", "advice"), "unused-users.csv",
        ),
        Section(
            "roles", "console:unused-roles", "Roles", "Find roles",
            "Roles that nobody has acted as, without those that services made for themselves.",
            ("role", "created", "last_used", "days", "advice"), "unused-roles.csv",
        ),
        Section(
            "keys", "console:unused-keys", "Access keys", "Find users or keys",
            "Access keys of users that have signed no request.",
            ("user", "key", "status", "created", "last_used", "days", "advice"),
            "unused-access-keys.csv",
        ),
        Section(
            "passwords", "console:unused-passwords", "Passwords", "Find users",
            "Console passwords with which nobody has signed in.",
            ("user", "created", "last_used", "days", "advice"), "unused-passwords.csv",
        ),
        Section(
            "permissions", "console:unused-permissions", "Permissions", "Find users or roles",
            "Users and roles whose policies give services and actions that they have not tried.",
            ("identity", "owner", "services", "unused_services", "unused_actions", "tried",
             "advice"),
            "unused-permissions.csv", sort="",
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One finding as the table draws it."""

    finding: Unused
    columns: Sequence[Column]

    @property
    def name(self) -> str:
        """Whose it is."""
        return self.finding.name

    @property
    def cells(self) -> list[SafeString]:
        """The cells as drawn."""
        return [self._cell(column) for column in self.columns]

    @property
    def texts(self) -> list[str]:
        """The same as text for a file."""
        return [column.text(self.finding) if column.text else "" for column in self.columns]

    def _cell(self, column: Column) -> SafeString:
        if column.cell is not None:
            return column.cell(self.finding)
        text = column.text(self.finding) if column.text else ""
        return ui.number_cell(text) if column.numeric else ui.cell(text)


def columns(section: Section, now: datetime) -> tuple[Column, ...]:
    """The columns of a page, drawn at this moment."""
    known = _columns(section.kind, now)
    return tuple(known[name] for name in section.columns)


def ordered(found: Sequence[Unused], by: str, descending: bool) -> list[Unused]:
    """The findings, which are by name, by a column; what was never used was used longest ago."""
    keys: dict[str, Callable[[Unused], Any]] = {
        "created": lambda each: each.since,
        "last_used": lambda each: each.last_used.isoformat() if each.last_used else "",
        "days": lambda each: -(each.last_used or each.since).timestamp(),
        "key": lambda each: each.access_key_id,
        "status": lambda each: not each.is_active,
    }
    key = keys.get(by, lambda each: each.name.lower())
    return sorted(found, key=key, reverse=descending)


def matching(found: Sequence[Unused], search: str) -> list[Unused]:
    """Those whose name or key id holds a text."""
    text = search.lower()
    if not text:
        return list(found)
    return [
        each for each in found if text in each.name.lower() or text in each.access_key_id.lower()
    ]


def _columns(kind: str, now: datetime) -> dict[str, Column]:
    last_used = {"users": "Last activity", "roles": "Last activity", "passwords": "Last sign-in"}
    found = (
        Column("user", "User name", text=_name, cell=_linked()),
        Column("role", "Role name", text=_name, cell=_linked()),
        Column("key", "Access key ID", text=lambda each: each.access_key_id),
        Column("status", "Status", text=lambda each: "Active" if each.is_active else "Inactive"),
        Column("created", "Created", text=_text_of("since"), cell=_ago_of("since")),
        Column(
            "last_used",
            last_used.get(kind, "Last used"),
            text=_text_of("last_used"),
            cell=_ago_of("last_used"),
        ),
        Column("days", "Unused for", text=lambda each: _days(each.days(now))),
        Column(
            "advice",
            "What to do",
            sortable=False,
            text=lambda each: _advice(kind, each)[0],
            cell=lambda each: format_html('<td><a href="{1}">{0}</a></td>', *_advice(kind, each)),
        ),
    )
    return {each.name: each for each in (*found, *_PERMISSIONS)}


def _advice(kind: str, each: Unused) -> tuple[str, str]:
    """What to do about it, and the page that does it."""
    subject = Subject(each.owner, each.name)
    if kind == "permissions":
        return "Remove unused", f"{subject.page('last-accessed')}?accessed=no"
    if kind == "keys":
        verb = "Deactivate" if each.is_active else "Delete"
        return f"{verb} the key", subject.page("security-credentials")
    if kind == "passwords":
        return "Disable console access", subject.page("security-credentials")
    return f"Delete the {each.owner}", subject.page()


def _name(each: Unused) -> str:
    return each.name


def _linked(page: str = "") -> Callable[[Unused], SafeString]:
    return lambda each: ui.link_cell(Subject(each.owner, each.name).page(page), each.name)


def _text_of(attribute: str, none: str = "Never") -> Callable[[Unused], str]:
    def text(each: Unused) -> str:
        moment: datetime | None = getattr(each, attribute)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else none

    return text


def _ago_of(attribute: str, none: str = "Never") -> Callable[[Unused], SafeString]:
    return lambda each: format_html("<td>{}</td>", ui.ago(getattr(each, attribute), none))


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _services(each: Unused) -> SafeString:
    names = sorted(each.unused_services)
    more = len(names) - _NAMED
    text = ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    return ui.cell(text, "None")


#: Columns of permissions. Nothing sorts by them: what they tell is worked out for a page only.
_PERMISSIONS = (
    Column("identity", "Name", sortable=False, text=_name, cell=_linked("last-accessed")),
    Column("owner", "Type", sortable=False, text=lambda each: each.owner.capitalize()),
    Column(
        "services",
        "Services given",
        sortable=False,
        numeric=True,
        text=lambda each: str(each.services),
    ),
    Column(
        "unused_services",
        "Services not tried",
        sortable=False,
        text=lambda each: "; ".join(sorted(each.unused_services)),
        cell=_services,
    ),
    Column(
        "unused_actions",
        "Actions not tried",
        sortable=False,
        numeric=True,
        text=lambda each: str(each.unused_actions),
    ),
    Column(
        "tried",
        "Last attempt",
        sortable=False,
        text=_text_of("last_used", _NOT_NOW),
        cell=_ago_of("last_used", _NOT_NOW),
    ),
)
