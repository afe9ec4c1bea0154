"""What the simulator answers, and how it gets there: one result for each action."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from accounts import engine
from accounts.engine import Decision, catalog

ANY_RESOURCE = ("*",)

#: AWS's names for the kinds of policies. Of service control policies no statement is shown.
SOURCE_TYPES: Mapping[str, str] = {
    "identity": "IAM Policy",
    "boundary": "Permissions Boundary Policy",
    "resource": "Resource Policy",
}

_MOST_RESTRICTIVE = (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY, Decision.ALLOW)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a document, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class MatchedStatement:
    """A statement that decided, by the policy it stands in and its place there."""

    source_policy_id: str
    source_policy_type: str
    start_position: Position
    end_position: Position


@dataclass(frozen=True, slots=True)
class OrganizationsDecisionDetail:
    """What the service control policies had to say."""

    allowed_by_organizations: bool


@dataclass(frozen=True, slots=True)
class PermissionsBoundaryDecisionDetail:
    """What the permissions boundary had to say."""

    allowed_by_permissions_boundary: bool


@dataclass(frozen=True, slots=True)
class ResourceSpecificResult:
    """The answer for one action on one resource. Details are there for other accounts only."""

    eval_resource_name: str
    eval_resource_decision: Decision
    matched_statements: tuple[MatchedStatement, ...] = ()
    missing_context_values: tuple[str, ...] = ()
    eval_decision_details: Mapping[str, Decision] | None = None
    permissions_boundary_decision_detail: PermissionsBoundaryDecisionDetail | None = None


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """The answer for one action on all resources: that of the one that allows least.

    `eval_resource_name` is the format of the resources' ARNs, `*` where the action has none.
    """

    eval_action_name: str
    eval_resource_name: str
    eval_decision: Decision
    matched_statements: tuple[MatchedStatement, ...] = ()
    missing_context_values: tuple[str, ...] = ()
    organizations_decision_detail: OrganizationsDecisionDetail | None = None
    permissions_boundary_decision_detail: PermissionsBoundaryDecisionDetail | None = None
    eval_decision_details: Mapping[str, Decision] | None = None
    resource_specific_results: tuple[ResourceSpecificResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulation:
    """Everything but the action: who asks under which policies, on what, in which context.

    `owner` is the account of the resources whose ARNs name none. It counts, as the account in an
    ARN does, only where a resource's policy or owner was handed in. `missing` are the keys that the
    policies name and the context lacks.
    """

    policies: engine.Policies
    resources: tuple[str, ...]
    context: engine.Context
    principal: engine.Principal | None
    resource_policy: engine.Policy | None
    owner: str | None
    missing: tuple[str, ...]
    #: Statements that were shown before, by policy and number: they are the same in every result.
    _shown: dict[tuple[int, int], MatchedStatement] = field(default_factory=dict, init=False)

    @property
    def weight(self) -> int:
        """How many statements one action is held against, on all resources together."""
        sources = [policy for _, layer in self.policies.layers() for policy in layer]
        sources += [self.resource_policy] if self.resource_policy else []
        return len(self.resources) * sum(len(each.document.statements) for each in sources)

    def result(self, action: str) -> EvaluationResult:
        """What the simulator answers for one action."""
        verdicts = [self._verdict(action, resource) for resource in self.resources]
        results = tuple(map(self._specific, self.resources, verdicts))
        decision = _least(one.eval_resource_decision for one in results)
        deciding = [one for one in results if one.eval_resource_decision is decision]
        any_resource = self.resources == ANY_RESOURCE
        organizations = self._organizations(verdicts)
        refused = organizations is not None and not organizations.allowed_by_organizations
        return EvaluationResult(
            eval_action_name=action,
            eval_resource_name="*" if any_resource else _arn_format(action, self.resources),
            eval_decision=decision,
            matched_statements=tuple(
                {id(each): each for one in deciding for each in one.matched_statements}.values()
            ),
            missing_context_values=self.missing if any_resource else (),
            organizations_decision_detail=organizations,
            permissions_boundary_decision_detail=self._boundary(verdicts),
            eval_decision_details=None if any_resource or refused else _least_of_each(results),
            resource_specific_results=() if any_resource else results,
        )

    def explain(self, action: str, resource: str) -> engine.Explanation:
        """Why one action is allowed on one resource, or is not."""
        request = self._request(action, resource)
        return engine.explain(request, self.policies, self.resource_policy)

    def _verdict(self, action: str, resource: str) -> engine.Verdict:
        request = self._request(action, resource)
        return engine.evaluate(request, self.policies, self.resource_policy)

    def _request(self, action: str, resource: str) -> engine.Request:
        return engine.Request(
            action, resource, self.context, self.principal, self._account_of(resource)
        )

    def _account_of(self, resource: str) -> str | None:
        """Whose the resource is; it counts only where its policy or its owner was handed in."""
        if self.resource_policy is None and self.owner is None:
            return None
        parts = resource.split(":", 5)
        named = parts[4] if len(parts) > 4 and parts[4].isdigit() else None
        return named or self.owner

    def _specific(self, resource: str, verdict: engine.Verdict) -> ResourceSpecificResult:
        return ResourceSpecificResult(
            eval_resource_name=resource,
            eval_resource_decision=verdict.decision,
            matched_statements=tuple(
                self._matched(match) for match in verdict.matched if match.layer in SOURCE_TYPES
            ),
            missing_context_values=self.missing,
            eval_decision_details=self._details(resource, verdict),
            permissions_boundary_decision_detail=self._boundary([verdict]),
        )

    def _matched(self, match: engine.Match) -> MatchedStatement:
        key = id(match.policy), match.statement.index
        found = self._shown.get(key)
        if found is None:
            found = self._shown[key] = _matched(match)
        return found

    def _details(self, resource: str, verdict: engine.Verdict) -> dict[str, Decision] | None:
        """Each kind of policy and its answer, across accounts. An organisation ends it."""
        owner = self._account_of(resource)
        if self.principal is None or owner in (None, self.principal.account):
            return None
        if verdict.layer == "service_control":
            return None
        answers = {"resource": Decision.IMPLICIT_DENY, **dict(verdict.layers)}
        return {
            name: answer
            for layer, name in SOURCE_TYPES.items()
            if (answer := answers.get(layer)) is not None
        }

    def _organizations(
        self, verdicts: Iterable[engine.Verdict]
    ) -> OrganizationsDecisionDetail | None:
        if not self.policies.service_control:
            return None
        return OrganizationsDecisionDetail(_allowed_by("service_control", verdicts))

    def _boundary(
        self, verdicts: Iterable[engine.Verdict]
    ) -> PermissionsBoundaryDecisionDetail | None:
        if self.policies.boundary is None:
            return None
        return PermissionsBoundaryDecisionDetail(_allowed_by("boundary", verdicts))


def _matched(match: engine.Match) -> MatchedStatement:
    """A statement as AWS points to it: from after what stands before it to after its end.

    What stands before it is the bracket that opens the list, or the statement before; a statement
    without a list begins after its own brace.
    """
    document, index = match.policy.document, match.statement.index
    before = document.statements[index - 1].end if index else _opening(document)
    return MatchedStatement(
        match.policy.name,
        SOURCE_TYPES[match.layer],
        Position(before[0], before[1] + 1),
        Position(match.statement.end[0], match.statement.end[1] + 1),
    )


@lru_cache(maxsize=64)
def _opening(document: engine.Document) -> tuple[int, int]:
    """Line and column of the bracket or brace that opens a document's statements."""
    line, column = document.statements[0].start
    lines = document.text.split("\n")[:line]
    above = "\n".join([*lines[:-1], lines[-1][: column - 1]]).rstrip(" \t\r\n")
    if not above.endswith("["):
        return line, column
    return above.count("\n") + 1, len(above) - (above.rfind("\n") + 1)


def _arn_format(action: str, resources: Sequence[str]) -> str:
    """The format, in AWS's catalogue, of the ARNs that the action was simulated on."""
    known, service = catalog.action(action), catalog.service(action.partition(":")[0])
    if known is None or service is None:
        return "*"
    kinds = [service.resource_types.get(kind.name.lower()) for kind in known.resource_types]
    formats = [kind.arn for kind in kinds if kind is not None]
    fitting = (each for each in formats if _format(each).fullmatch(resources[0]))
    return next(fitting, formats[0] if formats else "*")


@lru_cache(maxsize=512)
def _format(arn: str) -> re.Pattern[str]:
    """An ARN's format as a pattern: a variable ends at a colon or slash, but for the last one."""
    *parts, last = re.split(r"\$\{[^}]*\}", arn)
    between = "[^:/]*".join(map(re.escape, parts))
    return re.compile(f"{between}.*{re.escape(last)}", re.DOTALL)


def _least(decisions: Iterable[Decision]) -> Decision:
    """The decision that allows least."""
    return min(decisions, key=_MOST_RESTRICTIVE.index)


def _least_of_each(results: Iterable[ResourceSpecificResult]) -> dict[str, Decision]:
    """For each kind of policy, the answer that allows least; empty within one account."""
    found: dict[str, Decision] = {}
    for result in results:
        for name, decision in (result.eval_decision_details or {}).items():
            found[name] = _least((decision, found.get(name, decision)))
    return found


def _allowed_by(layer: str, verdicts: Iterable[engine.Verdict]) -> bool:
    return all(
        answer is Decision.ALLOW
        for verdict in verdicts
        for name, answer in verdict.layers
        if name == layer
    )
