"""Why a verdict is what it is: every statement, element by element, and in sentences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .conditions import Check
from .document import Statement
from .evaluate import Decision, Policies, Verdict, evaluate
from .grammar import PolicyKind
from .match import matches
from .principals import Grant
from .request import Policy, Request
from .rules import Rule, rules
from .variables import Entries, has_variable, show

SHOWN = 20
"""Values listed of one element before the rest is only counted."""

LAYER_NAMES = {
    "service_control": "service control policy",
    "resource": "resource-based policy",
    "trust": "role trust policy",
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
}


class Comparison(NamedTuple):
    """One element of a statement held against the request.

    `wanted` is what the statement says, `filled` the same with its variables replaced (where it
    has any), `given` what the request has: None for a condition key that is missing. Conditions
    have an `operator` and a `key`.
    """

    element: str
    matched: bool
    wanted: tuple[str, ...]
    given: tuple[str, ...] | None
    filled: tuple[str, ...] = ()
    operator: str = ""
    key: str = ""

    def hit(self) -> str | None:
        """The first pattern of an action or resource element that the request matches."""
        if self.matched == self.element.startswith("Not"):
            return None
        wanted = self.filled or self.wanted
        given = self.given[0] if self.given else ""
        if not self.element.endswith("Action"):
            return next((each for each in wanted if matches(each, given)), None)
        given = given.lower()
        # Nearly always the service is in lower case; there may be thousands of other services'.
        services = (given.partition(":")[0], "*")
        near = (each for each in wanted if each.startswith(services))
        found = next((each for each in near if matches(each.lower(), given)), None)
        return found or next((each for each in wanted if matches(each.lower(), given)), None)

    def sentence(self) -> str:
        """What was compared and how it came out, as part of a sentence."""
        wanted = _listed(self.filled or self.wanted)
        if not self.key:
            given = _listed(self.given or ("an unnamed caller",))
            wanted = self.hit() or wanted
            if self.element.startswith("Not"):
                verb = "is not" if self.matched else "is"
                return f"{given} {verb} among those that {self.element} excepts ({wanted})"
            verb = "matches" if self.matched else "does not match"
            return f"{given} {verb} {self.element} {wanted}"
        outcome = "holds" if self.matched else "does not hold"
        if self.given is None:
            return f"{self.operator} {outcome}: the request has no {self.key} (wanted: {wanted})"
        return f"{self.operator} {outcome}: {self.key} is {_listed(self.given)} (wanted: {wanted})"

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "element": self.element,
            "matched": self.matched,
            "wanted": list(self.wanted[:SHOWN]),
            "more": max(0, len(self.wanted) - SHOWN),
            "given": None if self.given is None else list(self.given),
            "sentence": self.sentence(),
        }
        if self.filled:
            found["filled"] = list(self.filled[:SHOWN])
        if self.key:
            found |= {"operator": self.operator, "key": self.key}
        return found


class StatementReport(NamedTuple):
    """One statement: whether it matched, and what was compared to find out.

    A statement about other actions is compared no further than its action.
    """

    policy: Policy
    statement: Statement
    layer: str
    matched: bool
    comparisons: tuple[Comparison, ...] = ()

    @property
    def about_action(self) -> bool:
        """Whether the statement is about the action that was asked for."""
        return not self.comparisons or self.comparisons[0].matched

    @property
    def name(self) -> str:
        """How a sentence calls the statement: by its Sid, or by its number from 1."""
        statement = self.statement
        which = f'"{statement.sid}"' if statement.sid else str(statement.index + 1)
        via = f" (through the group {self.policy.via})" if self.policy.via else ""
        return f'statement {which} of the policy "{self.policy.name}"{via}'

    def sentence(self) -> str:
        """Whether the statement matched, and if not, what kept it from it."""
        name = self.name[0].upper() + self.name[1:]
        if self.statement.problems:
            effect = "denies everything" if self.matched else "allows nothing"
            return f"{name} was not understood ({'; '.join(self.statement.problems)}): it {effect}."
        verb = "allows" if self.statement.effect == "Allow" else "denies"
        if self.matched:
            return f"{name} {verb} it: {_and(each.sentence() for each in self.comparisons)}."
        failed = [each.sentence() for each in self.comparisons if not each.matched]
        return f"{name} does not match: {_and(failed)}."

    def to_dict(self) -> dict[str, Any]:
        return {
            "policy": self.policy.name,
            "policy_arn": self.policy.arn,
            "source": self.policy.source,
            "via": self.policy.via,
            "layer": self.layer,
            "statement": self.statement.index,
            "sid": self.statement.sid,
            "effect": self.statement.effect,
            "start": list(self.statement.start),
            "end": list(self.statement.end),
            "matched": self.matched,
            "problems": list(self.statement.problems),
            "comparisons": [each.to_dict() for each in self.comparisons],
            "sentence": self.sentence(),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict and how it came about: every statement of every policy that was consulted.

    `keys_used` are the condition keys that statements about the action ask for and the request
    has, `keys_missing` those it lacks.
    """

    request: Request
    verdict: Verdict
    statements: tuple[StatementReport, ...]
    keys_used: tuple[str, ...]
    keys_missing: tuple[str, ...]

    def sentences(self) -> list[str]:
        """The verdict for a learner: what was decided, which statements did it, what came close."""
        return [*_opening(self), *_deciding(self), *_near_misses(self)]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return {
            "action": self.request.action,
            "resource": self.request.resource,
            "decision": self.verdict.decision.value,
            "layer": self.verdict.layer,
            "layers": [
                {"layer": layer, "decision": decision.value}
                for layer, decision in self.verdict.layers
            ],
            "sentences": self.sentences(),
            "statements": [each.to_dict() for each in self.statements],
            "keys_used": list(self.keys_used),
            "keys_missing": list(self.keys_missing),
        }


def explain(
    request: Request, policies: Policies, resource_policy: Policy | None = None
) -> Explanation:
    """`evaluate`, and for every statement why it did or did not match. Never raises."""
    verdict = evaluate(request, policies, resource_policy)
    entries = request.context.entries
    consulted = {layer for layer, _ in verdict.layers}
    sources = [
        (layer, policy)
        for layer, found in policies.layers()
        if layer in consulted
        for policy in found
    ]
    if resource_policy is not None:
        is_trust = resource_policy.document.kind is PolicyKind.TRUST
        sources.append(("trust" if is_trust else "resource", resource_policy))
    reports = []
    asked: dict[str, str] = {}
    has_boundary = policies.boundary is not None
    for layer, policy in sources:
        for rule in rules(policy.document):
            report = _report(rule, policy, layer, request, has_boundary)
            reports.append(report)
            if report.about_action:
                asked |= rule.asks
    return Explanation(
        request,
        verdict,
        tuple(reports),
        tuple(name for key, name in asked.items() if key in entries),
        tuple(name for key, name in asked.items() if key not in entries),
    )


def _report(
    rule: Rule, policy: Policy, layer: str, request: Request, has_boundary: bool
) -> StatementReport:
    statement = rule.statement
    if rule.broken:
        return StatementReport(policy, statement, layer, not rule.allows)
    service, _, operation = request.action.lower().partition(":")
    about_action = rule.covers_action(service, operation)
    element = "NotAction" if statement.not_actions else "Action"
    wanted = statement.not_actions or statement.actions
    compared = [Comparison(element, about_action, wanted, (request.action,))]
    if about_action:
        compared += _compare(rule, policy, layer, request, has_boundary)
    return StatementReport(
        policy, statement, layer, all(each.matched for each in compared), tuple(compared)
    )


def _compare(
    rule: Rule, policy: Policy, layer: str, request: Request, has_boundary: bool
) -> Iterator[Comparison]:
    """Everything after the action."""
    statement, entries = rule.statement, request.context.entries
    with_variables = policy.document.has_variables
    if layer in ("resource", "trust"):
        element = "NotPrincipal" if statement.not_principals else "Principal"
        names = tuple(name for _, name in statement.not_principals or statement.principals)
        granted = rule.grant(request.principal, has_boundary) is not Grant.NONE
        who = (request.principal.arn,) if request.principal else None
        yield Comparison(element, granted, names, who)
    if layer != "trust":
        element = "NotResource" if statement.not_resources else "Resource"
        patterns = statement.not_resources or statement.resources
        covered = rule.covers_resource(request.resource, entries)
        filled = _filled(patterns, entries) if with_variables else ()
        yield Comparison(element, covered, patterns, (request.resource,), filled)
    for check in rule.checks:
        yield _compare_condition(check, entries, with_variables)


def _compare_condition(check: Check, entries: Entries, with_variables: bool) -> Comparison:
    given = entries.get(check.key)
    return Comparison(
        "Condition",
        check.holds(entries),
        check.values,
        (given,) if isinstance(given, str) else given,
        _filled(check.values, entries) if with_variables and check.variables else (),
        check.written,
        check.name,
    )


def _filled(patterns: Sequence[str], entries: Entries) -> tuple[str, ...]:
    """The patterns as they read once variables are replaced; nothing where there are none."""
    if not any(map(has_variable, patterns)):
        return ()
    return tuple(show(pattern, entries) for pattern in patterns)


def _opening(explanation: Explanation) -> Iterator[str]:
    request, verdict = explanation.request, explanation.verdict
    principal = request.principal
    who = principal.arn if principal and principal.arn else "The caller"
    what = f"{request.action} on {request.resource}" if request.resource else request.action
    if verdict.allowed:
        yield f"{who} may perform {what}."
        if principal is not None and principal.kind == "root":
            yield "The root user needs no policy: only a service control policy can limit it."
        elif verdict.layer in ("resource", "trust"):
            layer = LAYER_NAMES[verdict.layer]
            yield f"The {layer} names the caller, and that is enough here."
        return
    yield f"{who} may not perform {what}."
    layer = LAYER_NAMES[verdict.layer]
    if verdict.decision is Decision.EXPLICIT_DENY:
        article = "An" if layer[0] in "aeiou" else "A"
        yield f"{article} {layer} denies it, and a Deny outranks every Allow."
        return
    yield f"No {layer} allows it, and what is not allowed is denied."
    allowing = [LAYER_NAMES[name] for name, each in verdict.layers if each is Decision.ALLOW]
    if allowing:
        yield f"It is allowed by: {', '.join(dict.fromkeys(allowing))}; every layer must allow."


def _deciding(explanation: Explanation) -> Iterator[str]:
    decided = {id(match.statement) for match in explanation.verdict.matched}
    for report in explanation.statements:
        if id(report.statement) in decided:
            yield report.sentence()


def _near_misses(explanation: Explanation) -> Iterator[str]:
    """For a refusal by silence: the Allows of that layer that are about this action."""
    if explanation.verdict.decision is not Decision.IMPLICIT_DENY:
        return
    for report in explanation.statements:
        in_layer = report.layer == explanation.verdict.layer
        allows = report.statement.effect == "Allow"
        if in_layer and allows and report.about_action and not report.matched:
            yield report.sentence()


def _and(sentences: Iterable[str]) -> str:
    return "; ".join(sentences)


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(word or '""' for word in words[:3])
    return f"{shown} and {len(words) - 3} more" if len(words) > 3 else shown or "nothing"
