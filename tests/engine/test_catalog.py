"""The facts about services, actions, resource types and condition keys."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from accounts.engine import catalog

ROOT = Path(__file__).resolve().parents[2]


def test_every_service_is_listed_once_with_its_name_and_the_number_of_its_actions():
    summaries = catalog.services()
    assert len(summaries) >= 456
    assert [one.prefix for one in summaries] == sorted({one.prefix for one in summaries})
    for summary in summaries:
        service = catalog.service(summary.prefix)
        assert service is not None
        assert (service.prefix, service.name) == (summary.prefix, summary.name)
        assert len(service.actions) == summary.action_count


def test_every_action_has_one_of_the_five_access_levels_and_known_resource_types():
    for summary in catalog.services():
        service = catalog.service(summary.prefix)
        assert service is not None
        for lower, action in service.actions.items():
            assert lower == action.name.lower()
            assert action.full_name == f"{service.prefix}:{action.name}"
            assert action.access_level in catalog.ACCESS_LEVELS
            for resource in action.resource_types:
                assert resource.name.lower() in service.resource_types, action.full_name


def test_every_key_of_an_action_is_a_key_of_its_service():
    for summary in catalog.services():
        service = catalog.service(summary.prefix)
        assert service is not None
        for action in service.actions.values():
            assert service.keys_of(action) <= service.condition_keys.keys(), action.full_name


def test_an_action_is_found_without_regard_to_case_and_told_in_aws_spelling():
    action = catalog.action("IAM:createuser")
    assert action is not None
    assert action.full_name == "iam:CreateUser"
    assert action.access_level == "Write"
    assert [one.name for one in action.resource_types] == ["user"]
    assert "iam:PermissionsBoundary" in action.condition_keys
    assert catalog.action("s3:GetObject") == catalog.action("s3:getobject")


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("iam:ListUsers", "List"),
        ("iam:GetUser", "Read"),
        ("iam:CreateUser", "Write"),
        ("iam:AttachUserPolicy", "Permissions management"),
        ("iam:TagUser", "Tagging"),
    ],
)
def test_access_levels_are_aws_five(name, level):
    action = catalog.action(name)
    assert action is not None
    assert action.access_level == level


@pytest.mark.parametrize("name", ["", ":", "iam", "iam:", "iam:NoSuch", "nope:X", "iam:Get*", "*"])
def test_what_is_no_action_is_none(name):
    assert catalog.action(name) is None


def test_an_unknown_service_is_none():
    assert catalog.service("nope") is None
    assert catalog.service("") is None
    assert catalog.service("S3") is catalog.service("s3")


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("s3:getobjec?", ("s3:GetObject",)),
        ("sts:AssumeRoleWith*", ("sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")),
        ("STS:*Caller*", ("sts:GetCallerIdentity",)),
        ("iam:NoSuch*", ()),
        ("iam:CreateUser", ("iam:CreateUser",)),
        ("iam:", ()),
        ("nope:*", ()),
        ("nope*:*", ()),
        ("", ()),
        ("iam:[a-z]*", ()),
        ("ec2:" + "*ab" * 500, ()),
    ],
)
def test_a_pattern_expands_to_the_actions_it_matches(pattern, names):
    assert catalog.expand(pattern) == names


def test_a_star_alone_is_every_action_of_every_service():
    everything = catalog.expand("*")
    assert everything is catalog.expand("*:*")
    assert len(everything) == sum(one.action_count for one in catalog.services())


def test_a_star_in_the_prefix_reaches_every_service_it_matches():
    assert {name.partition(":")[0] for name in catalog.expand("s3*:GetObject")} == {
        "s3",
        "s3-object-lambda",
        "s3-outposts",
    }


@pytest.mark.parametrize(
    ("named", "owners"),
    [
        ("sns", {"sns"}),
        ("iam", {"iam", "sts"}),
        ("sts", {"sts"}),
        ("tag", {"tag"}),
        ("nope", set()),
    ],
)
def test_the_service_in_an_arn_leads_to_the_services_that_own_such_resources(named, owners):
    found = set(catalog.arn_owners(named))
    assert owners <= found
    assert bool(found) is bool(owners)


@pytest.mark.parametrize(
    ("name", "found", "kind", "multivalued"),
    [
        ("aws:sourceip", "aws:SourceIp", "IPAddress", False),
        ("aws:PrincipalTag/team", "aws:PrincipalTag/${TagKey}", "String", False),
        ("AWS:TAGKEYS", "aws:TagKeys", "String", True),
        ("iam:PassedToService", "iam:PassedToService", "String", False),
        ("s3:ExistingObjectTag/a/b", "s3:ExistingObjectTag/${TagKey}", "String", False),
        (
            "kms:EncryptionContext:purpose",
            "kms:EncryptionContext:${EncryptionContextKey}",
            "String",
            False,
        ),
        ("saml:aud", "saml:aud", "String", False),
        ("accounts.google.com:aud", "accounts.google.com:aud", "String", False),
    ],
)
def test_condition_keys_are_found_with_their_type(name, found, kind, multivalued):
    assert catalog.condition_key(name) == catalog.ConditionKey(found, kind, multivalued)


@pytest.mark.parametrize("name", ["", ":", "aws:", "aws:Nope", "aws:PrincipalTag/", "s3:nope", "x"])
def test_what_is_no_condition_key_is_none(name):
    assert catalog.condition_key(name) is None


def test_nothing_is_read_at_import_and_one_service_reads_only_itself():
    code = (
        "from accounts.engine import catalog as c;"
        "print(c._index.cache_info().currsize);"
        "c.service('s3');"
        "print(c._service.cache_info().currsize)"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    assert output.split() == ["0", "1"]
