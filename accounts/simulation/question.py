"""What the simulator is asked: the arguments of a simulation, checked and read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts import engine
from accounts.engine import PolicyKind
from accounts.errors import InvalidInput, PolicyEvaluation
from accounts.simulation.answer import ANY_RESOURCE, Simulation
from accounts.simulation.kinds import ContextEntry, OrganizationPolicies

#: One answer makes no more decisions and holds them against no more statements; what is left is on
#: the next page. AWS, too, may cut pages short.
MOST_DECISIONS, MOST_STATEMENTS = 1000, 50_000

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

_ACTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9._-]+")
_OWNER = re.compile(r"arn:aws:iam::([0-9]{12}):root")
_IDENTITY = re.compile(
    r"arn:aws:iam::([0-9]{12}):(user|group|role)/(?:[!-.0-~]+/)*([\w+=,.@-]+)", re.ASCII
)


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


def simulation_of(policies: engine.Policies, question: Question) -> Simulation:
    """The question, checked and read.

    Raises InvalidInput for what makes no sense, PolicyEvaluation for a resource's policy that keeps
    the grammar, but can't be understood.
    """
    resources = _resources(question.resource_arns)
    _check_scenario(question.resource_handling_option, resources)
    principal = _principal(question)
    context = context_of(principal, question.context_entries)
    resource_policy = None
    if question.resource_policy is not None:
        document = _document(
            question.resource_policy, PolicyKind.RESOURCE, "resource_policy", "ResourcePolicy"
        )
        resource_policy = engine.Policy(document, name="ResourcePolicy", source="resource")
    named = (*policies.identity, *([resource_policy] if resource_policy else []))
    simulation = Simulation(
        policies=policies,
        resources=resources,
        context=context,
        principal=principal,
        resource_policy=resource_policy,
        owner=_owner(question, principal),
        # AWS lists every key that the policies name, also in statements about other actions.
        missing=tuple(
            name for name in context_keys(named, with_defaults=False) if name not in context
        ),
    )
    if len(resources) > MOST_DECISIONS or simulation.weight > MOST_STATEMENTS:
        raise InvalidInput(
            "These are too many statements and resources for one simulation: ask in parts.",
            argument="resource_arns",
        )
    return simulation


def actions_of(names: Sequence[str]) -> list[str]:
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


def _owner(question: Question, principal: engine.Principal | None) -> str | None:
    """The account that owns the resources whose ARNs name none."""
    if question.resource_owner is None:
        return principal.account if principal and question.resource_policy else None
    found = _OWNER.fullmatch(question.resource_owner)
    if found is None:
        raise InvalidInput(
            f"'{question.resource_owner}' is not a valid as a Resource Owner.",
            argument="resource_owner",
        )
    return found[1]


def context_of(
    principal: engine.Principal | None, entries: Iterable[ContextEntry]
) -> engine.Context:
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
