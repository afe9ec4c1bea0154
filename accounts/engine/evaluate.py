"""The verdict: which policies decide a request, and how.

Every kind of policy is a layer, and every layer answers by itself: a matching Deny is an explicit
deny, else a matching Allow an allow, else there is an implicit deny. `_combine` puts the answers
together in AWS's order; it is the diagram of the page "reference_policies_evaluation-logic".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from .document import Statement
from .grammar import PolicyKind
from .principals import Grant, Principal
from .request import Context, Policy, Request
from .rules import Rule, rules
from .variables import Entries

MEMO_LIMIT = 4096
"""Actions a set of policies remembers; when full, it starts anew."""


class Decision(StrEnum):
    """AWS's three words for an outcome."""

    ALLOW = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class Match(NamedTuple):
    """A statement that matched, the policy it stands in, the layer the policy belongs to."""

    policy: Policy
    statement: Statement
    layer: str


class Answer(NamedTuple):
    """What one layer says."""

    layer: str
    decision: Decision
    matched: tuple[Match, ...] = ()


class Verdict(NamedTuple):
    """The decision and its reasons.

    `layer` decided: service_control, resource, trust, identity, boundary or session. `matched` are
    the deciding statements: all Denies of that layer, or the Allows that let the request through,
    layer by layer. Where a layer holds an Allow for all resources without conditions, only such
    are listed; `explain` lists every statement. `layers` are the layers consulted and their
    answers, in AWS's order; one that does not apply to this principal is not among them.
    `missing_keys` are the condition keys that statements about this action ask for and the context
    lacks.
    """

    decision: Decision
    layer: str
    matched: tuple[Match, ...] = ()
    layers: tuple[tuple[str, Decision], ...] = ()
    missing_keys: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.decision is Decision.ALLOW


class _Candidate(NamedTuple):
    """A statement about the action at hand."""

    rule: Rule
    match: Match


_Candidates = tuple[str, list[_Candidate]]
"""A layer and its statements, whatever they are about."""


class _Layer(NamedTuple):
    """The statements of one layer about one action.

    `certain` are its Allows for every resource without a condition: where there are some, no
    other Allow matters.
    """

    name: str
    denies: tuple[_Candidate, ...]
    allows: tuple[_Candidate, ...]
    certain: tuple[Match, ...]

    def answer(self, resource: str, entries: Entries) -> Answer:
        denied = _matching(self.denies, resource, entries)
        if denied:
            return Answer(self.name, Decision.EXPLICIT_DENY, denied)
        allowed = self.certain or _matching(self.allows, resource, entries)
        return Answer(self.name, Decision.ALLOW if allowed else Decision.IMPLICIT_DENY, allowed)


def _matching(
    candidates: tuple[_Candidate, ...], resource: str, entries: Entries
) -> tuple[Match, ...]:
    return tuple(match for rule, match in candidates if rule.applies(resource, entries))


class _Plan(NamedTuple):
    """What a set of policies has to say about one action.

    `settled` is the verdict unless one of `denies` applies; None where resource or context decide
    what is allowed.
    """

    layers: tuple[_Layer, ...]
    denies: tuple[_Candidate, ...]
    asks: dict[str, str]
    settled: Verdict | None


@dataclass(frozen=True, slots=True, eq=False)
class Policies:
    """All policies that speak for one principal, and what was worked out about them.

    `session` is None where there are no session policies, `()` where there are and none allows
    anything. `service_control` holds one tuple of policies per level (root, units, account); each
    level must allow. Whoever changes a policy builds a new Policies: this one never looks back.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    service_control: tuple[tuple[Policy, ...], ...] = ()
    _compiled: list[_Candidates] | None = field(default=None, init=False, repr=False)
    _plans: dict[str, _Plan] = field(default_factory=dict, init=False, repr=False)

    def layers(self) -> Iterator[tuple[str, tuple[Policy, ...]]]:
        """The layers that exist, in the order AWS evaluates them."""
        for level in self.service_control:
            yield "service_control", level
        yield "identity", self.identity
        if self.boundary is not None:
            yield "boundary", (self.boundary,)
        if self.session is not None:
            yield "session", self.session

    def _plan(self, action: str) -> _Plan:
        plan = self._plans.get(action)
        if plan is None:
            if len(self._plans) >= MEMO_LIMIT:
                self._plans.clear()
            plan = self._plans[action] = _make_plan(self._candidates(), action)
        return plan

    def _candidates(self) -> list[_Candidates]:
        """Every statement of every layer, compiled when the first question comes."""
        found = self._compiled
        if found is None:
            found = [
                (layer, [_Candidate(rule, Match(policy, rule.statement, layer))
                         for policy in policies for rule in rules(policy.document)])
                for layer, policies in self.layers()
            ]  # fmt: skip
            object.__setattr__(self, "_compiled", found)
        return found


def evaluate(
    request: Request, policies: Policies, resource_policy: Policy | None = None
) -> Verdict:
    """Decide `request` for a principal with `policies`.

    `resource_policy` is the resource's own policy, or for sts:AssumeRole the role's trust policy
    (a document of kind TRUST). Never raises.
    """
    plan = policies._plan(request.action)
    if plan.settled is not None and resource_policy is None and _is_ordinary(request):
        resource, entries = request.resource, request.context.entries
        for rule, _ in plan.denies:
            if rule.applies(resource, entries):
                break
        else:
            missing = _missing(plan.asks, entries)
            return plan.settled._replace(missing_keys=missing) if missing else plan.settled
    return _weigh(request, plan, resource_policy, policies.boundary is not None)


def _is_ordinary(request: Request) -> bool:
    """A principal with policies of its own asks for something in its own account."""
    principal = request.principal
    if principal is None:
        return True
    owner = request.resource_account
    return principal.has_identity_policies and (owner is None or owner == principal.account)


def _weigh(
    request: Request, plan: _Plan, resource_policy: Policy | None, has_boundary: bool
) -> Verdict:
    """Ask every layer and put the answers together."""
    entries = request.context.entries
    answers = [
        layer.answer(request.resource, entries)
        for layer in plan.layers
        if applies_to(layer.name, request.principal)
    ]
    asks = plan.asks
    grant = Grant.NONE
    resource_answer = None
    if resource_policy is not None:
        resource_answer, grant, resource_asks = _ask_resource(
            request, resource_policy, has_boundary
        )
        asks = asks | resource_asks
    verdict = _combine(request, answers, resource_answer, grant)
    return verdict._replace(missing_keys=_missing(asks, entries))


def applies_to(layer: str, principal: Principal | None) -> bool:
    """Root answers to service control policies only; services and the public to none of these."""
    if principal is None or principal.has_identity_policies:
        return True
    return principal.kind == "root" and layer == "service_control"


def _combine(
    request: Request, answers: list[Answer], resource: Answer | None, grant: Grant
) -> Verdict:
    """AWS's order: any Deny; service control; the resource's policy; identity, boundary, session.

    The resource's policy excuses other layers only within one account. A role's trust policy and
    a KMS key's policy must allow in any case.
    """
    levels = [answer for answer in answers if answer.layer == "service_control"]
    own = [answer for answer in answers if answer.layer != "service_control"]
    ordered = [*levels, *([resource] if resource else []), *own]
    layers = tuple((answer.layer, answer.decision) for answer in ordered)

    def verdict(decision: Decision, layer: str, matched: tuple[Match, ...] = ()) -> Verdict:
        return Verdict(decision, layer, matched, layers)

    for answer in ordered:
        if answer.decision is Decision.EXPLICIT_DENY:
            return verdict(Decision.EXPLICIT_DENY, answer.layer, answer.matched)
    for answer in levels:
        if answer.decision is not Decision.ALLOW:
            return verdict(Decision.IMPLICIT_DENY, answer.layer)

    principal = request.principal
    has_own = principal is None or principal.has_identity_policies
    is_root = principal is not None and principal.kind == "root"
    resource_layer = resource.layer if resource else "resource"
    must_grant = (
        not request.same_account
        or not (has_own or is_root)
        or resource_layer == "trust"
        or (resource is not None and request.action.lower().startswith("kms:"))
    )
    if must_grant and grant is Grant.NONE:
        return verdict(Decision.IMPLICIT_DENY, resource_layer)

    excused = _excused(grant) if request.same_account else ()
    granted = resource.matched if resource else ()
    for answer in own:
        if answer.decision is not Decision.ALLOW and answer.layer not in excused:
            return verdict(Decision.IMPLICIT_DENY, answer.layer)
    allowing = [answer for answer in own if answer.decision is Decision.ALLOW]
    matched = (*granted, *(match for answer in allowing for match in answer.matched))
    by_identity = any(answer.layer == "identity" for answer in allowing)
    layer = "identity" if by_identity or not granted else resource_layer
    return verdict(Decision.ALLOW, layer, matched)


def _excused(grant: Grant) -> tuple[str, ...]:
    """The layers that need not allow when the resource's policy names the principal."""
    if grant is Grant.DIRECT:
        return ("identity", "boundary", "session")
    return ("identity",) if grant is Grant.ROLE else ()


def _ask_resource(
    request: Request, policy: Policy, has_boundary: bool
) -> tuple[Answer, Grant, dict[str, str]]:
    """The answer of the resource's own policy, how it names the principal, the keys it asks for."""
    name = "trust" if policy.document.kind is PolicyKind.TRUST else "resource"
    service, _, operation = request.action.lower().partition(":")
    entries = request.context.entries
    denied: list[Match] = []
    allowed: list[Match] = []
    asks: dict[str, str] = {}
    closest = Grant.NONE
    for rule in rules(policy.document):
        if not rule.covers_action(service, operation):
            continue
        grant = rule.grant(request.principal, has_boundary)
        if grant is Grant.NONE:
            continue
        asks |= rule.asks
        if not rule.applies(request.resource, entries):
            continue
        match = Match(policy, rule.statement, name)
        if rule.allows:
            allowed.append(match)
            closest = max(closest, grant)
        else:
            denied.append(match)
    if denied:
        return Answer(name, Decision.EXPLICIT_DENY, tuple(denied)), Grant.NONE, asks
    decision = Decision.ALLOW if allowed else Decision.IMPLICIT_DENY
    return Answer(name, decision, tuple(allowed)), closest, asks


def _make_plan(candidates: list[_Candidates], action: str) -> _Plan:
    service, _, operation = action.lower().partition(":")
    layers: list[_Layer] = []
    denies: list[_Candidate] = []
    asks: dict[str, str] = {}
    for name, found in candidates:
        layer = _make_layer(
            name, [each for each in found if each.rule.covers_action(service, operation)]
        )
        layers.append(layer)
        denies += layer.denies
        for rule, _ in (*layer.denies, *(() if layer.certain else layer.allows)):
            asks |= rule.asks
    return _Plan(tuple(layers), tuple(denies), asks, _settle(layers))


def _make_layer(name: str, candidates: list[_Candidate]) -> _Layer:
    denies, allows, certain = [], [], []
    for candidate in candidates:
        if not candidate.rule.allows:
            denies.append(candidate)
        elif candidate.rule.unconditional:
            certain.append(candidate.match)
        else:
            allows.append(candidate)
    return _Layer(name, tuple(denies), tuple(allows), tuple(certain))


_ANY_REQUEST = Request("", "", Context())


def _settle(layers: list[_Layer]) -> Verdict | None:
    """The verdict if no Deny applies, where neither resource nor context can change it."""
    if any(layer.allows and not layer.certain for layer in layers):
        return None
    answers = [
        Answer(
            layer.name,
            Decision.ALLOW if layer.certain else Decision.IMPLICIT_DENY,
            layer.certain,
        )
        for layer in layers
    ]
    return _combine(_ANY_REQUEST, answers, None, Grant.NONE)


def _missing(asks: dict[str, str], entries: Entries) -> tuple[str, ...]:
    if not asks or asks.keys() <= entries.keys():
        return ()
    return tuple(name for key, name in asks.items() if key not in entries)
