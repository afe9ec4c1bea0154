"""Inline policies: those that are part of one user, group or role and go with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from accounts import engine, paging, quotas
from accounts.actions import documents, shared
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import LimitExceeded, NoSuchEntity
from accounts.models import Group, InlinePolicy, Role, User
from accounts.types import (
    Document,
    ExistingUserName,
    GroupName,
    Marker,
    MaxItems,
    PolicyName,
    RoleName,
)

Identity = User | Group | Role

_FIND: Mapping[str, Callable[[Caller, str], Identity]] = {
    "user": shared.find_user,
    "group": shared.find_group,
    "role": shared.find_role,
}


@action("iam:PutUserPolicy", resource=shared.user_resource)
def put_user_policy(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName,
    policy_name: PolicyName,
    policy_document: Document,
) -> None:
    """Add an inline policy to a user, or replace the one of that name."""
    _put(caller, shared.find_user(caller, user_name), policy_name, policy_document)


@action("iam:GetUserPolicy", resource=shared.user_resource, read_only=True)
def get_user_policy(
    caller: Caller, /, *, user_name: ExistingUserName, policy_name: PolicyName
) -> InlinePolicy:
    """One inline policy of a user."""
    return _find(shared.find_user(caller, user_name), policy_name)


@action("iam:ListUserPolicies", resource=shared.user_resource, read_only=True)
def list_user_policies(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[str]:
    """The names of a user's inline policies."""
    return _names(shared.find_user(caller, user_name), marker, max_items)


@action("iam:DeleteUserPolicy", resource=shared.user_resource)
def delete_user_policy(
    caller: Caller, /, *, user_name: ExistingUserName, policy_name: PolicyName
) -> None:
    """Delete an inline policy of a user."""
    _find(shared.find_user(caller, user_name), policy_name).delete()


@action("iam:PutGroupPolicy", resource=shared.group_resource)
def put_group_policy(
    caller: Caller,
    /,
    *,
    group_name: GroupName,
    policy_name: PolicyName,
    policy_document: Document,
) -> None:
    """Add an inline policy to a group, or replace the one of that name."""
    _put(caller, shared.find_group(caller, group_name), policy_name, policy_document)


@action("iam:GetGroupPolicy", resource=shared.group_resource, read_only=True)
def get_group_policy(
    caller: Caller, /, *, group_name: GroupName, policy_name: PolicyName
) -> InlinePolicy:
    """One inline policy of a group."""
    return _find(shared.find_group(caller, group_name), policy_name)


@action("iam:ListGroupPolicies", resource=shared.group_resource, read_only=True)
def list_group_policies(
    caller: Caller,
    /,
    *,
    group_name: GroupName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[str]:
    """The names of a group's inline policies."""
    return _names(shared.find_group(caller, group_name), marker, max_items)


@action("iam:DeleteGroupPolicy", resource=shared.group_resource)
def delete_group_policy(
    caller: Caller, /, *, group_name: GroupName, policy_name: PolicyName
) -> None:
    """Delete an inline policy of a group."""
    _find(shared.find_group(caller, group_name), policy_name).delete()


@action("iam:PutRolePolicy", resource=shared.role_resource)
def put_role_policy(
    caller: Caller,
    /,
    *,
    role_name: RoleName,
    policy_name: PolicyName,
    policy_document: Document,
) -> None:
    """Add an inline policy to a role, or replace the one of that name."""
    _put(caller, shared.own_role(caller, role_name), policy_name, policy_document)


@action("iam:GetRolePolicy", resource=shared.role_resource, read_only=True)
def get_role_policy(
    caller: Caller, /, *, role_name: RoleName, policy_name: PolicyName
) -> InlinePolicy:
    """One inline policy of a role."""
    return _find(shared.find_role(caller, role_name), policy_name)


@action("iam:ListRolePolicies", resource=shared.role_resource, read_only=True)
def list_role_policies(
    caller: Caller,
    /,
    *,
    role_name: RoleName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[str]:
    """The names of a role's inline policies."""
    return _names(shared.find_role(caller, role_name), marker, max_items)


@action("iam:DeleteRolePolicy", resource=shared.role_resource)
def delete_role_policy(caller: Caller, /, *, role_name: RoleName, policy_name: PolicyName) -> None:
    """Delete an inline policy of a role."""
    _find(shared.own_role(caller, role_name), policy_name).delete()


def size_of_others(caller: Caller, kind: str, name: str, policy_name: str) -> int:
    """Characters of the inline policies of a `user`, `group` or `role`, but for the one so named.

    For whoever may put one: the refusal of what is too long tells as much. Nothing where there is
    no such identity.
    """
    try:
        return _size_of_others(_FIND[kind](caller, name), policy_name)
    except NoSuchEntity:
        return 0


def _size_of_others(identity: Identity, policy_name: str) -> int:
    others = identity.inline_policies.exclude(name=policy_name)
    return sum(map(engine.size, others.values_list("document", flat=True)))


def _put(caller: Caller, identity: Identity, name: str, document: str) -> None:
    """Raises LimitExceeded where all inline policies together would be too long."""
    kind = identity.arn_kind
    limit = quotas.INLINE_SIZE[kind]
    if engine.size(document) + _size_of_others(identity, name) > limit:
        raise LimitExceeded(
            f"Maximum policy size of {limit} bytes exceeded for {kind} {identity.name}",
            argument="policy_document",
        )
    documents.check_inline(document)
    row = identity.inline_policies.filter(name=name).first() or InlinePolicy(
        account=caller.home, name=name, **{kind: identity}
    )
    row.document = document
    row.save()


def _find(identity: Identity, name: str) -> InlinePolicy:
    found = identity.inline_policies.filter(name=name).first()
    if found is None:
        raise NoSuchEntity(
            f"The {identity.arn_kind} policy with name {name} cannot be found.",
            argument="policy_name",
        )
    return found


def _names(identity: Identity, marker: str | None, max_items: int | None) -> paging.Page[str]:
    names = sorted(row.name for row in identity.inline_policies.all())
    return paging.slice_after_marker(names, str, marker, max_items)
