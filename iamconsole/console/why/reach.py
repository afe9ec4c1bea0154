"""Effective permissions as the page lists them: services, access levels, actions, statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from accounts.actions.explanations import EffectivePermissions
from accounts.engine import Access, Effective, Giver, Reach, catalog
from accounts.engine.catalog import ACCESS_LEVELS

#: The filter's choices, and which services each of them leaves.
SHOWN = (
    ("", "All that policies mention"),
    ("allowed", "Allowed, in full or in part"),
    ("denied", "Denied by a statement"),
    ("limited", "Limited by the boundary"),
)


class ServiceRow(NamedTuple):
    """One service. `access` says which levels are allowed in full and which in part."""

    prefix: str
    name: str
    reach: Reach
    access: str = ""


class Level(NamedTuple):
    """The actions of one access level, by how far they are allowed."""

    name: str
    full: list[str]
    limited: list[str]
    denied: list[str]
    bounded: list[str]
    none: list[str]

    @property
    def total(self) -> int:
        """How many actions there are of this level."""
        # What is denied or bounded stands in one of the other three as well.
        return len(self.full) + len(self.limited) + len(self.none)


class Given(NamedTuple):
    """A statement about the service, of a policy that may be read."""

    layer: str
    effect: str
    policy: str
    policy_arn: str
    via: str
    sid: str
    number: int
    line: int
    actions: tuple[str, ...]
    excepted: bool
    resources: tuple[str, ...]
    conditions: tuple[str, ...]


def services(reach: Effective, search: str = "", shown: str = "") -> list[ServiceRow]:
    """The services that the policies are about, by name; nothing is read about their actions."""
    wanted = search.lower()
    found = [
        ServiceRow(service.prefix, service.name, reach.service(service.prefix))
        for service in catalog.services()
        if wanted in service.prefix or wanted in service.name.lower()
    ]
    rows = [row for row in found if not row.reach.is_nothing and _is_shown(row.reach, shown)]
    return sorted(rows, key=lambda row: row.name.lower())


def with_access(reach: Effective, rows: Iterable[ServiceRow]) -> list[ServiceRow]:
    """The rows of one page, with what is allowed of them: their actions are read now."""
    return [row._replace(access=_access(reach, row)) for row in rows]


def levels(reach: Effective, prefix: str) -> list[Level]:
    """All actions of a service by access level."""
    service = catalog.service(prefix)
    found = {name: Level(name, [], [], [], [], []) for name in ACCESS_LEVELS}
    for action in service.actions.values() if service else ():
        one = reach.action(action.full_name)
        level = found[action.access_level]
        _by_access(level, one.level).append(action.name)
        if one.denied:
            level.denied.append(action.name)
        if one.limited:
            level.bounded.append(action.name)
    return [level for level in found.values() if level.total]


def statements(effective: EffectivePermissions, prefix: str) -> tuple[list[Given], int]:
    """The statements that give or take something of a service, and how many more there are in
    policies that may not be read.
    """
    givers = effective.reach.givers(prefix)
    readable = [each for each in givers if each.policy in effective.may.policies]
    unread = {each.policy for each in givers} - effective.may.policies
    return [_given(each, prefix, groups=effective.may.groups) for each in readable], len(unread)


def _is_shown(reach: Reach, shown: str) -> bool:
    if shown == "allowed":
        return reach.level is not Access.NONE
    if shown == "denied":
        return reach.denied
    return reach.limited if shown == "limited" else True


def _access(reach: Effective, row: ServiceRow) -> str:
    if row.reach.level is Access.NONE:
        return "None"
    full, limited = [], []
    for level in levels(reach, row.prefix):
        if len(level.full) == level.total:
            full.append(level.name)
        elif level.full or level.limited:
            limited.append(level.name)
    if not limited and len(full) == len(levels_of(row.prefix)):
        return "Full access"
    parts = (("Full", full), ("Limited", limited))
    return "; ".join(f"{word}: {', '.join(names)}" for word, names in parts if names) or "None"


def levels_of(prefix: str) -> set[str]:
    """The access levels that a service has actions of."""
    service = catalog.service(prefix)
    return {each.access_level for each in service.actions.values()} if service else set()


def _by_access(level: Level, access: Access) -> list[str]:
    if access is Access.FULL:
        return level.full
    return level.limited if access is Access.LIMITED else level.none


def _given(each: Giver, prefix: str, *, groups: bool) -> Given:
    statement, policy = each.statement, each.policy
    patterns = statement.actions or statement.not_actions
    near = (f"{prefix}:", "*")
    about = tuple(pattern for pattern in patterns if pattern.lower().startswith(near))
    return Given(
        layer=each.layer,
        effect=statement.effect,
        policy=policy.name,
        policy_arn=policy.arn or "",
        via=(policy.via or "") if groups else "",
        sid=statement.sid or "",
        number=statement.index + 1,
        line=statement.start[0],
        actions=about,
        excepted=bool(statement.not_actions),
        resources=statement.resources or tuple(f"all but {r}" for r in statement.not_resources),
        conditions=tuple(
            f"{condition.operator} {condition.key}: {', '.join(condition.values)}"
            for condition in statement.conditions
        ),
    )
