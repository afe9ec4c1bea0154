"""What policies apply to a principal, compiled and kept for as long as nothing changes.

A set is kept under the principal's unique id, the hash of its session's policies and the account's
policy epoch, which every IAM write raises: what was compiled under another number is never found
again. Nothing expires by time.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Literal

from django.db.models import Prefetch, Q, QuerySet

from accounts import engine, managed_policies
from accounts.caller import Caller, CallerKind, Session
from accounts.models import (
    Account,
    Attachment,
    InlinePolicy,
    Membership,
    Policy,
    PolicyVersion,
    Role,
    User,
)
from accounts.models.prepared import Prepared

_KEPT = 512
_Key = tuple[str, str, str, int]
_kept: OrderedDict[_Key, engine.Policies] = OrderedDict()
_lock = Lock()

#: Stands for a boundary that can't be read: it allows nothing.
_NOTHING = '{"Version":"2012-10-17","Statement":[]}'
#: Stands for any other policy that can't be read: there may have been a Deny in it.
_NEVER = (
    '{"Version":"2012-10-17",'
    '"Statement":[{"Sid":"Unreadable","Effect":"Deny","Action":"*","Resource":"*"}]}'
)
#: What the root user may, as a policy: of it a federated user gets what the session leaves.
_EVERYTHING = engine.Policy(
    engine.load(
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
    ),
    name="root user",
    source="none",
)


def of_caller(caller: Caller) -> engine.Policies:
    """The caller's policies. Root, the operator and the anonymous have none."""
    if caller.kind is CallerKind.USER and caller.user is not None:
        return of_user(caller.user, caller.home.policy_epoch)
    if caller.kind is CallerKind.ROLE and caller.role is not None:
        return of_role(caller.role, caller.session, caller.home.policy_epoch)
    if caller.kind is CallerKind.FEDERATED and caller.session is not None:
        return of_federated(caller.home, caller.vouching, caller.session)
    return engine.Policies()


def of_user(user: User, epoch: int) -> engine.Policies:
    """A user's policies, those of the user's groups, and the boundary. Three queries or none."""

    def find() -> engine.Policies:
        return engine.Policies(identity=_own(user), boundary=boundary_of(user))

    return _once((user.account_id, user.unique_id, "", epoch), find)


def of_role(role: Role, session: Session | None, epoch: int) -> engine.Policies:
    """A role's policies, its boundary, and what its session's own policies leave of them."""
    return _once(
        (role.account_id, role.unique_id, _hash_of(session), epoch),
        lambda: engine.Policies(
            identity=_own(role),
            boundary=boundary_of(role),
            session=_session_policies(role.account_id, session),
        ),
    )


def of_federated(account: Account, vouching: User | None, session: Session) -> engine.Policies:
    """What a federated user's session policies leave of the policies of whoever vouches.

    Without session policies that is nothing. AWS STS API reference, GetFederationToken.
    """
    unique_id = vouching.unique_id if vouching is not None else account.id

    def find() -> engine.Policies:
        own = (
            engine.Policies(identity=(_EVERYTHING,))
            if vouching is None
            else of_user(vouching, account.policy_epoch)
        )
        limits = _session_policies(account.id, session) or ()
        return engine.Policies(identity=own.identity, boundary=own.boundary, session=limits)

    key = (account.id, unique_id, _hash_of(session) or "federated", account.policy_epoch)
    return _once(key, find)


def _once(key: _Key, find: Callable[[], engine.Policies]) -> engine.Policies:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = find()
    with _lock:
        _kept[key] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def _hash_of(session: Session | None) -> str:
    if session is None or not session.is_limited:
        return ""
    text = repr((session.policies, session.policy_arns))
    return hashlib.sha256(text.encode()).hexdigest()


def _session_policies(account_id: str, session: Session | None) -> tuple[engine.Policy, ...] | None:
    """The policies of a session; one that is gone since, or can't be read, denies everything."""
    if session is None or not session.is_limited:
        return None
    own = [
        engine.Policy(_parsed(document), name="session policy", source="none")
        for document in session.policies
    ]
    return (*own, *(_managed_in_session(account_id, arn) for arn in session.policy_arns))


def _managed_in_session(account_id: str, arn: str) -> engine.Policy:
    if (known := managed_policy(arn)) is not None:
        return known
    # By the whole ARN: one of the same name under another path is another policy.
    version = (
        PolicyVersion.objects.select_related("policy")
        .filter(
            policy__account=account_id,
            policy__folded_name=arn.rpartition("/")[2].lower(),
            is_default=True,
        )
        .first()
    )
    if version is None or version.policy.arn != arn:
        return engine.Policy(engine.load(_NEVER), name="missing session policy", arn=arn)
    return customer_policy(version.policy, version.document)


def _parsed(document: str) -> engine.Document:
    """A session's document: anybody may hand one in, so it is not kept among those that are."""
    try:
        return engine.parse(document)
    except engine.MalformedPolicy:
        return engine.load(_NEVER)


def of_user_or_groups(unique_id: str) -> Q:
    """What is true of the policies of a user and of the groups that the user is in.

    Not by a join with the memberships: a database would go through the policies of everybody.
    """
    user = User.objects.filter(unique_id=unique_id).values("pk")
    groups = Membership.objects.filter(user__unique_id=unique_id).values("group")
    return Q(user__in=user) | Q(group__in=groups)


def identity_policies(theirs: Q) -> tuple[engine.Policy, ...]:
    """Inline and managed policies of the users, groups or roles that the condition names."""
    return _compiled(_inline(theirs), _attached(theirs), _in_force(theirs))


def _inline(theirs: Q) -> QuerySet[InlinePolicy]:
    return InlinePolicy.objects.filter(theirs).select_related("group")


def _attached(theirs: Q) -> QuerySet[Attachment]:
    return Attachment.objects.filter(theirs).select_related("group", "policy")


def _in_force(theirs: Q) -> QuerySet[PolicyVersion]:
    """The versions of what is attached that are in force."""
    policies = Attachment.objects.filter(theirs, policy__isnull=False).values("policy")
    return PolicyVersion.objects.filter(policy__in=policies, is_default=True)


#: The same three for one user or role: asked for after each change of the account.
_ONES_OWN = {
    kind: tuple(
        Prepared(lambda unique_id, rows=rows, whose=whose: rows(whose(unique_id)))
        for rows in (_inline, _attached, _in_force)
    )
    for kind, whose in (
        ("user", of_user_or_groups),
        ("role", lambda unique_id: Q(role__unique_id=unique_id)),
    )
}


def _own(identity: User | Role) -> tuple[engine.Policy, ...]:
    """The policies of a user, with those of its groups, or of a role."""
    return _compiled(*(each.every(identity.unique_id) for each in _ONES_OWN[identity.arn_kind]))


def _compiled(
    inline: Iterable[InlinePolicy],
    attached: Iterable[Attachment],
    in_force: Iterable[PolicyVersion],
) -> tuple[engine.Policy, ...]:
    versions = {row.policy_id: row for row in in_force}
    managed = []
    for row in attached:
        if row.policy is not None:
            # Without one, the policy was detached and deleted between two of these queries.
            found = versions.get(row.policy.pk)
            row.policy.versions_in_force = [found] if found else []  # type: ignore[attr-defined]
        managed.append(row)
    return (*map(inline_policy, inline), *_managed(managed))


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
            for version in in_force:
                yield customer_policy(row.policy, version.document, via)
        elif (known := managed_policy(row.managed_arn, via)) is not None:
            yield known


def of_many(identities: Sequence[User] | Sequence[Role]) -> dict[int, engine.Policies]:
    """The policies of many users or of many roles, by primary key; five queries at most."""
    if not identities:
        return {}
    kind = identities[0].arn_kind
    theirs: dict[int, list[engine.Policy]] = {each.pk: [] for each in identities}
    members: dict[int, list[int]] = {}
    if kind == "user":
        pairs = Membership.objects.filter(user__in=list(theirs)).order_by("group__folded_name")
        for user, group in pairs.values_list("user_id", "group_id"):
            members.setdefault(group, []).append(user)
    whose = Q(**{f"{kind}__in": identities}) | Q(group__in=members)
    for row in InlinePolicy.objects.filter(whose).select_related("group"):
        policy = inline_policy(row)
        for key in _holders(row, kind, members):
            theirs[key].append(policy)
    attached = (
        Attachment.objects.filter(whose)
        .select_related("group", "policy")
        .prefetch_related(default_versions("policy__versions"))
    )
    for attachment in attached:
        for policy in _managed([attachment]):
            for key in _holders(attachment, kind, members):
                theirs[key].append(policy)
    bounds = {each.boundary_id for each in identities if each.boundary_id}
    versions = PolicyVersion.objects.filter(policy__in=bounds, is_default=True)
    in_force = {row.policy_id: row for row in versions.select_related("policy")} if bounds else {}
    return {
        each.pk: engine.Policies(
            identity=tuple(theirs[each.pk]),
            boundary=_boundary(each, in_force.get(each.boundary_id or 0)),
        )
        for each in identities
    }


def _holders(row: InlinePolicy | Attachment, kind: str, members: dict[int, list[int]]) -> list[int]:
    """The primary keys of the identities that have what hangs on a row."""
    if row.group_id is not None:
        return members[row.group_id]
    own: int = row.user_id if kind == "user" else row.role_id  # type: ignore[assignment]
    return [own]


def _boundary(identity: User | Role, version: PolicyVersion | None) -> engine.Policy | None:
    """The boundary, its version in force being known."""
    if version is None:
        return boundary_of(identity) if identity.boundary_managed_arn else None
    return customer_policy(version.policy, version.document, unreadable=_NOTHING)
