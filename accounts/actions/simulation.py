"""The policy simulator: what policies would allow, and which condition keys they ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet

from accounts import arns, engine, paging, policy_sets, simulation
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import InvalidInput, NoSuchEntity
from accounts.models import Group, Role, User
from accounts.simulation import EvaluationResult, Question
from accounts.simulation.kinds import (
    ActionNames,
    ContextEntries,
    Documents,
    OrganizationLevels,
    PolicyExclusions,
    PolicyIdentifier,
    ResourceHandlingOption,
    ResourceName,
    ResourceNames,
)
from accounts.types import Arn, Document, Marker, MaxItems

_POLICY_ARN = re.compile(r"arn:aws:iam::(?:[0-9]{12}|aws):policy/(?:[!-)+->@-~]*/)?([\w+=,.@*?-]+)")


@dataclass(frozen=True, slots=True)
class ContextKeys:
    """The condition keys that policies name, sorted, each once."""

    context_key_names: tuple[str, ...]


def source_resource(caller: Caller, *, policy_source_arn: str, **_: object) -> Resource:
    """The user, group or role whose policies are simulated, by the ARN that was given."""
    try:
        found = find_source(caller, policy_source_arn)
    except (InvalidInput, NoSuchEntity):
        return Resource(policy_source_arn, caller.home.id)
    return arns.of_row(found) if isinstance(found, Group) else shared.of_identity(found)


@action("iam:SimulateCustomPolicy", resource=arns.everything, read_only=True)
def simulate_custom_policy(
    caller: Caller,
    /,
    *,
    policy_input_list: Documents,
    permissions_boundary_policy_input_list: Documents = (),
    ordered_organization_policy_input_list: OrganizationLevels = (),
    action_names: ActionNames,
    resource_arns: ResourceNames = (),
    resource_policy: Document | None = None,
    resource_owner: ResourceName | None = None,
    caller_arn: ResourceName | None = None,
    context_entries: ContextEntries = (),
    resource_handling_option: ResourceHandlingOption | None = None,
    max_items: MaxItems | None = None,
    marker: Marker | None = None,
) -> paging.Page[EvaluationResult]:
    """What policies that are handed in would allow; nothing of the account is read."""
    policies = engine.Policies(
        identity=simulation.given_policies(policy_input_list, "policy_input_list"),
        boundary=simulation.boundary(permissions_boundary_policy_input_list),
        service_control=simulation.organization(ordered_organization_policy_input_list),
    )
    question = Question(
        action_names,
        resource_arns,
        resource_policy,
        resource_owner,
        caller_arn,
        context_entries,
        resource_handling_option,
    )
    return simulation.simulate(policies, question, max_items, marker)


@action("iam:SimulatePrincipalPolicy", resource=source_resource, read_only=True)
def simulate_principal_policy(
    caller: Caller,
    /,
    *,
    policy_source_arn: Arn,
    policy_input_list: Documents = (),
    permissions_boundary_policy_input_list: Documents = (),
    policy_exclusion_list: PolicyExclusions = (),
    action_names: ActionNames,
    resource_arns: ResourceNames = (),
    resource_policy: Document | None = None,
    resource_owner: ResourceName | None = None,
    caller_arn: ResourceName | None = None,
    context_entries: ContextEntries = (),
    resource_handling_option: ResourceHandlingOption | None = None,
    max_items: MaxItems | None = None,
    marker: Marker | None = None,
) -> paging.Page[EvaluationResult]:
    """What the policies of a user, group or role allow, with more policies or without some.

    A boundary that is handed in takes the place of the one that is set. The caller is thought to
    be the user, group or role itself unless `caller_arn` names another.
    """
    source = find_source(caller, policy_source_arn)
    policies = policies_to_simulate(
        source,
        policy_input_list,
        permissions_boundary_policy_input_list,
        policy_exclusion_list,
    )
    identity = tuple(_as_source(policy, source) for policy in policies.identity)
    question = Question(
        action_names,
        resource_arns,
        resource_policy,
        resource_owner,
        caller_arn or policy_source_arn,
        context_entries,
        resource_handling_option,
    )
    policies = engine.Policies(identity=identity, boundary=policies.boundary)
    return simulation.simulate(policies, question, max_items, marker)


@action("iam:GetContextKeysForCustomPolicy", resource=arns.everything, read_only=True)
def get_context_keys_for_custom_policy(
    caller: Caller, /, *, policy_input_list: Documents
) -> ContextKeys:
    """The condition keys that policies which are handed in name."""
    given = simulation.given_policies(policy_input_list, "policy_input_list")
    return ContextKeys(tuple(simulation.context_keys(given)))


@action("iam:GetContextKeysForPrincipalPolicy", resource=source_resource, read_only=True)
def get_context_keys_for_principal_policy(
    caller: Caller, /, *, policy_source_arn: Arn, policy_input_list: Documents = ()
) -> ContextKeys:
    """The condition keys that the policies of a user, group or role name; not its boundary's."""
    attached = attached_to(find_source(caller, policy_source_arn))
    given = simulation.given_policies(policy_input_list, "policy_input_list")
    return ContextKeys(tuple(simulation.context_keys((*attached, *given))))


def policies_to_simulate(
    source: User | Group | Role,
    more: Sequence[str],
    boundaries: Sequence[str],
    exclusions: Sequence[PolicyIdentifier],
) -> engine.Policies:
    """What speaks in the simulation of a principal: its policies without some and with more."""
    given = simulation.given_policies(more, "policy_input_list")
    boundary = simulation.boundary(boundaries)
    for identifier in exclusions:
        _check_identifier(identifier)
    if boundary is None and not isinstance(source, Group):
        boundary = policy_sets.boundary_of(source)
        if any(each.policy_type == "permission-boundary" for each in exclusions):
            boundary = None
    attached = (
        policy
        for policy in attached_to(source)
        if not any(_means(each, policy, source) for each in exclusions)
    )
    return engine.Policies(identity=(*attached, *given), boundary=boundary)


def find_source(caller: Caller, arn: str) -> User | Group | Role:
    """The user, group or role of that ARN, to the letter, in the caller's account."""
    _, kind, name = simulation.identity_arn(arn, "policy_source_arn")
    rows: dict[str, QuerySet[Any]] = {
        "user": caller.home.users.select_related("boundary"),
        "group": caller.home.groups.all(),
        "role": caller.home.roles.select_related("boundary"),
    }
    found: User | Group | Role | None = rows[kind].filter(folded_name=name.lower()).first()
    if found is None or found.arn != arn:
        # The same words for what is in another account: nothing is given away of it.
        raise NoSuchEntity(
            f"The {kind} with name {name} cannot be found.", argument="policy_source_arn"
        )
    return found


def attached_to(source: User | Group | Role) -> tuple[engine.Policy, ...]:
    """Its policies and, for a user, those of its groups; read now, not remembered."""
    if isinstance(source, User):
        theirs = policy_sets.of_user_or_groups(source.unique_id)
    else:
        theirs = Q(group=source) if isinstance(source, Group) else Q(role=source)
    return policy_sets.identity_policies(theirs)


def _as_source(policy: engine.Policy, source: User | Group | Role) -> engine.Policy:
    """The policy under the id that results show: an inline policy's says whose it is."""
    if policy.arn is not None or policy.source == "none":
        return policy
    return replace(policy, name=f"{policy.source}_{policy.via or source.name}_{policy.name}")


def _check_identifier(identifier: PolicyIdentifier) -> None:
    """Raise InvalidInput for an identifier that can't mean any policy."""
    arn, inline = identifier.policy_arn, identifier.inline_policy_identifier
    if [identifier.policy_type, arn, inline].count(None) != 2:
        raise InvalidInput(
            "A policy to exclude is named by one of: its type, its ARN, its name and whose it is.",
            argument="policy_exclusion_list",
        )
    if arn is not None and not _POLICY_ARN.fullmatch(arn):
        raise InvalidInput(
            f"{arn} is not the ARN of a managed policy. Wildcards may stand in its name only.",
            argument="policy_exclusion_list",
        )
    pattern = arn or (inline.attachment_name if inline else "")
    if pattern.count("*") > 1:
        raise InvalidInput(f"{pattern} holds more than one *.", argument="policy_exclusion_list")


def _means(
    identifier: PolicyIdentifier, policy: engine.Policy, source: User | Group | Role
) -> bool:
    """Whether the identifier means this attached policy."""
    inline = identifier.inline_policy_identifier
    if identifier.policy_type is not None:
        return identifier.policy_type == ("inline" if policy.arn is None else policy.source)
    if identifier.policy_arn is not None:
        return policy.arn is not None and _like(identifier.policy_arn, policy.arn)
    return (
        inline is not None
        and policy.arn is None
        and inline.policy_name == policy.name
        and inline.attachment_type == policy.source
        and _like(inline.attachment_name.lower(), (policy.via or source.name).lower())
    )


def _like(pattern: str, text: str) -> bool:
    """Whether the text fits a pattern with at most one `*`, and any number of `?`."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(escaped, text, re.DOTALL) is not None
