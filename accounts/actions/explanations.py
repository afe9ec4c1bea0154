"""Why something is allowed or not, for people: whoever asks is shown only what they may read.

AWS has no operation for it. About oneself everybody may ask; about others it takes what AWS asks
for the simulation of their policies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from accounts import arns, authorize, engine, policy_sets, simulation
from accounts.actions import resources, shared
from accounts.actions.explained import Explained, everything_in, explained, layers_told, told
from accounts.actions.readable import (
    Reading,
    check_may_read_policy,
    may_read_policy,
    may_read_tags,
    readable_resource,
    reading,
    subject_of,
)
from accounts.actions.registry import ANYBODY, command
from accounts.actions.simulation import find_source, policies_to_simulate, source_resource
from accounts.arns import Resource
from accounts.authorize import Answer, Asked
from accounts.caller import Caller
from accounts.engine import Decision
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
#: How condition keys begin whose values whoever calls says himself, by the resource's service.
_OF_ANY_CALL = ("sts:", "aws:requesttag/", "aws:tagkeys")
_OF_A_CALL = {
    "s3": (
        "s3:delimiter",
        "s3:if-",
        "s3:max-keys",
        "s3:prefix",
        "s3:requestobjecttag",
        "s3:x-amz-",
    ),
    "sns": (),
}
#: Pairs of action and resource that one answer explains.
MOST_EXPLAINED = 100
#: Characters of sentences in one answer. A document of thousands of statements, each explained for
#: each action, would make a page of a hundred megabytes. What stands around a sentence counts too.
MOST_SAID, _AROUND = 300_000, 200


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
        found.append(explained(asked.explain(action, resource), may))
        room -= sum(_AROUND + len(each.sentence) for each in found[-1].statements)
    return found


def of_refusal(asked: Asked) -> Explained:
    """The refusal that a caller just met, explained to the same caller."""
    explanation = engine.explain(asked.request, asked.policies, asked.resource_policy)
    on = _refused_on(asked)
    return told(asked.caller, explanation, asked.policies, subject_of(asked.caller), on)


def layers_of_refusal(asked: Asked) -> tuple[tuple[str, Decision], ...]:
    """What each layer said to it, as far as the same caller may know."""
    if asked.resource_policy is None:
        return asked.verdict.layers
    readable = may_read_policy(asked.caller, _refused_on(asked))
    return layers_told(asked.verdict, readable=readable)


def _refused_on(asked: Asked) -> Resource:
    """The resource as it is: without its tags, a policy that forbids to read it might not apply."""
    found = resources.named(asked.caller, asked.request.action, asked.request.resource)
    return replace(found, policy=asked.resource_policy)


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


def _own(caller: Caller, action: str, arn: str, given: engine.Context) -> Explained:
    on = resources.named(caller, action, arn, oneself=True)
    of_a_call = _OF_A_CALL.get([*arn.split(":"), "", ""][2], _OF_ANY_CALL)
    if any(not key.startswith(of_a_call) for key in given.entries):
        # As he is, or with what a call says of itself, he could as well make the call. Pretending
        # to be something else would tell what the resource's policy asks for.
        check_may_read_policy(caller, on)
    asked = replace(on, context={**on.context, **given.entries})
    acting = resources.there(caller, arn)
    answer = authorize.decide(acting, action, asked, {})
    if on.policy is not None and on.account != caller.home.id:
        return _outside(caller, action, Resource(arn, arn.split(":")[4]), given, answer)
    request = authorize.request_of(acting, action, asked, {})
    policies = policy_sets.of_caller(caller)
    explanation = engine.explain(request, policies, on.policy)
    found = told(caller, explanation, policies, subject_of(caller), on)
    rule = str(answer.reasons.get("rule", ""))
    if rule and not (answer.allowed and explanation.verdict.allowed):
        return _by_rule(found, answer, rule)
    return found


def _outside(
    caller: Caller, action: str, on: Resource, given: engine.Context, answer: Answer
) -> Explained:
    """The answer on another account's resource, and of the reasons those that are the caller's own.

    `on` is what the ARN says, without tags or policy: what the action answers, and no more, is
    told of these.
    """
    asked = replace(on, context=given.entries)
    policies = policy_sets.of_caller(caller)
    request = authorize.request_of(resources.there(caller, on.arn), action, asked, {})
    explanation = engine.explain(request, policies)
    found = told(caller, explanation, policies, subject_of(caller), on)
    if answer.allowed and any(each is not Decision.ALLOW for _, each in found.layers):
        # It was a tag of the resource that made the difference.
        found = replace(found, layers=(), statements=(), keys_used=(), keys_missing=())
    return _by_rule(found, answer, str(answer.reasons.get("rule", "another account")))


def _by_rule(found: Explained, answer: Answer, rule: str) -> Explained:
    decision = Decision.ALLOW if answer.allowed else Decision.EXPLICIT_DENY
    denial = "" if answer.allowed else answer.message
    return replace(found, allowed=answer.allowed, decision=decision, rule=rule, denial=denial)


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
