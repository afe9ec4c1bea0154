"""The columns of the list of roles. ListRoles tells all of them, so none needs more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.actions import shared
from accounts.caller import Caller
from iamconsole.console.components.tables import Column
from iamconsole.console.components.verdicts import Verdicts
from iamconsole.console.roles.trust import trusted_entities
from iamconsole.console.templatetags import ui
from iamconsole.console.templatetags.roles import in_hours


def verdicts(caller: Caller) -> Verdicts:
    """What the caller may read of which role."""
    return Verdicts(caller, "role", shared.of_identity, "role_name")


def _name(role: Any) -> SafeString:
    return ui.link_cell(reverse("console:role", args=[role.name]), role.name)


def _time(moment: datetime | None, none: str = "-") -> SafeString:
    return format_html("<td>{}</td>", ui.ago(moment, none))


def _written(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


COLUMNS = (
    Column("name", "Role name", text=lambda role: role.name, cell=_name),
    Column(
        "trusted",
        "Trusted entities",
        sortable=False,
        text=lambda role: trusted_entities(role.trust_policy, role.path),
    ),
    Column(
        "last_activity",
        "Last activity",
        text=lambda role: _written(role.last_used_at),
        cell=lambda role: _time(role.last_used_at, "None"),
    ),
    Column("path", "Path", shown=False, text=lambda role: role.path),
    Column("arn", "ARN", shown=False, sortable=False, text=lambda role: role.arn),
    Column(
        "created",
        "Creation time",
        shown=False,
        text=lambda role: _written(role.created_at),
        cell=lambda role: _time(role.created_at),
    ),
    Column("description", "Description", shown=False, text=lambda role: role.description),
    Column(
        "max_session",
        "Maximum session duration",
        shown=False,
        text=lambda role: in_hours(role.max_session_duration),
    ),
)
