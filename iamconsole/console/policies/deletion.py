"""What deleting a managed policy takes with it, and the actions that do it, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.actions.policy_versions import Version, list_policy_versions
from accounts.arns import last_part
from accounts.caller import Caller
from accounts.errors import AccessDenied
from iamconsole.console.components import deleting, panels
from iamconsole.console.components.panels import Panel
from iamconsole.console.components.steps import Step, step
from iamconsole.console.policies import entities
from iamconsole.console.policies.entities import MOST, Entity

#: Names that the dialog lists of each sort.
SHOWN = 20


@dataclass(slots=True)
class Deletion(deleting.Deletion):
    """Deleting one policy; `further` are uses left for another request."""

    arn: str
    attached: Sequence[Entity] = ()
    bounded: Sequence[Entity] = ()
    #: The versions that are not in force.
    versions: Sequence[Version] = ()

    @property
    def consequences(self) -> list[tuple[str, str]]:
        """What goes with the policy: heading and names."""
        return [
            ("Detached from", _names(self.attached)),
            ("Removed as the permissions boundary of", _names(self.bounded)),
            (
                "Versions deleted besides the default",
                ", ".join(v.version_id for v in self.versions),
            ),
            *([("Uses left for the next request", str(self.further))] if self.further else []),
        ]

    @property
    def warning(self) -> str:
        """What removing a boundary means for those it limits."""
        if not self.bounded:
            return ""
        return (
            f"Without this boundary, {_names(self.bounded)} can do everything that policies and "
            "groups allow them, also what the boundary held back until now. Set another boundary "
            "first if they are to stay limited."
        )

    @property
    def steps(self) -> list[Step]:
        """The steps in order; versions and the policy itself go once nobody uses it."""
        uses = [*entities.detachments(self.arn, self.attached), *entities.releases(self.bounded)]
        return uses if self.further else [*uses, *self._rest]

    @property
    def asked(self) -> list[Step]:
        """One step of each sort: what takes it from one user takes it from all."""
        return [
            *entities.detachments(self.arn, _one_of_each(self.attached)),
            *entities.releases(_one_of_each(self.bounded)),
            *self._rest[:1],
            *self._rest[-1:],
        ]

    @property
    def _rest(self) -> list[Step]:
        return [
            *(
                step(
                    f"Delete version {version.version_id}", "iam:DeletePolicyVersion",
                    policy_arn=self.arn, version_id=version.version_id,
                )
                for version in self.versions
            ),
            step(f"Delete policy {self.name}", "iam:DeletePolicy", policy_arn=self.arn),
        ]  # fmt: skip


def deletion(caller: Caller, policy_arn: str) -> Deletion:
    """What deleting a policy takes, as far as the caller may read it.

    Raises NoSuchEntity where there is no such policy.
    """
    attached = _uses(caller, policy_arn, "PermissionsPolicy")
    bounded = _uses(caller, policy_arn, "PermissionsBoundary")
    versions = panels.subject(list_policy_versions, caller, policy_arn=policy_arn)
    found = Deletion(last_part(policy_arn), policy_arn)
    found.unread = [
        each.error for each in (attached, bounded, versions) if isinstance(each.error, AccessDenied)
    ]
    if attached.value:
        found.attached = attached.value.items
        found.further += attached.value.total - len(found.attached)
    if bounded.value:
        found.bounded = bounded.value.items
        found.further += bounded.value.total - len(found.bounded)
    if versions.value:
        found.versions = [each for each in versions.value.items if not each.is_default]
    return found


def _uses(caller: Caller, policy_arn: str, usage: str) -> Panel:
    # A policy may have thousands of users, and a page must answer in time.
    try:
        return Panel(entities.names_of_use(caller, policy_arn, usage, MOST // 2))
    except AccessDenied as error:
        return Panel(error=error)


def _one_of_each(uses: Iterable[Entity]) -> list[Entity]:
    return list({each.kind: each for each in uses}.values())


def _names(uses: Sequence[Entity]) -> str:
    names = ", ".join(map(str, uses[:SHOWN]))
    return f"{names} and {len(uses) - SHOWN} more" if len(uses) > SHOWN else names
