"""Roles: create, read, change, trust, tag, bound, delete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from accounts import arns, ids, paging, quotas
from accounts.actions import documents, shared, trust_principals
from accounts.actions import filters as filtering
from accounts.actions.filters import Filter, Kind, Property
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    NoSuchEntity,
)
from accounts.models import Role
from accounts.models.roles import SERVICE_LINKED_PATH
from accounts.types import (
    Arn,
    Description,
    Document,
    Free,
    Marker,
    MaxItems,
    Path,
    PathPrefix,
    RoleName,
    SessionDuration,
    Tag,
    TagKeys,
    Tags,
    tag_mapping,
)

#: The console's columns that can be sorted by, and what they are sorted by.
SORTABLE = {
    "name": "folded_name",
    "path": "path",
    "last_activity": "last_used_at",
    "created": "created_at",
    "description": "description",
    "max_session": "max_session_duration",
}
#: The console's columns that can be filtered by.
PROPERTIES = {
    "name": Property(Kind.TEXT, "name"),
    "last_activity": Property(Kind.DAYS, "last_used_at"),
    "path": Property(Kind.TEXT, "path"),
    "created": Property(Kind.DAYS, "created_at"),
    "description": Property(Kind.TEXT, "description"),
}


_new_role = shared.new_named("role", "role_name")


@action("iam:CreateRole", resource=_new_role, also=shared.tagging("iam:TagRole", _new_role))
def create_role(
    caller: Caller,
    /,
    *,
    path: Path = "/",
    role_name: RoleName,
    assume_role_policy_document: Document,
    description: Description = "",
    max_session_duration: SessionDuration = 3600,
    permissions_boundary: Arn | None = None,
    tags: Tags = (),
) -> Role:
    """Make a role that whoever the trust policy names may assume, and that may do nothing yet."""
    if path.startswith(SERVICE_LINKED_PATH):
        raise InvalidInput(
            f"The path {SERVICE_LINKED_PATH} is kept for service-linked roles.", argument="path"
        )
    trust_policy = _checked_trust(
        caller, assume_role_policy_document, "assume_role_policy_document"
    )
    quotas.room_for_one(caller.home.roles.all(), "RolesPerAccount", quotas.ROLES_PER_ACCOUNT)
    role = Role(
        account=caller.home,
        name=role_name,
        path=path,
        unique_id=ids.unique_id(ids.ROLE),
        created_at=caller.now,
        trust_policy=trust_policy,
        description=description,
        max_session_duration=max_session_duration,
        tags=tag_mapping(tags),
        **shared.boundary(caller, permissions_boundary),
    )
    taken = EntityAlreadyExists(f"Role with name {role_name} already exists.", argument="role_name")
    shared.save_unless_taken(role, taken)
    return trust_principals.shown(role)


def _checked_trust(caller: Caller, text: str, argument: str) -> str:
    documents.check_trust(text, argument)
    return trust_principals.stored(caller.home.id, text, argument)


@action("iam:GetRole", resource=shared.role_resource, read_only=True)
def get_role(caller: Caller, /, *, role_name: RoleName) -> Role:
    """A role with trust policy, tags, boundary and last use."""
    return trust_principals.shown(shared.find_role(caller, role_name))


@action("iam:ListRoles", resource=arns.of_list("iam:ListRoles"), read_only=True)
def list_roles(
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
) -> paging.Page[Role]:
    """The roles under a path."""
    rows = caller.home.roles.all()
    if path_prefix != "/":
        rows = rows.filter(path__startswith=path_prefix)
    if page is None:
        return _shown(paging.after_marker(rows, "folded_name", marker, max_items))
    found = shared.console_page(
        # With the boundary: policies may ask for it on every row.
        rows.select_related("boundary"),
        search=search,
        sort=sort,
        columns=SORTABLE,
        page=page,
        page_size=page_size,
        where=filtering.where(filters, PROPERTIES, caller.now),
    )
    return _shown(found)


def _shown(page: paging.Page[Role]) -> paging.Page[Role]:
    return replace(page, items=trust_principals.shown_all(page.items))


@action("iam:UpdateRole", resource=shared.role_resource)
def update_role(
    caller: Caller,
    /,
    *,
    role_name: RoleName,
    description: Description | None = None,
    max_session_duration: SessionDuration = 3600,
) -> None:
    """Change a role's description and maximum session, in seconds.

    A description that is not given stays; a maximum that is not given becomes one hour, as in AWS.
    Of a service-linked role only the description can be changed.
    """
    role = shared.find_role(caller, role_name)
    if role.is_service_linked and max_session_duration != role.max_session_duration:
        raise shared.protected(role)
    if description is not None:
        role.description = description
    role.max_session_duration = max_session_duration
    role.save()


@action("iam:UpdateRoleDescription", resource=shared.role_resource)
def update_role_description(
    caller: Caller, /, *, role_name: RoleName, description: Description
) -> Role:
    """Change a role's description and nothing else."""
    role = shared.find_role(caller, role_name)
    role.description = description
    role.save()
    return trust_principals.shown(role)


@action("iam:UpdateAssumeRolePolicy", resource=shared.role_resource)
def update_assume_role_policy(
    caller: Caller, /, *, role_name: RoleName, policy_document: Document
) -> None:
    """Replace a role's trust policy; sessions that have begun go on."""
    role = shared.own_role(caller, role_name)
    role.trust_policy = _checked_trust(caller, policy_document, "policy_document")
    role.save()


@action("iam:DeleteRole", resource=shared.role_resource)
def delete_role(caller: Caller, /, *, role_name: RoleName) -> None:
    """Delete a role on which nothing hangs any more.

    Raises DeleteConflict, in AWS's order, for whatever still does.
    """
    role = shared.own_role(caller, role_name)
    if role.instance_profiles.exists():
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    if role.attachments.exists():
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if role.inline_policies.exists():
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    role.delete()


@action("iam:TagRole", resource=shared.role_resource)
def tag_role(caller: Caller, /, *, role_name: RoleName, tags: Tags) -> None:
    """Set tags on a role; a key that is there gets the new value."""
    shared.set_tags(shared.find_role(caller, role_name), tags)


@action("iam:UntagRole", resource=shared.role_resource)
def untag_role(caller: Caller, /, *, role_name: RoleName, tag_keys: TagKeys) -> None:
    """Remove tags from a role."""
    shared.drop_tags(shared.find_role(caller, role_name), tag_keys)


@action("iam:ListRoleTags", resource=shared.role_resource, read_only=True)
def list_role_tags(
    caller: Caller,
    /,
    *,
    role_name: RoleName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Tag]:
    """A role's tags, sorted by key."""
    return shared.tags_page(shared.find_role(caller, role_name), marker, max_items)


@action("iam:PutRolePermissionsBoundary", resource=shared.with_new_boundary(shared.role_resource))
def put_role_permissions_boundary(
    caller: Caller, /, *, role_name: RoleName, permissions_boundary: Arn
) -> None:
    """Set the one managed policy that limits what a role's policies can give."""
    role = shared.own_role(caller, role_name)
    for column, value in shared.boundary(caller, permissions_boundary).items():
        setattr(role, column, value)
    role.save()


@action("iam:DeleteRolePermissionsBoundary", resource=shared.role_resource)
def delete_role_permissions_boundary(caller: Caller, /, *, role_name: RoleName) -> None:
    """Lift a role's permissions boundary."""
    role = shared.own_role(caller, role_name)
    if role.boundary_arn is None:
        raise NoSuchEntity(f"The role with name {role_name} has no permissions boundary.")
    role.boundary, role.boundary_managed_arn = None, ""
    role.save()
