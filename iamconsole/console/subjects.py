"""What a page is about where it may be a user, a group, a role or a policy, all alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse

from accounts.actions import shared
from accounts.arns import Resource, last_part
from accounts.caller import Caller


class _Kind(NamedTuple):
    noun: str
    argument: str
    list_label: str
    list_view: str
    resource: Callable[..., Resource]


_KINDS = {
    "user": _Kind("user", "user_name", "Users", "users", shared.user_resource),
    "group": _Kind("user group", "group_name", "User groups", "groups", shared.group_resource),
    "role": _Kind("role", "role_name", "Roles", "roles", shared.role_resource),
    "policy": _Kind("policy", "policy_arn", "Policies", "policies", shared.policy_resource),
}


@dataclass(frozen=True)
class Subject:
    """A `user`, `group` or `role` by its name, or a managed `policy` by its ARN: it need not be."""

    kind: str
    key: str

    @property
    def name(self) -> str:
        """What people call it."""
        return last_part(self.key) if self.kind == "policy" else self.key

    @property
    def words(self) -> str:
        """As a sentence names it: "user alice"."""
        return f"{_KINDS[self.kind].noun} {self.name}"

    @property
    def named(self) -> dict[str, str]:
        """It as an argument of its actions."""
        return {_KINDS[self.kind].argument: self.key}

    def resource(self, caller: Caller) -> Resource:
        """It as policies see it; one that is not there has the ARN it would have."""
        return _KINDS[self.kind].resource(caller, **self.named)

    def page(self, name: str = "") -> str:
        """The address of its page, or of the one of that name, such as "simulate"."""
        view = f"{self.kind}-{name}" if name else self.kind
        return reverse(f"console:{view}", args=[self.key])

    @property
    def url(self) -> str:
        """Its page."""
        return self.page()

    @property
    def trail(self) -> list[tuple[str, str]]:
        """The breadcrumbs above a page about it: label and address."""
        kind = _KINDS[self.kind]
        return [(kind.list_label, reverse(f"console:{kind.list_view}")), (self.name, self.url)]
