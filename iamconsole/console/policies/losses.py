"""What users and roles lose, and gain, where a policy is detached from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts import engine
from accounts.actions.roles import get_role
from accounts.actions.users import get_user
from accounts.caller import Caller
from accounts.engine import Policies
from accounts.models import Role, User
from iamconsole.console.components import panels
from iamconsole.console.policies.boundaries import policies_told
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
        entity: policies
        for entity in [each for each in chosen if each.kind != "Group"][:MOST]
        if (policies := _policies(caller, entity)) is not None
    }
    members = [(str(entity), now, _without(now, policy_arn)) for entity, now in told.items()]
    effects = [shown(change, names) for change, names in engine.differences(members)]
    return Losses(effects, [each for each in chosen if each not in told])


def _without(policies: Policies, policy_arn: str) -> Policies:
    """The same but for the policy itself; what a group gives by it stays."""
    kept = tuple(each for each in policies.identity if each.arn != policy_arn or each.via)
    return replace(policies, identity=kept)


def _policies(caller: Caller, entity: Entity) -> Policies | None:
    if entity.kind == "User":
        row = panels.panel(get_user, caller, user_name=entity.name).value
    else:
        row = panels.panel(get_role, caller, role_name=entity.name).value
    return policies_told(caller, row) if isinstance(row, User | Role) else None
