"""What a change would give and take, worked out before anybody makes it. AWS has no such thing."""

from __future__ import annotations

import copy
from dataclasses import replace

from accounts import engine, policy_sets
from accounts.actions import shared
from accounts.actions.explanations import policies_of, source_of
from accounts.actions.registry import ANYBODY, command
from accounts.caller import Caller
from accounts.engine import Difference, Policies
from accounts.errors import InvalidInput
from accounts.models import Group
from accounts.simulation.kinds import ResourceNames
from accounts.types import Arn


@command("console:ForeseeBoundary", may=ANYBODY, read_only=True)
def foresee_boundary(
    caller: Caller, /, *, principal_arn: Arn, permissions_boundary: Arn | None = None
) -> Difference:
    """What a user or role may do more or less under another boundary, or under none.

    Raises AccessDenied for somebody whose policies the caller may not simulate.
    """
    source = source_of(caller, principal_arn)
    if isinstance(source, Group):
        raise InvalidInput("A group has no permissions boundary.", argument="principal_arn")
    bounded = copy.copy(source)
    for column, value in shared.boundary(caller, permissions_boundary).items():
        setattr(bounded, column, value)
    now = policies_of(source)
    return engine.difference(now, replace(now, boundary=policy_sets.boundary_of(bounded)))


@command("console:ForeseeDetachment", may=ANYBODY, read_only=True)
def foresee_detachment(
    caller: Caller, /, *, principal_arns: ResourceNames, policy_arn: Arn
) -> list[tuple[Difference, list[str]]]:
    """What users and roles lose, or gain, once a policy is detached from them.

    Each difference once, with the ARNs of all whom it concerns. What a group gives by the same
    policy stays. Raises AccessDenied as above, for any of them.
    """
    now = [(arn, policies_of(source_of(caller, arn))) for arn in principal_arns]
    return engine.differences([(arn, each, _without(each, policy_arn)) for arn, each in now])


def _without(policies: Policies, policy_arn: str) -> Policies:
    kept = tuple(each for each in policies.identity if each.arn != policy_arn or each.via)
    return replace(policies, identity=kept)
