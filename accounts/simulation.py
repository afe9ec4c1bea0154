"""Policy simulation: what policies answer to requests that nobody made, as AWS's simulator says it.

IAM API reference, SimulateCustomPolicy and EvaluationResult. Nothing is looked up here but in what
was handed in: whoever calls says which policies speak and who is thought to ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from accounts import engine, paging
from accounts.engine import Decision, PolicyKind, catalog
from accounts.errors import InvalidInput, PolicyEvaluation
from accounts.types import ContextEntry, OrganizationPolicies

#: One answer holds no more decisions; the rest is on the next page. AWS, too, may cut pages short.
MOST_DECISIONS = 1000

ANY_RESOURCE = ("*",)

#: AWS's names for the layers of policies. Of service control policies no statement is shown.
SOURCE_TYPES: Mapping[str, str] = {
    "identity": "IAM Policy",
    "boundary": "Permissions Boundary Policy",
    "resource": "Resource Policy",
}

#: The resources that each scenario takes, as their ARNs name them.
SCENARIOS: Mapping[str, tuple[str, ...]] = {
    "EC2-VPC-InstanceStore": ("instance", "image", "security-group", "network-interface"),
    "EC2-VPC-InstanceStore-Subnet": (
        "instance", "image", "security-group", "network-interface", "subnet",
    ),
    "EC2-VPC-EBS": ("instance", "image", "security-group", "network-interface", "volume"),
    "EC2-VPC-EBS-Subnet": (
        "instance", "image", "security-group", "network-interface", "subnet", "volume",
    ),
}  # fmt: skip

_MOST_RESTRICTIVE = (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY, Decision.ALLOW)
_ACTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9._-]+")
_OWNER = re.compile(r"arn:aws:iam::([0-9]{12}):root")
_IDENTITY = re.compile(r"arn:aws:iam::([0-9]{12}):(user|group|role)/(?:[!-.0-~]+/)*([\w+=,.@-]+)")


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
class Question:
    """What both simulations are asked besides the policies of the principal, as AWS names it."""

    action_names: Sequence[str]
    resource_arns: Sequence[str] = ()
    resource_policy: str | None = None
    resource_owner: str | None = None
    caller_arn: str | None = None
    context_entries: Sequence[ContextEntry] = ()
    resource_handling_option: str | None = None


def simulate(
    policies: engine.Policies, question: Question, max_items: int | None, marker: str | None
) -> paging.Page[EvaluationResult]:
    """One result for each action, in the order in which they were asked for.

    Raises InvalidInput for what makes no sense, PolicyEvaluation for a resource policy that keeps
    the grammar but can't be understood.
    """
    actions = _actions(question.action_names)
    simulation = _simulation(policies, question)
    room = max(1, MOST_DECISIONS // len(simulation.resources))
    page = paging.slice_after_marker(
        list(enumerate(actions)),
        lambda numbered: f"{numbered[0]:07}",
        marker,
        min(max_items or paging.DEFAULT_ITEMS, room),
    )
    return paging.Page([simulation.result(action) for _, action in page.items], page.marker)


def given_policies(
    texts: Iterable[str], argument: str, kind: PolicyKind = PolicyKind.IDENTITY, label: str = ""
) -> tuple[engine.Policy, ...]:
    """Policies that were handed in, named as AWS names them: `PolicyInputList.1`.

    `argument` is the one to blame. Raises InvalidInput for what breaks the grammar and
    PolicyEvaluation for a statement that keeps it, but can't be understood.
    """
    label = label or "".join(word.capitalize() for word in argument.split("_"))
    return tuple(
        engine.Policy(_document(text, kind, argument, name), name=name, source="none")
        for number, text in enumerate(texts, start=1)
        for name in [f"{label}.{number}"]
    )


def boundary(texts: Sequence[str]) -> engine.Policy | None:
    """The permissions boundary that was handed in; there can be one."""
    argument = "permissions_boundary_policy_input_list"
    if len(texts) > 1:
        raise InvalidInput("Only one permissions boundary can be simulated.", argument=argument)
    return next(iter(given_policies(texts, argument)), None)


def organization(levels: Iterable[OrganizationPolicies]) -> tuple[tuple[engine.Policy, ...], ...]:
    """The service control policies that were handed in, from the root down to the account."""
    argument = "ordered_organization_policy_input_list"
    return tuple(
        given_policies(
            level.service_control_policy_input_list or (),
            argument,
            PolicyKind.SERVICE_CONTROL,
            f"OrderedOrganizationPolicyInputList.{number}.ServiceControlPolicyInputList",
        )
        for number, level in enumerate(levels, start=1)
    )


def context_keys(policies: Iterable[engine.Policy], *, with_defaults: bool = True) -> list[str]:
    """The condition keys that the policies name, sorted, each once."""
    found: dict[str, str] = {}
    for policy in policies:
        for name in engine.context_keys(policy.document, with_defaults=with_defaults):
            found.setdefault(name.lower(), name)
    return [found[key] for key in sorted(found)]


def identity_arn(text: str, argument: str) -> tuple[str, str, str]:
    """Account, kind and name in the ARN of a user, group or role."""
    found = _IDENTITY.fullmatch(text)
    if found is None:
        raise InvalidInput(
            f"Invalid Entity Arn: {text} does not clearly define entity type and name.",
            argument=argument,
        )
    return found[1], found[2], found[3]


@dataclass(frozen=True, slots=True)
class _Simulation:
    """Everything but the action."""

    policies: engine.Policies
    resources: tuple[str, ...]
    context: engine.Context
    principal: engine.Principal | None
    resource_policy: engine.Policy | None
    owner: str | None
    missing: tuple[str, ...]
    _allowed_by_levels: bool = field(default=True, init=False)

    def result(self, action: str) -> EvaluationResult:
        """What the simulator answers for one action."""
        verdicts = [self._verdict(action, resource) for resource in self.resources]
        results = tuple(map(self._specific, self.resources, verdicts))
        decision = _least(one.eval_resource_decision for one in results)
        deciding = [one for one in results if one.eval_resource_decision is decision]
        any_resource = self.resources == ANY_RESOURCE
        return EvaluationResult(
            eval_action_name=action,
            eval_resource_name="*" if any_resource else _arn_format(action, self.resources),
            eval_decision=decision,
            matched_statements=tuple(
                dict.fromkeys(each for one in deciding for each in one.matched_statements)
            ),
            missing_context_values=self.missing if any_resource else (),
            organizations_decision_detail=self._organizations(verdicts),
            permissions_boundary_decision_detail=self._boundary(verdicts),
            eval_decision_details=None if any_resource else _least_of_each(results),
            resource_specific_results=() if any_resource else results,
        )

    def _verdict(self, action: str, resource: str) -> engine.Verdict:
        request = engine.Request(
            action, resource, self.context, self.principal, self._account_of(resource)
        )
        return engine.evaluate(request, self.policies, self.resource_policy)

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
                _matched(match) for match in verdict.matched if match.layer in SOURCE_TYPES
            ),
            missing_context_values=self.missing,
            eval_decision_details=self._details(resource, verdict),
            permissions_boundary_decision_detail=self._boundary([verdict]),
        )

    def _details(self, resource: str, verdict: engine.Verdict) -> dict[str, Decision] | None:
        """Each kind of policy and its answer, across accounts and unless the organisation refuses."""
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


def _simulation(policies: engine.Policies, question: Question) -> _Simulation:
    """Everything that was asked, checked and read."""
    resources = _resources(question.resource_arns)
    _check_scenario(question.resource_handling_option, resources)
    principal = _principal(question)
    owner = _owner(question.resource_owner)
    context = _context(principal, question.context_entries)
    resource_policy = None
    if question.resource_policy is not None:
        document = _document(
            question.resource_policy, PolicyKind.RESOURCE, "resource_policy", "ResourcePolicy"
        )
        resource_policy = engine.Policy(document, name="ResourcePolicy", source="resource")
    named = (*policies.identity, *([resource_policy] if resource_policy else []))
    return _Simulation(
        policies=policies,
        resources=resources,
        context=context,
        principal=principal,
        resource_policy=resource_policy,
        owner=owner or (principal.account if principal else None) if resource_policy else owner,
        # AWS lists every key that the policies name, also in statements about other actions.
        missing=tuple(
            name for name in context_keys(named, with_defaults=False) if name not in context
        ),
    )


def _actions(names: Sequence[str]) -> list[str]:
    """The actions asked for, each once."""
    for name in names:
        if set(name) & {"*", "?"}:
            raise InvalidInput(
                f"Invalid Input Actions: {name} holds a wildcard. Name every operation in full.",
                argument="action_names",
            )
        if not _ACTION.fullmatch(name):
            raise InvalidInput(
                f"Invalid Input Actions: {name} is not a service and an operation, such as "
                "iam:CreateUser.",
                argument="action_names",
            )
    return list(dict.fromkeys(names))


def _resources(arns: Sequence[str]) -> tuple[str, ...]:
    """The resources asked for, each once; none means all, which is `*`."""
    resources = tuple(dict.fromkeys(arns)) or ANY_RESOURCE
    if len(resources) > MOST_DECISIONS:
        raise InvalidInput(
            f"No more than {MOST_DECISIONS} resources can be simulated at once.",
            argument="resource_arns",
        )
    for arn in resources:
        parts = arn.split(":", 5)
        is_arn = len(parts) == 6 and parts[0] == "arn" and all((parts[1], parts[2], parts[5]))
        if not is_arn and resources != ANY_RESOURCE:
            raise InvalidInput(
                f"ResourceNames are not in a valid ARN format: {arn}.", argument="resource_arns"
            )
    return resources


def _check_scenario(option: str | None, resources: tuple[str, ...]) -> None:
    if option is None:
        return
    needed = SCENARIOS.get(option)
    if needed is None:
        raise InvalidInput(
            f"{option} is not a resource handling option. There are: {', '.join(SCENARIOS)}.",
            argument="resource_handling_option",
        )
    given = {re.split("[/:]", arn.split(":", 5)[-1])[0] for arn in resources}
    missing = [kind for kind in needed if kind not in given]
    if missing:
        raise InvalidInput(
            f"{option} also needs the ARN of: {', '.join(missing)}.", argument="resource_arns"
        )


def _principal(question: Question) -> engine.Principal | None:
    """Who is thought to ask. AWS simulates a resource's policy for users only."""
    arn = question.caller_arn
    if arn is None:
        if question.resource_policy is not None:
            raise InvalidInput(
                "CallerArn is required where a ResourcePolicy is simulated.", argument="caller_arn"
            )
        return None
    account, kind, _ = identity_arn(arn, "caller_arn")
    if question.resource_policy is not None and kind != "user":
        raise InvalidInput(
            "Invalid caller - Caller must be an IAM user in this context.", argument="caller_arn"
        )
    if kind == "role":
        return engine.Principal(arn, account, "role", role_arn=arn)
    return engine.Principal(arn, account, "user")


def _owner(arn: str | None) -> str | None:
    """The account that owns the resources whose ARNs name none."""
    if arn is None:
        return None
    found = _OWNER.fullmatch(arn)
    if found is None:
        raise InvalidInput(
            f"'{arn}' is not a valid as a Resource Owner.", argument="resource_owner"
        )
    return found[1]


def _context(principal: engine.Principal | None, entries: Iterable[ContextEntry]) -> engine.Context:
    """The request context: what follows from the caller's ARN, and over it what was handed in."""
    keys: dict[str, str | Sequence[str]] = {}
    if principal is not None and ":group/" not in principal.arn:
        keys["aws:PrincipalArn"] = principal.arn
        keys["aws:PrincipalAccount"] = principal.account
        keys["aws:PrincipalType"] = "User" if principal.kind == "user" else "AssumedRole"
        if principal.kind == "user":
            keys["aws:username"] = principal.arn.rpartition("/")[2]
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        name, value = _entry(entry, f"ContextEntries.{number}")
        if name.lower() in seen:
            raise InvalidInput(
                f"The context key {name} is given twice.", argument="context_entries"
            )
        seen.add(name.lower())
        keys[name] = value
    return engine.Context(keys)


def _entry(entry: ContextEntry, place: str) -> tuple[str, str | Sequence[str]]:
    """A context key and its value, or its values where the type is a list."""
    name, values, kind = (
        entry.context_key_name, entry.context_key_values, entry.context_key_type,
    )  # fmt: skip
    if name is None or values is None or kind is None:
        raise InvalidInput(f"{place} needs a name, a type and values.", argument="context_entries")
    single = kind.removesuffix("List")
    for value in values:
        if not engine.fits(value, single):
            raise InvalidInput(
                f"The value {value} of the context key {name} is not of the type {single}.",
                argument="context_entries",
            )
    if single != kind:
        return name, tuple(values)
    if len(values) != 1:
        raise InvalidInput(
            f"The context key {name} of the type {kind} takes one value; several are of the type "
            f"{kind}List.",
            argument="context_entries",
        )
    return name, values[0]


def _document(text: str, kind: PolicyKind, argument: str, name: str) -> engine.Document:
    try:
        document = engine.parse(text, kind)
    except engine.MalformedPolicy as error:
        place = f" (line {error.position[0]}, column {error.position[1]})" if error.position else ""
        raise InvalidInput(f"{name}: {error.message}{place}", argument=argument) from None
    for statement in document.statements:
        if statement.problems:
            raise PolicyEvaluation(
                f"{name}: statement {statement.index + 1} can't be evaluated: "
                f"{'; '.join(statement.problems)}.",
                argument=argument,
            )
    return document


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
