"""Managed policies attached to users, groups and roles."""

from __future__ import annotations

from collections.abc import Iterable

from accounts import paging, quotas
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import NoSuchEntity, PolicyNotAttachable
from accounts.models import Attachment, Group, Policy, Role, User
from accounts.types import Arn, GroupName, Marker, MaxItems, PolicyPath, RoleName, UserName

Identity = User | Group | Role


@action("iam:AttachUserPolicy", resource=shared.with_policy_arn(shared.user_resource))
def attach_user_policy(caller: Caller, /, *, user_name: UserName, policy_arn: Arn) -> None:
    """Give a user a managed policy; no error where the user has it already, as in AWS."""
    _attach(caller, shared.find_user(caller, user_name), policy_arn)


@action("iam:DetachUserPolicy", resource=shared.with_policy_arn(shared.user_resource))
def detach_user_policy(caller: Caller, /, *, user_name: UserName, policy_arn: Arn) -> None:
    """Take a managed policy from a user."""
    _detach(caller, shared.find_user(caller, user_name), policy_arn)


@action("iam:ListAttachedUserPolicies", resource=shared.user_resource, read_only=True)
def list_attached_user_policies(
    caller: Caller,
    /,
    *,
    user_name: UserName,
    path_prefix: PolicyPath = "/",
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Attachment]:
    """The managed policies that are attached to a user, not those of the user's groups."""
    return _attached(shared.find_user(caller, user_name), path_prefix, marker, max_items)


@action("iam:AttachGroupPolicy", resource=shared.with_policy_arn(shared.group_resource))
def attach_group_policy(caller: Caller, /, *, group_name: GroupName, policy_arn: Arn) -> None:
    """Give all members of a group a managed policy; no error where the group has it already."""
    _attach(caller, shared.find_group(caller, group_name), policy_arn)


@action("iam:DetachGroupPolicy", resource=shared.with_policy_arn(shared.group_resource))
def detach_group_policy(caller: Caller, /, *, group_name: GroupName, policy_arn: Arn) -> None:
    """Take a managed policy from a group."""
    _detach(caller, shared.find_group(caller, group_name), policy_arn)


@action("iam:ListAttachedGroupPolicies", resource=shared.group_resource, read_only=True)
def list_attached_group_policies(
    caller: Caller,
    /,
    *,
    group_name: GroupName,
    path_prefix: PolicyPath = "/",
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Attachment]:
    """The managed policies that are attached to a group."""
    return _attached(shared.find_group(caller, group_name), path_prefix, marker, max_items)


@action("iam:AttachRolePolicy", resource=shared.with_policy_arn(shared.role_resource))
def attach_role_policy(caller: Caller, /, *, role_name: RoleName, policy_arn: Arn) -> None:
    """Give a role a managed policy; no error where the role has it already."""
    _attach(caller, shared.own_role(caller, role_name), policy_arn)


@action("iam:DetachRolePolicy", resource=shared.with_policy_arn(shared.role_resource))
def detach_role_policy(caller: Caller, /, *, role_name: RoleName, policy_arn: Arn) -> None:
    """Take a managed policy from a role."""
    _detach(caller, shared.own_role(caller, role_name), policy_arn)


@action("iam:ListAttachedRolePolicies", resource=shared.role_resource, read_only=True)
def list_attached_role_policies(
    caller: Caller,
    /,
    *,
    role_name: RoleName,
    path_prefix: PolicyPath = "/",
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Attachment]:
    """The managed policies that are attached to a role."""
    return _attached(shared.find_role(caller, role_name), path_prefix, marker, max_items)


def _attach(caller: Caller, identity: Identity, policy_arn: str) -> None:
    policy = shared.find_policy(caller, policy_arn, missing="does not exist or is not attachable")
    kind = identity.arn_kind
    if not shared.attachable(policy):
        raise PolicyNotAttachable(
            f"Cannot attach a Service Role Policy to a Customer {kind.capitalize()}.",
            argument="policy_arn",
        )
    own, arn = (policy, "") if isinstance(policy, Policy) else (None, policy.arn)
    held = set(identity.attachments.values_list("policy", "managed_arn"))
    if (own and own.pk, arn) in held:
        return
    limit = quotas.POLICIES_PER[kind]
    if len(held) >= limit:
        raise quotas.exceeded(f"PoliciesPer{kind.capitalize()}", limit)
    Attachment.objects.create(
        account=caller.home, created_at=caller.now, policy=own, managed_arn=arn, **{kind: identity}
    )


def _detach(caller: Caller, identity: Identity, policy_arn: str) -> None:
    policy = shared.find_policy(caller, policy_arn)
    gone, _ = identity.attachments.filter(shared.attachment_of(policy)).delete()
    if not gone:
        raise NoSuchEntity(f"Policy {policy_arn} was not found.", argument="policy_arn")


def _attached(
    identity: Identity, path_prefix: str, marker: str | None, max_items: int | None
) -> paging.Page[Attachment]:
    # A handful at most, so they are narrowed and sorted here: AWS's policies are no rows.
    rows = [row for row in _rows(identity) if _path(row.policy_arn).startswith(path_prefix)]
    rows.sort(key=_order)
    return paging.slice_after_marker(rows, _order, marker, max_items)


def _rows(identity: Identity) -> Iterable[Attachment]:
    # `select_related` would ask again for what shared.look_ahead has brought.
    if "attachments" in getattr(identity, "_prefetched_objects_cache", {}):
        return identity.attachments.all()
    return identity.attachments.select_related("policy")


def _path(policy_arn: str) -> str:
    """`/team/` of `arn:aws:iam::111122223333:policy/team/Name`."""
    return policy_arn.partition(":policy")[2].rpartition("/")[0] + "/"


def _order(row: Attachment) -> str:
    """Sorts by name, and tells apart two policies of one name: the account's and AWS's."""
    owner = row.policy_arn.split(":", 5)[4]
    return f"{row.policy_name.lower()} {owner}"
