"""Why something is allowed or not, for people: whoever asks is shown only what they may read.

AWS has no operation for it. About oneself everybody may ask; about others it takes what AWS asks
for the simulation of their policies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

from accounts import arns, authorize, engine, policy_sets, simulation
from accounts.actions import shared
from accounts.actions.readable import Reading, may_read_tags, reading, subject_of
from accounts.actions.registry import ANYBODY, command
from accounts.actions.simulation import find_source, policies_to_simulate, source_resource
from accounts.arns import Resource
from accounts.authorize import Asked
from accounts.caller import Caller
from accounts.engine import Comparison, Decision, Explanation, PolicyKind, StatementReport
from accounts.errors import InvalidInput
from accounts.models import Group, Role, User
from accounts.simulation import Question
from accounts.simulation.kinds import (
    ContextEntries,
    Documents,
    PolicyExclusions,
    ResourceName,
    ResourceNames,
)
from accounts.types import Arn, Document, Text

ActionName = Annotated[str, Text(3, 128)]

SIMULATE = "iam:SimulatePrincipalPolicy"
READ_TRUST = "iam:GetRole"
#: How condition keys begin whose values whoever assumes a role says himself.
_OF_A_CALL = ("sts:", "aws:requesttag/", "aws:tagkeys")
#: Pairs of action and resource that one answer explains.
MOST_EXPLAINED = 100
#: Characters of sentences in one answer. A document of thousands of statements, each explained for
#: each action, would make a page of a hundred megabytes. What stands around a sentence counts too.
MOST_SAID, _AROUND = 300_000, 200
#: What stands for a value that the reader may not read.
HIDDEN = "a value you may not read"


class Shown(NamedTuple):
    """One statement about the action, of a policy that the reader may read.

    `decides`: it is among those that made the verdict. `line` is where it begins, from 1.
    """

    layer: str
    effect: str
    matched: bool
    decides: bool
    policy: str
    policy_arn: str
    via: str
    sid: str
    number: int
    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision and how it came about, as far as the reader may know.

    `rule` says what decided where no policy did. `unread` are policies that the reader may not
    read, `unread_deciding` whether one of them decided; `others` counts the statements, in those
    that may be read, about other actions. Of the condition keys those are named that statements
    which may be read ask for.
    """

    who: str
    action: str
    resource: str
    allowed: bool
    decision: Decision
    layer: str
    layers: tuple[tuple[str, Decision], ...] = ()
    statements: tuple[Shown, ...] = ()
    others: int = 0
    unread: int = 0
    unread_deciding: bool = False
    keys_used: tuple[tuple[str, str], ...] = ()
    keys_missing: tuple[str, ...] = ()
    denial: str = ""
    rule: str = ""

    @property
    def deciding(self) -> tuple[Shown, ...]:
        """The statements that made the verdict."""
        return tuple(each for each in self.statements if each.decides)


@command("console:ExplainAccess", may=ANYBODY, read_only=True)
def explain_access(
    caller: Caller,
    /,
    *,
    action_name: ActionName,
    resource_arn: ResourceName = "*",
    principal_arn: Arn | None = None,
    context_entries: ContextEntries = (),
) -> Explained:
    """Why the caller, or another user or role, may do something or not.

    Raises InvalidInput for what is no action or no ARN, AccessDenied for somebody whose policies
    the caller may not simulate.
    """
    check_question(action_name, resource_arn)
    given = simulation.context_of(None, context_entries)
    if principal_arn in (None, caller.arn):
        return _own(caller, action_name, resource_arn, given)
    assert principal_arn is not None  # noqa: S101 (the line above says so)
    source = source_of(caller, principal_arn)
    if isinstance(source, Group):
        raise InvalidInput(
            "A group asks for nothing itself: choose a user or a role.", argument="principal_arn"
        )
    on = readable_resource(caller, action_name, resource_arn)
    request = request_for(caller, source, action_name, on, given)
    policies = policies_of(source)
    explanation = engine.explain(request, policies, on.policy)
    return told(caller, explanation, policies, shared.of_identity(source), on)


@command("console:ExplainSimulation", may=ANYBODY, read_only=True)
def explain_simulation(
    caller: Caller,
    /,
    *,
    pairs: Sequence[tuple[str, str]],
    policy_source_arn: Arn | None = None,
    policy_input_list: Documents = (),
    permissions_boundary_policy_input_list: Documents = (),
    policy_exclusion_list: PolicyExclusions = (),
    resource_arns: ResourceNames = (),
    resource_policy: Document | None = None,
    caller_arn: ResourceName | None = None,
    context_entries: ContextEntries = (),
) -> list[Explained]:
    """Every statement of a simulation, for the first of the pairs of action and resource.

    They are MOST_EXPLAINED at most, and fewer where that takes more than MOST_SAID.

    The arguments are those of SimulatePrincipalPolicy; without `policy_source_arn`, those of
    SimulateCustomPolicy. Whoever may call these may call this.
    """
    name = SIMULATE if policy_source_arn else "iam:SimulateCustomPolicy"
    subject = Resource("*", caller.home.id)
    if policy_source_arn is None:
        authorize.authorize(caller, name, subject, {})
        policies = engine.Policies(
            identity=simulation.given_policies(policy_input_list, "policy_input_list"),
            boundary=simulation.boundary(permissions_boundary_policy_input_list),
        )
    else:
        source = source_of(caller, policy_source_arn)
        subject = resource_of(source)
        policies = policies_to_simulate(
            source,
            policy_input_list,
            permissions_boundary_policy_input_list,
            policy_exclusion_list,
        )
    question = Question(
        [action for action, _ in pairs],
        resource_arns,
        resource_policy,
        caller_arn=caller_arn or policy_source_arn,
        context_entries=context_entries,
    )
    asked = simulation.simulation_of(policies, question)
    also = [asked.resource_policy] if asked.resource_policy else []
    may = reading(caller, (*everything_in(policies), *also), subject)
    found: list[Explained] = []
    room = MOST_SAID
    for action, resource in pairs[:MOST_EXPLAINED]:
        if room <= 0:
            break
        found.append(_explained(asked.explain(action, resource), policies, may))
        room -= sum(_AROUND + len(each.sentence) for each in found[-1].statements)
    return found


def of_refusal(asked: Asked) -> Explained:
    """The refusal that a caller just met, explained to the same caller."""
    explanation = engine.explain(asked.request, asked.policies, asked.resource_policy)
    request = asked.request
    on = Resource(request.resource, request.resource_account or asked.caller.home.id)
    subject = subject_of(asked.caller)
    return told(asked.caller, explanation, asked.policies, subject, on)


def told(
    caller: Caller,
    explanation: Explanation,
    policies: engine.Policies,
    subject: Resource,
    on: Resource,
) -> Explained:
    """An explanation as far as the caller may read it."""
    also = [on.policy] if on.policy else []
    may = reading(caller, (*everything_in(policies), *also), subject, on)
    return _explained(explanation, policies, may)


def source_of(caller: Caller, arn: str) -> User | Group | Role:
    """The user, group or role of that ARN, if the caller may simulate its policies."""
    authorize.authorize(caller, SIMULATE, source_resource(caller, policy_source_arn=arn), {})
    return find_source(caller, arn)


def policies_of(source: User | Group | Role) -> engine.Policies:
    """All that speaks for a principal."""
    return policies_to_simulate(source, (), (), ())


def resource_of(source: User | Group | Role) -> Resource:
    """A principal as policies see it."""
    return arns.of_row(source) if isinstance(source, Group) else shared.of_identity(source)


def everything_in(policies: engine.Policies) -> tuple[engine.Policy, ...]:
    """Every policy of every layer."""
    return tuple(policy for _, layer in policies.layers() for policy in layer)


def request_for(
    caller: Caller, source: User | Role, action: str, on: Resource, given: engine.Context
) -> engine.Request:
    """What a request of somebody else's would be. Their tags count where the caller may see them.

    Nothing is assumed of MFA or of where they are: the caller says, in `given`.
    """
    kind = "user" if isinstance(source, User) else "role"
    principal = engine.Principal(
        source.arn,
        source.account_id,
        "user" if kind == "user" else "role",
        unique_id=source.unique_id,
        role_arn=source.arn if kind == "role" else None,
    )
    keys: dict[str, str | Sequence[str]] = {
        "aws:CurrentTime": caller.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(caller.now.timestamp())),
        "aws:PrincipalArn": source.arn,
        "aws:PrincipalAccount": source.account_id,
        "aws:PrincipalType": "User" if kind == "user" else "AssumedRole",
        "aws:userid": source.unique_id,
        "aws:ResourceAccount": on.account,
    }
    if kind == "user":
        keys["aws:username"] = source.name
    if may_read_tags(caller, shared.of_identity(source)):
        keys |= {f"aws:PrincipalTag/{key}": value for key, value in source.tags.items()}
    service = action.partition(":")[0]
    for key, value in on.tags.items():
        keys[f"aws:ResourceTag/{key}"] = keys[f"{service}:ResourceTag/{key}"] = value
    return engine.Request(
        action,
        on.arn,
        engine.Context({**keys, **on.context, **given.entries}),
        principal,
        on.account,
    )


def resource_named(caller: Caller, action: str, arn: str) -> Resource:
    """A resource by its ARN: with its tags and, for a role to be assumed, its trust policy."""
    parts = arn.split(":", 5)
    owner = parts[4] if len(parts) == 6 and parts[4].isdigit() else caller.home.id
    plain = Resource(arn, owner)
    if len(parts) < 6 or parts[2] != "iam" or owner != caller.home.id:
        return plain
    kind, name = parts[5].partition("/")[0], arns.last_part(arn)
    found = plain
    if kind == "user":
        found = shared.user_resource(caller, user_name=name)
    elif kind == "group":
        found = shared.group_resource(caller, group_name=name)
    elif kind == "role":
        found = shared.role_resource(caller, role_name=name)
        if found.arn == arn and action.lower() == "sts:assumerole":
            found = _with_trust(caller, found, name)
    elif kind == "policy":
        found = shared.policy_resource(caller, policy_arn=arn)
    return found if found.arn == arn else plain


def readable_resource(caller: Caller, action: str, arn: str) -> Resource:
    """The same for a request of somebody else's: with no more than the caller may read of it.

    Raises AccessDenied for a role to be assumed whose trust policy the caller may not read: whom it
    lets in would tell what it says.
    """
    on = resource_named(caller, action, arn)
    if on.policy is not None:
        authorize.authorize(caller, READ_TRUST, replace(on, policy=None), {})
    return on if may_read_tags(caller, on) else replace(on, tags={}, context={})


def _with_trust(caller: Caller, role: Resource, name: str) -> Resource:
    row = caller.home.roles.filter(folded_name=name.lower()).first()
    if row is None:
        return role
    document = engine.load(row.trust_policy, PolicyKind.TRUST)
    return replace(role, policy=engine.Policy(document, name=row.name, source="resource"))


def _own(caller: Caller, action: str, arn: str, given: engine.Context) -> Explained:
    on = resource_named(caller, action, arn)
    if on.policy is not None and any(not key.startswith(_OF_A_CALL) for key in given.entries):
        # As he is, or with what a call says of itself, he could as well assume the role. Pretending
        # to be something else would tell what its trust policy asks for.
        authorize.authorize(caller, READ_TRUST, replace(on, policy=None), {})
    answer = authorize.decide(caller, action, on, {})
    request = authorize.request_of(caller, action, on, {})
    context = engine.Context({**request.context.entries, **given.entries})
    request = replace(request, context=context)
    policies = policy_sets.of_caller(caller)
    explanation = engine.explain(request, policies, on.policy)
    found = told(caller, explanation, policies, subject_of(caller), on)
    rule = str(answer.reasons.get("rule", ""))
    if rule and not (answer.allowed and explanation.verdict.allowed):
        decision = Decision.ALLOW if answer.allowed else Decision.EXPLICIT_DENY
        denial = "" if answer.allowed else answer.message
        found = replace(found, allowed=answer.allowed, decision=decision, rule=rule, denial=denial)
    return found


def _explained(explanation: Explanation, policies: engine.Policies, may: Reading) -> Explained:
    request, verdict = explanation.request, explanation.verdict
    decided = {id(match.statement) for match in verdict.matched}
    readable = [each for each in explanation.statements if each.policy in may.policies]
    hidden = [each for each in explanation.statements if each.policy not in may.policies]
    about = [_masked(each, may) for each in readable if each.about_action]
    compared = [each for report in about for each in report.comparisons if each.key]
    principal = request.principal
    return Explained(
        who=(principal.arn if principal else "") or "The caller",
        action=request.action,
        resource=request.resource,
        allowed=verdict.allowed,
        decision=verdict.decision,
        layer=verdict.layer,
        layers=verdict.layers,
        statements=tuple(_shown(each, id(each.statement) in decided) for each in about),
        others=len(readable) - len(about),
        unread=len({each.policy for each in hidden}),
        unread_deciding=any(id(each.statement) in decided for each in hidden),
        keys_used=tuple(
            {
                each.key: (each.key, ", ".join(each.given)) for each in compared if each.given
            }.values()
        ),
        keys_missing=tuple(dict.fromkeys(each.key for each in compared if each.given is None)),
        denial="" if verdict.allowed else engine.denial(verdict, request),
    )


def _masked(report: StatementReport, may: Reading) -> StatementReport:
    """The report without the group and the values that the reader may not see."""
    policy = report.policy if may.groups else replace(report.policy, via=None)
    secret = (
        *(() if may.tags else (":resourcetag/", "iam:permissionsboundary")),
        *(() if may.own_tags else (":principaltag/",)),
    )
    if not secret:
        return report._replace(policy=policy)
    comparisons = tuple(_veiled(each, secret) for each in report.comparisons)
    return report._replace(policy=policy, comparisons=comparisons)


def _veiled(comparison: Comparison, secret: tuple[str, ...]) -> Comparison:
    def tells(text: str) -> bool:
        return any(each in text.lower() for each in secret)

    if any(map(tells, comparison.wanted)):
        comparison = comparison._replace(filled=())
    if comparison.given and tells(comparison.key):
        comparison = comparison._replace(given=(HIDDEN,))
    return comparison


def _shown(report: StatementReport, decides: bool) -> Shown:
    statement, policy = report.statement, report.policy
    return Shown(
        layer=report.layer,
        effect=statement.effect,
        matched=report.matched,
        decides=decides,
        policy=policy.name,
        policy_arn=policy.arn or "",
        via=policy.via or "",
        sid=statement.sid or "",
        number=statement.index + 1,
        line=statement.start[0],
        sentence=report.sentence(),
    )


def check_question(action: str, resource: str) -> None:
    """Raise InvalidInput for what can't be asked."""
    try:
        simulation.actions_of([action])
    except InvalidInput as error:
        raise InvalidInput(error.message, argument="action_name") from None
    parts = resource.split(":", 5)
    is_arn = len(parts) == 6 and parts[0] == "arn" and all((parts[1], parts[2], parts[5]))
    if resource != "*" and resource not in arns.ODD_LISTS.values() and not is_arn:
        raise InvalidInput(
            f"{resource} is not an ARN. Write the resource's ARN, or * for an action without one.",
            argument="resource_arn",
        )


@dataclass(frozen=True, slots=True)
class EffectivePermissions:
    """What a user, group or role may do, and which of its policies the reader may read."""

    arn: str
    reach: engine.Effective
    may: Reading


@command("console:EffectivePermissions", may=ANYBODY, read_only=True)
def effective_permissions(caller: Caller, /, *, policy_source_arn: Arn) -> EffectivePermissions:
    """What all policies of a user, group or role come to.

    About oneself everybody may ask. Raises AccessDenied for whose policies the caller may not
    simulate, NoSuchEntity for whom there is not.
    """
    if policy_source_arn == subject_of(caller).arn and not caller.is_root:
        policies, subject = policy_sets.of_caller(caller), subject_of(caller)
    else:
        source = source_of(caller, policy_source_arn)
        policies, subject = policies_of(source), resource_of(source)
    may = reading(caller, everything_in(policies), subject)
    return EffectivePermissions(policy_source_arn, engine.Effective(policies), may)
