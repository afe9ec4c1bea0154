"""Deleting an identity provider: which roles nobody can take on through it any more."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.actions.roles import list_roles
from accounts.caller import Caller
from accounts.errors import AccessDenied
from iamconsole.console.components import deleting, panels
from iamconsole.console.components.steps import Step, step
from iamconsole.console.providers import listed


@dataclass(slots=True)
class Deletion(deleting.Deletion):
    """Deleting one provider."""

    arn: str
    roles: list[str] = field(default_factory=list)

    @property
    def consequences(self) -> list[tuple[str, str]]:
        """The roles that trust it: they stay, and trust what is no more."""
        return [
            ("ARN", self.arn),
            ("Roles that name it in their trust policy and stay", ", ".join(self.roles)),
        ]

    @property
    def steps(self) -> list[Step]:
        """One step."""
        sort = listed.sort_of(self.arn)
        label = f"Delete identity provider {self.name}"
        return [step(label, sort.delete, **{sort.argument: self.arn})]


def deletion(caller: Caller, arn: str) -> Deletion:
    """What deleting the provider of that ARN takes. Raises NoSuchEntity where there is none."""
    listed.find(caller, arn)
    found = Deletion(listed.name_of(arn), arn)
    roles = panels.panel(list_roles, caller, max_items=1000)
    if isinstance(roles.error, AccessDenied):
        found.unread.append(roles.error)
    elif roles.value:
        found.roles = [role.name for role in roles.value.items if f'"{arn}"' in role.trust_policy]
    return found
