"""The policy simulator, by the SDK of AWS."""

from __future__ import annotations

from typing import Any

from tests.api.refusals import refused
from tests.cast import allow, arn, deny, document

READ = document(allow("s3:GetObject"))
BUCKET = "arn:aws:s3:::reports"


def test_what_policies_would_allow_is_told_by_action(iam):
    answer = iam.simulate_custom_policy(
        PolicyInputList=[READ], ActionNames=["s3:GetObject", "s3:PutObject"]
    )
    assert answer["IsTruncated"] is False
    get, put = answer["EvaluationResults"]
    (statement,) = get.pop("MatchedStatements")
    assert (statement["SourcePolicyId"], statement["SourcePolicyType"]) == (
        "PolicyInputList.1",
        "IAM Policy",
    )
    assert (
        statement["StartPosition"].keys() == statement["EndPosition"].keys() == {"Line", "Column"}
    )
    assert get == {
        "EvalActionName": "s3:GetObject",
        "EvalResourceName": "*",
        "EvalDecision": "allowed",
        "MissingContextValues": [],
    }
    assert (put["EvalDecision"], put["MatchedStatements"]) == ("implicitDeny", [])


def test_resources_boundaries_and_missing_keys_are_told(iam):
    conditional = document(
        allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        deny("s3:GetObject", on=f"{BUCKET}/secret"),
    )
    (result,) = iam.simulate_custom_policy(
        PolicyInputList=[conditional],
        PermissionsBoundaryPolicyInputList=[document(allow("sqs:*"))],
        ActionNames=["s3:GetObject"],
        ResourceArns=[f"{BUCKET}/secret", f"{BUCKET}/open"],
    )["EvaluationResults"]
    assert result["EvalDecision"] == "explicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    secret, free = result["ResourceSpecificResults"]
    assert secret["EvalResourceName"] == f"{BUCKET}/secret"
    assert secret["EvalResourceDecision"] == "explicitDeny"
    assert free["EvalResourceDecision"] == "implicitDeny"
    assert free["MissingContextValues"] == ["aws:SecureTransport"]


def test_context_entries_are_read(iam):
    conditional = document(
        allow("s3:GetObject", Condition={"StringEquals": {"aws:PrincipalTag/team": ["a", "b"]}})
    )

    def decision(*values: str) -> str:
        entry = {
            "ContextKeyName": "aws:PrincipalTag/team",
            "ContextKeyValues": list(values),
            "ContextKeyType": "string",
        }
        answer: dict[str, Any] = iam.simulate_custom_policy(
            PolicyInputList=[conditional], ActionNames=["s3:GetObject"], ContextEntries=[entry]
        )
        found: str = answer["EvaluationResults"][0]["EvalDecision"]
        return found

    assert decision("b") == "allowed"
    assert decision("c") == "implicitDeny"


def test_a_principals_own_policies_are_simulated_with_others_and_without_some(iam):
    iam.create_user(UserName="ram")
    iam.put_user_policy(UserName="ram", PolicyName="read", PolicyDocument=READ)
    given = {"PolicySourceArn": arn("user/ram"), "ActionNames": ["s3:GetObject"]}
    (found,) = iam.simulate_principal_policy(**given)["EvaluationResults"]
    assert found["EvalDecision"] == "allowed"
    assert found["MatchedStatements"][0]["SourcePolicyId"] == "user_ram_read"
    denying = [document(deny("s3:*"))]
    (found,) = iam.simulate_principal_policy(**given, PolicyInputList=denying)["EvaluationResults"]
    assert found["EvalDecision"] == "explicitDeny"


def test_an_organization_that_refuses_is_told(iam):
    (found,) = iam.simulate_custom_policy(
        PolicyInputList=[READ],
        OrderedOrganizationPolicyInputList=[
            {"ServiceControlPolicyInputList": [document(allow("sqs:*"))]}
        ],
        ActionNames=["s3:GetObject"],
    )["EvaluationResults"]
    assert found["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}


def test_the_keys_that_policies_ask_for_are_told(iam):
    conditional = document(allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}}))
    found = iam.get_context_keys_for_custom_policy(PolicyInputList=[conditional, READ])
    assert found["ContextKeyNames"] == ["aws:SecureTransport"]
    iam.create_user(UserName="ram")
    none = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn("user/ram"))
    assert none["ContextKeyNames"] == []


def test_results_come_in_pages(iam):
    actions = [f"s3:Get{number}" for number in range(5)]
    pages = iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[READ], ActionNames=actions, PaginationConfig={"PageSize": 2}
    )
    names = [each["EvalActionName"] for page in pages for each in page["EvaluationResults"]]
    assert names == actions


def test_what_can_not_be_simulated_is_refused(iam):
    with refused("InvalidInput", status=400):
        iam.simulate_custom_policy(PolicyInputList=["{}"], ActionNames=["s3:GetObject"])
    with refused("NoSuchEntity", "The user with name none cannot be found.", status=404):
        iam.simulate_principal_policy(
            PolicySourceArn=arn("user/none"), ActionNames=["s3:GetObject"]
        )


def test_only_whoever_may_and_only_in_their_own_account(nobody, stranger):
    with refused("AccessDenied", status=403):
        nobody.simulate_custom_policy(PolicyInputList=[READ], ActionNames=["s3:GetObject"])
    with refused("NoSuchEntity", status=404):
        stranger.simulate_principal_policy(
            PolicySourceArn=arn("user/alice"), ActionNames=["s3:GetObject"]
        )
