"""What the pages of one user share: summary, tabs, dialogs, and what the caller may do there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts import arns
from accounts.actions import shared
from accounts.actions.access_keys import list_access_keys
from accounts.actions.groups import list_groups_for_user
from accounts.actions.login_profiles import get_login_profile
from accounts.actions.mfa import list_mfa_devices
from accounts.actions.users import get_user
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import AccessDenied
from accounts.models import AccessKey, Group, Login, MFADevice
from accounts.quotas import KEYS_PER_OWNER
from iamconsole.console.components import panels, steps
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.panels import Panel
from iamconsole.console.components.reports import report
from iamconsole.console.components.steps import Step
from iamconsole.console.request import ConsoleRequest

TABS = (
    ("permissions", "Permissions", "console:user"),
    ("groups", "Groups", "console:user-groups"),
    ("tags", "Tags", "console:user-tags"),
    ("credentials", "Security credentials", "console:user-security-credentials"),
    ("last-accessed", "Last Accessed", "console:user-last-accessed"),
    ("effective", "Effective permissions", "console:user-effective-permissions"),
    ("history", "History", "console:user-history"),
)

#: What the buttons lead to that every tab has.
_BUTTONS = ("iam:DeleteUser", "iam:CreateAccessKey")


@dataclass(frozen=True, slots=True)
class Summary:
    """The card on top of a user's pages: four panels, each allowed or refused by itself."""

    name: str
    user: Panel
    login: Panel
    devices: Panel
    keys: Panel

    @property
    def shown_name(self) -> str:
        """The name as it was made; as it was asked for where the caller may not read it."""
        return str(self.user.value.name) if self.user.value else self.name

    @property
    def profile(self) -> Login | None:
        """The login profile, where there is one that may be read."""
        found: Login | None = self.login.value
        return found

    @property
    def profile_denied(self) -> AccessDenied | None:
        """The refusal to tell whether there is a login profile."""
        return self.login.error if isinstance(self.login.error, AccessDenied) else None

    @property
    def mfa_devices(self) -> Sequence[MFADevice]:
        """The devices, as far as they may be read."""
        return self.devices.value.items if self.devices.value else ()

    @property
    def access_keys(self) -> Sequence[AccessKey]:
        """The keys, as far as they may be read."""
        return self.keys.value.items if self.keys.value else ()

    @property
    def free_slots(self) -> Sequence[int]:
        """The numbers of the access keys that could be made still."""
        return range(len(self.access_keys) + 1, KEYS_PER_OWNER + 1) if self.keys.value else ()


def summary(caller: Caller, user_name: str) -> Summary:
    """Ask for the card. Raises NoSuchEntity for a user that is not there."""
    return Summary(
        name=user_name,
        user=panels.subject(get_user, caller, user_name=user_name),
        # A user without a password is no error here.
        login=panels.panel(get_login_profile, caller, user_name=user_name),
        devices=panels.subject(list_mfa_devices, caller, user_name=user_name),
        keys=panels.subject(list_access_keys, caller, user_name=user_name),
    )


def must_exist(caller: Caller, user_name: str) -> None:
    """Raise NoSuchEntity for a user that is not there, as far as the caller may know that."""
    panels.subject(get_user, caller, user_name=user_name)


def resource(caller: Caller, user_name: str) -> Resource:
    """The user as policies see it, to ask what the caller may do with it."""
    return shared.user_resource(caller, user_name=user_name)


def context(
    caller: Caller, user_name: str, current: str, *actions: str, **more: Any
) -> dict[str, Any]:
    """What the layout of a user's pages needs, and what the page adds.

    `actions` are those that the page's own buttons lead to.
    """
    shown = summary(caller, user_name)
    on = resource(caller, user_name)
    return {
        "summary": shown,
        "user_name": shown.shown_name,
        "tabs": _tabs(caller, shown, on),
        "current": current,
        "denied": panels.missing_of(caller, (*_BUTTONS, *actions), on, user_name=user_name),
        **more,
    }


def _tabs(caller: Caller, shown: Summary, on: Resource) -> list[tuple[str, str, str]]:
    """Name, label and address of each tab; what may not be read is not asked for its number."""
    counts = {}
    if shown.user.value:
        counts["tags"] = len(shown.user.value.tags)
    if not panels.missing(caller, "iam:ListGroupsForUser", on, user_name=shown.name):
        groups = panels.panel(list_groups_for_user, caller, user_name=shown.name)
        if groups.value:
            counts["groups"] = len(groups.value.items)
    return [
        (
            key,
            f"{label} ({counts[key]})" if key in counts else label,
            reverse(view, args=[shown.name]),
        )
        for key, label, view in TABS
    ]


def confirm(
    request: ConsoleRequest,
    user_name: str,
    wanted: Sequence[Step],
    template: str,
    *,
    heading: str,
    success: str,
    url: str,
    edited: Edited | None = None,
    **more: Any,
) -> HttpResponse:
    """Show a dialog about a user; once it is confirmed, run all the steps and report.

    `heading`, `success` and `url` are those of `report`; `edited` is what the dialog is about where
    somebody else may be changing it; `more` is what the dialog shows.
    """
    if request.method == "POST":
        caller = edited.guard() if edited else request.caller
        outcomes = steps.run(caller, wanted, go_on=True)
        return report(request, outcomes, heading=heading, success=success, url=url)
    must_exist(request.caller, user_name)
    missing = " and ".join(steps.missing(request.caller, wanted))
    page = {
        "user_name": user_name,
        "missing": missing,
        "back_url": url,
        "edited": edited,
        **more,
    }
    return render(request, template, page)


def join_refusal(caller: Caller, group: Group) -> str:
    """Why the caller can't put anybody into a group, in words; nothing where he can."""
    return _need(panels.missing(caller, "iam:AddUserToGroup", arns.of_row(group)))


def policy_refusal(caller: Caller, action: str, on: Resource, policy_arn: str) -> str:
    """Why the caller can't attach or detach this policy, which policies may name, at this user."""
    named = replace(on, context={**on.context, "iam:PolicyARN": policy_arn})
    return _need(panels.missing(caller, action, named, policy_arn=policy_arn))


def attach_refusal(caller: Caller, on: Resource | None, policy_arn: str) -> str:
    """Why the caller can't attach this policy to this user, or to any where none is named."""
    action = "iam:AttachUserPolicy"
    if on is None:
        return _need(panels.missing_everywhere(caller, action))
    return policy_refusal(caller, action, on, policy_arn)


def add_refusal(caller: Caller, denied: Mapping[str, str]) -> str:
    """The action that the caller lacks to give this user anything at all; nothing where he can."""
    ways = (denied["AttachUserPolicy"], denied["PutUserPolicy"])
    may_not_join = panels.missing_everywhere(caller, "iam:AddUserToGroup")
    return ways[0] if all(ways) and may_not_join else ""


def _need(action: str) -> str:
    return f"You need {action}" if action else ""
