"""What a principal was given beside what it needs: the actions its policies allow, and a score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from accounts import engine
from accounts.actions import granted
from accounts.engine import Access, catalog

#: Services that a page lists, the largest first.
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Service:
    """Actions of one service, without their prefix, in order."""

    prefix: str
    name: str
    actions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Score:
    """How much of what was given is needed. Names of actions are full: `s3:GetObject`."""

    #: How many different actions the policies allow, on some resource and in some situation.
    given: int
    #: Which of the needed ones are allowed, and which are missing.
    used: Sequence[str]
    missing: Sequence[str]
    #: What is allowed and not needed, by service.
    too_many: Sequence[Service]

    @property
    def percent(self) -> int:
        """Whole percent of what is given that is needed; only an exact fit is 100."""
        return 100 * len(self.used) // self.given if self.given else 0

    @property
    def words(self) -> str:
        """The percentage as people read it: three of twenty thousand is more than nothing."""
        return "under 1 %" if self.used and not self.percent else f"{self.percent} %"

    @property
    def is_exact(self) -> bool:
        """Whether it is just what is needed: nothing too much, and nothing missing."""
        return self.given == len(self.used) and not self.missing

    @property
    def superfluous(self) -> int:
        """How many actions are too many."""
        return self.given - len(self.used)

    @property
    def shown(self) -> Sequence[Service]:
        """The services with too many actions, as far as a page lists them."""
        return self.too_many[:SHOWN]

    @property
    def services_not_shown(self) -> int:
        """How many more there are."""
        return max(0, len(self.too_many) - SHOWN)


def score(policies: engine.Policies, needed: Iterable[str]) -> Score:
    """Compare what the policies allow with the needed actions, which may hold `*` and `?`.

    An action counts as given however narrow its resources and conditions are, unless a Deny, the
    boundary or a session policy leaves nothing of it. An action that the catalogue of actions does
    not know counts for nothing.
    """
    wanted = {each for pattern in needed for each in catalog.expand(pattern)}
    given = allowed(policies)
    return Score(
        given=len(given),
        used=sorted(wanted & given),
        missing=sorted(wanted - given),
        too_many=by_service(given - wanted),
    )


def allowed(policies: engine.Policies) -> frozenset[str]:
    """The full names of all actions that the policies allow on something."""
    return _allowed(policies)


# To ask about each of AWS's twenty thousand actions takes a second.
@lru_cache(maxsize=64)
def _allowed(policies: engine.Policies) -> frozenset[str]:
    written = {
        f"{service}:{action}"
        for service in granted.services_of_all(policies.identity)
        for action in granted.actions_of_all(policies.identity, service)
    }
    if not _is_limited(policies):
        return frozenset(written)
    effective = engine.Effective(policies)
    return frozenset(each for each in written if effective.action(each).level is not Access.NONE)


def _is_limited(policies: engine.Policies) -> bool:
    """Whether anything beside the Allows of the identity-based policies has a say."""
    if policies.boundary is not None or policies.session is not None:
        return True
    return any(
        statement.effect == "Deny"
        for policy in policies.identity
        for statement in policy.document.statements
    )


def by_service(actions: Iterable[str]) -> list[Service]:
    """Actions in groups, the largest group first."""
    found: dict[str, list[str]] = {}
    for full_name in sorted(actions):
        prefix, _, short = full_name.partition(":")
        found.setdefault(prefix, []).append(short)
    names = {each.prefix: each.name for each in catalog.services()}
    services = [Service(prefix, names.get(prefix, prefix), found[prefix]) for prefix in found]
    return sorted(services, key=lambda each: (-len(each.actions), each.name.lower()))
