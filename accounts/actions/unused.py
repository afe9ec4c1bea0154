"""What nobody has used for some days: users, roles, access keys and passwords.

AWS tells it as findings of IAM Access Analyzer, hours later ("Unused access findings"). Here it is
read off the account at once, by whoever may read each thing's last use where AWS tells that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from accounts import arns, engine
from accounts.actions import shared
from accounts.actions.registry import ANYBODY, command
from accounts.arns import Resource
from accounts.authorize import authorize, how_far, would_allow
from accounts.caller import Caller
from accounts.models import AccessKey, Login, Role, User
from accounts.models.roles import SERVICE_LINKED_PATH
from accounts.types import Choice, Number

Kind = Literal["users", "roles", "keys", "passwords"]
KINDS: tuple[Kind, ...] = ("users", "roles", "keys", "passwords")
#: For how long something must not have been used, in days, unless somebody asks otherwise.
DAYS = 90
#: As far back as anything is known.
MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Unused:
    """A user, role, key or password, or the permissions of a user or role, and their last use."""

    #: Of the user or role.
    name: str
    #: "user" or "role".
    owner: str
    #: Since when there is something to use.
    since: datetime
    #: Nothing where it never was.
    last_used: datetime | None
    #: Of a key: its id, and whether it still opens anything.
    access_key_id: str = ""
    is_active: bool = True
    #: Of permissions: services that policies give, and those of them that were not tried.
    services: int = 0
    unused_services: frozenset[str] = frozenset()
    #: Actions that policies give of the services that were tried, but that nobody tried.
    unused_actions: int = 0

    def days(self, now: datetime) -> int:
        """For how many days nobody has used it."""
        return (now - (self.last_used or self.since)).days


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found of one kind. `hidden` users and roles could not be told the caller."""

    items: Sequence[Unused]
    hidden: int = 0
    #: Where it goes on, of what is found page by page.
    marker: str | None = None


@command("console:Unused", may=ANYBODY, read_only=True)
def find_unused(
    caller: Caller,
    /,
    *,
    kind: Annotated[str, Choice(KINDS)],
    days: Annotated[int, Number(1, MOST_DAYS)] = DAYS,
) -> Findings:
    """What was there and not used for that many days, by name. What is younger is not told.

    Raises AccessDenied for who may not list the things, or read the last use of none of them.
    """
    return _FINDERS[kind](caller, caller.now - timedelta(days=days))


def _users(caller: Caller, before: datetime) -> Findings:
    authorize(caller, "iam:ListUsers", arns.of_list("iam:ListUsers")(caller), {})
    keys = AccessKey.objects.filter(user=OuterRef("pk")).order_by().values("user")
    rows = (
        caller.home.users.select_related("boundary")
        .annotate(key_used_at=Subquery(keys.annotate(at=Max("last_used_at")).values("at")))
        # Each stands in for the other: on SQLite nothing is greater than nothing.
        .annotate(
            used_at=Greatest(
                Coalesce("password_last_used", "key_used_at"),
                Coalesce("key_used_at", "password_last_used"),
            )
        )
        .filter(_unused("used_at", before), created_at__lte=before)
        .order_by("folded_name")
    )
    told, hidden = _readable(caller, "user", rows, "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed")
    return Findings([finding(row, row.created_at, row.used_at) for row in told], hidden)


def _roles(caller: Caller, before: datetime) -> Findings:
    authorize(caller, "iam:ListRoles", arns.of_list("iam:ListRoles")(caller), {})
    rows = (
        own_roles(caller)
        .filter(_unused("last_used_at", before), created_at__lte=before)
        .order_by("folded_name")
    )
    # AWS's list of roles does not say when they were used; reading one does.
    told, hidden = _readable(caller, "role", rows, "iam:GetRole")
    return Findings([finding(row, row.created_at, row.last_used_at) for row in told], hidden)


def _keys(caller: Caller, before: datetime) -> Findings:
    authorize(caller, "iam:ListUsers", arns.of_list("iam:ListUsers")(caller), {})
    rows = (
        AccessKey.objects.filter(account=caller.home, user__isnull=False)
        .filter(_unused("last_used_at", before), created_at__lte=before)
        .select_related("user__boundary")
        .defer("sealed_secret")
        .order_by("user__folded_name", "slot")
    )
    told, hidden = _readable(
        caller, "user", rows, "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed", whose="user"
    )
    return Findings(
        [
            finding(
                key.user,
                key.created_at,
                key.last_used_at,
                access_key_id=key.access_key_id,
                is_active=key.is_active,
            )
            for key in told
        ],
        hidden,
    )


def _passwords(caller: Caller, before: datetime) -> Findings:
    authorize(caller, "iam:ListUsers", arns.of_list("iam:ListUsers")(caller), {})
    rows = (
        Login.objects.filter(account=caller.home, kind=Login.Kind.USER)
        .filter(_unused("user__password_last_used", before), created_at__lte=before)
        .select_related("user__boundary")
        .order_by("user__folded_name")
    )
    told, hidden = _readable(caller, "user", rows, "iam:GetLoginProfile", whose="user")
    return Findings(
        [
            # The last use may have been of an earlier password.
            finding(row.user, row.created_at, _within(row.user.password_last_used, row.created_at))
            for row in told
        ],
        hidden,
    )


def own_roles(caller: Caller) -> Any:
    """Without those that services have made for themselves."""
    rows = caller.home.roles.select_related("boundary")
    return rows.exclude(path__startswith=SERVICE_LINKED_PATH)


def _unused(column: str, before: datetime) -> Q:
    return Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__lte": before})


def _within(moment: datetime | None, since: datetime) -> datetime | None:
    return moment if moment is not None and moment >= since else None


def finding(row: Any, since: datetime, last_used: datetime | None, **more: Any) -> Unused:
    """Of a user or role."""
    return Unused(row.name, row.arn_kind, since, last_used, **more)


def _readable(
    caller: Caller, kind: str, rows: QuerySet[Any], *actions: str, whose: str = ""
) -> tuple[list[Any], int]:
    """The rows that the caller may do all this to, and how many others there are.

    `whose` is the rows' column for the user, where they are not users or roles themselves. Raises
    AccessDenied where an action is not allowed on any user (or role) at all.
    """
    asked = asked_of_each(caller, kind, *actions)
    if not asked:
        # But for policies nobody needs the tags: to read thousands takes a third of the time.
        return list(rows.defer(f"{whose}__tags" if whose else "tags")), 0
    found = list(rows)
    told = [row for row in found if may_all(caller, asked, getattr(row, whose) if whose else row)]
    return told, len(found) - len(told)


def asked_of_each(caller: Caller, kind: str, *actions: str) -> list[str]:
    """Those of the actions that are allowed on some users (or roles) only.

    Raises AccessDenied where one is not allowed on any.
    """
    every = arns.iam(caller.home, f"{kind}/*")
    asked = []
    for action in actions:
        level = how_far(caller, action, every)
        if level is engine.Access.NONE:
            authorize(caller, action, Resource(every, caller.home.id), {})
        if level is not engine.Access.FULL:
            asked.append(action)
    return asked


def may_all(caller: Caller, actions: Iterable[str], row: User | Role) -> bool:
    """Whether the caller may do all this to a user or role."""
    resource = shared.of_identity(row)
    return all(would_allow(caller, action, resource).allowed for action in actions)


_FINDERS: dict[str, Callable[[Caller, datetime], Findings]] = {
    "users": _users,
    "roles": _roles,
    "keys": _keys,
    "passwords": _passwords,
}
