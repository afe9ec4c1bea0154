"""Checks of how much policies allow: how many actions, and whether just what a document allows."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from accounts import engine, policy_sets
from accounts.engine import PolicyKind, catalog
from accounts.engine.document import Document, Statement
from iamconsole.labs.checks import entities, globs, least_privilege, principals
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.place import Place, Spending, TooLarge, Unanswerable
from iamconsole.labs.checks.principals import Who
from iamconsole.labs.checks.words import capital, listed
from iamconsole.labs.format import values

Arguments = Mapping[str, Any]

#: Pairs of action and resource that a document is taken apart into, and actions that a pattern of
#: it is written out as.
_MOST_PAIRS, _MOST_ACTIONS = 2000, 400
_SHOWN = 3


# --- How many actions ----------------------------------------------------------------------------


def max_allowed_actions(place: Place, arguments: Arguments) -> Finding:
    """Each principal that is meant has no more different actions than that."""
    named, most = arguments["principal"], arguments["count"]
    services = tuple(sorted({each.lower() for each in arguments.get("services", ())}))
    of = f" of {listed(services)}" if services else ""
    noun = "action" if most == 1 else "actions"
    who = capital(principals.described(named))
    asked = f"{who} may call {most:,} different {noun}{of} at most."
    expected = f"{most:,} at most."
    found = principals.find(place, named)
    if not found:
        return Finding(False, asked, principals.missing(place, named), expected)
    through: tuple[str, ...] = ()
    for each in found:
        through = _paths(place, each)
        number, some = allowed_actions(place, each, services)
        told = f"{capital(each.name)} may call {number:,}{_such_as(number, some)}."
        if number > most:
            return Finding(False, asked, told, expected, through)
    return Finding(True, asked, told, expected, through)


def allowed_actions(
    place: Place, who: Who, services: tuple[str, ...] = ()
) -> tuple[int, tuple[str, ...]]:
    """How many different actions somebody is allowed, and the first few of them."""
    place.budget.spend()
    if who.user is None and who.role is None:
        chosen = [each for each in catalog.services() if not services or each.prefix in services]
        return sum(each.action_count for each in chosen), ()
    try:
        names = least_privilege.allowed(policy_sets.of_caller(principals.caller_of(place, who)))
    except least_privilege.TooMany:
        raise TooLarge from None
    if services:
        names = frozenset(each for each in names if each.partition(":")[0] in services)
    return len(names), tuple(heapq.nsmallest(_SHOWN + 1, names))


def _such_as(number: int, some: tuple[str, ...]) -> str:
    if not some:
        return ""
    if number <= len(some):
        return f": {listed(some)}"
    return f", such as {listed(some[:_SHOWN])}"


def _paths(place: Place, who: Who) -> tuple[str, ...]:
    """The policies of somebody, as people name them."""
    row = who.user or who.role
    if row is None:
        return ()
    owners = [row, *(entities.groups_of(place, who.user) if who.user else ())]
    inline = [
        f"inline policy {each.name} of {entities.called(owner)}"
        for owner in owners
        for each in entities.inline_of(place, owner)
    ]
    managed = [
        f"{each.policy_name} attached to {entities.called(each.identity)}"
        for each in entities.attachments_of(place, row)
    ]
    return (*inline, *managed)


# --- Just what a document allows -----------------------------------------------------------------


def policy_equivalent(place: Place, arguments: Arguments) -> Finding:
    """The policies of a principal, or one policy, allow what the pack's document allows."""
    to = arguments["to"]
    reference = _reference(place, to)
    if "policy" in arguments:
        return _one_policy(place, arguments["policy"], to, reference)
    named = arguments["principal"]
    who = principals.described(named)
    asked = f"The policies of {who} allow just what {to} allows."
    found = principals.find(place, named)
    if not found:
        return Finding(False, asked, principals.missing(place, named), _EXPECTED)
    for each in found:
        if each.user is None and each.role is None:
            told = f"{capital(each.name)} has no policies and may do everything."
            return Finding(False, asked, told, _EXPECTED)
        own = policy_sets.of_caller(principals.caller_of(place, each))
        told = _difference(place, reference, own)
        if told:
            return Finding(False, asked, told, _EXPECTED, _paths(place, each))
    return Finding(True, asked, _SAME, _EXPECTED, _paths(place, found[0]))


_EXPECTED = "They allow the same."
_SAME = "They allow the same."


def _one_policy(place: Place, named: str, to: str, reference: Document) -> Finding:
    asked = f"The policy {named} allows just what {to} allows."
    rows = entities.policies(place, named)
    if not rows:
        told = f"There is no customer managed policy {named}{place.here}."
        return Finding(False, asked, told, _EXPECTED)
    for row in rows:
        version = row.versions.filter(is_default=True).first()
        found = (policy_sets.customer_policy(row, version.document),) if version else ()
        told = _difference(place, reference, engine.Policies(identity=found))
        if told:
            return Finding(False, asked, told, _EXPECTED, (row.name,))
    return Finding(True, asked, _SAME, _EXPECTED, tuple(row.name for row in rows))


def _reference(place: Place, to: str) -> Document:
    text = place.world.files.get(to)
    if text is None:
        raise Unanswerable(f"The lab has no file {to}.")
    try:
        return _parsed(values.fill(text, place.world.values))
    except engine.MalformedPolicy as error:
        raise Unanswerable(f"{to} is no policy: {error}") from None


@lru_cache(maxsize=64)
def _parsed(text: str) -> Document:
    return engine.parse(text)


def _difference(place: Place, reference: Document, own: engine.Policies) -> str:
    """What the policies allow beside the reference, or lack; nothing where they are the same."""
    place.budget.spend()
    boundary = own.boundary.document if own.boundary else None
    identity = tuple(each.document for each in own.identity)
    return _compared(reference, identity, boundary, Spending(place.budget))


@lru_cache(maxsize=256)
def _compared(
    reference: Document,
    identity: tuple[Document, ...],
    boundary: Document | None,
    spending: Spending,
) -> str:
    # Most checks ask what was asked before: the documents are the same until somebody writes one.
    def apart(document: Document) -> engine.Policy:
        spending.budget.spend(0)
        return _apart(document)

    wanted = engine.Policies(identity=(apart(reference),))
    given = engine.Policies(
        identity=tuple(map(apart, identity)), boundary=apart(boundary) if boundary else None
    )
    # Of policies as large as they may be there are minutes of questions.
    found = engine.difference(wanted, given, asked=lambda: spending.budget.spend(0))
    told = []
    if found.gained:
        told.append(f"They also allow {listed(map(_named, found.gained))}.")
    if found.lost:
        told.append(f"They do not allow {listed(map(_named, found.lost))}.")
    return " ".join(told)


def _named(change: engine.Change) -> str:
    where = "" if change.resource == "*" else f" on {change.resource}"
    under = " under the same conditions" if change.conditions else ""
    return f"{_spelled(change.action)}{where}{under}"


def _spelled(action: str) -> str:
    known = catalog.action(action)
    return known.full_name if known else action


# The largest take more than a mebibyte.
@lru_cache(maxsize=32)
def _apart(document: Document) -> engine.Policy:
    """A policy of the document taken apart: each statement about one action on one resource.

    So how statements are grouped, ordered and named makes no difference.
    """
    found: dict[str, Any] = {}
    for statement in document.statements:
        if statement.problems:
            return engine.Policy(document, "")
        for one in _pairs(statement):
            found[json.dumps(one, sort_keys=True)] = one
            if len(found) > _MOST_PAIRS:
                raise TooLarge
    text = json.dumps({"Version": document.version or "2008-10-17", "Statement": [*found.values()]})
    return engine.Policy(engine.load(text, PolicyKind.IDENTITY) if found else document, "")


def _pairs(statement: Statement) -> Iterator[dict[str, Any]]:
    base: dict[str, Any] = {"Effect": statement.effect}
    if statement.conditions:
        block: dict[str, dict[str, list[str]]] = {}
        for each in sorted(statement.conditions, key=lambda one: (one.operator, one.key.lower())):
            block.setdefault(each.operator, {})[each.key.lower()] = sorted(each.values)
        base["Condition"] = block
    actions = _written_out(statement.actions) or [("NotAction", sorted(statement.not_actions))]
    if statement.resources:
        resources: list[tuple[str, Any]] = [("Resource", each) for each in statement.resources]
    else:
        resources = [("NotResource", sorted(statement.not_resources))]
    for element, action in actions:
        for where, resource in resources:
            yield {**base, element: action, where: resource}


def _written_out(patterns: tuple[str, ...]) -> list[tuple[str, Any]]:
    """The actions, those of a pattern one by one unless there are very many."""
    found: dict[str, None] = {}
    for pattern in patterns:
        names = catalog.expand(pattern) if globs.is_glob(pattern) and pattern != "*" else ()
        several = names if 0 < len(names) <= _MOST_ACTIONS else (pattern,)
        found |= dict.fromkeys(each.lower() for each in several)
    return [("Action", each) for each in found]
