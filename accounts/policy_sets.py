"""What policies apply to a principal, compiled and kept for as long as nothing changes.

A set is kept under the principal's unique id and the account's policy epoch, which every IAM write
raises: what was compiled under another number is never found again. Nothing expires by time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Literal

from django.db.models import Prefetch, Q, QuerySet

from accounts import engine, managed_policies
from accounts.caller import Caller, CallerKind
from accounts.models import Attachment, InlinePolicy, Policy, PolicyVersion, Role, User

_KEPT = 512
_kept: OrderedDict[tuple[str, str, int], engine.Policies] = OrderedDict()
_lock = Lock()

#: Stands for a boundary that can't be read: it allows nothing.
_NOTHING = '{"Version":"2012-10-17","Statement":[]}'
#: Stands for any other policy that can't be read: there may have been a Deny in it.
_NEVER = (
    '{"Version":"2012-10-17",'
    '"Statement":[{"Sid":"Unreadable","Effect":"Deny","Action":"*","Resource":"*"}]}'
)


def of_caller(caller: Caller) -> engine.Policies:
    """The caller's policies. Root, the operator and the anonymous have none."""
    if caller.kind is CallerKind.USER and caller.user is not None:
        return of_user(caller.user, caller.home.policy_epoch)
    return engine.Policies()


def of_user(user: User, epoch: int) -> engine.Policies:
    """A user's policies, those of the user's groups, and the boundary. Three queries or none."""
    key = (user.account_id, user.unique_id, epoch)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    theirs = Q(user=user) | Q(group__memberships__user=user)
    found = engine.Policies(identity=identity_policies(theirs), boundary=boundary_of(user))
    with _lock:
        _kept[key] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def identity_policies(theirs: Q) -> tuple[engine.Policy, ...]:
    """Inline and managed policies of the users, groups or roles that the condition names."""
    inline = InlinePolicy.objects.filter(theirs).select_related("user", "group", "role")
    attached = (
        Attachment.objects.filter(theirs)
        .select_related("group", "policy")
        .prefetch_related(default_versions("policy__versions"))
    )
    return (*map(inline_policy, inline), *_managed(attached))


def default_versions(
    lookup: str,
) -> Prefetch[str, QuerySet[PolicyVersion], Literal["versions_in_force"]]:
    """Prefetch of the versions in force, as `versions_in_force`."""
    return Prefetch(
        lookup,
        queryset=PolicyVersion.objects.filter(is_default=True),
        to_attr="versions_in_force",
    )


def inline_policy(row: InlinePolicy) -> engine.Policy:
    """An inline policy as the engine takes it."""
    source = "user" if row.user_id else "group" if row.group_id else "role"
    return engine.Policy(
        _loaded(row.document),
        name=row.name,
        source=source,
        via=row.group.name if row.group else None,
    )


def managed_policy(arn: str, via: str | None = None) -> engine.Policy | None:
    """One of AWS's policies as the engine takes it."""
    known = managed_policies.get(arn)
    if known is None:
        return None
    return engine.Policy(
        engine.load(known.document), name=known.name, arn=arn, source="aws-managed", via=via
    )


def customer_policy(
    row: Policy, document: str, via: str | None = None, *, unreadable: str = _NEVER
) -> engine.Policy:
    """A customer managed policy as the engine takes it."""
    return engine.Policy(
        _loaded(document, unreadable), name=row.name, arn=row.arn, source="user-managed", via=via
    )


def boundary_of(identity: User | Role) -> engine.Policy | None:
    """The permissions boundary of a user or role; one that can't be read allows nothing."""
    if identity.boundary_managed_arn:
        found = managed_policy(identity.boundary_managed_arn)
        return found or engine.Policy(engine.load(_NOTHING), name="missing boundary")
    if identity.boundary_id is None:
        return None
    version = PolicyVersion.objects.select_related("policy").get(
        policy_id=identity.boundary_id, is_default=True
    )
    return customer_policy(version.policy, version.document, unreadable=_NOTHING)


def _loaded(document: str, unreadable: str = _NEVER) -> engine.Document:
    """A stored document, or what stands for one that something outside of the actions broke."""
    try:
        return engine.load(document)
    except engine.MalformedPolicy:
        return engine.load(unreadable)


def _managed(rows: Iterable[Attachment]) -> Iterable[engine.Policy]:
    for row in rows:
        via = row.group.name if row.group else None
        if row.policy is not None:
            in_force: list[PolicyVersion] = row.policy.versions_in_force  # type: ignore[attr-defined]
            yield customer_policy(row.policy, in_force[0].document, via)
        elif (known := managed_policy(row.managed_arn, via)) is not None:
            yield known
