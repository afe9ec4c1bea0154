"""Users and roles whose policies give services and actions that they have not tried for some days.

Page by page: what policies give is worked out only for those whom a page looks at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db.models import QuerySet

from accounts import arns, engine, paging, policy_sets
from accounts.actions import granted
from accounts.actions.attempts import attempts, bring_up_to_date
from accounts.actions.registry import ANYBODY, command
from accounts.actions.unused import (
    DAYS,
    MOST_DAYS,
    Findings,
    Unused,
    asked_of_each,
    finding,
    may_all,
    own_roles,
)
from accounts.authorize import authorize
from accounts.caller import Caller
from accounts.models import Role, User
from accounts.types import Choice, Marker, Number, Text

Owner = Literal["user", "role"]
#: In the order in which they are listed.
OWNERS: tuple[Owner, ...] = ("user", "role")
#: How many users and roles a page looks at, unless more rows are asked for.
LOOKED_AT = 200
#: By service and action, when it was tried last.
_Tried = Mapping[str, Mapping[str, datetime]]


@command("console:UnusedPermissions", may=ANYBODY, read_only=True)
def find_unused_permissions(
    caller: Caller,
    /,
    *,
    days: Annotated[int, Number(1, MOST_DAYS)] = DAYS,
    owner: Annotated[str, Choice(OWNERS)] | None = None,
    search: Annotated[str, Text(0, 2048)] = "",
    marker: Marker | None = None,
    page_size: Annotated[int, Number(1, 1000)] = 20,
) -> Findings:
    """Users and then roles by name, as old as that at least, whose names hold a text.

    A page may have room left and not be the last: who has tried everything was looked at, and is
    not listed. `hidden` is how many of those looked at could not be told.

    Raises AccessDenied for who may not list them, or read the last use of none of them;
    ValidationError for what is no marker.
    """
    for action in ("iam:ListUsers", "iam:ListRoles"):
        authorize(caller, action, arns.of_list(action)(caller), {})
    before = caller.now - timedelta(days=days)
    place = paging.unwrapped(marker) if marker is not None else ""
    most = max(page_size, LOOKED_AT)
    looked_at: list[User | Role] = []
    told: list[User | Role] = []
    for kind in OWNERS if owner is None else (owner,):
        asked = asked_of_each(caller, kind, "iam:GenerateServiceLastAccessedDetails")
        some = list(_old(caller, kind, before, search, place)[: most + 1 - len(looked_at)])
        looked_at += some
        told += [row for row in some if may_all(caller, asked, row)]
    last = looked_at[most - 1] if len(looked_at) > most else None
    policies = _policies_of(told)
    tried = _tried_since(caller, before, told)
    found: dict[User | Role, Unused] = {}
    for row in looked_at[:most]:
        if row in policies and (each := _finding(row, policies[row], tried.get(row.unique_id, {}))):
            if len(found) == page_size:
                last = list(found)[-1]
                break
            found[row] = each
    going_on = paging.wrapped(f"{last.arn_kind} {last.folded_name}") if last is not None else None
    hidden = sum(row not in policies for row in looked_at[:most])
    return Findings([*found.values()], hidden, going_on)


def _old(caller: Caller, kind: str, before: datetime, search: str, place: str) -> QuerySet[Any]:
    """Those of one kind by name, behind a place of the whole list: "user carol"."""
    rows = own_roles(caller) if kind == "role" else caller.home.users.select_related("boundary")
    rows = rows.filter(created_at__lte=before, folded_name__contains=search.lower())
    at, _, name = place.partition(" ")
    if at == kind:
        rows = rows.filter(folded_name__gt=name)
    elif at == "role":
        # Users come before roles.
        rows = rows.none()
    return rows.order_by("folded_name")


def _finding(row: User | Role, policies: Sequence[engine.Policy], tried: _Tried) -> Unused | None:
    """What a user or role may and has not tried; nothing where that is nothing."""
    given = granted.services_of_all(policies)
    used = given & tried.keys()
    left = sum(len(granted.actions_of_all(policies, each) - tried[each].keys()) for each in used)
    if given == used and not left:
        return None
    return finding(
        row,
        row.created_at,
        max((time for each in tried.values() for time in each.values()), default=None),
        services=len(given),
        unused_services=given - used,
        unused_actions=left,
    )


def _tried_since(
    caller: Caller, since: datetime, whom: Sequence[User | Role]
) -> Mapping[str, _Tried]:
    """By unique id what was tried since a moment."""
    found: dict[str, dict[str, dict[str, datetime]]] = {}
    newest = attempts(caller.home, whom, since, bring_up_to_date(caller.home))
    for (who, permission), (time, _region) in newest.items():
        namespace, _, name = permission.partition(":")
        found.setdefault(who, {}).setdefault(namespace, {})[name] = time
    return found


def _policies_of(rows: Sequence[User | Role]) -> dict[User | Role, Sequence[engine.Policy]]:
    """What is attached to each, by whatever way."""
    found: dict[User | Role, Sequence[engine.Policy]] = {}
    for kind in (User, Role):
        of_kind = [row for row in rows if isinstance(row, kind)]
        sets = policy_sets.of_many(of_kind)  # type: ignore[arg-type]
        found |= {row: sets[row.pk].identity for row in of_kind}
    return found
