"""The credential report and what was last accessed, by the SDK of AWS."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CredentialReport
from tests.api.refusals import refused
from tests.cast import CallerWith, allow, arn, document

NO_JOB = "11111111-2222-4333-8444-555555555555"


def test_there_is_no_credential_report_until_one_is_made(iam):
    with refused("ReportNotPresent", status=410):
        iam.get_credential_report()
    started = iam.generate_credential_report()
    assert started["State"] == "STARTED"
    assert started["Description"] == "No report exists. Starting a new report generation task"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    answer = iam.get_credential_report()
    assert answer["ReportFormat"] == "text/csv"
    assert (timezone.now() - answer["GeneratedTime"]).total_seconds() < 60
    rows = list(csv.DictReader(answer["Content"].decode().splitlines()))
    assert [row["user"] for row in rows] == ["<root_account>", "admin"]
    CredentialReport.objects.update(generated_at=datetime(2026, 1, 1, tzinfo=UTC))
    with refused("ReportExpired", status=410):
        iam.get_credential_report()
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "COMPLETE"


def test_a_report_stays_as_it_is_for_four_hours_and_is_as_raw_as_awss(iam):
    iam.generate_credential_report()
    before = iam.get_credential_report()
    iam.create_user(UserName="=1+1,cmd")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert iam.get_credential_report()["Content"] == before["Content"]
    made = before["GeneratedTime"] - timedelta(hours=4)
    CredentialReport.objects.update(generated_at=made)
    iam.generate_credential_report()
    content = iam.get_credential_report()["Content"].decode()
    assert '\n"=1+1,cmd","arn:' in content, "quoted as CSV is, and nothing put before it"


@pytest.fixture
def alices(aws, caller_with: CallerWith) -> dict[str, Any]:
    """alice may list buckets and users, and has listed users; the report on her."""
    alice = aws(caller_with(allow("s3:ListAllMyBuckets", "iam:*")))
    alice.list_users()
    job = alice.generate_service_last_accessed_details(
        Arn=arn("user/alice"), Granularity="ACTION_LEVEL"
    )
    return {"client": alice, "JobId": job["JobId"]}


def test_what_was_last_accessed_is_told_by_service_and_action(alices):
    answer = alices["client"].get_service_last_accessed_details(JobId=alices["JobId"])
    assert (answer["JobStatus"], answer["JobType"]) == ("COMPLETED", "ACTION_LEVEL")
    assert answer["JobCompletionDate"] >= answer["JobCreationDate"]
    assert answer["IsTruncated"] is False
    iam, s3 = answer["ServicesLastAccessed"]
    assert iam["ServiceNamespace"] == "iam"
    assert iam["LastAuthenticatedEntity"] == arn("user/alice")
    assert iam["LastAuthenticatedRegion"] == "us-east-1"
    assert iam["TotalAuthenticatedEntities"] == 1
    actions = {each["ActionName"]: each for each in iam["TrackedActionsLastAccessed"]}
    assert actions["ListUsers"].keys() == {
        "ActionName", "LastAccessedEntity", "LastAccessedRegion", "LastAccessedTime",
    }  # fmt: skip
    assert actions["ListUsers"]["LastAccessedEntity"] == arn("user/alice")
    assert actions["ListUsers"]["LastAccessedTime"] == iam["LastAuthenticated"]
    assert actions["GetRole"] == {"ActionName": "GetRole"}, "given, and never tried"
    assert s3.keys() == {"ServiceName", "ServiceNamespace", "TotalAuthenticatedEntities"}
    assert s3["TotalAuthenticatedEntities"] == 0


def test_a_report_comes_in_pages(alices):
    first = alices["client"].get_service_last_accessed_details(JobId=alices["JobId"], MaxItems=1)
    assert first["IsTruncated"] is True
    rest = alices["client"].get_service_last_accessed_details(
        JobId=alices["JobId"], Marker=first["Marker"]
    )
    assert [each["ServiceNamespace"] for each in rest["ServicesLastAccessed"]] == ["s3"]


def test_who_accessed_a_service_is_told(alices):
    answer = alices["client"].get_service_last_accessed_details_with_entities(
        JobId=alices["JobId"], ServiceNamespace="iam"
    )
    (found,) = answer["EntityDetailsList"]
    assert found["EntityInfo"].pop("Id").startswith("AIDA")
    assert found["EntityInfo"] == {
        "Arn": arn("user/alice"),
        "Name": "alice",
        "Type": "USER",
        "Path": "/",
    }
    assert "LastAuthenticated" in found
    with refused("NoSuchEntity", status=404):
        alices["client"].get_service_last_accessed_details_with_entities(
            JobId=alices["JobId"], ServiceNamespace="ec2"
        )


def test_a_job_is_only_for_whoever_asked_for_it(iam, alices, stranger):
    for other in (iam, stranger):
        with refused("NoSuchEntity", status=404):
            other.get_service_last_accessed_details(JobId=alices["JobId"])
    with refused("NoSuchEntity", status=404):
        iam.get_service_last_accessed_details(JobId=NO_JOB)


def test_policies_that_grant_access_to_services_are_told_by_service(iam):
    iam.create_user(UserName="ram")
    text = document(allow("sqs:*"))
    iam.put_user_policy(UserName="ram", PolicyName="own", PolicyDocument=text)
    policy = iam.create_policy(PolicyName="Both", PolicyDocument=document(allow("s3:*", "sqs:*")))
    iam.attach_user_policy(UserName="ram", PolicyArn=policy["Policy"]["Arn"])
    answer = iam.list_policies_granting_service_access(
        Arn=arn("user/ram"), ServiceNamespaces=["s3", "ec2", "sqs"]
    )
    managed = {"PolicyName": "Both", "PolicyType": "MANAGED", "PolicyArn": arn("policy/Both")}
    inline = {
        "PolicyName": "own",
        "PolicyType": "INLINE",
        "EntityType": "USER",
        "EntityName": "ram",
    }
    granted = {
        each["ServiceNamespace"]: sorted(each["Policies"], key=lambda one: one["PolicyName"])
        for each in answer["PoliciesGrantingServiceAccess"]
    }
    assert granted == {"s3": [managed], "ec2": [], "sqs": [managed, inline]}
    assert answer["IsTruncated"] is False


def test_only_whoever_may_and_only_in_their_own_account(nobody, stranger):
    with refused("AccessDenied", status=403):
        nobody.generate_credential_report()
    with refused("AccessDenied", status=403):
        nobody.generate_service_last_accessed_details(Arn=arn("user/alice"))
    with refused("NoSuchEntity", status=404):
        stranger.generate_service_last_accessed_details(Arn=arn("user/alice"))
