"""Which of the policies that decided something its reader may read: no page explains the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from accounts import arns, authorize, engine
from accounts.actions import resources, shared
from accounts.actions.resources import Need
from accounts.arns import Resource
from accounts.authorize import would_allow
from accounts.caller import Caller
from accounts.engine import PolicyKind
from accounts.errors import AccessDenied

Places = dict[str, Resource]
"""The account's own policies by ARN, and groups by name in lower case, as policies see them."""

#: What reading the inline policy of an identity takes, by the policy's source.
_INLINE = {"user": "iam:GetUserPolicy", "role": "iam:GetRolePolicy"}
#: Parts of the condition keys that say what tags, boundary or properties a resource has.
TELLING = (
    ":resourcetag/",
    "iam:permissionsboundary",
    ":buckettag/",
    ":existingobjecttag/",
    "ec2:availabilityzone",
    "ec2:instance",
    "ec2:metadatahttp",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a caller may read of what decided about somebody.

    `groups`: through which group a policy comes. `tags`: what tags and boundary the resource has.
    `own_tags`: what tags whoever asks has.
    """

    policies: frozenset[engine.Policy] = field(default_factory=frozenset)
    groups: bool = True
    tags: bool = True
    own_tags: bool = True


def reading(
    caller: Caller,
    policies: Iterable[engine.Policy],
    subject: Resource,
    on: Resource | None = None,
    *,
    places: Places | None = None,
) -> Reading:
    """What the caller may read of the policies that speak for `subject`, and of the resource.

    Two queries at most, however many policies there are; none with `places`, those of more of them.
    """
    found = tuple(policies)
    # One page may explain several refusals, all by the same policies.
    same = ("readable", " ".join(f"{each.arn} {each.via}" for each in found))
    if places is None:
        places = caller.once(same, lambda: places_of(caller, found))
    return Reading(
        frozenset(each for each in found if _may_read(caller, each, subject, on, places)),
        would_allow(caller, "iam:ListGroupsForUser", subject).allowed,
        on is None or may_read_tags(caller, on),
        may_read_tags(caller, subject),
    )


def may_read_tags(caller: Caller, resource: Resource) -> bool:
    """Whether the caller may read the tags of a resource, and what else it is told apart by."""
    if (found := resources.kept(caller, "", resource.arn)) is not None:
        there = resources.there(caller, resource.arn)
        return all(would_allow(there, *each).allowed for each in found.tags_by)
    kind = resource.arn.split(":", 5)[-1].partition("/")[0]
    action = {"user": "iam:GetUser", "role": "iam:GetRole", "policy": "iam:GetPolicy"}.get(kind)
    return action is None or _may(caller, action, resource)


def may_read_policy(caller: Caller, resource: Resource) -> bool:
    """Whether the caller may read a resource's own policy. Another account's nobody may."""
    need = _policy_need(caller, resource)
    own = resource.account == caller.home.id
    there = resources.there(caller, resource.arn)
    return need is not None and own and would_allow(there, *need).allowed


def check_may_read_policy(caller: Caller, resource: Resource) -> None:
    """Raise AccessDenied unless the caller may read the policy that the resource has or may have.

    Whom a policy lets in, and under which conditions, would tell what it says.
    """
    need = _policy_need(caller, resource)
    if need is None:
        return
    if resource.account == caller.home.id:
        authorize.authorize(resources.there(caller, resource.arn), *need, {})
        return
    raise AccessDenied(
        f"User: {caller.arn} is not authorized to perform: {need[0]} on resource: {resource.arn}",
        action=need[0],
        resource=resource.arn,
        principal=caller.arn,
        reasons={"decision": "denied", "rule": "another account"},
        request_id=caller.request_id,
    )


def readable_resource(caller: Caller, action: str, arn: str) -> Resource:
    """A resource for a request of somebody else's: with no more than the caller may read of it.

    Raises AccessDenied where it has a policy that the caller may not read.
    """
    on = resources.named(caller, action, arn)
    check_may_read_policy(caller, on)
    if may_read_tags(caller, on):
        return on
    told = {
        key: value
        for key, value in on.context.items()
        if not any(each in key.lower() for each in TELLING)
    }
    return replace(on, tags={}, context=told)


def _policy_need(caller: Caller, resource: Resource) -> Need | None:
    """What reading the resource's own policy takes; nothing where it can't have one."""
    if (found := resources.kept(caller, "", resource.arn)) is not None:
        return found.policy_by
    if resource.policy is None:
        return None
    # A trust policy says who may assume the role, and nothing of who may read it.
    return "iam:GetRole", replace(resource, policy=None)


def _may(caller: Caller, action: str, resource: Resource) -> bool:
    # A trust policy says who may assume the role, and nothing of who may read it.
    return would_allow(caller, action, replace(resource, policy=None)).allowed


def _may_read(
    caller: Caller,
    policy: engine.Policy,
    subject: Resource,
    on: Resource | None,
    places: Places,
) -> bool:
    if policy.source in ("none", "resource"):
        if on is not None and policy.source == "resource":
            return may_read_policy(caller, on)
        return policy.document.kind is not PolicyKind.TRUST  # the caller handed it in
    if policy.arn is not None:
        where = places.get(policy.arn) or Resource(policy.arn, caller.home.id)
        return would_allow(caller, "iam:GetPolicyVersion", where).allowed
    if policy.source == "group":
        # Without a group in between, the group itself is what this is about.
        where = places[policy.via.lower()] if policy.via and not _is_group(subject) else subject
        return would_allow(caller, "iam:GetGroupPolicy", where).allowed
    action = _INLINE.get(policy.source)
    return action is not None and would_allow(caller, action, subject).allowed


def places_of(caller: Caller, policies: Iterable[engine.Policy]) -> Places:
    """The account's own policies by ARN, and groups by name, with all that policies may ask of."""
    arns_wanted = {each.arn for each in policies if each.arn and each.source == "user-managed"}
    names = {arns.last_part(arn).lower() for arn in arns_wanted}
    groups = {each.via.lower() for each in policies if each.via}
    places: Places = {}
    if names:
        rows = caller.home.policies.filter(folded_name__in=names)
        places |= {row.arn: arns.of_row(row) for row in rows}
    if groups:
        for row in caller.home.groups.filter(folded_name__in=groups):
            places[row.folded_name] = arns.of_row(row)
    return places


def _is_group(resource: Resource) -> bool:
    return ":group/" in resource.arn


def subject_of(caller: Caller) -> Resource:
    """The caller as a resource: the user, or the role behind a session."""
    if caller.user is not None:
        return shared.of_identity(caller.user)
    if caller.role is not None:
        return shared.of_identity(caller.role)
    return Resource(caller.arn, caller.home.id)
