"""A principal's policies at the end of a lab, beside the document that the lab's author wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts import engine, policy_sets
from accounts.models import Account, Role, User
from iamconsole.console.components.difference import Line, side_by_side
from iamconsole.console.policies import changes
from iamconsole.console.policies.changes import Effect
from iamconsole.labs.checks.world import World
from iamconsole.labs.format.pack import Comparison
from iamconsole.labs.format.values import fill

#: The order in which statements are written; what stands nowhere comes last.
_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
#: Of policies with more statements nobody is told what they allow: it takes seconds to find out.
MOST_STATEMENTS = 200
#: A list of these is a set: its order means nothing.
_SETS = frozenset({"Action", "NotAction", "Resource", "NotResource"})
_SOURCES = {
    "user": "inline policy",
    "group": "inline policy of the group",
    "role": "inline policy",
    "aws-managed": "AWS managed policy",
    "user-managed": "customer managed policy",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A policy of the principal, as people name it."""

    name: str
    #: "AWS managed policy, through the group Staff".
    kind: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What a principal has beside what was thought of for it.

    Nothing is said of a principal that is not there (any more), nor where a document can't be
    understood.
    """

    #: "user ana".
    principal: str
    #: Whether there is such a principal, with policies to be compared.
    is_there: bool = False
    sources: Sequence[Source] = ()
    boundary: str = ""
    #: Both as one document each, line by line; the principal's on the left.
    lines: Sequence[Line] = ()
    #: From the principal's policies to the reference: `lost` is what only they allow.
    effect: Effect | None = None

    @property
    def is_same(self) -> bool:
        """Whether both allow exactly the same."""
        return self.effect is not None and self.effect.none


def compare(world: World, comparison: Comparison) -> Compared:
    """Compare one principal of the first account with its reference document."""
    name = fill(comparison.principal, world.values)
    words = name.replace("/", " ", 1)
    policies = policies_of(next(iter(world.accounts.values())), name)
    reference = fill(world.files.get(comparison.reference, ""), world.values)
    if policies is None:
        return Compared(words)
    theirs = merged(each.document.text for each in policies.identity)
    return Compared(
        words,
        is_there=True,
        sources=[_source(each) for each in policies.identity],
        boundary=policies.boundary.name if policies.boundary else "",
        lines=side_by_side(theirs, merged([reference])),
        effect=_effect(policies, reference),
    )


def policies_of(account: Account, principal: str) -> engine.Policies | None:
    """The policies of `user/NAME` or `role/NAME`; nothing where there is no such principal.

    The root user has none: nothing limits it.
    """
    kind, _, name = principal.partition("/")
    epoch = account.policy_epoch
    if kind == "user":
        user = User.objects.filter(account=account, folded_name=name.lower()).first()
        return policy_sets.of_user(user, epoch) if user else None
    if kind == "role":
        role = Role.objects.filter(account=account, folded_name=name.lower()).first()
        return policy_sets.of_role(role, None, epoch) if role else None
    return None


def merged(texts: Iterable[str]) -> str:
    """One document of all statements, written in one way, so that only what differs differs.

    Elements stand in AWS's order, a list of one as a text, actions and resources sorted. Sids are
    left out: nothing depends on them. What is no JSON contributes nothing.
    """
    statements: list[dict[str, Any]] = []
    for text in texts:
        try:
            written = json.loads(text)
        except (ValueError, RecursionError):
            continue
        found = written.get("Statement", []) if isinstance(written, dict) else []
        found = found if isinstance(found, list) else [found]
        statements += (_ordered(each) for each in found if isinstance(each, dict))
    statements.sort(key=lambda each: (each.get("Effect") != "Allow", json.dumps(each)))
    return json.dumps({"Statement": statements}, indent=4, ensure_ascii=False)


def _ordered(statement: dict[str, Any]) -> dict[str, Any]:
    places = {name: place for place, name in enumerate(_ELEMENTS)}
    names = sorted(statement, key=lambda name: (places.get(name, len(places)), name))
    return {name: _plain(name, statement[name]) for name in names if name != "Sid"}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(name, inner) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    if len(value) == 1:
        return value[0]
    return sorted(value, key=str) if name in _SETS else value


def _source(policy: engine.Policy) -> Source:
    kind = _SOURCES.get(policy.source, "policy")
    if policy.via is None:
        return Source(policy.name, kind)
    # An inline policy of a group says so already.
    between = " " if policy.source == "group" else ", through the group "
    return Source(policy.name, f"{kind}{between}{policy.via}")


def _effect(policies: engine.Policies, reference: str) -> Effect | None:
    all_of_them = (each for _, found in policies.layers() for each in found)
    if sum(len(each.document.statements) for each in all_of_them) > MOST_STATEMENTS:
        return None
    try:
        wanted = engine.parse(reference)
    except engine.MalformedPolicy:
        return None
    policy = engine.Policy(wanted, name="reference")
    return changes.shown(engine.difference(policies, engine.Policies(identity=(policy,))))
