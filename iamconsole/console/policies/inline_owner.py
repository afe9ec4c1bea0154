"""Whose inline policies a page is about: a user's, a group's or a role's, all alike."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.actions import inline_policies
from accounts.actions.registry import ACTIONS
from accounts.caller import Caller
from accounts.errors import ServiceError
from iamconsole.console.components import panels
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.panels import Panel
from iamconsole.console.policies import editor
from iamconsole.console.policies.editor import Purpose
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject


@dataclass(frozen=True)
class Owner(Subject):
    """A user, group or role with inline policies."""

    @property
    def back_url(self) -> str:
        """The page that lists its policies."""
        return self.page("permissions" if self.kind == "group" else "")

    @property
    def trail(self) -> list[tuple[str, str]]:
        """The breadcrumbs above a page about its policies."""
        return [super().trail[0], (self.name, self.back_url)]

    def action_name(self, verb: str) -> str:
        """The action that does `verb`: iam:PutUserPolicy."""
        return f"iam:{verb}{self.kind.title()}Policy"

    def missing(self, caller: Caller, verb: str) -> str:
        """That action's name where the caller may not call it, else nothing."""
        on = self.resource(caller)
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
