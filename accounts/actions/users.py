"""IAM users: create, read, rename, tag, bound, delete."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from accounts import arns, ids, paging, quotas
from accounts.actions import filters as filtering
from accounts.actions import shared
from accounts.actions.filters import Filter, Kind, Property
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import DeleteConflict, EntityAlreadyExists, NoSuchEntity
from accounts.models import (
    AccessKey,
    Account,
    Login,
    Membership,
    MFADevice,
    ServiceCredential,
    SigningCertificate,
    User,
)
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
    "last_activity": "last_active_at",
    "mfa": "device_count",
    "password_age": "-password_set_at",
    "last_sign_in": "password_last_used",
    "access_key_id": "first_key_id",
    "active_key_age": "-active_key_since",
    "key_last_used": "key_last_used_at",
    "created": "created_at",
    "console_access": "password_set_at",
}
#: The console's columns that can be filtered by.
PROPERTIES = {
    "name": Property(Kind.TEXT, "name"),
    "path": Property(Kind.TEXT, "path"),
    "groups": Property(Kind.NUMBER, "group_count"),
    "last_activity": Property(Kind.DAYS, "last_active_at"),
    "mfa": Property(
        Kind.CHOICE, choices={"Virtual": Q(device_count__gt=0), "None": Q(device_count=0)}
    ),
    "password_age": Property(Kind.DAYS, "password_set_at"),
    "last_sign_in": Property(Kind.DAYS, "password_last_used"),
    "access_key_id": Property(Kind.TEXT, "access_key_id", through=AccessKey),
    "active_key_age": Property(Kind.DAYS, "active_key_since"),
    "key_last_used": Property(Kind.DAYS, "key_last_used_at"),
    "created": Property(Kind.DAYS, "created_at"),
    "console_access": Property(
        Kind.CHOICE,
        choices={
            "Enabled with MFA": Q(password_set_at__isnull=False, device_count__gt=0),
            "Enabled without MFA": Q(password_set_at__isnull=False, device_count=0),
            "Disabled": Q(password_set_at__isnull=True),
        },
    ),
}


_new_user = shared.new_named("user", "user_name")


@action(
    "iam:CreateUser",
    resource=_new_user,
    also=shared.tagging("iam:TagUser", _new_user),
    raises_epoch=False,  # no policy is about somebody who was not there
)
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
    filters: Sequence[Filter] = (),
    names: Sequence[str] | None = None,
) -> paging.Page[User]:
    """The users under a path. With `page` they carry what the console's columns show.

    With `names`, of any case, only those, with all that hangs on them.
    """
    rows = caller.home.users.all()
    if path_prefix != "/":
        rows = rows.filter(path__startswith=path_prefix)
    if page is None:
        return paging.after_marker(rows, "folded_name", marker, max_items)
    rows = with_columns(rows).prefetch_related(_KEYS)
    if names is not None:
        rows = rows.filter(folded_name__in=[name.lower() for name in names])
        rows = rows.prefetch_related(*HANGING)
    return shared.console_page(
        rows,
        search=search,
        sort=sort,
        columns=SORTABLE,
        page=page,
        page_size=page_size,
        where=filtering.where(filters, PROPERTIES, caller.now),
    )


# Without secrets and certificates, which no list needs.
_KEYS = Prefetch(
    "access_keys",
    AccessKey.objects.defer("sealed_secret").order_by("slot"),
    to_attr="listed_keys",
)
#: What must be gone before a user can be deleted, but for password and keys.
HANGING = (
    "groups",
    "mfa_devices",
    Prefetch("signing_certificates", SigningCertificate.objects.defer("body")),
    "ssh_public_keys",
    Prefetch("service_credentials", ServiceCredential.objects.defer("sealed_secret")),
    "attachments__policy",
    "inline_policies",
)


def with_columns(rows: QuerySet[User]) -> QuerySet[User]:
    """Users with what their list shows of groups, devices, passwords and keys: the same query."""
    logins = Login.objects.filter(user=OuterRef("pk"))
    keys = AccessKey.objects.filter(user=OuterRef("pk")).order_by().values("user")
    active = keys.filter(status="Active")
    groups = shared.count(Membership.objects.filter(user=OuterRef("pk")), "user")
    certificates = shared.count(SigningCertificate.objects.filter(user=OuterRef("pk")), "user")
    devices = shared.count(MFADevice.objects.filter(user=OuterRef("pk")), "user")
    # With the boundary: policies may ask for it on every row.
    return rows.select_related("boundary").annotate(
        group_count=Coalesce(Subquery(groups), 0),
        device_count=Coalesce(Subquery(devices), 0),
        certificate_count=Coalesce(Subquery(certificates), 0),
        password_set_at=Subquery(
            logins.values("user").annotate(at=Min("password_changed_at")).values("at")
        ),
        first_key_id=Subquery(keys.annotate(first=Min("access_key_id")).values("first")),
        active_key_since=Subquery(active.annotate(at=Min("created_at")).values("at")),
        key_last_used_at=Subquery(keys.annotate(at=Max("last_used_at")).values("at")),
        # Each stands in for the other: on SQLite nothing is greater than nothing.
        last_active_at=Greatest(
            Coalesce("password_last_used", "key_last_used_at"),
            Coalesce("key_last_used_at", "password_last_used"),
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
    if user.signing_certificates.exists():
        raise DeleteConflict("Cannot delete entity, must delete certificates first.")
    if user.ssh_public_keys.exists() or user.service_credentials.exists():
        raise DeleteConflict("Cannot delete entity, must remove referenced objects first.")
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
