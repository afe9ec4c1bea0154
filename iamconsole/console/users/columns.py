"""The columns of the list of users: what each shows, and what it takes to read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.actions import shared
from accounts.actions.users import SORTABLE
from accounts.caller import Caller
from iamconsole.console.components.tables import Column
from iamconsole.console.components.verdicts import Verdicts
from iamconsole.console.templatetags import ui

#: Days after which nobody calls a user active any more, and after which one is forgotten.
QUIET, SILENT = 90, 365
_KEYS = ("iam:ListAccessKeys",)
_KEYS_USED = (*_KEYS, "iam:GetAccessKeyLastUsed")
_PASSWORD = ("iam:GetLoginProfile",)
#: Names, labels and what they need; the rest of a column is what it shows.
NAMES = (
    Column("name", "User name"),
    Column("path", "Path"),
    Column("groups", "Groups", numeric=True, needs=("iam:ListGroupsForUser",)),
    Column("last_activity", "Last activity", needs=_KEYS_USED),
    Column("mfa", "MFA", needs=("iam:ListMFADevices",)),
    Column("password_age", "Password age", needs=_PASSWORD),
    Column("last_sign_in", "Console last sign-in", needs=_PASSWORD),
    Column("access_key_id", "Access key ID", needs=_KEYS),
    Column("active_key_age", "Active key age", needs=_KEYS),
    Column("key_last_used", "Access key last used", needs=_KEYS_USED),
    Column("arn", "ARN", shown=False),
    Column("created", "Creation time", shown=False),
    Column(
        "console_access",
        "Console access",
        shown=False,
        needs=(*_PASSWORD, "iam:ListMFADevices"),
    ),
    Column("signing_certs", "Signing certs", shown=False, needs=("iam:ListSigningCertificates",)),
    Column("tags", "Tags", shown=False, numeric=True, needs=("iam:ListUserTags",)),
)


def verdicts(caller: Caller) -> Verdicts:
    """What the caller may read of whom."""
    return Verdicts(caller, "user", shared.of_identity, "user_name")


def columns(caller: Caller, allowed: Verdicts) -> tuple[Column, ...]:
    """All columns, drawn for the caller at this moment."""
    shows = _shows(caller.now)
    return tuple(
        replace(
            column,
            sortable=column.name in SORTABLE,
            # The last sign-in is in the list's own answer; only Never or None needs more.
            readable=column.name == "last_sign_in" or allowed.everywhere(column.needs),
            **shows[column.name],
        )
        for column in NAMES
    )


def _shows(now: datetime) -> dict[str, dict[str, Any]]:
    return {
        "name": {"text": lambda user: user.name, "cell": _name},
        "path": {"text": lambda user: user.path},
        "groups": {"text": lambda user: str(user.group_count)},
        "last_activity": {
            "text": lambda user: _moment(user.last_active_at),
            "cell": lambda user: _activity(user.last_active_at, now),
        },
        "mfa": {"text": _mfa},
        "password_age": {
            "text": lambda user: age(user.password_set_at, now),
            "cell": lambda user: _aged(user.password_set_at, now),
        },
        "last_sign_in": {
            "told": lambda user: user.password_last_used is not None,
            "text": lambda user: _moment(user.password_last_used) or _never(user),
            "cell": lambda user: _time(user.password_last_used, _never(user)),
        },
        "access_key_id": {"text": lambda user: "; ".join(_keys(user)), "cell": _key_ids},
        "active_key_age": {
            "text": lambda user: age(user.active_key_since, now),
            "cell": lambda user: _aged(user.active_key_since, now),
        },
        "key_last_used": {
            "text": lambda user: _moment(user.key_last_used_at) or _unused(user),
            "cell": lambda user: _time(user.key_last_used_at, _unused(user)),
        },
        "arn": {"text": lambda user: user.arn},
        "created": {
            "text": lambda user: _moment(user.created_at),
            "cell": lambda user: _time(user.created_at, ""),
        },
        "console_access": {"text": _console_access},
        "signing_certs": {"text": lambda user: str(user.certificate_count or "")},
        "tags": {"text": lambda user: str(len(user.tags))},
    }


def age(since: datetime | None, now: datetime) -> str:
    """Whole days since a moment: "Today", "40 days"; nothing where there is no moment."""
    if since is None:
        return ""
    days = (now - since).days
    return "Today" if days < 1 else f"{days} day{'' if days == 1 else 's'}"


def _name(user: Any) -> SafeString:
    return ui.link_cell(reverse("console:user", args=[user.name]), user.name)


def _mfa(user: Any) -> str:
    return "Virtual" if user.device_count else ""


def _never(user: Any) -> str:
    """Why there is no last sign-in: no password, or one that was not used yet."""
    return "None" if user.password_set_at is None else "Never"


def _unused(user: Any) -> str:
    return "Never" if user.first_key_id else ""


def _console_access(user: Any) -> str:
    if user.password_set_at is None:
        return "Disabled"
    return "Enabled with MFA" if user.device_count else "Enabled without MFA"


def _keys(user: Any) -> list[str]:
    return [f"{key.status} - {key.access_key_id}" for key in user.listed_keys]


def _key_ids(user: Any) -> SafeString:
    keys = _keys(user)
    if not keys:
        return ui.cell("")
    lines = format_html_join("", "<div>{}</div>", ((key,) for key in keys))
    return format_html('<td class="nowrap">{}</td>', lines)


def _activity(moment: datetime | None, now: datetime) -> SafeString:
    if moment is None:
        return ui.cell("")
    return format_html('<td class="nowrap">{}</td>', ui.status(_shade(moment, now), ui.ago(moment)))


def _aged(since: datetime | None, now: datetime) -> SafeString:
    if since is None:
        return ui.cell("")
    words = age(since, now)
    return format_html('<td class="nowrap">{}</td>', ui.status(_shade(since, now), words))


def _shade(moment: datetime, now: datetime) -> str:
    days = (now - moment).days
    return "success" if days <= QUIET else "warning" if days <= SILENT else "error"


def _time(moment: datetime | None, none: str) -> SafeString:
    return ui.cell(none) if moment is None else format_html("<td>{}</td>", ui.ago(moment))


def _moment(moment: datetime | None) -> str:
    """For a file: a form that spreadsheets and scripts read."""
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
