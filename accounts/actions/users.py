"""IAM users: create, read, rename, tag, bound, delete."""

from __future__ import annotations

from django.db.models import Min, OuterRef, QuerySet, Subquery

from accounts import arns, ids, paging, quotas
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import DeleteConflict, EntityAlreadyExists, NoSuchEntity
from accounts.models import Account, Login, Membership, MFADevice, User
from accounts.types import (
    Arn,
    ExistingUserName,
    Free,
    Marker,
    MaxItems,
    Path,
    PathPrefix,
    Tag,
    TagKeys,
    Tags,
    UserName,
    tag_mapping,
)

#: The console's columns that can be sorted by, and what they are sorted by.
SORTABLE = {
    "name": "folded_name",
    "path": "path",
    "groups": "group_count",
    "mfa": "device_count",
    "password_age": "password_set_at",
    "last_sign_in": "password_last_used",
    "created": "created_at",
}


_new_user = shared.new_named("user", "user_name")


@action("iam:CreateUser", resource=_new_user, also=shared.tagging("iam:TagUser", _new_user))
def create_user(
    caller: Caller,
    /,
    *,
    path: Path = "/",
    user_name: UserName,
    permissions_boundary: Arn | None = None,
    tags: Tags = (),
) -> User:
    """Make a user, who may do nothing yet."""
    quotas.room_for_one(caller.home.users.all(), "UsersPerAccount", quotas.USERS_PER_ACCOUNT)
    user = User(
        account=caller.home,
        name=user_name,
        path=path,
        unique_id=ids.unique_id(ids.USER),
        created_at=caller.now,
        tags=tag_mapping(tags),
        **shared.boundary(caller, permissions_boundary),
    )
    shared.save_unless_taken(user, _name_taken(user_name))
    return user


@action("iam:GetUser", resource=shared.user_resource, read_only=True)
def get_user(caller: Caller, /, *, user_name: ExistingUserName | None = None) -> User | Account:
    """A user with tags and boundary. The root user, asked without a name, gets its account."""
    return shared.subject(caller, user_name) or caller.home


@action("iam:ListUsers", resource=arns.of_list("iam:ListUsers"), read_only=True)
def list_users(
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
) -> paging.Page[User]:
    """The users under a path. With `page` they carry what the console's columns show."""
    rows = caller.home.users.all()
    if path_prefix != "/":
        rows = rows.filter(path__startswith=path_prefix)
    if page is None:
        return paging.after_marker(rows, "folded_name", marker, max_items)
    return shared.console_page(
        with_columns(rows),
        search=search,
        sort=sort,
        columns=SORTABLE,
        page=page,
        page_size=page_size,
    )


def with_columns(rows: QuerySet[User]) -> QuerySet[User]:
    """Users with what their list shows of groups, devices and passwords, in the same query."""
    logins = Login.objects.filter(user=OuterRef("pk"))
    # With the boundary: policies may ask for it on every row.
    return rows.select_related("boundary").annotate(
        group_count=Subquery(shared.count(Membership.objects.filter(user=OuterRef("pk")), "user")),
        device_count=Subquery(shared.count(MFADevice.objects.filter(user=OuterRef("pk")), "user")),
        password_set_at=Subquery(
            logins.values("user").annotate(at=Min("password_changed_at")).values("at")
        ),
    )


def _updated(
    caller: Caller,
    *,
    user_name: str,
    new_path: str | None = None,
    new_user_name: str | None = None,
) -> tuple[str, Resource]:
    user = shared.find_user(caller, user_name)
    return "iam:UpdateUser", shared.renamed(caller, user, new_path, new_user_name)


@action("iam:UpdateUser", resource=shared.user_resource, also=_updated)
def update_user(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName,
    new_path: Path | None = None,
    new_user_name: UserName | None = None,
) -> None:
    """Rename a user or move it to another path; its unique id and all that hangs on it stay."""
    user = shared.find_user(caller, user_name)
    user.path = new_path or user.path
    user.name = new_user_name or user.name
    shared.save_unless_taken(user, _name_taken(user.name))


@action("iam:DeleteUser", resource=shared.user_resource)
def delete_user(caller: Caller, /, *, user_name: ExistingUserName) -> None:
    """Delete a user on whom nothing hangs any more.

    Raises DeleteConflict, in AWS's order, for whatever still does.
    """
    user = shared.find_user(caller, user_name)
    if Login.objects.filter(user=user).exists():
        raise DeleteConflict("Cannot delete entity, must delete login profile first.")
    if user.access_keys.exists():
        raise DeleteConflict("Cannot delete entity, must delete access keys first.")
    if user.mfa_devices.exists():
        raise DeleteConflict("Cannot delete entity, must delete MFA device first.")
    if user.memberships.exists():
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    if user.attachments.exists():
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if user.inline_policies.exists():
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    user.delete()


@action("iam:TagUser", resource=shared.user_resource)
def tag_user(caller: Caller, /, *, user_name: ExistingUserName, tags: Tags) -> None:
    """Set tags on a user; a key that is there gets the new value."""
    shared.set_tags(shared.find_user(caller, user_name), tags)


@action("iam:UntagUser", resource=shared.user_resource)
def untag_user(caller: Caller, /, *, user_name: ExistingUserName, tag_keys: TagKeys) -> None:
    """Remove tags from a user."""
    shared.drop_tags(shared.find_user(caller, user_name), tag_keys)


@action("iam:ListUserTags", resource=shared.user_resource, read_only=True)
def list_user_tags(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Tag]:
    """A user's tags, sorted by key."""
    return shared.tags_page(shared.find_user(caller, user_name), marker, max_items)


@action("iam:PutUserPermissionsBoundary", resource=shared.with_new_boundary(shared.user_resource))
def put_user_permissions_boundary(
    caller: Caller, /, *, user_name: UserName, permissions_boundary: Arn
) -> None:
    """Set the one managed policy that limits what a user's policies can give."""
    user = shared.find_user(caller, user_name)
    for column, value in shared.boundary(caller, permissions_boundary).items():
        setattr(user, column, value)
    user.save()


@action("iam:DeleteUserPermissionsBoundary", resource=shared.user_resource)
def delete_user_permissions_boundary(caller: Caller, /, *, user_name: UserName) -> None:
    """Lift a user's permissions boundary."""
    user = shared.find_user(caller, user_name)
    if user.boundary_arn is None:
        raise NoSuchEntity(f"The user with name {user_name} has no permissions boundary.")
    user.boundary, user.boundary_managed_arn = None, ""
    user.save()


def _name_taken(name: str) -> EntityAlreadyExists:
    return EntityAlreadyExists(f"User with name {name} already exists.", argument="user_name")
