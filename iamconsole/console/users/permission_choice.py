"""Three ways to give a user permissions: by groups, as a copy of another user's, by policies."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from accounts.actions.attachments import list_attached_user_policies
from accounts.actions.groups import list_groups_for_user
from accounts.actions.inline_policies import get_user_policy, list_user_policies
from accounts.actions.users import get_user
from accounts.arns import Resource, last_part
from accounts.caller import Caller
from accounts.errors import NoSuchEntity
from accounts.quotas import GROUPS_PER_USER, POLICIES_PER
from iamconsole.console.components import panels, picker
from iamconsole.console.components.steps import Step, step
from iamconsole.console.forms.users import ATTACHED, COPIED, IN_GROUPS, OptionForm
from iamconsole.console.policies.attaching import attachments
from iamconsole.console.policies.types import INLINE, label_of_arn
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import pages as user_pages

#: The fields that the choice is made of.
FIELDS = ("option", "groups", "policies", "copy_from")


@dataclass(slots=True)
class Given:
    """What a user gets: names of groups, ARNs, and inline policies with their documents."""

    groups: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    inline: list[tuple[str, str]] = field(default_factory=list)
    boundary: str | None = None
    #: The actions without which not all could be read.
    unread: list[str] = field(default_factory=list)

    def steps(self, user_name: str) -> list[Step]:
        """The actions that give it, but for the boundary."""
        return [
            *joining(user_name, self.groups),
            *attachments("user", user_name, self.attached),
            *(
                step(
                    f"Create inline policy {name}",
                    "iam:PutUserPolicy",
                    user_name=user_name,
                    policy_name=name,
                    policy_document=document,
                )
                for name, document in self.inline
            ),
        ]

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """For a summary: name, type, what it is used as."""
        return [
            *((name, "Group", "Permissions group") for name in self.groups),
            *((last_part(arn), label_of_arn(arn), "Permissions policy") for arn in self.attached),
            *((name, INLINE, "Permissions policy") for name, _ in self.inline),
        ]


class PermissionChoice:
    """The option that was chosen and what was ticked.

    `held` is what the user has already, and `on` the user, where there is one yet.
    """

    def __init__(
        self, request: ConsoleRequest, held: Given | None = None, on: Resource | None = None
    ) -> None:
        held = held or Given()
        self.caller = request.caller
        self.held = held
        self.form = OptionForm({"option": request.POST.get("option", IN_GROUPS)})
        self.groups = picker.group_picker(
            request,
            GROUPS_PER_USER - len(held.groups),
            held=held.groups,
            unfit=partial(user_pages.join_refusal, request.caller),
        )
        self.policies = picker.policy_picker(
            request,
            POLICIES_PER["user"] - len(held.attached),
            held=held.attached,
            unfit=lambda policy: user_pages.attach_refusal(request.caller, on, policy.arn),
        )
        self.model = picker.user_picker(request, key="copy_from", single=True)

    @property
    def option(self) -> str:
        """What was chosen; groups where it was nothing that there is."""
        return str(self.form.cleaned_data["option"]) if self.form.is_valid() else IN_GROUPS

    @property
    def browsing(self) -> bool:
        """Whether somebody only looks through one of the lists."""
        return any(each.browsing for each in (self.groups, self.policies, self.model))

    @property
    def source(self) -> str:
        """The user whose permissions are copied, if it is that."""
        chosen = self.model.chosen if self.option == COPIED else ()
        return chosen[0] if chosen else ""

    @cached_property
    def given(self) -> Given:
        """What the user gets. Raises NoSuchEntity where the one to be copied is not there."""
        if self.option == COPIED:
            return self._new_of(of_user(self.caller, self.source)) if self.source else Given()
        if self.option == ATTACHED:
            return Given(attached=list(self.policies.chosen))
        return Given(groups=list(self.groups.chosen))

    @property
    def problem(self) -> str:
        """What is wrong with the choice, in words."""
        if self.option != COPIED:
            chosen = self.policies if self.option == ATTACHED else self.groups
            return chosen.problem
        if not self.source:
            return "Choose the user whose permissions to copy."
        try:
            unread = self.given.unread
        except NoSuchEntity as error:
            return error.message
        if unread:
            lacking = " and ".join(unread)
            return f"You can't copy what you may not read. For {self.source} you need {lacking}."
        return ""

    def _new_of(self, found: Given) -> Given:
        """What of it the user does not have yet."""
        has = {name for name, _ in self.held.inline}
        return Given(
            groups=_without(found.groups, self.held.groups),
            attached=_without(found.attached, self.held.attached),
            inline=[pair for pair in found.inline if pair[0] not in has],
            boundary=found.boundary,
            unread=found.unread,
        )


def of_user(caller: Caller, user_name: str, *, inline: bool = True) -> Given:
    """All that gives a user permissions. Raises NoSuchEntity where there is no such user.

    Without `inline` the inline policies are left out.
    """
    found = Given()

    def ask(name: str, action: Any, **arguments: Any) -> Any:
        panel = panels.subject(action, caller, user_name=user_name, **arguments)
        if panel.error is not None:
            found.unread.append(name)
        return panel.value

    user = ask("iam:GetUser", get_user)
    found.boundary = user.boundary_arn if user else None
    groups = ask("iam:ListGroupsForUser", list_groups_for_user)
    found.groups = [group.name for group in groups.items] if groups else []
    attached = ask("iam:ListAttachedUserPolicies", list_attached_user_policies)
    found.attached = [row.policy_arn for row in attached.items] if attached else []
    names = ask("iam:ListUserPolicies", list_user_policies, max_items=1000) if inline else None
    for name in names.items if names else ():
        policy = ask("iam:GetUserPolicy", get_user_policy, policy_name=name)
        if policy is not None:
            found.inline.append((name, policy.document))
    found.unread = list(dict.fromkeys(found.unread))
    return found


def joining(user_name: str, groups: Iterable[str]) -> list[Step]:
    """The steps that put a user into groups."""
    return [
        step(f"Add to group {name}", "iam:AddUserToGroup", group_name=name, user_name=user_name)
        for name in groups
    ]


def _without(names: list[str], held: Collection[str]) -> list[str]:
    return [name for name in names if name not in held]
