"""Questions over many verdicts: who can do this, what can they do, what would a change change?

Where a question leaves resource and context open, the answer is symbolic: an action is allowed in
full, or *limited* (on some resources, or under conditions), or not at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from .document import Condition, Document, Statement
from .evaluate import Policies, Verdict, evaluate
from .principals import Principal
from .request import Context, Policy, Request
from .symbolic import Access, Probe, answer, layers_of

MOST_PAIRS = 5000
"""Pairs of action and resource that a difference asks for one by one in a document; where there
are more, it asks for each action on all resources."""


class Asker(NamedTuple):
    """A principal, its policies, and the context its requests would have."""

    principal: Principal
    policies: Policies
    context: Context


def who_can(
    action: str,
    resource: str,
    askers: Iterable[Asker],
    resource_policy: Policy | None = None,
    resource_account: str | None = None,
) -> list[tuple[Principal, Verdict]]:
    """Those of `askers` who may perform `action` on `resource`, with the verdict that says so."""
    found = []
    for principal, policies, context in askers:
        request = Request(action, resource, context, principal, resource_account)
        verdict = evaluate(request, policies, resource_policy)
        if verdict.allowed:
            found.append((principal, verdict))
    return found


def what_can(
    policies: Policies,
    actions: Mapping[str, Iterable[str]],
    principal: Principal | None = None,
) -> dict[str, dict[Access, list[str]]]:
    """What `policies` allow of a service: for each access level the actions by `Access`.

    `actions` maps access levels ("List", "Read", …) to full action names ("s3:GetObject").
    Resource-based policies are left out: they belong to single resources.
    """
    found: dict[str, dict[Access, list[str]]] = {}
    for level, names in actions.items():
        by_access: dict[Access, list[str]] = {access: [] for access in Access}
        for name in names:
            by_access[access_to(policies, name, principal)].append(name)
        found[level] = by_access
    return found


def access_to(
    policies: Policies, action: str, principal: Principal | None = None, resource: str = "*"
) -> Access:
    """How far `policies` allow one action, by full name, whatever context.

    On all resources that fit the pattern `resource`.
    """
    return answer(layers_of(policies, principal), Probe(action.lower(), resource)).level


class Change(NamedTuple):
    """Something that was gained or lost: an action and a resource as a policy wrote them.

    `conditions` are those under which it is allowed, after the change for what is gained and
    before it for what is lost: each entry the conditions of one statement.
    """

    action: str
    resource: str
    before: Access
    after: Access
    conditions: tuple[tuple[Condition, ...], ...] = ()


class Difference(NamedTuple):
    """What one set of policies allows and the other doesn't."""

    gained: tuple[Change, ...] = ()
    lost: tuple[Change, ...] = ()


def difference(
    before: Policies, after: Policies, *, asked: Callable[[], object] = lambda: None
) -> Difference:
    """What a principal gains and loses when `before` becomes `after`.

    Asked for every action and resource pattern of the documents that differ (and, since layers
    limit each other, of the other layers' Allows); patterns stay patterns, `s3:*` is one answer.
    Of a document with more than MOST_PAIRS of them, every action is asked for on `*`.
    Resource-based policies are left out. `asked` is called before each question, and may raise.
    """
    old, new = layers_of(before), layers_of(after)
    gained, lost = [], []
    for written in _probes(before, after):
        asked()
        probe = Probe(written.action.lower(), written.resource)
        had, has = answer(old, probe), answer(new, probe)
        if has == had:
            continue
        names = (written.action, written.resource, had.level, has.level)
        if has.has_more_than(had):
            gained.append(Change(*names, has.conditions))
        if had.has_more_than(has):
            lost.append(Change(*names, had.conditions))
    return Difference(tuple(gained), tuple(lost))


def differences(
    members: Iterable[tuple[str, Policies, Policies]],
) -> list[tuple[Difference, list[str]]]:
    """`difference` for many names, worked out once for all that have the same documents."""
    found: dict[object, tuple[Difference, list[str]]] = {}
    for name, before, after in members:
        key = (_documents(before), _documents(after))
        if key not in found:
            found[key] = (difference(before, after), [])
        found[key][1].append(name)
    return list(found.values())


_Documents = tuple[tuple[str, frozenset[Document]], ...]


def _documents(policies: Policies) -> _Documents:
    return tuple(
        (layer, frozenset(policy.document for policy in found))
        for layer, found in policies.layers()
    )


def _probes(before: Policies, after: Policies) -> Iterator[Probe]:
    """What to ask to find every difference, each probe once."""
    old, new = _by_layer(before), _by_layer(after)
    changed = [layer for layer in {**old, **new} if old.get(layer) != new.get(layer)]
    probes: dict[Probe, None] = {}
    for layer in {**old, **new}:
        had, has = old.get(layer, frozenset()), new.get(layer, frozenset())
        for document in had ^ has:
            probes |= dict.fromkeys(_probes_of(document, also_denies=True))
        # A change in one layer shows only as far as the others allow it.
        if changed and changed != [layer]:
            for document in had & has:
                probes |= dict.fromkeys(_probes_of(document, also_denies=False))
    yield from sorted(probes)


def _by_layer(policies: Policies) -> dict[str, frozenset[Document]]:
    found: dict[str, frozenset[Document]] = {}
    for layer, documents in _documents(policies):
        found[layer] = found.get(layer, frozenset()) | documents
    return found


def _probes_of(document: Document, *, also_denies: bool) -> Iterator[Probe]:
    asked = [each for each in document.statements if also_denies or each.effect == "Allow"]
    pairs = sum(len(_actions(each)) * len(_resources(each)) for each in asked)
    for statement in asked:
        if statement.problems:
            yield Probe("*", "*")  # if it denies, it denies everything
            continue
        resources = _resources(statement) if pairs <= MOST_PAIRS else ("*",)
        for action in _actions(statement):
            yield from (Probe(action, resource) for resource in resources)


def _actions(statement: Statement) -> tuple[str, ...]:
    return statement.actions or (*statement.not_actions, "*")


def _resources(statement: Statement) -> tuple[str, ...]:
    return statement.resources or (*statement.not_resources, "*")
