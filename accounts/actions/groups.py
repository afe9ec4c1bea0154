"""User groups and their members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts import arns, ids, paging, quotas
from accounts.actions import filters as filtering
from accounts.actions import shared, users
from accounts.actions.filters import Filter, Kind, Property
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import DeleteConflict, EntityAlreadyExists, NoSuchEntity
from accounts.models import Attachment, Group, InlinePolicy, Membership, User
from accounts.types import ExistingUserName, Free, GroupName, Marker, MaxItems, Path, PathPrefix

#: The console's columns that can be sorted by, and what they are sorted by.
SORTABLE = {
    "name": "folded_name",
    "users": "user_count",
    "path": "path",
    "created": "created_at",
}
#: The console's columns that can be filtered by.
PROPERTIES = {
    "name": Property(Kind.TEXT, "name"),
    "users": Property(Kind.NUMBER, "user_count"),
    "permissions": Property(
        Kind.CHOICE,
        choices={
            "Defined": Q(attached_count__gt=0) | Q(inline_count__gt=0),
            "Not defined": Q(attached_count=0, inline_count=0),
        },
    ),
    "path": Property(Kind.TEXT, "path"),
    "created": Property(Kind.DAYS, "created_at"),
}


@dataclass(frozen=True, slots=True)
class GroupWithUsers:
    """A group and a page of its members."""

    group: Group
    users: paging.Page[User]


@action("iam:CreateGroup", resource=shared.new_named("group", "group_name"))
def create_group(caller: Caller, /, *, path: Path = "/", group_name: GroupName) -> Group:
    """Make an empty group."""
    quotas.room_for_one(caller.home.groups.all(), "GroupsPerAccount", quotas.GROUPS_PER_ACCOUNT)
    group = Group(
        account=caller.home,
        name=group_name,
        path=path,
        unique_id=ids.unique_id(ids.GROUP),
        created_at=caller.now,
    )
    shared.save_unless_taken(group, _name_taken(group_name))
    return group


@action("iam:GetGroup", resource=shared.group_resource, read_only=True)
def get_group(
    caller: Caller,
    /,
    *,
    group_name: GroupName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
    search: Free | None = None,
    sort: str | None = None,
    page: int | None = None,
    page_size: int | None = None,
) -> GroupWithUsers:
    """A group and its members, sorted by name. With `page` as the console's columns show them."""
    group = shared.find_group(caller, group_name)
    rows = group.users.all()
    if page is None:
        return GroupWithUsers(group, paging.after_marker(rows, "folded_name", marker, max_items))
    members = shared.console_page(
        users.with_columns(rows),
        search=search,
        sort=sort,
        columns=users.SORTABLE,
        page=page,
        page_size=page_size,
    )
    return GroupWithUsers(group, members)


@action("iam:ListGroups", resource=arns.of_list("iam:ListGroups"), read_only=True)
def list_groups(
    caller: Caller,
    /,
    *,
    path_prefix: PathPrefix = "/",
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
    search: Free | None = None,
    sort: str | None = None,
    page: int | None = None,
    page_size: int | None = None,
    filters: Sequence[Filter] = (),
) -> paging.Page[Group]:
    """The groups under a path. With `page` they carry what the console's columns show."""
    rows = caller.home.groups.all()
    if path_prefix != "/":
        rows = rows.filter(path__startswith=path_prefix)
    if page is None:
        return paging.after_marker(rows, "folded_name", marker, max_items)
    members = Membership.objects.filter(group=OuterRef("pk"))
    attached = Attachment.objects.filter(group=OuterRef("pk"))
    inline = InlinePolicy.objects.filter(group=OuterRef("pk"))
    rows = rows.annotate(
        user_count=Coalesce(Subquery(shared.count(members, "group")), 0),
        attached_count=Coalesce(Subquery(shared.count(attached, "group")), 0),
        inline_count=Coalesce(Subquery(shared.count(inline, "group")), 0),
    )
    return shared.console_page(
        rows,
        search=search,
        sort=sort,
        columns=SORTABLE,
        page=page,
        page_size=page_size,
        where=filtering.where(filters, PROPERTIES, caller.now),
    )


def _updated(
    caller: Caller,
    *,
    group_name: str,
    new_path: str | None = None,
    new_group_name: str | None = None,
) -> tuple[str, Resource]:
    group = shared.find_group(caller, group_name)
    return "iam:UpdateGroup", shared.renamed(caller, group, new_path, new_group_name)


@action("iam:UpdateGroup", resource=shared.group_resource, also=_updated)
def update_group(
    caller: Caller,
    /,
    *,
    group_name: GroupName,
    new_path: Path | None = None,
    new_group_name: GroupName | None = None,
) -> None:
    """Rename a group or move it to another path; members and policies stay."""
    group = shared.find_group(caller, group_name)
    group.path = new_path or group.path
    group.name = new_group_name or group.name
    shared.save_unless_taken(group, _name_taken(group.name))


@action("iam:DeleteGroup", resource=shared.group_resource)
def delete_group(caller: Caller, /, *, group_name: GroupName) -> None:
    """Delete an empty group without policies."""
    group = shared.find_group(caller, group_name)
    if group.memberships.exists():
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    if group.attachments.exists():
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if group.inline_policies.exists():
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    group.delete()


@action("iam:AddUserToGroup", resource=shared.group_resource)
def add_user_to_group(
    caller: Caller, /, *, group_name: GroupName, user_name: ExistingUserName
) -> None:
    """Put a user into a group; no error where the user is in it already, as in AWS."""
    group = shared.find_group(caller, group_name)
    user = shared.find_user(caller, user_name)
    if user.memberships.filter(group=group).exists():
        return
    quotas.room_for_one(user.memberships.all(), "GroupsPerUser", quotas.GROUPS_PER_USER)
    Membership.objects.create(user=user, group=group, created_at=caller.now)


@action("iam:RemoveUserFromGroup", resource=shared.group_resource)
def remove_user_from_group(
    caller: Caller, /, *, group_name: GroupName, user_name: ExistingUserName
) -> None:
    """Take a user out of a group."""
    group = shared.find_group(caller, group_name)
    user = shared.find_user(caller, user_name)
    gone, _ = user.memberships.filter(group=group).delete()
    if not gone:
        raise NoSuchEntity(
            f"The user with name {user.name} is not in the group {group.name}.",
            argument="user_name",
        )


@action("iam:ListGroupsForUser", resource=shared.user_resource, read_only=True)
def list_groups_for_user(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Group]:
    """The groups that a user is in, each with how many managed policies it has."""
    user = shared.find_user(caller, user_name)
    attached = Attachment.objects.filter(group=OuterRef("pk"))
    counted = Coalesce(Subquery(shared.count(attached, "group")), 0)
    rows = user.groups.annotate(attached_count=counted)
    return paging.after_marker(rows, "folded_name", marker, max_items)


def _name_taken(name: str) -> EntityAlreadyExists:
    return EntityAlreadyExists(f"Group with name {name} already exists.", argument="group_name")
