"""Who uses a managed policy: the users, groups and roles that have it or are bounded by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from django.db.models import CharField, Q, Value

from accounts import paging
from accounts.actions import shared
from accounts.actions.policies import Usage
from accounts.actions.registry import action
from accounts.actions.shared import AnyPolicy
from accounts.caller import Caller
from accounts.models import Attachment, Group, Role, User
from accounts.types import Arn, Choice, Free, Marker, MaxItems, Path

EntityKind = Annotated[
    str, Choice(("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"))
]

#: The console's columns that can be sorted by, and what they are sorted by.
SORTABLE = {"name": "folded_name", "kind": "kind"}


@dataclass(frozen=True, slots=True)
class Entity:
    """A row of the console's list: `kind` is User, Group or Role."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Entities:
    """Who uses a managed policy: one page, by kind. `marker` is nothing on the last page.

    `listed` is the console's numbered page instead, all kinds in one list.
    """

    groups: tuple[Group, ...] = ()
    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()
    marker: str | None = None
    listed: paging.Page[Entity] = field(default_factory=lambda: paging.Page(()))

    @property
    def is_truncated(self) -> bool:
        """Whether there is more."""
        return self.marker is not None


@action("iam:ListEntitiesForPolicy", resource=shared.policy_resource, read_only=True)
def list_entities_for_policy(
    caller: Caller,
    /,
    *,
    policy_arn: Arn,
    entity_filter: EntityKind | None = None,
    path_prefix: Path = "/",
    policy_usage_filter: Usage | None = None,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
    search: Free | None = None,
    sort: str | None = None,
    page: int | None = None,
    page_size: int | None = None,
) -> Entities:
    """The groups, users and roles of the account that have a policy or are bounded by it."""
    policy = shared.find_policy(caller, policy_arn)
    found = [
        rows.filter(_uses(policy, kind, policy_usage_filter), path__startswith=path_prefix)
        for kind, rows in (
            ("Group", caller.home.groups.all()),
            ("User", caller.home.users.all()),
            ("Role", caller.home.roles.all()),
        )
        if entity_filter in (None, kind)
    ]
    if page is not None:
        return Entities(listed=_numbered(found, search, sort, page, page_size or 20))
    rows: list[Group | User | Role] = [row for each in found for row in each]
    rows.sort(key=_order)
    part = paging.slice_after_marker(rows, _order, marker, max_items)
    return Entities(
        groups=tuple(row for row in part.items if isinstance(row, Group)),
        users=tuple(row for row in part.items if isinstance(row, User)),
        roles=tuple(row for row in part.items if isinstance(row, Role)),
        marker=part.marker,
    )


def _numbered(
    found: list[Any], search: str | None, sort: str | None, number: int, size: int
) -> paging.Page[Entity]:
    """All kinds in one list, cut by the database: a policy may have thousands of users."""
    columns = ("kind", "folded_name", "name")
    parts = [
        rows.filter(folded_name__contains=(search or "").lower())
        .annotate(kind=Value(rows.model.__name__, output_field=CharField()))
        .order_by()
        .values_list(*columns)
        for rows in found
    ]
    if not parts:
        return paging.Page((), total=0)
    column = SORTABLE.get((sort or "name").lstrip("-"), "folded_name")
    direction = "-" if (sort or "").startswith("-") else ""
    rows = parts[0].union(*parts[1:], all=True).order_by(f"{direction}{column}", *columns)
    first = [Entity(kind, name) for kind, _folded, name in rows[: size + 1]] if number == 1 else []
    if number == 1 and len(first) <= size:
        # Nearly always: few policies have many users, and all of them need not be counted.
        return paging.Page(first, total=len(first))
    page = paging.numbered(rows, number, size)
    entities = [Entity(kind, name) for kind, _folded, name in page.items]
    return paging.Page(entities, total=page.total, number=page.number, pages=page.pages)


def _uses(policy: AnyPolicy, kind: str, usage: str | None) -> Q:
    """What is true of an identity of that kind that uses the policy so; groups have no boundary."""
    column = kind.lower()
    attachments = Attachment.objects.filter(
        shared.attachment_of(policy), **{f"{column}__isnull": False}
    )
    attached = Q(pk__in=attachments.values(column))
    bounded = Q(pk__in=()) if kind == "Group" else shared.bounded_by(policy)
    if usage == "PermissionsPolicy":
        return attached
    if usage == "PermissionsBoundary":
        return bounded
    return attached | bounded


def _order(row: Group | User | Role) -> str:
    return f"{row.arn_kind}/{row.folded_name}"
