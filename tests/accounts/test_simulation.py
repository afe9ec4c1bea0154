"""What the policy simulator answers, and where the statements stand that decide."""

from __future__ import annotations

import json

import pytest

from accounts.errors import InvalidInput, ValidationError
from accounts.simulation import (
    OrganizationsDecisionDetail,
    PermissionsBoundaryDecisionDetail,
    Position,
)
from accounts.simulation.kinds import OrganizationPolicies
from tests.accounts.simulations import (
    ALLOWED,
    BOB,
    EXPLICIT,
    IMPLICIT,
    KEY,
    OTHER_KEY,
    READ,
    bucket_policy,
    custom,
    one,
    places,
)
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, allow, arn, deny, document

# --- What it answers -----------------------------------------------------------------------------


def test_an_action_is_allowed_denied_or_not_mentioned(root):
    text = document(allow("s3:*"), deny("s3:DeleteObject"))
    results = custom(root, text, actions=["s3:GetObject", "s3:DeleteObject", "iam:ListUsers"])
    assert [(each.eval_action_name, each.eval_decision) for each in results] == [
        ("s3:GetObject", ALLOWED),
        ("s3:DeleteObject", EXPLICIT),
        ("iam:ListUsers", IMPLICIT),
    ]
    assert [len(each.matched_statements) for each in results] == [1, 1, 0]


def test_an_action_that_is_asked_for_twice_is_answered_once(root):
    assert len(custom(root, READ, actions=["s3:GetObject", "s3:GetObject"])) == 1


def test_without_resources_the_answer_is_for_any_resource(root):
    for resources in ([], ["*"]):
        result = one(root, READ, resource_arns=resources)
        assert result.eval_resource_name == "*"
        assert result.resource_specific_results == ()
        assert result.eval_decision_details is None


def test_one_result_for_each_action_holds_one_for_each_resource(root):
    text = document(allow("s3:GetObject", on=KEY))
    result = one(root, text, resource_arns=[KEY, OTHER_KEY])
    assert result.eval_decision is IMPLICIT
    assert result.matched_statements == ()
    assert result.eval_decision_details == {}
    assert [
        (each.eval_resource_name, each.eval_resource_decision, len(each.matched_statements))
        for each in result.resource_specific_results
    ] == [(KEY, ALLOWED, 1), (OTHER_KEY, IMPLICIT, 0)]


def test_the_resource_that_is_denied_decides_over_those_that_are_not_mentioned(root):
    text = document(allow("s3:*", on=KEY), deny("s3:*", on=OTHER_KEY))
    result = one(root, text, resource_arns=[KEY, "arn:aws:s3:::bucket/third", OTHER_KEY])
    assert result.eval_decision is EXPLICIT
    assert result.matched_statements == result.resource_specific_results[2].matched_statements


def test_one_resource_has_its_own_result_too(root):
    result = one(root, READ, resource_arns=[KEY])
    (specific,) = result.resource_specific_results
    assert specific.matched_statements == result.matched_statements
    assert specific.eval_decision_details is None


def test_a_statement_that_allows_several_resources_is_listed_once(root):
    assert len(one(root, READ, resource_arns=[KEY, OTHER_KEY]).matched_statements) == 1


@pytest.mark.parametrize(
    ("action", "resource", "name"),
    [
        ("s3:GetObject", KEY, "arn:${Partition}:s3:::${BucketName}/${ObjectName}"),
        ("s3:ListBucket", "arn:aws:s3:::bucket", "arn:${Partition}:s3:::${BucketName}"),
        ("iam:ListUsers", arn("user/"), "*"),
        ("nosuch:Thing", KEY, "*"),
    ],
)
def test_the_name_of_the_resource_is_the_format_that_the_action_takes(root, action, resource, name):
    result = one(root, READ, actions=[action], resource_arns=[resource])
    assert result.eval_resource_name == name


# --- Where a statement stands --------------------------------------------------------------------


def test_in_one_line_a_statement_begins_after_the_bracket_and_ends_after_its_brace(root):
    # Recorded from AWS: the bracket at offset 39 is column 41, `}` at offset 111 is column 113.
    text = document(allow("s3:GetObject", on="arn:aws:s3:::*/*"))
    text = text.replace('["s3:GetObject"]', '"s3:Get*"')
    assert (text.index("["), text.index("}")) == (39, 111)
    assert places(one(root, text, resource_arns=[KEY])) == [((1, 41), (1, 113))]


def test_a_statement_without_a_list_begins_after_its_own_brace(root):
    text = json.dumps({"Version": "2012-10-17", "Statement": allow("s3:GetObject")})
    assert text.index("{", 1) == 39
    assert places(one(root, text)) == [((1, 41), (1, text.index("}") + 2))]


def test_in_a_list_a_statement_begins_where_the_one_before_it_ended(root):
    # Recorded from AWS: after the list's bracket at offset 36 comes column 38; where the first of
    # two statements ends, at column 248, the second begins.
    first, second = allow("s3:GetObject", on=KEY), allow("s3:GetObject", on="arn:aws:s3:::bucket/*")
    text = f'{{"Version":"2012-10-17","Statement":[{json.dumps(first)},\n {json.dumps(second)}]}}'
    middle = text.index("}") + 2
    end = text.rindex("}", 0, -2) - text.index("\n") + 1
    result = one(root, text, resource_arns=[KEY])
    assert places(result) == [((1, 38), (1, middle)), ((1, middle), (2, end))]


def test_over_several_lines_a_statement_begins_after_the_bracket(root):
    # Recorded from AWS for AdministratorAccess: from line 3, column 17 to line 8, column 6.
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        },
        indent=2,
    )
    assert places(one(root, text)) == [((3, 17), (8, 6))]


def test_a_statement_is_named_by_the_policy_it_stands_in(root):
    match = one(root, document(allow("iam:*")), READ).matched_statements[0]
    assert (match.source_policy_id, match.source_policy_type) == ("PolicyInputList.2", "IAM Policy")
    assert isinstance(match.start_position, Position)


# --- Boundary, organisation, resource policy -----------------------------------------------------


def test_a_boundary_limits_and_says_so(root):
    narrow = document(allow("iam:*"))
    result = one(root, READ, permissions_boundary_policy_input_list=[narrow], resource_arns=[KEY])
    assert result.eval_decision is IMPLICIT
    assert result.permissions_boundary_decision_detail == PermissionsBoundaryDecisionDetail(False)
    (specific,) = result.resource_specific_results
    assert specific.permissions_boundary_decision_detail == PermissionsBoundaryDecisionDetail(False)
    wide = document(allow("*"))
    result = one(root, READ, permissions_boundary_policy_input_list=[wide])
    assert result.eval_decision is ALLOWED
    assert result.permissions_boundary_decision_detail == PermissionsBoundaryDecisionDetail(True)
    assert one(root, READ).permissions_boundary_decision_detail is None


def test_a_boundary_that_denies_is_named(root):
    refusing = document(deny("s3:*"))
    result = one(root, READ, permissions_boundary_policy_input_list=[refusing])
    assert result.eval_decision is EXPLICIT
    (match,) = result.matched_statements
    assert match.source_policy_id == "PermissionsBoundaryPolicyInputList.1"
    assert match.source_policy_type == "Permissions Boundary Policy"


def test_there_is_one_boundary_at_most(root):
    with pytest.raises(InvalidInput) as refusal:
        custom(root, READ, permissions_boundary_policy_input_list=[READ, READ])
    assert refusal.value.argument == "permissions_boundary_policy_input_list"


def levels(*documents):
    return [OrganizationPolicies([text]) for text in documents]


def test_every_level_of_the_organisation_must_allow(root):
    everything = document(allow("*"))
    result = one(root, READ, ordered_organization_policy_input_list=levels(everything, everything))
    assert result.eval_decision is ALLOWED
    assert result.organizations_decision_detail == OrganizationsDecisionDetail(True)
    narrow = document(allow("iam:*"))
    result = one(root, READ, ordered_organization_policy_input_list=levels(everything, narrow))
    assert result.eval_decision is IMPLICIT
    assert result.organizations_decision_detail == OrganizationsDecisionDetail(False)


def test_statements_and_keys_of_the_organisation_are_not_shown(root):
    condition = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    refusing = document(allow("*"), deny("s3:*", Condition=condition))
    result = one(
        root,
        READ,
        ordered_organization_policy_input_list=levels(refusing),
        resource_arns=[KEY],
    )
    assert result.eval_decision is EXPLICIT
    assert result.matched_statements == ()
    assert result.resource_specific_results[0].missing_context_values == ()
    assert result.eval_decision_details is None


def test_a_level_without_policies_allows_nothing(root):
    for level in (OrganizationPolicies(), OrganizationPolicies([])):
        result = one(root, READ, ordered_organization_policy_input_list=[level])
        assert result.eval_decision is IMPLICIT


def test_there_are_seven_levels_at_most(root):
    with pytest.raises(ValidationError):
        custom(root, READ, ordered_organization_policy_input_list=levels(*[READ] * 8))


def test_a_resource_policy_grants_within_one_account(root):
    result = one(
        root,
        document(allow("iam:*")),
        caller_arn=BOB,
        resource_policy=bucket_policy(BOB),
        resource_arns=[KEY],
    )
    assert result.eval_decision is ALLOWED
    assert result.eval_decision_details == {}
    (match,) = result.matched_statements
    assert (match.source_policy_id, match.source_policy_type) == (
        "ResourcePolicy",
        "Resource Policy",
    )


def test_across_accounts_both_must_allow_and_each_answer_is_given(root):
    asked = {
        "caller_arn": BOB,
        "resource_policy": bucket_policy(BOB),
        "resource_owner": arn("root", OTHER_ACCOUNT_ID),
        "resource_arns": [KEY],
    }
    result = one(root, document(allow("iam:*")), **asked)
    details = {"IAM Policy": IMPLICIT, "Resource Policy": ALLOWED}
    assert (result.eval_decision, result.eval_decision_details) == (IMPLICIT, details)
    assert result.resource_specific_results[0].eval_decision_details == details
    result = one(root, READ, **asked)
    assert result.eval_decision is ALLOWED
    assert result.eval_decision_details == {"IAM Policy": ALLOWED, "Resource Policy": ALLOWED}
    boundary = {"permissions_boundary_policy_input_list": [document(allow("iam:*"))]}
    result = one(root, READ, **asked, **boundary)
    assert result.eval_decision is IMPLICIT
    assert result.eval_decision_details["Permissions Boundary Policy"] is IMPLICIT


def test_the_account_in_an_arn_owns_the_resource(root):
    queue = f"arn:aws:sqs:us-east-1:{OTHER_ACCOUNT_ID}:queue"
    text = document(allow("sqs:SendMessage"))
    policy = document(allow("sqs:SendMessage", Principal={"AWS": BOB}, on="*"))
    result = one(
        root,
        text,
        actions=["sqs:SendMessage"],
        caller_arn=BOB,
        resource_policy=policy,
        resource_owner=arn("root"),
        resource_arns=[queue],
    )
    assert result.eval_decision_details == {"IAM Policy": ALLOWED, "Resource Policy": ALLOWED}


def test_a_resource_in_another_account_is_judged_by_the_policies_that_are_given(root):
    result = one(root, READ, caller_arn=BOB, resource_arns=[KEY])
    assert result.eval_decision is ALLOWED
    result = one(
        root, READ, caller_arn=BOB, resource_arns=[KEY],
        resource_owner=arn("root", OTHER_ACCOUNT_ID),
    )  # fmt: skip
    assert result.eval_decision is IMPLICIT
    assert result.eval_decision_details == {"IAM Policy": ALLOWED, "Resource Policy": IMPLICIT}


@pytest.mark.parametrize(
    ("more", "message", "argument"),
    [
        (
            {"caller_arn": None},
            "CallerArn is required where a ResourcePolicy is simulated.",
            "caller_arn",
        ),
        (
            {"caller_arn": arn("role/worker")},
            "Invalid caller - Caller must be an IAM user in this context.",
            "caller_arn",
        ),
        (
            {"resource_owner": ACCOUNT_ID},
            f"'{ACCOUNT_ID}' is not a valid as a Resource Owner.",
            "resource_owner",
        ),
        (
            {"resource_policy": READ},
            "ResourcePolicy: Missing required field Principal (line 1, column 41)",
            "resource_policy",
        ),
    ],
)
def test_what_a_resource_policy_needs(root, more, message, argument):
    asked = {"caller_arn": BOB, "resource_policy": bucket_policy(BOB), "resource_arns": [KEY]}
    with pytest.raises(InvalidInput) as refusal:
        custom(root, READ, **asked | more)
    assert (refusal.value.message, refusal.value.argument) == (message, argument)


@pytest.mark.parametrize(
    "caller_arn",
    [
        "arn:aws:sts::111122223333:assumed-role/worker/session",
        "arn:aws:sts::111122223333:federated-user/bob",
        "ec2.amazonaws.com",
        arn("root"),
        arn("user/"),
        arn("policy/own"),
    ],
)
def test_only_users_groups_and_roles_call(root, caller_arn):
    with pytest.raises(InvalidInput) as refusal:
        custom(root, READ, caller_arn=caller_arn)
    assert refusal.value.message == (
        f"Invalid Entity Arn: {caller_arn} does not clearly define entity type and name."
    )
