"""Managed policies and their versions, by the SDK of AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import Policy
from tests.api.refusals import refused
from tests.cast import allow, arn, document

TEXT = document(allow("s3:GetObject"))
OTHER = document(allow("s3:PutObject"))
OF_AWS = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ABSENT = arn("policy/Absent")


@pytest.fixture
def own(iam: Any) -> dict[str, Any]:
    """A policy with everything that a policy can have."""
    policy: dict[str, Any] = iam.create_policy(
        PolicyName="Own",
        Path="/dev/",
        PolicyDocument=TEXT,
        Description="reads",
        Tags=[{"Key": "team", "Value": "dev"}],
    )["Policy"]
    return policy


def test_a_new_policy_comes_back_with_its_tags_and_without_its_description(own):
    assert own.pop("PolicyId").startswith("ANPA")
    assert own.pop("CreateDate") == own.pop("UpdateDate")
    assert own == {
        "PolicyName": "Own",
        "Path": "/dev/",
        "Arn": arn("policy/dev/Own"),
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "Tags": [{"Key": "team", "Value": "dev"}],
    }


def test_a_policy_is_shown_with_description_tags_and_use(iam, own):
    iam.create_user(UserName="ram", PermissionsBoundary=own["Arn"])
    iam.attach_user_policy(UserName="ram", PolicyArn=own["Arn"])
    assert iam.get_policy(PolicyArn=own["Arn"])["Policy"] == own | {
        "Description": "reads",
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 1,
    }


def test_a_policy_of_aws_is_shown_with_an_empty_list_of_tags(iam):
    found = iam.get_policy(PolicyArn=OF_AWS)["Policy"]
    assert (found["PolicyName"], found["Path"], found["Tags"]) == ("ReadOnlyAccess", "/", [])
    assert iam.list_policy_tags(PolicyArn=OF_AWS)["Tags"] == []
    version = iam.get_policy_version(PolicyArn=OF_AWS, VersionId=found["DefaultVersionId"])
    assert version["PolicyVersion"]["Document"]["Version"] == "2012-10-17"


def test_a_list_of_policies_leaves_out_descriptions_and_tags(iam, own):
    (listed,) = iam.list_policies(Scope="Local")["Policies"]
    del own["Tags"]
    assert listed == own


def test_policies_are_listed_by_scope_use_and_path_in_pages(iam, own):
    iam.create_policy(PolicyName="A", PolicyDocument=TEXT)
    assert names(iam.list_policies(Scope="Local")) == ["A", "Own"]
    assert names(iam.list_policies(Scope="Local", PathPrefix="/dev/")) == ["Own"]
    assert names(iam.list_policies(Scope="Local", OnlyAttached=True)) == []
    everything = [
        name
        for page in iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 999})
        for name in names(page)
    ]
    assert {"A", "Own", "AdministratorAccess"} < set(everything)
    assert len(everything) == len(set(everything)) > 1000
    iam.create_user(UserName="ram", PermissionsBoundary=own["Arn"])
    used = iam.list_policies(PolicyUsageFilter="PermissionsBoundary")
    assert names(used) == ["Own"]


def names(answer: dict[str, Any]) -> list[str]:
    return [policy["PolicyName"] for policy in answer["Policies"]]


def test_versions_are_listed_newest_first_without_their_documents(iam, own):
    made = iam.create_policy_version(PolicyArn=own["Arn"], PolicyDocument=OTHER, SetAsDefault=True)[
        "PolicyVersion"
    ]
    assert made.keys() == {"VersionId", "IsDefaultVersion", "CreateDate"}
    listed = iam.list_policy_versions(PolicyArn=own["Arn"])["Versions"]
    assert [each["VersionId"] for each in listed] == ["v2", "v1"]
    assert listed[0] == made
    found = iam.get_policy_version(PolicyArn=own["Arn"], VersionId="v1")["PolicyVersion"]
    assert found == listed[1] | {"Document": json.loads(TEXT)}
    assert iam.get_policy(PolicyArn=own["Arn"])["Policy"]["DefaultVersionId"] == "v2"


def test_a_policy_has_five_versions_at_most_and_a_number_is_never_used_again(iam, own):
    given = {"PolicyArn": own["Arn"], "PolicyDocument": OTHER}
    for _ in range(4):
        iam.create_policy_version(**given)
    message = (
        "A managed policy can have up to 5 versions. Before you create a new version, you must "
        "delete an existing version."
    )
    with refused("LimitExceeded", message, status=409):
        iam.create_policy_version(**given)
    iam.delete_policy_version(PolicyArn=own["Arn"], VersionId="v5")
    assert iam.create_policy_version(**given)["PolicyVersion"]["VersionId"] == "v6"


def test_the_version_in_force_is_not_deleted(iam, own):
    message = "Cannot delete the default version of a policy."
    with refused("DeleteConflict", message, status=409):
        iam.delete_policy_version(PolicyArn=own["Arn"], VersionId="v1")
    iam.create_policy_version(PolicyArn=own["Arn"], PolicyDocument=OTHER)
    iam.set_default_policy_version(PolicyArn=own["Arn"], VersionId="v2")
    iam.delete_policy_version(PolicyArn=own["Arn"], VersionId="v1")


def test_a_version_that_is_not_there_is_told_so_whatever_is_asked_of_it(iam, own):
    for name in ("get_policy_version", "delete_policy_version", "set_default_policy_version"):
        for policy in (own["Arn"], ABSENT):
            message = f"Policy {policy} version v9 does not exist or is not attachable."
            with refused("NoSuchEntity", message, status=404):
                getattr(iam, name)(PolicyArn=policy, VersionId="v9")


def test_a_policy_that_is_not_there_was_not_found(iam):
    for name, more in (
        ("get_policy", {}),
        ("delete_policy", {}),
        ("create_policy_version", {"PolicyDocument": TEXT}),
        ("list_policy_versions", {}),
        ("list_policy_tags", {}),
        ("tag_policy", {"Tags": [{"Key": "a", "Value": ""}]}),
        ("untag_policy", {"TagKeys": ["a"]}),
        ("list_entities_for_policy", {}),
    ):
        with refused("NoSuchEntity", f"Policy {ABSENT} was not found.", status=404):
            getattr(iam, name)(PolicyArn=ABSENT, **more)


def test_what_is_no_arn_is_told_so(iam):
    with refused("ValidationError", "ARN longpolicynamebutnoarn is not valid.", status=400):
        iam.get_policy(PolicyArn="longpolicynamebutnoarn")


def test_a_policy_of_aws_is_not_changed(iam):
    for name, more in (
        ("create_policy_version", {"PolicyDocument": TEXT}),
        ("delete_policy", {}),
        ("tag_policy", {"Tags": [{"Key": "a", "Value": ""}]}),
    ):
        with refused("AccessDenied", status=403):
            getattr(iam, name)(PolicyArn=OF_AWS, **more)


def test_a_policy_goes_once_nobody_has_it_and_its_versions_are_gone(iam, own):
    iam.create_group(GroupName="Devs")
    iam.attach_group_policy(GroupName="Devs", PolicyArn=own["Arn"])
    iam.create_policy_version(PolicyArn=own["Arn"], PolicyDocument=OTHER)
    attached = "Cannot delete a policy attached to entities."
    with refused("DeleteConflict", attached, status=409):
        iam.delete_policy(PolicyArn=own["Arn"])
    iam.detach_group_policy(GroupName="Devs", PolicyArn=own["Arn"])
    with refused("DeleteConflict", status=409):
        iam.delete_policy(PolicyArn=own["Arn"])
    iam.delete_policy_version(PolicyArn=own["Arn"], VersionId="v2")
    iam.delete_policy(PolicyArn=own["Arn"])
    assert not Policy.objects.exists()


def test_a_name_is_taken_whatever_its_case_and_path(iam, own):
    message = "A policy called OWN already exists. Duplicate names are not allowed."
    with refused("EntityAlreadyExists", message, status=409):
        iam.create_policy(PolicyName="OWN", PolicyDocument=TEXT)


def test_tags_are_set_listed_and_dropped(iam, own):
    iam.tag_policy(PolicyArn=own["Arn"], Tags=[{"Key": "Team", "Value": "ops"}])
    assert iam.list_policy_tags(PolicyArn=own["Arn"])["Tags"] == [{"Key": "Team", "Value": "ops"}]
    iam.untag_policy(PolicyArn=own["Arn"], TagKeys=["TEAM"])
    answer = iam.list_policy_tags(PolicyArn=own["Arn"])
    assert (answer["Tags"], answer["IsTruncated"]) == ([], False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Syntax errors in policy."),
        (document(allow("s3:a:b")), "Actions/Condition can contain only one colon."),
        (
            document(allow("GetObject")),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            document(allow("s3:GetObject", on="arn:bsdf:s3:::b")),
            'Partition "bsdf" is not valid for resource "arn:bsdf:s3:::b".',
        ),
        (
            TEXT.replace("2012-10-17", "2008-10-17"),
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (document({"Effect": "Allow", "Resource": "*"}), "Policy statement must contain actions."),
        (
            document({"Effect": "Allow", "Action": "s3:*"}),
            "Policy statement must contain resources.",
        ),
        (
            document(allow("s3:*", on="arn:aws:s3:us-east-1::bucket")),
            "Resource arn:aws:s3:us-east-1::bucket can not contain region information.",
        ),
        (
            document(allow("s3:*", on="sdfsadf")),
            'Resource sdfsadf must be in ARN format or "*".',
        ),
        (document(), "Syntax errors in policy."),
        (
            document(allow("s3:*", Principal="*")),
            "Policy document should not specify a principal.",
        ),
    ],
)
def test_a_malformed_document_is_refused_by_its_cause(iam, own, text, message):
    with refused("MalformedPolicyDocument", message, status=400):
        iam.create_policy(PolicyName="New", PolicyDocument=text)
    with refused("MalformedPolicyDocument", message, status=400):
        iam.create_policy_version(PolicyArn=own["Arn"], PolicyDocument=text)


def test_a_document_that_is_too_long_is_beyond_the_quota(iam):
    text = document(allow(*[f"s3:Get{number:05}{'x' * 90}" for number in range(60)]))
    with refused("LimitExceeded", "Cannot exceed quota for PolicySize: 6144", status=409):
        iam.create_policy(PolicyName="Long", PolicyDocument=text)


def test_who_uses_a_policy_is_told_by_kind_and_in_pages(iam, own):
    iam.create_user(UserName="ram", PermissionsBoundary=own["Arn"])
    iam.create_group(GroupName="Devs")
    iam.attach_group_policy(GroupName="Devs", PolicyArn=own["Arn"])
    found = iam.list_entities_for_policy(PolicyArn=own["Arn"])
    assert [each["GroupName"] for each in found["PolicyGroups"]] == ["Devs"]
    (user,) = found["PolicyUsers"]
    assert user == {"UserName": "ram", "UserId": iam.get_user(UserName="ram")["User"]["UserId"]}
    assert (found["PolicyRoles"], found["IsTruncated"]) == ([], False)
    first = iam.list_entities_for_policy(PolicyArn=own["Arn"], MaxItems=1)
    assert first["IsTruncated"] is True
    assert first["PolicyUsers"] == []
    only = iam.list_entities_for_policy(
        PolicyArn=own["Arn"], PolicyUsageFilter="PermissionsBoundary"
    )
    assert (only["PolicyGroups"], len(only["PolicyUsers"])) == ([], 1)


def test_whoever_may_do_nothing_is_denied_on_the_arn_that_was_given(nobody, alice, own):
    message = (
        f"User: {alice.arn} is not authorized to perform: iam:GetPolicy on resource: "
        f"{own['Arn']} because no identity-based policy allows the iam:GetPolicy action"
    )
    with refused("AccessDenied", message, status=403):
        nobody.get_policy(PolicyArn=own["Arn"])


def test_another_account_reads_and_changes_nothing(stranger, own):
    assert stranger.list_policies(Scope="Local")["Policies"] == []
    for name in ("get_policy", "delete_policy", "list_policy_versions"):
        with refused("NoSuchEntity", f"Policy {own['Arn']} was not found.", status=404):
            getattr(stranger, name)(PolicyArn=own["Arn"])
    assert Policy.objects.count() == 1
