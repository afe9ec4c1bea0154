"""AWS's managed policies as the project ships them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from accounts import managed_policies

ROOT = Path(__file__).resolve().parents[2]
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def test_every_policy_is_there_once_and_the_list_is_sorted_by_name():
    names = [policy.name for policy in managed_policies.all()]
    assert len(names) >= 1_580
    assert names == sorted(set(names))


def test_every_policy_answers_to_its_arn_and_its_document_is_a_policy():
    for policy in managed_policies.all():
        assert managed_policies.get(policy.arn) is policy
        assert policy.arn == f"arn:aws:iam::aws:policy{policy.path}{policy.name}"
        assert json.loads(policy.document)["Statement"], policy.name


def test_an_unknown_arn_is_none():
    assert managed_policies.get("arn:aws:iam::aws:policy/NoSuchPolicy") is None
    assert managed_policies.get("arn:aws:iam::111122223333:policy/AdministratorAccess") is None
    assert managed_policies.get("") is None


def test_the_administrators_policy_is_aws_own_text_in_aws_order():
    policy = managed_policies.get(ADMINISTRATOR)
    assert policy is not None
    assert policy.default_version_id == "v1"
    assert policy.created_at.isoformat() == "2015-02-06T18:39:46+00:00"
    assert policy.document == (
        '{\n    "Version": "2012-10-17",\n    "Statement": [\n        {\n'
        '            "Effect": "Allow",\n            "Action": "*",\n'
        '            "Resource": "*"\n        }\n    ]\n}'
    )


def test_policy_ids_look_like_aws_and_differ():
    ids = {policy.policy_id for policy in managed_policies.all()}
    assert len(ids) == len(managed_policies.all())
    assert all(re.fullmatch(r"ANPA[A-Z2-7]{17}", one) for one in ids)


@pytest.mark.parametrize(
    "name",
    [
        "AdministratorAccess",
        "Billing",
        "DatabaseAdministrator",
        "DataScientist",
        "NetworkAdministrator",
        "PowerUserAccess",
        "SecurityAudit",
        "SupportUser",
        "SystemAdministrator",
        "ViewOnlyAccess",
    ],
)
def test_the_ten_job_functions_are_marked(name):
    (policy,) = (policy for policy in managed_policies.all() if policy.name == name)
    assert policy.job_function


def test_an_ordinary_policy_is_no_job_function():
    policy = managed_policies.get("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    assert policy is not None
    assert not policy.job_function
    assert not policy.for_service_linked_roles


def test_policies_of_service_linked_roles_are_told_apart():
    policy = managed_policies.get(
        "arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"
    )
    assert policy is not None
    assert policy.for_service_linked_roles


def test_nothing_is_read_at_import():
    code = (
        "import accounts.managed_policies as m;"
        "print(m._by_arn.cache_info().currsize, m._block.cache_info().currsize)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    assert output.split() == ["0", "0"]


def test_few_documents_are_kept_in_memory():
    for policy in managed_policies.all():
        _ = policy.document
    kept = managed_policies._block.cache_info()
    assert kept.maxsize is not None
    assert kept.currsize <= kept.maxsize <= 8
