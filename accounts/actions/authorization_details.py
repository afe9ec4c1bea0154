"""Who may do what in the whole account: users, groups, roles and policies with all they hold."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from accounts import arns, managed_policies, paging
from accounts.actions import trust_principals
from accounts.actions.policies import PolicyInUse, count_uses
from accounts.actions.policy_versions import Version
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import ValidationError
from accounts.managed_policies import ManagedPolicy
from accounts.models import (
    Attachment,
    Group,
    InlinePolicy,
    InstanceProfile,
    Membership,
    Policy,
    PolicyVersion,
    Role,
    User,
)
from accounts.types import EntityTypes, Marker, MaxItems


class AttachedPolicy(NamedTuple):
    """A managed policy that somebody has."""

    name: str
    arn: str


class WrittenPolicy(NamedTuple):
    """A policy that is part of somebody."""

    name: str
    document: str


@dataclass(slots=True)
class Permissions:
    """The policies of one user, group or role, both kinds sorted by name."""

    attached: list[AttachedPolicy] = field(default_factory=list)
    inline: list[WrittenPolicy] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UserDetails:
    """A user with its groups' names."""

    user: User
    permissions: Permissions
    groups: Sequence[str]


@dataclass(frozen=True, slots=True)
class GroupDetails:
    """A group."""

    group: Group
    permissions: Permissions


@dataclass(frozen=True, slots=True)
class RoleDetails:
    """A role with the instance profiles that it is in."""

    role: Role
    permissions: Permissions
    instance_profiles: Sequence[InstanceProfile]


@dataclass(frozen=True, slots=True)
class PolicyDetails:
    """A managed policy with its versions, the newest first. Of AWS's only the one in force."""

    policy: PolicyInUse
    versions: Sequence[Version]


@dataclass(slots=True)
class AuthorizationDetails:
    """One page. `marker` is where the next one begins, nothing on the last."""

    users: list[UserDetails] = field(default_factory=list)
    groups: list[GroupDetails] = field(default_factory=list)
    roles: list[RoleDetails] = field(default_factory=list)
    policies: list[PolicyDetails] = field(default_factory=list)
    marker: str | None = None

    @property
    def is_truncated(self) -> bool:
        """Whether there is more."""
        return self.marker is not None


@action("iam:GetAccountAuthorizationDetails", resource=arns.everything, read_only=True)
def get_account_authorization_details(
    caller: Caller,
    /,
    *,
    filter: EntityTypes = (),
    max_items: MaxItems | None = None,
    marker: Marker | None = None,
) -> AuthorizationDetails:
    """Users, then groups, roles, the account's policies, and AWS's that somebody here has.

    With `filter` only those of these kinds. Pages count all kinds together. In as many queries for
    a thousand as for one.
    """
    found = AuthorizationDetails()
    left = max_items or paging.DEFAULT_ITEMS
    begin, after = _opened(marker)
    last = ""
    for place, kind in enumerate(_KINDS):
        if place < begin or (filter and kind.word not in filter):
            continue
        # One more than there is room for tells that there is another page.
        rows = kind.rows(caller, after if place == begin else "", left + 1)
        page = rows[:left]
        if page:
            last = f"{place} {kind.key(page[-1])}"
            kind.describe(caller, page, found)
        if len(rows) > left:
            found.marker = paging.wrapped(last)
            break
        left -= len(page)
    return found


def _opened(marker: str | None) -> tuple[int, str]:
    """The kind at which a page begins, and after what of that kind."""
    if marker is None:
        return 0, ""
    place, _, after = paging.unwrapped(marker).partition(" ")
    if place not in _PLACES or not after:
        raise ValidationError("Invalid Marker.", argument="marker")
    return int(place), after


def _users(caller: Caller, users: Sequence[User], found: AuthorizationDetails) -> None:
    keys = [user.pk for user in users]
    permissions = _permissions("user", keys)
    groups: dict[int, list[str]] = defaultdict(list)
    members = Membership.objects.filter(user__in=keys).order_by("group__folded_name")
    for user, name in members.values_list("user_id", "group__name"):
        groups[user].append(name)
    found.users = [UserDetails(user, permissions[user.pk], groups[user.pk]) for user in users]


def _groups(caller: Caller, groups: Sequence[Group], found: AuthorizationDetails) -> None:
    permissions = _permissions("group", [group.pk for group in groups])
    found.groups = [GroupDetails(group, permissions[group.pk]) for group in groups]


def _roles(caller: Caller, roles: Sequence[Role], found: AuthorizationDetails) -> None:
    by_key = {role.pk: role for role in trust_principals.shown_all(roles)}
    permissions = _permissions("role", list(by_key))
    profiles: dict[int, list[InstanceProfile]] = defaultdict(list)
    rows = InstanceProfile.objects.filter(role__in=list(by_key)).order_by("folded_name")
    for profile in rows:
        role = by_key[profile.role_id]  # type: ignore[index]
        # A profile names its role: it is at hand, boundary and all.
        profile.role = role
        profiles[role.pk].append(profile)
    found.roles = [
        RoleDetails(role, permissions[key], profiles[key]) for key, role in by_key.items()
    ]


def _own_policies(caller: Caller, policies: Sequence[Policy], found: AuthorizationDetails) -> None:
    keys = [policy.pk for policy in policies]
    attached = count_uses(Attachment.objects.filter(policy__in=keys), "policy", "managed_arn")
    bounded = _bounded(caller, Q(boundary__in=keys))
    versions: dict[int, list[Version]] = defaultdict(list)
    in_force: dict[int, str] = {}
    for row in PolicyVersion.objects.filter(policy__in=keys).order_by("-number"):
        versions[row.policy_id].append(
            Version(row.version_id, row.is_default, row.created_at, row.document)
        )
        if row.is_default:
            in_force[row.policy_id] = row.version_id
    found.policies += [
        PolicyDetails(
            PolicyInUse(policy, in_force[key], attached[key], bounded[key]), versions[key]
        )
        for key, policy in zip(keys, policies, strict=True)
    ]


def _aws_policies(
    caller: Caller, policies: Sequence[PolicyInUse], found: AuthorizationDetails
) -> None:
    for used in policies:
        text = used.policy.document if isinstance(used.policy, ManagedPolicy) else ""
        version = Version(used.default_version_id, True, used.updated_at, text)
        found.policies.append(PolicyDetails(used, [version]))


def _aws_policies_in_use(caller: Caller, after: str, limit: int) -> list[PolicyInUse]:
    """AWS's policies that an identity of the account has or is bounded by, by ARN."""
    held = Attachment.objects.filter(account=caller.home).exclude(managed_arn="")
    attached = count_uses(held, "policy", "managed_arn")
    bounded = _bounded(caller, ~Q(boundary_managed_arn=""))
    used = sorted(str(arn) for arn in attached | bounded if str(arn) > after)
    known = [policy for arn in used if (policy := managed_policies.get(arn)) is not None]
    return [
        PolicyInUse(policy, policy.default_version_id, attached[policy.arn], bounded[policy.arn])
        for policy in known[:limit]
    ]


def _bounded(caller: Caller, which: Q) -> Counter[int | str]:
    """How many users and roles each policy bounds."""
    users, roles = caller.home.users.filter(which), caller.home.roles.filter(which)
    columns = ("boundary", "boundary_managed_arn")
    return count_uses(users, *columns) + count_uses(roles, *columns)


def _permissions(kind: str, keys: Sequence[int]) -> dict[int, Permissions]:
    """The policies of each identity of a kind, as plain values: rows of a thousand take long."""
    found: dict[int, Permissions] = defaultdict(Permissions)
    mine = {f"{kind}__in": keys}
    held = Attachment.objects.filter(**mine).values_list(
        f"{kind}_id", "managed_arn", "account_id", "policy__path", "policy__name"
    )
    for key, managed_arn, account, path, name in held:
        attached = (
            AttachedPolicy(arns.last_part(managed_arn), managed_arn)
            if managed_arn
            else AttachedPolicy(name, arns.iam(account, f"policy{path}{name}"))
        )
        found[key].attached.append(attached)
    written = InlinePolicy.objects.filter(**mine).values_list(f"{kind}_id", "name", "document")
    for key, name, document in written:
        found[key].inline.append(WrittenPolicy(name, document))
    for each in found.values():
        each.attached.sort()
        each.inline.sort()
    return found


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of what is listed: its word in the filter, its rows in order, and what is told."""

    word: str
    #: The rows after a key, as many as are asked for.
    rows: Callable[[Caller, str, int], Sequence[Any]]
    key: Callable[[Any], str]
    #: Adds what there is to say of the rows of a page.
    describe: Callable[[Caller, Any, AuthorizationDetails], None]


def _named(related_name: str, *joined: str) -> Callable[[Caller, str, int], Sequence[Any]]:
    """The account's own things of a kind, by name."""

    def rows(caller: Caller, after: str, limit: int) -> Sequence[Any]:
        found: QuerySet[Any] = getattr(caller.home, related_name).filter(folded_name__gt=after)
        if joined:
            found = found.select_related(*joined)
        return list(found.order_by("folded_name")[:limit])

    return rows


def _folded_name(row: Any) -> str:
    name: str = row.folded_name
    return name


def _arn(used: PolicyInUse) -> str:
    return used.arn


#: In the order in which they are listed. A marker names a kind by its place here.
_KINDS = (
    _Kind("User", _named("users", "boundary"), _folded_name, _users),
    _Kind("Group", _named("groups"), _folded_name, _groups),
    _Kind("Role", _named("roles", "boundary"), _folded_name, _roles),
    _Kind("LocalManagedPolicy", _named("policies"), _folded_name, _own_policies),
    _Kind("AWSManagedPolicy", _aws_policies_in_use, _arn, _aws_policies),
)
_PLACES = frozenset(str(place) for place in range(len(_KINDS)))
