"""What can be done to several users at once, and what it takes for each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.urls import reverse

from accounts.actions.users import list_users
from accounts.caller import Caller
from accounts.errors import NoSuchEntity
from accounts.types import Tag
from iamconsole.console.components import panels
from iamconsole.console.components.bulk import Work
from iamconsole.console.components.steps import step
from iamconsole.console.components.verdicts import Verdicts
from iamconsole.console.users.columns import verdicts

#: A user as `list_users(names=…)` gives it, with groups, keys and all.
Loaded = Any


@dataclass(frozen=True, slots=True)
class Operation:
    """An entry of the list's menu: the page, its words, and the permission without which none."""

    page: str
    label: str
    action: str
    done: str


OPERATIONS = (
    Operation("users-add-to-groups", "Add to groups", "iam:AddUserToGroup", "added to groups"),
    Operation(
        "users-remove-from-groups",
        "Remove from groups",
        "iam:RemoveUserFromGroup",
        "removed from groups",
    ),
    Operation(
        "users-deactivate-keys",
        "Deactivate access keys",
        "iam:UpdateAccessKey",
        "left without active access keys",
    ),
    Operation(
        "users-require-password-change",
        "Require a new password",
        "iam:UpdateLoginProfile",
        "asked for a new password at the next sign-in",
    ),
    Operation("users-add-tag", "Add a tag", "iam:TagUser", "tagged"),
)


class Offer(NamedTuple):
    """The entry as drawn; `denied` is the permission that nothing gives."""

    label: str
    url: str
    denied: str


def offered(caller: Caller) -> list[Offer]:
    """The menu. What no policy allows on any user is dead and says why."""
    return [
        Offer(
            each.label,
            reverse(f"console:{each.page}"),
            panels.missing_everywhere(caller, each.action),
        )
        for each in OPERATIONS
    ]


def operation(page: str) -> Operation:
    """The operation of a page."""
    return next(each for each in OPERATIONS if each.page == page)


def load(caller: Caller, names: Sequence[str]) -> list[Loaded]:
    """The users of those names with all that hangs on them, in as many queries for 100 as for one.

    Those that are not there are left out.
    """
    return list(list_users(caller, names=names, page=1, page_size=len(names)).items)


def absent(names: Sequence[str], found: Sequence[Loaded]) -> list[str]:
    """The names that nobody has."""
    there = {user.name.lower() for user in found}
    return [name for name in names if name.lower() not in there]


def all_of(caller: Caller, names: Sequence[str]) -> list[Loaded]:
    """The same where one that is not there is a page that is not there: NoSuchEntity."""
    found = load(caller, names)
    for name in absent(names, found):
        raise NoSuchEntity(f"The user with name {name} cannot be found.", argument="user_name")
    return found


Plan = Callable[[Loaded, Verdicts], Work]


def plan(caller: Caller, users: Sequence[Loaded], of_one: Plan) -> list[Work]:
    """What is to be done to each of the users."""
    allowed = verdicts(caller)
    return [of_one(user, allowed) for user in users]


def added_to(groups: Sequence[str]) -> Plan:
    """Put the user into the groups; AWS does not mind if it is in one already."""

    def of_one(user: Loaded, _: Verdicts) -> Work:
        return Work(
            user.name,
            [
                step(f"Add to {group}", "iam:AddUserToGroup", user_name=user.name, group_name=group)
                for group in groups
            ],
        )

    return of_one


def removed_from(groups: Sequence[str]) -> Plan:
    """Take the user out of those of the groups that it is in, as far as the caller may know."""

    def of_one(user: Loaded, allowed: Verdicts) -> Work:
        known = not allowed.missing(["iam:ListGroupsForUser"], user)
        member = {group.name.lower() for group in user.groups.all()}
        wanted = [group for group in groups if not known or group.lower() in member]
        steps = [
            step(
                f"Remove from {group}",
                "iam:RemoveUserFromGroup",
                user_name=user.name,
                group_name=group,
            )
            for group in wanted
        ]
        return Work(user.name, steps, unneeded="" if steps else "In none of these groups.")

    return of_one


def without_active_keys(user: Loaded, allowed: Verdicts) -> Work:
    """Deactivate the user's active access keys."""
    if need := allowed.missing(["iam:ListAccessKeys"], user):
        return Work(user.name, problem=f"You need {need} to see the keys.")
    steps = [
        step(
            f"Deactivate {key.access_key_id}",
            "iam:UpdateAccessKey",
            user_name=user.name,
            access_key_id=key.access_key_id,
            status="Inactive",
        )
        for key in user.listed_keys
        if key.is_active
    ]
    return Work(user.name, steps, unneeded="" if steps else "No active access keys.")


def with_new_password(user: Loaded, allowed: Verdicts) -> Work:
    """Have the user choose a new password at the next sign-in."""
    known = not allowed.missing(["iam:GetLoginProfile"], user)
    if known and user.password_set_at is None:
        return Work(user.name, unneeded="No console password.")
    required = step(
        "Require a new password at the next sign-in",
        "iam:UpdateLoginProfile",
        user_name=user.name,
        password_reset_required=True,
    )
    return Work(user.name, [required])


def tagged(key: str, value: str) -> Plan:
    """Set a tag on the user."""

    def of_one(user: Loaded, _: Verdicts) -> Work:
        tags = (Tag(key, value),)
        return Work(
            user.name, [step(f"Set tag {key}", "iam:TagUser", user_name=user.name, tags=tags)]
        )

    return of_one
