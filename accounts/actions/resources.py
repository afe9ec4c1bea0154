"""Resources by their ARNs, as policies see them: IAM's own, and those that other apps keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from accounts import arns, engine
from accounts.actions import shared
from accounts.arns import Resource
from accounts.caller import Caller, in_region
from accounts.engine import PolicyKind

#: A permission, and what it is needed on.
Need = tuple[str, Resource]


class Kept(NamedTuple):
    """A resource that another app keeps, and what it takes to read its policy and its tags.

    `policy_by` is there for every resource of a kind that can have a policy: else it would tell
    which of them have one. `root_excused`: the policy does not count for its account's root user.
    """

    resource: Resource
    policy_by: Need | None = None
    tags_by: tuple[Need, ...] = ()
    root_excused: bool = False


#: What other apps keep, by the service in the ARN: each gets the caller, an action and an ARN of
#: that service. An app enters itself when it is ready.
FINDERS: dict[str, Callable[[Caller, str, str], Kept | None]] = {}


def kept(caller: Caller, action: str, arn: str) -> Kept | None:
    """What another app keeps under the ARN; nothing where none does, or for IAM's resources."""
    parts = arn.split(":", 5)
    finder = FINDERS.get(parts[2]) if len(parts) == 6 and parts[:2] == ["arn", "aws"] else None
    # No thing has a null character in its name, and PostgreSQL refuses to look for one.
    if finder is None or "\0" in arn:
        return None
    found = caller.once((f"kept for {action}", arn), lambda: finder(caller, action, arn))
    return found if found is not None and found.resource.arn == arn else None


def there(caller: Caller, arn: str) -> Caller:
    """The caller in the Region of the ARN: what lies in another Region is asked for there."""
    region = [*arn.split(":"), "", "", "", ""][3]
    return in_region(caller, region or caller.region)


def named(caller: Caller, action: str, arn: str, *, oneself: bool = False) -> Resource:
    """A resource by its ARN: with its tags, and with its own policy where the action asks that.

    `oneself`: it is the caller who would act, not somebody whom he asks about.
    """
    parts = arn.split(":", 5)
    owner = parts[4] if len(parts) == 6 and parts[4].isdigit() else caller.home.id
    if (found := kept(caller, action, arn)) is not None:
        own = found.resource.account == caller.home.id
        excused = found.root_excused and oneself and caller.is_root and own
        return replace(found.resource, policy=None) if excused else found.resource
    if len(parts) < 6 or parts[2] != "iam" or owner != caller.home.id:
        return Resource(arn, owner)
    of_iam = _of_iam(caller, action, arn, parts[5].partition("/")[0])
    return of_iam if of_iam is not None and of_iam.arn == arn else Resource(arn, owner)


def _of_iam(caller: Caller, action: str, arn: str, kind: str) -> Resource | None:
    name = arns.last_part(arn)
    if kind == "user":
        return shared.user_resource(caller, user_name=name)
    if kind == "group":
        return shared.group_resource(caller, group_name=name)
    if kind == "policy":
        return shared.policy_resource(caller, policy_arn=arn)
    if kind != "role":
        return None
    role = shared.role_resource(caller, role_name=name)
    if role.arn == arn and action.lower() == "sts:assumerole":
        return _with_trust(caller, role, name)
    return role


def _with_trust(caller: Caller, role: Resource, name: str) -> Resource:
    row = caller.home.roles.filter(folded_name=name.lower()).first()
    if row is None:
        return role
    document = engine.load(row.trust_policy, PolicyKind.TRUST)
    return replace(role, policy=engine.Policy(document, name=row.name, source="resource"))
