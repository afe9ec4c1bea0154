"""Users, groups and roles of one list: to choose from, to link to, and to act on one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.urls import reverse

from accounts import arns
from accounts.actions import shared
from accounts.actions.groups import list_groups
from accounts.actions.policy_entities import list_entities_for_policy
from accounts.actions.roles import list_roles
from accounts.actions.users import list_users
from accounts.arns import Resource, last_part
from accounts.caller import Caller
from accounts.models import Group, Role, User
from accounts.paging import Page
from accounts.quotas import USERS_PER_ACCOUNT
from iamconsole.console.components import panels
from iamconsole.console.components.picker import Picker
from iamconsole.console.components.steps import Step, step
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.policies.boundaries import Bounded
from iamconsole.console.policies.changes import Effect
from iamconsole.console.request import ConsoleRequest

#: AWS's word for a kind, the console's, and the page of one of them.
KINDS = {
    "User": ("IAM user", "console:user"),
    "Group": ("User group", "console:group"),
    "Role": ("Role", "console:role"),
}
#: Those that can have a permissions boundary.
BOUNDED_KINDS = ("User", "Role")
_LISTS: dict[str, Callable[..., Page[Any]]] = {
    "User": list_users, "Group": list_groups, "Role": list_roles,
}  # fmt: skip

#: Entities that one form acts on.
MOST = 500
#: Those that one form gives a boundary, and those of whom it says what that changes.
MOST_BOUNDED, MOST_EFFECTS = 50, 10


class Entity(NamedTuple):
    """One user, group or role, as a form names it: `User:alice`."""

    kind: str
    name: str

    @property
    def value(self) -> str:
        """What stands in the form."""
        return f"{self.kind}:{self.name}"

    @property
    def kind_words(self) -> str:
        """What the console calls the kind."""
        return KINDS[self.kind][0]

    @property
    def url(self) -> str:
        """The page of it."""
        return reverse(KINDS[self.kind][1], args=[self.name])

    def __str__(self) -> str:
        return f"{KINDS[self.kind][0]} {self.name}"


class Limit(NamedTuple):
    """What a new boundary does to somebody: the one it replaces, and what is gained and lost.

    No effect: the caller may not simulate them, or there are too many.
    """

    entity: Entity
    replaced: str
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom a policy can be given to; `boundary` is the name of the one already set."""

    entity: Entity
    boundary: str
    refusal: str

    @property
    def name(self) -> str:
        """The name."""
        return self.entity.name


def read(values: Sequence[str], kinds: Sequence[str] = tuple(KINDS)) -> list[Entity]:
    """The entities that a form names, each once; what names none is passed over."""
    named = [Entity(*value.partition(":")[::2]) for value in dict.fromkeys(values)]
    return [each for each in named if each.kind in kinds and each.name][:MOST]


def attachments(policy_arn: str, entities: Sequence[Entity]) -> list[Step]:
    """Attach the policy to each of them."""
    return [_step("Attach to", f"iam:Attach{each.kind}Policy", each, policy_arn=policy_arn)
            for each in entities]  # fmt: skip


def detachments(policy_arn: str, entities: Sequence[Entity]) -> list[Step]:
    """Detach the policy from each of them."""
    return [_step("Detach from", f"iam:Detach{each.kind}Policy", each, policy_arn=policy_arn)
            for each in entities]  # fmt: skip


def bounds(policy_arn: str, entities: Sequence[Entity]) -> list[Step]:
    """Make the policy the permissions boundary of each of them."""
    return [
        _step(
            "Set as boundary of", f"iam:Put{each.kind}PermissionsBoundary", each,
            permissions_boundary=policy_arn,
        )
        for each in entities
    ]  # fmt: skip


def releases(entities: Sequence[Entity]) -> list[Step]:
    """Remove the permissions boundary of each of them."""
    return [_step("Remove boundary of", f"iam:Delete{each.kind}PermissionsBoundary", each)
            for each in entities]  # fmt: skip


def bounded(request: ConsoleRequest, chosen: Sequence[Entity]) -> list[tuple[Entity, Bounded]]:
    """The users and roles, each with what is known of its boundary."""
    return [(each, Bounded(each.kind.lower(), each.name, request.caller)) for each in chosen]


def limits(request: ConsoleRequest, policy_arn: str, chosen: Sequence[Entity]) -> list[Limit]:
    """What the policy as boundary changes for each of them; for the first of many only."""
    return [
        Limit(entity, last_part(of.arn), of.effect(policy_arn) if number < MOST_EFFECTS else None)
        for number, (entity, of) in enumerate(bounded(request, chosen))
    ]


def names_of_use(caller: Caller, policy_arn: str, usage: str, size: int = MOST) -> Page[Entity]:
    """Who uses the policy so, the first `size` of them by name."""
    found = list_entities_for_policy(
        caller, policy_arn=policy_arn, policy_usage_filter=usage, page=1, page_size=size
    ).listed
    return Page([Entity(each.kind, each.name) for each in found.items], total=found.total)


def attach_picker(request: ConsoleRequest, policy_arn: str) -> Picker:
    """Users, groups or roles to attach the policy to."""
    held = names_of_use(request.caller, policy_arn, "PermissionsPolicy", USERS_PER_ACCOUNT * 2)

    def refusal(row: Any, kind: str) -> str:
        on = _resource(row)
        on = replace(on, context={**on.context, "iam:PolicyARN": policy_arn})
        return _need(request.caller, f"iam:Attach{kind}Policy", on, policy_arn=policy_arn)

    return _picker(
        request,
        tuple(KINDS),
        refusal,
        held=[each.value for each in held.items],
        held_reason="Attached already",
    )


def bound_picker(request: ConsoleRequest, policy_arn: str) -> Picker:
    """Users or roles of which the policy is to be the permissions boundary."""
    held = names_of_use(request.caller, policy_arn, "PermissionsBoundary", USERS_PER_ACCOUNT * 2)

    def refusal(row: Any, kind: str) -> str:
        action = f"iam:Put{kind}PermissionsBoundary"
        on = Resource(
            row.arn, row.account_id, row.tags, context={"iam:PermissionsBoundary": policy_arn}
        )
        return _need(request.caller, action, on, permissions_boundary=policy_arn)

    return _picker(
        request,
        BOUNDED_KINDS,
        refusal,
        held=[each.value for each in held.items],
        held_reason="It is the boundary already",
        limit=MOST_BOUNDED,
        more=(Column("boundary", "Present boundary", sortable=False),),
    )


def _picker(
    request: ConsoleRequest,
    kinds: Sequence[str],
    refusal: Callable[[Any, str], str],
    *,
    held: Sequence[str],
    held_reason: str,
    limit: int = MOST,
    more: Sequence[Column] = (),
) -> Picker:
    def source(table: Table) -> Page[Candidate]:
        kind = table.filtered["kind"]
        found = _LISTS[kind](
            request.caller, search=table.search, page=table.number, page_size=table.size
        )
        items = [
            Candidate(Entity(kind, row.name), _boundary_name(row), refusal(row, kind))
            for row in found.items
        ]
        return Page(items, total=found.total, number=found.number, pages=found.pages)

    return Picker(
        request,
        "entities",
        source,
        lambda row: row.entity.value,
        (
            Column("name", "Name", sortable=False),
            Column("type", "Type", sortable=False),
            *more,
        ),
        ("entity", "entities"),
        filters=(Filter("kind", "Filter by type", tuple((k, f"{KINDS[k][0]}s") for k in kinds)),),
        limit=limit,
        held=held,
        held_reason=held_reason,
        unfit=lambda row: row.refusal,
    )


def _need(caller: Caller, action: str, on: Resource, **arguments: str) -> str:
    lacking = panels.missing(caller, action, on, **arguments)
    return f"You need {lacking}" if lacking else ""


def _boundary_name(row: User | Group | Role) -> str:
    if isinstance(row, Group) or not row.boundary_arn:
        return ""
    return last_part(row.boundary_arn)


def _resource(row: User | Group | Role) -> Resource:
    return arns.of_row(row) if isinstance(row, Group) else shared.of_identity(row)


def _step(words: str, action: str, entity: Entity, **arguments: Any) -> Step:
    named = {f"{entity.kind.lower()}_name": entity.name}
    return step(f"{words} {entity}", action, **named, **arguments)
