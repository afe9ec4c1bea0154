"""What is registered, against the service models that AWS's own clients are built from."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from accounts.actions.registry import ACTIONS, COMMANDS, CONSOLE_ONLY
from accounts.types import Choice, Number, Rule, Several, Structure, TagRule, Text, Truth
from tests.operations import IAM_AND_STS

#: The wrapper fills it in; no caller passes it.
FILLED_IN = frozenset({"prepared"})

#: (operation, argument) -> why ours may differ from AWS's model there.
EXCEPTIONS: dict[tuple[str, str], str] = {
    (
        "iam:SimulatePrincipalPolicy",
        "policy_exclusion_list",
    ): "an attachment's name may hold the wildcards that AWS's documentation allows there",
}

#: Operations of AWS that are not built: nothing answers for them yet.
NOT_YET = {
    # AWS Organizations across real accounts is out of scope (README).
    "sts:AssumeRoot",
    "iam:GenerateOrganizationsAccessReport",
    "iam:GetOrganizationsAccessReport",
    # Delegation to AWS's partners, role templates that AWS's services publish, and the properties
    # that switch AWS's own features: all of them need systems that are not here.
    "sts:GetDelegatedAccessToken",
    "iam:AcceptDelegationRequest",
    "iam:AcquireRole",
    "iam:AssociateDelegationRequest",
    "iam:CreateDelegationRequest",
    "iam:GetAccountProperties",
    "iam:GetDelegationRequest",
    "iam:GetHumanReadableSummary",
    "iam:GetRoleTemplateVersion",
    "iam:ListDelegationRequests",
    "iam:PutAccountProperties",
    "iam:RejectDelegationRequest",
    "iam:SendDelegationToken",
    "iam:UpdateDelegationRequest",
}

EVERY_ACTION = pytest.mark.parametrize("name", sorted(IAM_AND_STS))


@lru_cache
def model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def members(name: str) -> dict[str, tuple[Any, bool]]:
    """AWS's arguments of an operation under their names here: the shape, and if it is required."""
    service, operation = name.split(":")
    shape = model(service).operation_model(operation).input_shape
    if shape is None:
        return {}
    return {
        xform_name(member): (found, member in shape.required_members)
        for member, found in shape.members.items()
    }


def parameters(name: str) -> dict[str, Any]:
    """Our arguments of an operation, without what nobody passes."""
    found = list(IAM_AND_STS[name].signature.parameters.values())[1:]
    return {one.name: one for one in found if one.name not in FILLED_IN}


def limits(rule: Rule) -> dict[str, Any]:
    """A rule, as botocore's models write it."""
    found: dict[str, Any]
    match rule:
        case Text():
            found = {"min": rule.min, "max": rule.max, "pattern": rule.pattern}
        case Number():
            found = {"min": rule.min, "max": rule.max}
        case Several():
            found = {"min": rule.min, "max": rule.max}
        case Choice():
            found = {"enum": list(rule.words)}
        case _:
            found = {}
    return {key: value for key, value in found.items() if value is not None}


def differences(rule: Rule, shape: Any, at: str) -> list[str]:
    """Where a rule is not what the model says, in words."""
    kinds: dict[str, tuple[type, ...]] = {
        "string": (Text, Choice),
        "integer": (Number,),
        "boolean": (Truth,),
        "list": (Several,),
        "structure": (TagRule, Structure),
    }
    if not isinstance(rule, kinds[shape.type_name]):
        return [f"{at}: {rule} for a {shape.type_name}"]
    known = {key: shape.metadata[key] for key in ("min", "max", "pattern", "enum")
             if key in shape.metadata}  # fmt: skip
    found = [f"{at}: {limits(rule)} for {known}"] if limits(rule) != known else []
    if isinstance(rule, Several):
        found += differences(rule.of, shape.member, f"{at}.member")
    if isinstance(rule, TagRule):
        found += differences(rule.key, shape.members["Key"], f"{at}.key")
        found += differences(rule.value, shape.members["Value"], f"{at}.value")
    if isinstance(rule, Structure):
        aws = {xform_name(name): member for name, member in shape.members.items()}
        required = {xform_name(name) for name in shape.required_members}
        if rule.members().keys() != aws.keys() or rule.required() != required:
            return [*found, f"{at}: {sorted(rule.members())} for {sorted(aws)}"]
        for name, member in rule.members().items():
            found += differences(member, aws[name], f"{at}.{name}")
    return found


@EVERY_ACTION
def test_an_action_is_an_operation_of_aws_under_the_name_its_clients_give_it(name):
    service, operation = name.split(":")
    assert operation in model(service).operation_names
    assert IAM_AND_STS[name].run.__name__ == xform_name(operation)


@EVERY_ACTION
def test_an_action_takes_the_arguments_that_aws_takes(name):
    extra = CONSOLE_ONLY.get(name, frozenset())
    assert parameters(name).keys() - extra == members(name).keys()
    assert extra <= parameters(name).keys(), "declared for the console, but not taken"


@EVERY_ACTION
def test_arguments_are_passed_by_name_and_required_where_aws_requires_them(name):
    aws = members(name)
    for argument in parameters(name).values():
        assert argument.kind is argument.KEYWORD_ONLY
        required = aws[argument.name][1] if argument.name in aws else False
        assert (argument.default is argument.empty) == required, argument.name


@EVERY_ACTION
def test_arguments_have_the_limits_that_aws_gives_them(name):
    rules = IAM_AND_STS[name].rules
    found = []
    for argument, (shape, _) in members(name).items():
        if (name, argument) not in EXCEPTIONS:
            assert argument in rules, f"{argument} has no rule"
            found += differences(rules[argument], shape, argument)
    assert found == []


def test_every_exception_still_is_one():
    for name, argument in EXCEPTIONS:
        rule, (shape, _) = IAM_AND_STS[name].rules[argument], members(name)[argument]
        assert differences(rule, shape, argument), f"{name} {argument} is as in AWS's model"


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_every_operation_of_aws_is_either_built_or_listed_as_not_built(service):
    aws = {f"{service}:{operation}" for operation in model(service).operation_names}
    built = {name for name in IAM_AND_STS if name.startswith(f"{service}:")}
    listed = {name for name in NOT_YET if name.startswith(f"{service}:")}
    assert built | listed == aws
    assert built & listed == set()


def test_what_only_the_console_may_pass_is_declared_for_actions_that_there_are():
    assert CONSOLE_ONLY.keys() <= ACTIONS.keys()
    for name, arguments in CONSOLE_ONLY.items():
        assert not arguments & members(name).keys()


def test_a_command_has_no_name_of_an_operation_of_aws():
    for name in COMMANDS:
        service, _, operation = name.partition(":")
        assert service not in ("iam", "sts")
        assert operation
