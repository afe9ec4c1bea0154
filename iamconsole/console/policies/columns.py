"""The columns of the list of policies: what each shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.actions.policies import SORTABLE, PolicyInUse
from accounts.arns import Resource
from accounts.caller import Caller
from iamconsole.console.components.tables import Column
from iamconsole.console.components.verdicts import Verdicts
from iamconsole.console.policies.types import LABELS
from iamconsole.console.templatetags import ui
from iamconsole.console.templatetags.policies import used_as

#: Names and labels; the rest of a column is what it shows.
NAMES = (
    Column("name", "Policy name"),
    Column("kind", "Type"),
    Column("used_as", "Used as"),
    Column("description", "Description"),
    Column("path", "Path", shown=False),
    Column("arn", "ARN", shown=False),
    Column("version", "Default version", shown=False),
    Column("created", "Creation time", shown=False),
    Column("edited", "Edited time", shown=False),
)

_SHOWS: dict[str, dict[str, Any]] = {
    "name": {"text": lambda policy: policy.name, "cell": lambda policy: _name(policy)},
    "kind": {"text": lambda policy: LABELS[policy.kind]},
    "used_as": {"text": used_as},
    "description": {"text": lambda policy: policy.description},
    "path": {"text": lambda policy: policy.path},
    "arn": {"text": lambda policy: policy.arn},
    "version": {"text": lambda policy: policy.default_version_id},
    "created": {
        "text": lambda policy: policy.created_at.isoformat(),
        "cell": lambda policy: _time(policy.created_at),
    },
    "edited": {
        "text": lambda policy: policy.updated_at.isoformat(),
        "cell": lambda policy: _time(policy.updated_at),
    },
}

#: All columns as drawn. ListPolicies itself tells all of them.
COLUMNS = tuple(
    replace(column, sortable=column.name in SORTABLE, **_SHOWS[column.name]) for column in NAMES
)


def verdicts(caller: Caller) -> Verdicts:
    """What the caller may read of which policy."""
    return Verdicts(
        caller, "policy", lambda policy: Resource(policy.arn, caller.home.id), "policy_arn"
    )


def _name(policy: PolicyInUse) -> SafeString:
    return ui.link_cell(reverse("console:policy", args=[policy.arn]), policy.name)


def _time(moment: datetime) -> SafeString:
    return format_html("<td>{}</td>", ui.when(moment))
