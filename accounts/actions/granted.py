"""What a document's Allow statements give: which services, and which actions of one.

IAM User Guide, "Refine permissions in AWS using last accessed information": neither Deny statements
nor resources and conditions are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from accounts import engine
from accounts.engine import catalog
from accounts.engine.document import Statement

#: Documents of which the answer is remembered; as many as the engine keeps.
_KEPT = 1024


@lru_cache(maxsize=_KEPT)
def services_of(document: engine.Document) -> frozenset[str]:
    """The namespaces of the services that a document gives something of."""
    return frozenset().union(*map(_services, _allowing(document)))


def services_of_all(policies: Iterable[engine.Policy]) -> frozenset[str]:
    """The same of several policies together."""
    return frozenset().union(*(services_of(each.document) for each in policies))


@lru_cache(maxsize=4 * _KEPT)
def actions_of(document: engine.Document, namespace: str) -> frozenset[str]:
    """The actions of a service that a document gives, without their prefix: `GetObject`."""
    return frozenset().union(*(_actions(each, namespace) for each in _allowing(document)))


def actions_of_all(policies: Iterable[engine.Policy], namespace: str) -> frozenset[str]:
    """The same of several policies together."""
    return frozenset().union(*(actions_of(each.document, namespace) for each in policies))


def _allowing(document: engine.Document) -> Iterator[Statement]:
    """The statements that allow something; one that was not understood never does."""
    return (each for each in document.statements if each.effect == "Allow" and not each.problems)


def _services(statement: Statement) -> frozenset[str]:
    if statement.not_actions:
        if "*" in statement.not_actions:
            return frozenset()
        named = {each.partition(":")[0].lower() for each in statement.not_actions} & _known()
        return _known() - {each for each in named if not _actions(statement, each)}
    if "*" in statement.actions:
        return _known()
    return _known() & {each.partition(":")[0].lower() for each in statement.actions}


def _actions(statement: Statement, namespace: str) -> frozenset[str]:
    if statement.not_actions:
        return _all(namespace) - _matched(statement.not_actions, namespace)
    return _matched(statement.actions, namespace)


def _matched(patterns: Iterable[str], namespace: str) -> frozenset[str]:
    found: set[str] = set()
    for pattern in patterns:
        prefix, _, short = pattern.partition(":")
        if pattern == "*":
            return _all(namespace)
        if prefix.lower() == namespace:
            found.update(map(_short, catalog.expand(f"{namespace}:{short}")))
    return frozenset(found)


@cache
def _known() -> frozenset[str]:
    return frozenset(each.prefix for each in catalog.services())


def _all(namespace: str) -> frozenset[str]:
    service = catalog.service(namespace)
    return frozenset(each.name for each in service.actions.values()) if service else frozenset()


def _short(full_name: str) -> str:
    return full_name.partition(":")[2]
