"""The permissions boundary of a user or role: what it is, and what setting another would change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accounts.actions import shared
from accounts.actions.explanations import SIMULATE
from accounts.actions.foresight import foresee_boundary
from accounts.actions.roles import get_role
from accounts.actions.users import get_user
from accounts.caller import Caller
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
        row = self.panel.value
        if row is None or may_not_simulate(self.caller, row):
            return None
        found = panels.panel(
            foresee_boundary, self.caller, principal_arn=row.arn, permissions_boundary=policy_arn
        )
        return shown(found.value) if found.value else None


def line(policy_arn: str | None) -> str:
    """A boundary as text for people."""
    return f"Permissions boundary: {policy_arn or 'not set'}"


def may_not_simulate(caller: Caller, row: User | Role) -> bool:
    """Whether it is no use to ask what a change would do to somebody: the answer would be no."""
    return bool(panels.missing(caller, SIMULATE, shared.of_identity(row)))
