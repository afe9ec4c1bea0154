"""Whose inline policies a page is about: a user's, a group's or a role's, all alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.actions import inline_policies, shared
from accounts.actions.registry import ACTIONS
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import ServiceError
from iamconsole.console.components import panels
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.panels import Panel
from iamconsole.console.policies import editor
from iamconsole.console.policies.editor import Purpose
from iamconsole.console.request import ConsoleRequest

#: By kind: the words for it, its list with its label, and the page that shows its policies.
_KINDS = {
    "user": ("user", "console:users", "Users", "console:user"),
    "group": ("user group", "console:groups", "User groups", "console:group-permissions"),
    "role": ("role", "console:roles", "Roles", "console:role"),
}
_RESOURCES: dict[str, Callable[..., Resource]] = {
    "user": shared.user_resource,
    "group": shared.group_resource,
    "role": shared.role_resource,
}


@dataclass(frozen=True, slots=True)
class Owner:
    """A `user`, `group` or `role` by name."""

    kind: str
    name: str

    @property
    def words(self) -> str:
        """As a sentence names it: "user alice"."""
        return f"{_KINDS[self.kind][0]} {self.name}"

    @property
    def named(self) -> dict[str, str]:
        """The owner as an argument of its actions."""
        return {f"{self.kind}_name": self.name}

    @property
    def back_url(self) -> str:
        """The page that lists its policies."""
        return reverse(_KINDS[self.kind][3], args=[self.name])

    @property
    def trail(self) -> list[tuple[str, str]]:
        """The breadcrumbs above a page about its policies."""
        _, view, label, _ = _KINDS[self.kind]
        return [(label, reverse(view)), (self.name, self.back_url)]

    def action_name(self, verb: str) -> str:
        """The action that does `verb`: iam:PutUserPolicy."""
        return f"iam:{verb}{self.kind.title()}Policy"

    def missing(self, caller: Caller, verb: str) -> str:
        """That action's name where the caller may not call it, else nothing."""
        on = _RESOURCES[self.kind](caller, **self.named)
        return panels.missing(caller, self.action_name(verb), on, **self.named)

    def must_exist(self, caller: Caller) -> None:
        """Raise NoSuchEntity where there is none of that name, as far as the caller may know."""
        lists = ACTIONS[f"iam:List{self.kind.title()}Policies"].run
        panels.subject(lists, caller, **self.named, max_items=1)

    def policy(self, caller: Caller, policy_name: str) -> Panel:
        """One of its inline policies, or the denial. Raises NoSuchEntity where there is none."""
        get = ACTIONS[self.action_name("Get")].run
        return panels.subject(get, caller, **self.named, policy_name=policy_name)

    def document(self, caller: Caller, policy_name: str) -> str:
        """One of its inline policies. Raises what its action raises."""
        get = ACTIONS[self.action_name("Get")].run
        return str(get(caller, **self.named, policy_name=policy_name).document)

    def has(self, caller: Caller, policy_name: str) -> bool:
        """Whether it has a policy of that name already, as far as the caller may know."""
        try:
            self.document(caller, policy_name)
        except ServiceError:
            return False
        return True

    def purpose(self, caller: Caller, policy_name: str = "") -> Purpose:
        """What a policy of this name is written for: with the room that the others leave."""
        if self.missing(caller, "Put"):
            used = 0
        else:
            used = inline_policies.size_of_others(caller, self.kind, self.name, policy_name)
        return editor.inline(
            self.kind, used, f"The other inline policies of {self.words} take {used}."
        )

    def edited(self, request: ConsoleRequest, policy_name: str) -> Edited:
        """What a form about one of its policies compares."""

        def read() -> str:
            try:
                return self.document(request.caller, policy_name)
            except ServiceError:
                return ""

        return Edited(request, f"inline policy {policy_name} of {self.words}", read)
