"""The permissions boundary of a user or role: what it is, and what setting another would change."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from accounts import engine, policy_sets
from accounts.actions import shared
from accounts.actions.roles import get_role
from accounts.actions.users import get_user
from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.models import Role, User
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel
from iamconsole.console.components.steps import Step, step
from iamconsole.console.policies.changes import Effect, shown
from iamconsole.console.subjects import Subject

_READ: dict[str, Callable[..., Any]] = {"user": get_user, "role": get_role}


@dataclass(frozen=True)
class Bounded(Subject):
    """A user or role, as far as its boundary is concerned."""

    caller: Caller

    @cached_property
    def panel(self) -> Panel:
        """The user or role. Raises NoSuchEntity where there is none."""
        return panels.subject(_READ[self.kind], self.caller, **self.named)

    @property
    def arn(self) -> str:
        """The boundary it has; nothing where it has none, or where that may not be read."""
        return (self.panel.value.boundary_arn or "") if self.panel.value else ""

    def setting(self, policy_arn: str) -> Step:
        """The step that sets another boundary."""
        return step(
            f"Set the permissions boundary of {self.words}",
            f"iam:Put{self.kind.capitalize()}PermissionsBoundary",
            **self.named,
            permissions_boundary=policy_arn,
        )

    @property
    def removal(self) -> Step:
        """The step that lifts it."""
        return step(
            f"Remove the permissions boundary of {self.words}",
            f"iam:Delete{self.kind.capitalize()}PermissionsBoundary",
            **self.named,
        )

    def state(self) -> str:
        """What it is now, for a form that is about it."""
        found = panels.panel(_READ[self.kind], self.caller, **self.named)
        return line(found.value.boundary_arn) if found.value else ""

    def effect(self, policy_arn: str | None) -> Effect | None:
        """What another boundary, or none, would give and take.

        Nothing for whoever may not simulate the user or role: it tells what the policies are.
        """
        row = self._row
        if row is None:
            return None
        now = policies_told(self.caller, row)
        if now is None:
            return None
        candidate = copy.copy(row)
        try:
            for column, value in shared.boundary(self.caller, policy_arn).items():
                setattr(candidate, column, value)
        except ServiceError:
            return None
        then = replace(now, boundary=policy_sets.boundary_of(candidate))
        return shown(engine.difference(now, then))

    @property
    def _row(self) -> User | Role | None:
        found: User | Role | None = self.panel.value
        return found


def line(policy_arn: str | None) -> str:
    """A boundary as text for people."""
    return f"Permissions boundary: {policy_arn or 'not set'}"


def policies_told(caller: Caller, row: User | Role) -> engine.Policies | None:
    """All policies of a user or role. They tell a lot: only for who may simulate it."""
    if panels.missing(caller, "iam:SimulatePrincipalPolicy", shared.of_identity(row)):
        return None
    if isinstance(row, User):
        return policy_sets.of_user(row, caller.home.policy_epoch)
    return policy_sets.of_role(row, None, caller.home.policy_epoch)
