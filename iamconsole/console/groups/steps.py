"""The steps behind the buttons of the group pages, and what deleting a group takes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.actions.attachments import list_attached_group_policies
from accounts.actions.groups import get_group
from accounts.actions.inline_policies import list_group_policies
from accounts.arns import last_part
from accounts.caller import Caller
from accounts.errors import AccessDenied
from iamconsole.console.components import deleting, panels
from iamconsole.console.components.steps import Step, step
from iamconsole.console.policies.attaching import attachments, detachments

#: Members that one request removes: a group may have 5,000, and a page must answer in time.
MOST_REMOVALS = 500
#: Members that the dialog names.
SHOWN = 20


def creation(name: str, users: Sequence[str], policies: Sequence[str]) -> list[Step]:
    """Make a group, put users into it, attach policies to it."""
    return [
        step(f"Create user group {name}", "iam:CreateGroup", group_name=name),
        *additions(name, users),
        *attachments("group", name, policies),
    ]


def additions(name: str, users: Sequence[str]) -> list[Step]:
    """Put users into a group."""
    return [
        step(f"Add user {user}", "iam:AddUserToGroup", group_name=name, user_name=user)
        for user in users
    ]


def removals(name: str, users: Sequence[str]) -> list[Step]:
    """Take users out of a group."""
    return [
        step(f"Remove user {user}", "iam:RemoveUserFromGroup", group_name=name, user_name=user)
        for user in users
    ]


@dataclass(slots=True)
class Deletion(deleting.Deletion):
    """Deleting one group; `further` are members left to be removed."""

    members: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)

    @property
    def consequences(self) -> list[tuple[str, str]]:
        """What goes with the group: heading and names."""
        users = ", ".join(self.members[:SHOWN])
        if self.further or len(self.members) > SHOWN:
            users += f" and more, {len(self.members) + self.further} in all"
        return [
            ("Users removed from the group", users),
            ("Policies detached", ", ".join(map(last_part, self.attached))),
            ("Inline policies deleted", ", ".join(self.inline)),
        ]

    @property
    def steps(self) -> list[Step]:
        """The steps in order; the group itself goes once it is empty."""
        removed = removals(self.name, self.members)
        return removed if self.further else [*removed, *self._others]

    @property
    def asked(self) -> list[Step]:
        """One step of each sort: taking out one member needs the same as taking out all."""
        return [*removals(self.name, self.members[:1]), *self._others]

    @property
    def _others(self) -> list[Step]:
        inline = [
            step(
                f"Delete inline policy {policy}",
                "iam:DeleteGroupPolicy",
                group_name=self.name,
                policy_name=policy,
            )
            for policy in self.inline
        ]
        delete = step(f"Delete user group {self.name}", "iam:DeleteGroup", group_name=self.name)
        return [*detachments("group", self.name, self.attached), *inline, delete]


def deletion(caller: Caller, name: str) -> Deletion:
    """What deleting a group takes, as far as the caller may read it.

    Raises NoSuchEntity where there is no such group.
    """
    found = Deletion(name)
    group = panels.subject(get_group, caller, group_name=name, page=1, page_size=MOST_REMOVALS)
    attached = panels.subject(list_attached_group_policies, caller, group_name=name)
    inline = panels.subject(list_group_policies, caller, group_name=name, max_items=1000)
    found.unread = [
        each.error for each in (group, attached, inline) if isinstance(each.error, AccessDenied)
    ]
    if group.value:
        found.name = group.value.group.name
        found.members = [user.name for user in group.value.users.items]
        found.further = (group.value.users.total or 0) - len(found.members)
    if attached.value:
        found.attached = [row.policy_arn for row in attached.value.items]
    if inline.value:
        found.inline = list(inline.value.items)
    return found
