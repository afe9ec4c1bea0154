"""What several actions do: find a thing by its name or say in AWS's words that it is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Model, Prefetch, Q, QuerySet

from accounts import arns, managed_policies, paging
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import (
    AccessDenied,
    InvalidInput,
    NoSuchEntity,
    ServiceError,
    UnmodifiableEntity,
    ValidationError,
)
from accounts.managed_policies import ManagedPolicy
from accounts.models import Attachment, Group, Policy, Role, User
from accounts.models.prepared import Prepared
from accounts.types import Tag, tag_mapping

AnyPolicy = Policy | ManagedPolicy


_USERS = Prepared(
    lambda account, name: User.objects.filter(account=account, folded_name=name),
    values=2,
)


def _user(caller: Caller, name: str) -> User | None:
    def find() -> User | None:
        found = _USERS.first(caller.home.pk, name.lower())
        if found is not None:
            found.account = caller.home
        return found

    return caller.once(("user", name.lower()), find)


def _group(caller: Caller, name: str) -> Group | None:
    def find() -> Group | None:
        return caller.home.groups.filter(folded_name=name.lower()).first()

    return caller.once(("group", name.lower()), find)


def _role(caller: Caller, name: str) -> Role | None:
    def find() -> Role | None:
        return caller.home.roles.select_related("boundary").filter(folded_name=name.lower()).first()

    return caller.once(("role", name.lower()), find)


_POLICIES = Prepared(
    lambda account, name: Policy.objects.filter(account=account, folded_name=name), values=2
)


def _policy(caller: Caller, name: str) -> Policy | None:
    def find() -> Policy | None:
        found = _POLICIES.first(caller.home.pk, name.lower())
        if found is not None:
            found.account = caller.home
        return found

    return caller.once(("policy", name.lower()), find)


def look_ahead(caller: Caller, *, users: Iterable[str] = (), groups: Iterable[str] = ()) -> None:
    """Look up at once what the actions to come will name one by one, and what groups have.

    It saves queries and decides nothing: each action is authorised as ever.
    """
    # No thing has a name with a null character in it, and PostgreSQL refuses to look for one.
    names = {name.lower() for name in users if name.isprintable()}
    found = {
        row.folded_name: row
        for row in caller.home.users.select_related("boundary").filter(folded_name__in=names)
    }
    for name in names:
        caller.once(("user", name), partial(found.get, name))
    names = {name.lower() for name in groups if name.isprintable()}
    held = Prefetch("attachments", Attachment.objects.select_related("policy"))
    rows = caller.home.groups.filter(folded_name__in=names)
    known = {row.folded_name: row for row in rows.prefetch_related(held, "inline_policies")}
    for name in names:
        caller.once(("group", name), partial(known.get, name))


def find_user(caller: Caller, user_name: str) -> User:
    """The user of that name in the caller's account; names are compared without case."""
    found = _user(caller, user_name)
    if found is None:
        raise NoSuchEntity(f"The user with name {user_name} cannot be found.", argument="user_name")
    return found


def find_group(caller: Caller, group_name: str) -> Group:
    """The group of that name in the caller's account."""
    found = _group(caller, group_name)
    if found is None:
        raise NoSuchEntity(
            f"The group with name {group_name} cannot be found.", argument="group_name"
        )
    return found


def find_role(caller: Caller, role_name: str) -> Role:
    """The role of that name in the caller's account."""
    found = _role(caller, role_name)
    if found is None:
        raise NoSuchEntity(f"The role with name {role_name} cannot be found.", argument="role_name")
    return found


def own_role(caller: Caller, role_name: str) -> Role:
    """The account's own role of that name, to be changed. Raise for a service-linked one."""
    found = find_role(caller, role_name)
    if found.is_service_linked:
        raise protected(found)
    return found


def protected(role: Role) -> UnmodifiableEntity:
    """The refusal to change a service-linked role, in AWS's words."""
    return UnmodifiableEntity(
        f"Cannot perform the operation on the protected role '{role.name}' - this role is only "
        "modifiable by AWS",
        argument="role_name",
    )


def find_policy(caller: Caller, policy_arn: str, *, missing: str = "was not found") -> AnyPolicy:
    """The managed policy of that ARN: the account's own, or one of AWS's.

    `missing` is what AWS's message says where there is none: "was not found" when it is read,
    "does not exist or is not attachable" when it is to be attached.
    """
    found = policy_or_none(caller, policy_arn)
    if found is None:
        raise NoSuchEntity(f"Policy {policy_arn} {missing}.", argument="policy_arn")
    return found


def policy_or_none(caller: Caller, policy_arn: str) -> AnyPolicy | None:
    """The managed policy of that ARN, or nothing. Raise ValidationError for what is no ARN."""
    parts = policy_arn.split(":", 5)
    if len(parts) != 6 or parts[:4] != ["arn", "aws", "iam", ""]:
        raise ValidationError(f"ARN {policy_arn} is not valid.", argument="policy_arn")
    kind, _, rest = parts[5].partition("/")
    if kind != "policy" or not rest:
        raise InvalidInput(f"ARN {policy_arn} is not valid.", argument="policy_arn")
    if parts[4] == "aws":
        return managed_policies.get(policy_arn)
    if parts[4] != caller.home.id:
        return None
    found = _policy(caller, rest.rpartition("/")[2])
    # To the letter, case and path included: the caller was authorised for the ARN as it was given.
    return found if found is not None and found.arn == policy_arn else None


def own_policy(caller: Caller, policy_arn: str, *, missing: str = "was not found") -> Policy:
    """The account's own policy of that ARN, to be changed. Raise AccessDenied for one of AWS's."""
    found = find_policy(caller, policy_arn, missing=missing)
    if isinstance(found, ManagedPolicy):
        raise AccessDenied("Policy is outside your own account.", resource=policy_arn)
    return found


def attachable(policy: AnyPolicy) -> bool:
    """Whether an identity of the account may have it: AWS keeps some for service-linked roles."""
    return isinstance(policy, Policy) or (
        policy.is_attachable and not policy.for_service_linked_roles
    )


def attachment_of(policy: AnyPolicy) -> Q:
    """What is true of an attachment of the policy, whoever's it is."""
    return Q(policy=policy) if isinstance(policy, Policy) else Q(managed_arn=policy.arn)


def bounded_by(policy: AnyPolicy) -> Q:
    """What is true of a user or role of which the policy is the permissions boundary."""
    if isinstance(policy, Policy):
        return Q(boundary=policy)
    return Q(boundary_managed_arn=policy.arn)


def boundary(caller: Caller, policy_arn: str | None) -> dict[str, Any]:
    """The two columns that a permissions boundary fills."""
    if policy_arn is None:
        return {"boundary": None, "boundary_managed_arn": ""}
    try:
        found = policy_or_none(caller, policy_arn)
    except ValidationError:
        raise InvalidInput(
            f"ARN {policy_arn} is not valid.", argument="permissions_boundary"
        ) from None
    if found is None:
        raise NoSuchEntity(
            f"Scope ARN: {policy_arn} does not exist or is not attachable.",
            argument="permissions_boundary",
        )
    if isinstance(found, Policy):
        return {"boundary": found, "boundary_managed_arn": ""}
    return {"boundary": None, "boundary_managed_arn": found.arn}


def subject(caller: Caller, user_name: str | None) -> User | None:
    """Whom a call without a name means: the calling user, or nothing for the root user."""
    if user_name is not None:
        return find_user(caller, user_name)
    if caller.user is None and not caller.is_root:
        raise _must_name_user()
    return caller.user


def user_meant(caller: Caller, user_name: str | None) -> User:
    """The same where only a user will do: the root user has to name one."""
    user = subject(caller, user_name)
    if user is None:
        raise _must_name_user()
    return user


def _must_name_user() -> ValidationError:
    return ValidationError(
        "Must specify userName when calling with non-User credentials", argument="user_name"
    )


def save_unless_taken(row: Model, taken: ServiceError) -> None:
    """Save a row; raise `taken` where a constraint says that another has its name or place."""
    try:
        # A block of its own: PostgreSQL gives up the whole transaction after an error.
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise taken from None


# --- Resources: looked up for their path and tags, before anybody is authorised ------------------


def user_resource(caller: Caller, *, user_name: str | None = None, **_: Any) -> Resource:
    """An existing user, or oneself where no name was given."""
    if user_name is None:
        if caller.user is not None:
            return of_identity(caller.user)
        return Resource(caller.home.root_arn, caller.home.id)
    row = _user(caller, user_name)
    return of_identity(row) if row else _absent(caller, "user", user_name)


def group_resource(caller: Caller, *, group_name: str, **_: Any) -> Resource:
    """An existing group."""
    row = _group(caller, group_name)
    return arns.of_row(row) if row else _absent(caller, "group", group_name)


def role_resource(caller: Caller, *, role_name: str, **_: Any) -> Resource:
    """An existing role."""
    row = _role(caller, role_name)
    return of_identity(row) if row else _absent(caller, "role", role_name)


def policy_resource(caller: Caller, *, policy_arn: str, **_: Any) -> Resource:
    """A managed policy, by the ARN that was given."""
    row = _policy(caller, arns.last_part(policy_arn))
    tags = row.tags if row is not None and row.arn == policy_arn else {}
    return Resource(policy_arn, caller.home.id, tags)


def of_identity(row: User | Role, **context: str | Sequence[str]) -> Resource:
    """A user or role, with the boundary it has as iam:PermissionsBoundary."""
    if row.boundary_arn and "iam:PermissionsBoundary" not in context:
        context["iam:PermissionsBoundary"] = row.boundary_arn
    return arns.of_row(row, **context)


def with_policy_arn(resource_of: Any) -> Any:
    """The same resource, with the policy that is attached or detached as iam:PolicyARN."""

    def resource(caller: Caller, *, policy_arn: str, **arguments: Any) -> Resource:
        found: Resource = resource_of(caller, **arguments)
        return replace(found, context={**found.context, "iam:PolicyARN": policy_arn})

    return resource


def with_new_boundary(resource_of: Any) -> Any:
    """The same resource, with the boundary that is being set in place of the one it has."""

    def resource(caller: Caller, *, permissions_boundary: str, **arguments: Any) -> Resource:
        found: Resource = resource_of(caller, **arguments)
        return replace(found, context={"iam:PermissionsBoundary": permissions_boundary})

    return resource


def new_named(kind: str, argument: str) -> Any:
    """The resource of a Create operation: the ARN that the thing will have, and its boundary."""

    def resource(caller: Caller, *, path: str = "/", **arguments: Any) -> Resource:
        wanted = arguments.get("permissions_boundary")
        return Resource(
            arns.named(caller.home, kind, path, arguments[argument]),
            caller.home.id,
            context=arns.bounded(wanted),
        )

    return resource


def renamed(caller: Caller, row: User | Group, path: str | None, name: str | None) -> Resource:
    """What a user or group is going to be. AWS asks for the permission under both names.

    IAM API reference, UpdateUser and UpdateGroup. Else whoever may change `user/dev/*` could move
    somebody out of it, or give a name that policies elsewhere trust.
    """
    found = of_identity(row) if isinstance(row, User) else arns.of_row(row)
    arn = arns.named(caller.home, row.arn_kind, path or row.path, name or row.name)
    return replace(found, arn=arn)


def tagging(action: str, resource_of: Any) -> Any:
    """The permission to tag, which a Create operation takes as well where it is given tags.

    Else whoever is kept from tagging could make a thing with the tags that open doors.
    """

    def also(caller: Caller, **arguments: Any) -> tuple[str, Resource] | None:
        if not arguments.get("tags"):
            return None
        return action, resource_of(caller, **arguments)

    return also


def _absent(caller: Caller, kind: str, name: str) -> Resource:
    """The ARN at the top path of what is not there: a stranger learns nothing from it."""
    return Resource(arns.named(caller.home, kind, "/", name), caller.home.id)


# --- Tags ----------------------------------------------------------------------------------------


def set_tags(row: Any, tags: Sequence[Tag]) -> None:
    """Merge tags into those of a row."""
    row.tags = tag_mapping(tags, present=row.tags)
    row.save(update_fields=["tags"])


def drop_tags(row: Any, keys: Sequence[str]) -> None:
    """Remove tags by key, without regard to case; keys that are not there are passed over."""
    gone = {key.casefold() for key in keys}
    row.tags = {key: value for key, value in row.tags.items() if key.casefold() not in gone}
    row.save(update_fields=["tags"])


def tags_page(row: Any, marker: str | None, max_items: int | None) -> paging.Page[Tag]:
    """The tags of a row, sorted by key."""
    tags = sorted((Tag(key, value) for key, value in row.tags.items()), key=lambda tag: tag.key)
    # By place and not by key: a key of 128 letters may be longer than a marker.
    places = {tag.key: f"{place:02}" for place, tag in enumerate(tags)}
    return paging.slice_after_marker(tags, lambda tag: places[tag.key], marker, max_items)


# --- The console's lists -------------------------------------------------------------------------


def console_page(
    rows: QuerySet[Any],
    *,
    search: str | None,
    sort: str | None,
    columns: dict[str, str],
    page: int,
    page_size: int | None,
    where: Q | None = None,
) -> paging.Page[Any]:
    """A numbered page of a list, searched by name and sorted by one of the declared columns.

    A column with a minus is an age: what is older is more.
    """
    if search:
        rows = rows.filter(Q(folded_name__contains=search.lower()))
    if where:
        rows = rows.filter(where)
    column = columns.get((sort or "name").lstrip("-"), "folded_name")
    descending = (sort or "").startswith("-")
    field = F(column.removeprefix("-"))
    # Nothing is less than anything, on every database: PostgreSQL would have it the other way.
    nulls = {"nulls_last": True} if descending else {"nulls_first": True}
    order = field.desc(**nulls) if descending != column.startswith("-") else field.asc(**nulls)
    return paging.numbered(rows.order_by(order, "folded_name"), page, page_size or 20)


def count(rows: QuerySet[Any], by: str) -> QuerySet[Any]:
    """A subquery that counts rows by a foreign key; it gives nothing where there are none."""
    counted: QuerySet[Any] = rows.order_by().values(by).annotate(number=Count("pk"))
    return counted.values("number")
