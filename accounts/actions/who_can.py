"""Who in the account may do something: users or roles, a page of them at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from accounts import engine, paging, policy_sets, simulation
from accounts.actions import shared
from accounts.actions.explained import everything_in
from accounts.actions.explanations import (
    SIMULATE,
    ActionName,
    check_question,
    request_for,
)
from accounts.actions.readable import Places, places_of, readable_resource, reading
from accounts.actions.registry import ANYBODY, command
from accounts.actions.roles import list_roles
from accounts.actions.users import list_users
from accounts.arns import Resource
from accounts.authorize import would_allow
from accounts.caller import Caller
from accounts.models import Role, User
from accounts.simulation.kinds import ContextEntries, ResourceName

#: Users or roles that one answer asks about.
PAGE_SIZE = 50


class Allowed(NamedTuple):
    """Somebody who may. `policy` is what allows it, empty where the reader may not read that."""

    name: str
    kind: str
    arn: str
    policy: str
    policy_arn: str
    via: str


class WhoCan(NamedTuple):
    """One page of an answer: those who may, of `asked`; the policies of `skipped` may not be
    simulated. `total` is how many there are on all pages, whether they may or not.
    """

    allowed: paging.Page[Allowed]
    asked: int
    skipped: int
    total: int


@command("console:WhoCan", may=ANYBODY, read_only=True)
def who_can(
    caller: Caller,
    /,
    *,
    action_name: ActionName,
    resource_arn: ResourceName = "*",
    kind: str = "users",
    search: str = "",
    page: int = 1,
    context_entries: ContextEntries = (),
) -> WhoCan:
    """Which of PAGE_SIZE users (or `kind` "roles") may do something.

    It takes the permission to list them and, for each, to simulate its policies.
    """
    check_question(action_name, resource_arn)
    given = simulation.context_of(None, context_entries)
    listed = list_roles if kind == "roles" else list_users
    found: paging.Page[User | Role] = listed(caller, search=search, page=page, page_size=PAGE_SIZE)  # type: ignore[assignment]
    rows = list(found.items)
    sets = policy_sets.of_many(rows)  # type: ignore[arg-type]
    _give_boundaries(caller, rows)
    on = readable_resource(caller, action_name, resource_arn)
    may = [row for row in rows if would_allow(caller, SIMULATE, shared.of_identity(row)).allowed]
    places = places_of(caller, (each for row in may for each in everything_in(sets[row.pk])))
    allowed = []
    for row in may:
        request = request_for(caller, row, action_name, on, given)
        verdict = engine.evaluate(request, sets[row.pk], on.policy)
        if verdict.allowed:
            allowed.append(_allowed(caller, row, verdict, on, places))
    return WhoCan(
        paging.Page(allowed, total=len(allowed), number=found.number, pages=found.pages),
        asked=len(may),
        skipped=len(rows) - len(may),
        total=found.total or 0,
    )


def _allowed(
    caller: Caller, row: User | Role, verdict: engine.Verdict, on: Resource, places: Places
) -> Allowed:
    kind = "User" if isinstance(row, User) else "Role"
    subject = shared.of_identity(row)
    found = [match.policy for match in verdict.matched if match.layer != "boundary"]
    may = reading(caller, found, subject, on, places=places)
    policy = next((each for each in found if each in may.policies), None)
    via = (policy.via or "") if policy and may.groups else ""
    name, arn = (policy.name, policy.arn or "") if policy else ("", "")
    return Allowed(row.name, kind, row.arn, name, arn, via)


def _give_boundaries(caller: Caller, rows: Sequence[User | Role]) -> None:
    """Put the boundary on each row: policies may ask for its ARN, a query for each otherwise."""
    wanted = {row.boundary_id for row in rows if row.boundary_id}
    known = {each.pk: each for each in caller.home.policies.filter(pk__in=wanted)} if wanted else {}
    for row in rows:
        if row.boundary_id:
            row.boundary = known[row.boundary_id]
