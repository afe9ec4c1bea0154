"""What users and roles lose, and gain, where a policy is detached from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.actions.foresight import foresee_detachment
from accounts.actions.roles import get_role
from accounts.actions.users import get_user
from accounts.caller import Caller
from accounts.models import Role, User
from iamconsole.console.components import panels
from iamconsole.console.policies.boundaries import may_not_simulate
from iamconsole.console.policies.changes import Effect, shown
from iamconsole.console.policies.entities import Entity

#: Users and roles of whom it is worked out: each takes a few queries.
MOST = 20


@dataclass(frozen=True, slots=True)
class Losses:
    """Each effect with the names it concerns, and those of whom it was not worked out."""

    effects: Sequence[Effect]
    untold: Sequence[Entity]


def of_detaching(caller: Caller, policy_arn: str, chosen: Sequence[Entity]) -> Losses:
    """What all their other policies leave, for those whom the caller may simulate.

    Not for groups, whose members may have it from elsewhere, nor for more than MOST.
    """
    told = {
        arn: entity
        for entity in [each for each in chosen if each.kind != "Group"][:MOST]
        if (arn := _arn(caller, entity))
    }
    if not told:
        return Losses([], chosen)
    found = panels.panel(
        foresee_detachment, caller, principal_arns=list(told), policy_arn=policy_arn
    )
    if found.error is not None:
        return Losses([], chosen)
    effects = [shown(change, [str(told[arn]) for arn in arns]) for change, arns in found.value]
    return Losses(effects, [each for each in chosen if each not in told.values()])


def _arn(caller: Caller, entity: Entity) -> str:
    """The ARN of a user or role of whom the caller may ask; else nothing."""
    if entity.kind == "User":
        row = panels.panel(get_user, caller, user_name=entity.name).value
    else:
        row = panels.panel(get_role, caller, role_name=entity.name).value
    asked = isinstance(row, User | Role) and not may_not_simulate(caller, row)
    return row.arn if asked else ""
