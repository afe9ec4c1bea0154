"""What the policy simulator may be asked: context, refusals, pages, and AWS's shapes."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from accounts import engine
from accounts import simulation as simulator
from accounts.actions import simulation
from accounts.actions.registry import ACTIONS
from accounts.errors import InvalidInput, PolicyEvaluation, ValidationError
from accounts.simulation.kinds import ContextEntry
from accounts.simulation.question import SCENARIOS
from accounts.types import Choice, Several, Structure, Text
from tests.accounts.simulations import (
    ALLOWED,
    BOB,
    FROM_HOME,
    IMPLICIT,
    KEY,
    READ,
    custom,
    entry,
    one,
)
from tests.cast import ACCOUNT_ID, allow, arn, document

MODEL = botocore.session.get_session().get_service_model("iam")


# --- Context -------------------------------------------------------------------------------------


def test_keys_that_are_missing_are_listed_for_any_resource(root):
    # Recorded from AWS: also those that only statements about other actions name.
    result = one(root, FROM_HOME)
    assert result.eval_decision is IMPLICIT
    assert result.missing_context_values == ("aws:SourceIp", "aws:username")


def test_keys_that_are_missing_are_listed_with_the_resources_where_there_are_some(root):
    result = one(root, FROM_HOME, resource_arns=[KEY])
    assert result.missing_context_values == ()
    (specific,) = result.resource_specific_results
    assert specific.missing_context_values == ("aws:SourceIp", "aws:username")


def test_keys_that_are_given_are_compared_whatever_their_case(root):
    given = [entry("AWS:sourceip", "192.0.2.7", kind="ip")]
    result = one(root, FROM_HOME, context_entries=given)
    assert result.eval_decision is ALLOWED
    assert result.missing_context_values == ("aws:username",)


def test_a_variable_with_a_default_is_not_missing(root):
    text = document(allow("s3:GetObject", on="arn:aws:s3:::${aws:PrincipalTag/team, 'all'}/*"))
    result = one(root, text, resource_arns=["arn:aws:s3:::all/key"])
    assert result.eval_decision is ALLOWED
    assert result.resource_specific_results[0].missing_context_values == ()


def test_who_calls_fills_the_keys_that_follow_from_the_arn(root):
    asked = {"actions": ["iam:GetUser"], "resource_arns": [BOB]}
    assert one(root, FROM_HOME, caller_arn=BOB, **asked).eval_decision is ALLOWED
    assert one(root, FROM_HOME, caller_arn=arn("user/x/eve"), **asked).eval_decision is IMPLICIT
    given = [entry("aws:username", "bob")]
    result = one(root, FROM_HOME, caller_arn=arn("user/eve"), context_entries=given, **asked)
    assert result.eval_decision is ALLOWED


def test_a_key_with_several_values_is_of_a_list_type(root):
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}}
    text = document(allow("s3:GetObject", Condition=condition))
    given = [entry("aws:TagKeys", "team", "stage", kind="stringList")]
    assert one(root, text, context_entries=given).eval_decision is ALLOWED
    given = [entry("aws:TagKeys", "team", "other", kind="stringList")]
    assert one(root, text, context_entries=given).eval_decision is IMPLICIT


@pytest.mark.parametrize(
    "given",
    [
        entry("aws:SourceIp", "home", kind="ip"),
        entry("aws:SourceIp", "192.0.2.7", "home", kind="ipList"),
        entry("aws:MultiFactorAuthAge", "old", kind="numeric"),
        entry("aws:SecureTransport", "yes", kind="boolean"),
        entry("aws:CurrentTime", "now", kind="date"),
        entry("aws:CurrentTime", "2026-01-15", "now", kind="dateList"),
        entry("some:Bytes", "not base64!", kind="binary"),
        entry("aws:username", "bob", "alice"),
        entry("aws:username"),
        ContextEntry(),
        ContextEntry("aws:username", ["bob"]),
        ContextEntry("aws:username", None, "string"),
    ],
)
def test_a_value_that_is_not_of_its_type_is_refused(root, given):
    with pytest.raises(InvalidInput) as refusal:
        custom(root, READ, context_entries=[given])
    assert refusal.value.argument == "context_entries"


def test_a_key_is_given_once(root):
    with pytest.raises(InvalidInput, match=r"^The context key AWS:username is given twice\.$"):
        custom(root, READ, context_entries=[entry("aws:username", "a"), entry("AWS:username", "b")])


def test_the_parts_of_a_structure_are_checked_and_named_as_aws_names_them(root):
    with pytest.raises(ValidationError) as refusal:
        custom(root, READ, context_entries=[entry("aws", "a", kind="text"), "aws:username"])
    message = refusal.value.message
    assert "'contextEntries.1.member.contextKeyName' failed to satisfy constraint" in message
    assert "'contextEntries.1.member.contextKeyType' failed to satisfy constraint" in message
    assert "'contextEntries.2.member' failed to satisfy constraint" in message


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["s3:*", "s3:Get?bject", "*:*", "ListUsers", "s3:Get:Object", "s3 "]
)
def test_an_action_is_named_in_full(root, name):
    with pytest.raises(InvalidInput) as refusal:
        custom(root, READ, actions=[name])
    assert refusal.value.argument == "action_names"
    assert name in refusal.value.message


@pytest.mark.parametrize("name", ["bucket", "arn:aws:s3", "arn:aws:s3:::", "arn::s3:::b", "**"])
def test_a_resource_is_an_arn(root, name):
    with pytest.raises(InvalidInput) as refusal:
        custom(root, READ, resource_arns=[KEY, name])
    assert refusal.value.message == f"ResourceNames are not in a valid ARN format: {name}."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "PolicyInputList.2: Syntax errors in policy. (line 1, column 2)"),
        (
            document({"Effect": "Allow", "Resource": "*"}),
            "PolicyInputList.2: Policy statement must contain actions. (line 1, column 41)",
        ),
    ],
)
def test_a_malformed_policy_is_an_invalid_input(root, text, message):
    with pytest.raises(InvalidInput) as refusal:
        custom(root, READ, text)
    assert (refusal.value.message, refusal.value.argument) == (message, "policy_input_list")
    with pytest.raises(InvalidInput):
        simulation.get_context_keys_for_custom_policy(root, policy_input_list=[READ, text])


def test_a_policy_that_keeps_the_grammar_but_means_nothing_is_not_evaluated(root):
    text = document(allow("s3:*", Condition={"NumericEquals": {"s3:max-keys": "many"}}))
    with pytest.raises(PolicyEvaluation) as refusal:
        custom(root, text)
    assert (refusal.value.code, refusal.value.status) == ("PolicyEvaluation", 500)
    assert refusal.value.message == (
        'PolicyInputList.1: statement 1 can\'t be evaluated: "many" is not a number.'
    )


def test_a_scenario_takes_its_resources(root):
    ec2 = f"arn:aws:ec2:us-east-1:{ACCOUNT_ID}:"
    resources = [f"{ec2}{kind}/id" for kind in SCENARIOS["EC2-VPC-EBS"]]
    asked = {"actions": ["ec2:RunInstances"], "resource_handling_option": "EC2-VPC-EBS"}
    assert one(root, READ, resource_arns=resources, **asked).eval_decision is IMPLICIT
    with pytest.raises(InvalidInput, match=r"^EC2-VPC-EBS also needs the ARN of: volume\.$"):
        custom(root, READ, resource_arns=resources[:-1], **asked)
    with pytest.raises(InvalidInput, match=r"^EC2-Moon is not a resource handling option\."):
        custom(root, READ, resource_handling_option="EC2-Moon")


# --- Pages ---------------------------------------------------------------------------------------


def test_results_come_in_pages_in_the_order_asked_for(root):
    names = [f"s3:Action{number}" for number in reversed(range(5))]
    seen, marker = [], None
    while True:
        page = simulation.simulate_custom_policy(
            root, policy_input_list=[READ], action_names=names, max_items=2, marker=marker
        )
        seen.append([each.eval_action_name for each in page.items])
        marker = page.marker
        if not page.is_truncated:
            break
    assert seen == [names[:2], names[2:4], names[4:]]
    with pytest.raises(ValidationError):
        custom(root, READ, marker="no marker of ours")


def test_a_page_holds_fewer_results_where_each_is_about_many_resources(root):
    resources = [f"arn:aws:s3:::bucket/{number}" for number in range(500)]
    page = simulation.simulate_custom_policy(
        root,
        policy_input_list=[READ],
        action_names=["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        resource_arns=resources,
    )
    assert len(page.items) == 2
    assert page.is_truncated
    with pytest.raises(InvalidInput) as refusal:
        custom(root, READ, resource_arns=[*resources, *(f"{each}/x" for each in resources), KEY])
    assert refusal.value.argument == "resource_arns"


def test_a_page_holds_fewer_results_where_policies_have_many_statements(root):
    long = document(*[allow("s3:GetObject")] * 500)
    asked: dict[str, Any] = {
        "policy_input_list": [long],
        "action_names": ["s3:GetObject", "s3:PutObject"],
    }
    page = simulation.simulate_custom_policy(root, resource_arns=[KEY] * 2, **asked)
    assert (len(page.items), page.is_truncated) == (2, False)
    resources = [f"arn:aws:s3:::bucket/{number}" for number in range(101)]
    page = simulation.simulate_custom_policy(root, resource_arns=resources[:100], **asked)
    assert (len(page.items), page.is_truncated) == (1, True)
    assert len(page.items[0].matched_statements) == 500
    with pytest.raises(InvalidInput):
        simulation.simulate_custom_policy(root, resource_arns=resources, **asked)


# --- AWS's shapes --------------------------------------------------------------------------------


def differences(rule, shape, at):
    """Where a rule is not what AWS's model says, in words; structures member by member."""
    if isinstance(rule, Structure):
        known = {xform_name(name): member for name, member in shape.members.items()}
        required = {xform_name(name) for name in shape.required_members}
        found = [] if rule.members().keys() == known.keys() else [f"{at}: {known.keys()}"]
        if rule.required() != required:
            found.append(f"{at}: {required} are required")
        for name, member in rule.members().items():
            found += differences(member, known[name], f"{at}.{name}")
        return found
    limits = shape.metadata
    if isinstance(rule, Choice):
        return [] if list(rule.words) == limits["enum"] else [f"{at}: {limits['enum']}"]
    wanted = tuple(limits.get(name) for name in ("min", "max"))
    found = [] if (rule.min, rule.max) == wanted else [f"{at}: {wanted}"]
    if isinstance(rule, Several):
        return found + differences(rule.of, shape.member, f"{at}.member")
    assert isinstance(rule, Text)
    return found + ([] if rule.pattern == limits.get("pattern") else [f"{at}: pattern"])


@pytest.mark.parametrize(
    ("operation", "argument", "known"),
    [
        ("SimulateCustomPolicy", "ContextEntries", []),
        ("SimulateCustomPolicy", "OrderedOrganizationPolicyInputList", []),
        ("SimulatePrincipalPolicy", "ContextEntries", []),
        # The documentation allows wildcards there, which the model's pattern forgets.
        (
            "SimulatePrincipalPolicy",
            "PolicyExclusionList",
            ["list.member.inline_policy_identifier.attachment_name: pattern"],
        ),
    ],
)
def test_lists_of_structures_have_the_members_and_limits_that_aws_gives_them(
    operation, argument, known
):
    model = MODEL.operation_model(operation)
    rule = ACTIONS[f"iam:{operation}"].rules[xform_name(argument)]
    assert differences(rule, model.input_shape.members[argument], "list") == known


@pytest.mark.parametrize(
    ("ours", "shape"),
    [
        (simulator.EvaluationResult, "EvaluationResult"),
        (simulator.ResourceSpecificResult, "ResourceSpecificResult"),
        (simulator.MatchedStatement, "Statement"),
        (simulator.Position, "Position"),
        (simulator.OrganizationsDecisionDetail, "OrganizationsDecisionDetail"),
        (simulator.PermissionsBoundaryDecisionDetail, "PermissionsBoundaryDecisionDetail"),
        (simulation.ContextKeys, "GetContextKeysForPolicyResponse"),
    ],
)
def test_results_have_the_members_that_aws_gives_them(ours, shape):
    members = MODEL.shape_for(shape).members
    assert list(ours.__dataclass_fields__) == [xform_name(name) for name in members]


def test_decisions_are_those_of_aws():
    shape = MODEL.shape_for("PolicyEvaluationDecisionType")
    assert sorted(engine.Decision) == sorted(shape.enum)
