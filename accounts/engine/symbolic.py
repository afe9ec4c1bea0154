"""Answers that leave resource and context open: what holds for a whole pattern of requests.

A probe is a pattern of actions on a pattern of resources. A statement covers it in full, or in
part (it meets some of the requests, or asks for conditions), or not at all; `answer` puts the
statements of all layers together the way `evaluate` does for one request.
"""

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from .document import Condition
from .evaluate import Policies, applies_to
from .match import matches
from .principals import Principal
from .rules import Rule, rules

LONGEST = 1_000_000
"""Two patterns whose lengths multiply to more are taken to overlap in part, unread."""


class Access(IntEnum):
    """How far something is allowed when resource and context are left open."""

    NONE = 0
    LIMITED = 1
    """On some resources, or under conditions, or for some of the actions."""
    FULL = 2


class Probe(NamedTuple):
    """A pattern of actions, in lower case, on a pattern of resources."""

    action: str
    resource: str


class Limit(NamedTuple):
    """A statement that covers a probe in part. Statements that say the same are the same limit."""

    says: int
    conditions: tuple[Condition, ...]


class Share(NamedTuple):
    """How far one layer allows a probe; where only in part, the statements that do."""

    level: Access
    limits: frozenset[Limit] = frozenset()


WHOLE = Share(Access.FULL)
"""The share of a layer that allows everything, and of one that doesn't exist."""


class Answer(NamedTuple):
    """How far a probe is allowed: what each layer allows of it, and what denies some of it."""

    level: Access
    shares: tuple[tuple[str, Share], ...] = ()
    denies: frozenset[Limit] = frozenset()

    @property
    def conditions(self) -> tuple[tuple[Condition, ...], ...]:
        """The conditions under which it is allowed, statement by statement."""
        limits = {limit for _, share in self.shares for limit in share.limits}
        return tuple(sorted({each.conditions for each in limits if each.conditions}, key=repr))

    def has_more_than(self, other: "Answer") -> bool:
        """Whether this allows something that `other` doesn't."""
        if self.level != other.level:
            return self.level > other.level
        mine, theirs = dict(self.shares), dict(other.shares)
        for layer in {**mine, **theirs}:
            share, rival = mine.get(layer, WHOLE), theirs.get(layer, WHOLE)
            if share.level > rival.level:
                return True
            if share.level == rival.level and share.limits - rival.limits:
                return True
        return bool(other.denies - self.denies)


class Layer:
    """The statements of one layer, found by service."""

    __slots__ = ("_by_service", "_rules")

    def __init__(self, rules: list[Rule]) -> None:
        self._rules = rules
        self._by_service: dict[str, list[Rule]] = {}

    def about(self, service: str) -> list[Rule]:
        """The statements that may be about the service, `*` being any."""
        found = self._by_service.get(service)
        if found is None:
            found = [rule for rule in self._rules if _may_be_about(rule, service)]
            self._by_service[service] = found
        return found


def _may_be_about(rule: Rule, service: str) -> bool:
    if rule.broken or rule.actions_excepted or rule.actions.everything or service == "*":
        return True
    return service in rule.actions.names


Layers = list[tuple[str, Layer]]


def layers_of(policies: Policies, principal: Principal | None = None) -> Layers:
    """The statements of each layer; every layer must allow."""
    found: Layers = []
    for layer, its_policies in policies.layers():
        if applies_to(layer, principal):
            own = [rule for policy in its_policies for rule in rules(policy.document)]
            # Levels of service control policies are layers of their own.
            found.append(
                (f"{layer} {len(found)}" if layer == "service_control" else layer, Layer(own))
            )
    return found


def answer(layers: Layers, probe: Probe) -> Answer:
    """How far `layers` allow `probe`."""
    service = probe.action.partition(":")[0]
    level = Access.FULL
    shares: list[tuple[str, Share]] = []
    denies: set[Limit] = set()
    for name, layer in layers:
        allowed = Access.NONE
        limits: set[Limit] = set()
        for rule in layer.about(service):
            covered = coverage(rule, probe)
            if covered is Access.NONE:
                continue
            if rule.allows:
                allowed = max(allowed, covered)
                limits.add(_limit(rule))
            elif covered is Access.FULL:
                return Answer(Access.NONE)
            else:
                denies.add(_limit(rule))
        if allowed is Access.NONE:
            return Answer(Access.NONE)
        in_part = allowed is Access.LIMITED
        shares.append((name, Share(allowed, frozenset(limits)) if in_part else WHOLE))
        level = min(level, allowed)
    if denies:
        level = min(level, Access.LIMITED)
    return Answer(level, tuple(shares), frozenset(denies))


def coverage(rule: Rule, probe: Probe) -> Access:
    """How much of the probe the statement speaks about."""
    if rule.broken:
        return Access.NONE if rule.allows else Access.FULL
    action = _actions_coverage(rule, probe.action)
    if action is Access.NONE:
        return action
    resource = _resources_coverage(rule, probe.resource)
    if resource is Access.FULL and rule.checks:
        return Access.LIMITED
    return min(action, resource)


def relation(pattern: str, other: str) -> Access:
    """How much of what `other` matches `pattern` matches too."""
    if "*" not in other and "?" not in other:
        return Access.FULL if matches(pattern, other) else Access.NONE
    if len(pattern) * len(other) > LONGEST:
        return Access.LIMITED
    return _relation(pattern, other)


@lru_cache(maxsize=4096)
def _limit(rule: Rule) -> Limit:
    s = rule.statement
    says = (s.actions, s.not_actions, s.resources, s.not_resources, s.conditions)
    # Its hash stands for what it says: thousands of actions are not compared over and over.
    return Limit(hash(says), s.conditions)


def _actions_coverage(rule: Rule, action: str) -> Access:
    service, _, name = action.partition(":")
    if rule.actions.everything:
        found = Access.FULL
    elif action == "*":
        found = Access.LIMITED
    elif "*" in name or "?" in name:
        names = rule.actions.names.get(service, ())
        found = max((relation(each, name) for each in names), default=Access.NONE)
    else:
        found = Access.FULL if rule.actions.match(service, name) else Access.NONE
    return _turned(found) if rule.actions_excepted else found


def _resources_coverage(rule: Rule, resource: str) -> Access:
    if not rule.resources_excepted:
        patterns = rule.statement.resources
        if not patterns or "*" in patterns or resource in patterns:
            return Access.FULL
        return max(_resource_relation(each, resource) for each in patterns)
    return _turned(max(_resource_relation(e, resource) for e in rule.statement.not_resources))


_VARIABLE = re.compile(r"\$\{[^}]*\}")
_STARS = re.compile(r"\*+")


def _resource_relation(pattern: str, resource: str) -> Access:
    """A variable is any text; only the same variable is surely the same text."""
    if pattern == resource:
        return Access.FULL
    found = relation(_VARIABLE.sub("*", pattern), _VARIABLE.sub("*", resource))
    return min(found, Access.LIMITED) if "${" in pattern else found


def _turned(access: Access) -> Access:
    return Access(Access.FULL - access)


@lru_cache(maxsize=65_536)
def _relation(pattern: str, other: str) -> Access:
    if pattern in ("*", other):
        return Access.FULL
    if _cannot_meet(pattern, other):
        return Access.NONE
    # A star is covered by what covers nothing at all and some text nobody writes in a pattern.
    samples = (other.replace("?", "\1").replace("*", each) for each in ("", "\2\2\2"))
    if all(matches(pattern, sample) for sample in samples):
        return Access.FULL
    return Access.LIMITED if overlap(pattern, other) else Access.NONE


def _cannot_meet(pattern: str, other: str) -> bool:
    """Whether beginnings or ends, up to the first wildcard, already differ."""
    starts = (re.split(r"[*?]", pattern)[0], re.split(r"[*?]", other)[0])
    ends = (re.split(r"[*?]", pattern)[-1], re.split(r"[*?]", other)[-1])
    same_start = starts[0].startswith(starts[1]) or starts[1].startswith(starts[0])
    same_end = ends[0].endswith(ends[1]) or ends[1].endswith(ends[0])
    return not (same_start and same_end)


def overlap(pattern: str, other: str) -> bool:
    """Whether some text matches both patterns."""
    # As in match.Places: the places of `other` that can be reached together with a place of
    # `pattern` are the bits of an integer.
    other = _STARS.sub("*", other)
    all_places = (2 << len(other)) - 1
    takes: dict[str, int] = {}
    for place, character in enumerate(other):
        takes[character] = takes.get(character, 0) | 1 << place
    stars, any_one = takes.pop("*", 0), takes.pop("?", 0)
    one_of_any = all_places >> 1 & ~stars
    reached = 1 | (stars & 1) << 1
    for character in _STARS.sub("*", pattern):
        if character == "*":
            reached = -(reached & -reached) & all_places
        else:
            moved = one_of_any if character == "?" else takes.get(character, 0) | any_one
            reached = (reached & moved) << 1 | reached & stars
            reached |= (reached & stars) << 1  # a star may stand for nothing
    return reached >> len(other) != 0
