"""What a principal was given beside what it needs: the actions its policies allow, and a score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from accounts import engine
from accounts.engine import catalog
from iamconsole.labs.checks import globs

#: Services that a page lists, the largest first.
SHOWN = 30
#: Patterns of actions in a principal's policies. Whoever means it well has a few hundred, and all
#: that fit the quotas would take minutes.
MOST_PATTERNS = 3_000


class TooMany(Exception):
    """Policies with more patterns of actions than can be counted in about a second."""


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

    An action counts as given however narrow its resources and conditions are, unless it is denied
    on every resource and in every situation, or the boundary does not allow it. An action that the
    catalogue of actions does not know counts for nothing.
    """
    wanted = {each for pattern in needed for each in catalog.expand(pattern)}
    given = allowed(policies)
    return Score(
        given=len(given),
        used=sorted(wanted & given),
        missing=sorted(wanted - given),
        too_many=by_service(given - wanted),
    )


# A set of everything that an administrator may takes a mebibyte.
@lru_cache(maxsize=16)
def allowed(policies: engine.Policies) -> frozenset[str]:
    """The full names of all actions that the policies allow on something; raise TooMany."""
    # Sets of names and no verdicts: of policies with many exceptions those would take minutes.
    layers = [_of_layer(found) for _, found in policies.layers()]
    return frozenset.intersection(*layers) if layers else frozenset()


def _of_layer(policies: Iterable[engine.Policy]) -> frozenset[str]:
    """What one layer allows by itself: what it grants, without what it denies altogether."""
    statements = [each for policy in policies for each in policy.document.statements]
    granted = [each for each in statements if each.effect == "Allow" and not each.problems]
    denied = [each for each in statements if _denies_altogether(each)]
    return _named(granted) - _named(denied)


def _denies_altogether(statement: engine.Statement) -> bool:
    """Whether nothing is left of the actions: on every resource, in every situation."""
    if statement.effect == "Allow":
        return False
    return bool(statement.problems) or ("*" in statement.resources and not statement.conditions)


def _named(statements: Sequence[engine.Statement]) -> frozenset[str]:
    """The actions that any of the statements is about; where one was not understood, all."""
    if any(each.problems for each in statements):
        return _every_action()
    named = _expanded(each.actions for each in statements)
    excepted = [_expanded([each.not_actions]) for each in statements if each.not_actions]
    if not excepted:
        return named
    # Few are left out by all: a set of all the others for each statement would fill the memory.
    return named | (_every_action() - frozenset.intersection(*excepted))


def _expanded(written: Iterable[Sequence[str]]) -> frozenset[str]:
    patterns = {each.lower() for several in written for each in several}
    if sum(map(globs.is_glob, patterns)) > MOST_PATTERNS:
        raise TooMany
    return frozenset().union(*map(catalog.expand, patterns))


@cache
def _every_action() -> frozenset[str]:
    return frozenset(catalog.expand("*"))


def by_service(actions: Iterable[str]) -> list[Service]:
    """Actions in groups, the largest group first."""
    found: dict[str, list[str]] = {}
    for full_name in sorted(actions):
        prefix, _, short = full_name.partition(":")
        found.setdefault(prefix, []).append(short)
    names = {each.prefix: each.name for each in catalog.services()}
    services = [Service(prefix, names.get(prefix, prefix), found[prefix]) for prefix in found]
    return sorted(services, key=lambda each: (-len(each.actions), each.name.lower()))
