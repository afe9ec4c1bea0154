"""For every check a document that it is about, and where it says so."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.engine import PolicyKind
from accounts.engine.lint import CHECKS, Finding, lint
from tests.engine.lint_documents import (
    BUCKET,
    GITHUB,
    GITHUB_ARN,
    IDENTITY,
    OBJECTS,
    RESOURCE,
    SAML_ARN,
    SCP,
    TRUST,
    allow,
    bucket,
    deny,
    policy,
    trust,
)
from tests.engine.lint_examples_grammar import GRAMMAR
from tests.engine.lint_examples_grants import GRANTS

EXAMPLES = [*GRAMMAR, *GRANTS]


def found(code: str, kind: PolicyKind, text: str, **more: Any) -> list[Finding]:
    return [each for each in lint(text, kind, **more) if each.code == code]


@pytest.mark.parametrize(
    ("code", "kind", "text", "path"), EXAMPLES, ids=[example[0] for example in EXAMPLES]
)
def test_the_check_finds_its_example(code, kind, text, path):
    attached_to = BUCKET if kind is RESOURCE else None
    findings = found(code, kind, text, attached_to=attached_to)
    assert findings, [(each.code, each.path) for each in lint(text, kind)]
    assert findings[0].type is CHECKS[code].type
    assert findings[0].message.strip() == findings[0].message
    if path is not None:
        assert findings[0].path == path


def test_every_check_has_an_example():
    assert {example[0] for example in EXAMPLES} == set(CHECKS)


CLEAN = {
    "an identity policy with wildcards and a variable": (
        IDENTITY,
        policy(
            allow(["s3:GetObject", "s3:PutObject"], f"{BUCKET}/home/${{aws:username}}/*"),
            allow("s3:ListBucket", BUCKET, Condition={"StringLike": {"s3:prefix": "home/*"}}),
            allow(["s3:ListAllMyBuckets", "ec2:Describe*"], "*"),
        ),
    ),
    "MFA for everything else": (
        IDENTITY,
        policy(
            {
                "Sid": "DenyAllExceptListedIfNoMFA",
                "Effect": "Deny",
                "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"],
                "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            }
        ),
    ),
    "one's own keys": (
        IDENTITY,
        policy(
            allow(
                ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys"],
                "arn:aws:iam::*:user/${aws:username}",
            )
        ),
    ),
    "passing one role to one service": (
        IDENTITY,
        policy(allow("iam:PassRole", "arn:aws:iam::111122223333:role/app-*")),
    ),
    "IAM's lists on IAM's own list ARNs": (
        IDENTITY,
        policy(allow("iam:ListUsers", "arn:aws:iam::111122223333:user/*")),
    ),
    "S3's list of buckets on any bucket, as the User Guide writes it": (
        IDENTITY,
        policy(allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")),
    ),
    "a public parameter without an account": (
        IDENTITY,
        policy(allow("ssm:GetParameters", "arn:aws:ssm:*::parameter/aws/service/*")),
    ),
    "tags": (
        IDENTITY,
        policy(
            allow(
                ["ec2:StartInstances", "ec2:StopInstances"],
                "arn:aws:ec2:*:*:instance/*",
                Condition={
                    "StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"},
                    "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]},
                },
            )
        ),
    ),
    "a service in a trust policy": (TRUST, policy(trust({"Service": "ec2.amazonaws.com"}))),
    "an account in a trust policy": (
        TRUST,
        policy(
            trust(
                {"AWS": "arn:aws:iam::111122223333:root"},
                Condition={
                    "StringEquals": {"sts:ExternalId": "42"},
                    "Bool": {"aws:MultiFactorAuthPresent": "true"},
                },
            )
        ),
    ),
    "SAML": (
        TRUST,
        policy(
            trust(
                {"Federated": SAML_ARN},
                "sts:AssumeRoleWithSAML",
                Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
            )
        ),
    ),
    "GitHub": (
        TRUST,
        policy(
            trust(
                {"Federated": GITHUB_ARN},
                "sts:AssumeRoleWithWebIdentity",
                Condition={
                    "StringEquals": {
                        f"{GITHUB}:aud": "sts.amazonaws.com",
                        f"{GITHUB}:sub": "repo:corp/app:ref:refs/heads/main",
                    }
                },
            )
        ),
    ),
    "a bucket policy": (
        RESOURCE,
        policy(
            bucket({"AWS": "arn:aws:iam::111122223333:user/alice"}),
            deny(
                "s3:*",
                [BUCKET, OBJECTS],
                Principal="*",
                Condition={"Bool": {"aws:SecureTransport": "false"}},
            ),
        ),
    ),
    "a service in a bucket policy": (
        RESOURCE,
        policy(
            bucket(
                {"Service": "cloudtrail.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}},
            )
        ),
    ),
    "a service control policy as AWS takes them since 2025": (
        SCP,
        policy(
            deny(
                "*",
                "*",
                Condition={"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
            ),
            {"Effect": "Allow", "NotAction": "account:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:*Object", "NotResource": OBJECTS},
        ),
    ),
    "AWS keys with a colon in the name": (
        IDENTITY,
        policy(
            allow(
                "kms:Decrypt",
                "arn:aws:kms:*:111122223333:key/*",
                Condition={"StringLike": {"kms:EncryptionContext:purpose": "x*"}},
            )
        ),
    ),
}


@pytest.mark.parametrize(("kind", "text"), CLEAN.values(), ids=CLEAN)
def test_a_good_policy_has_no_findings(kind, text):
    attached_to = BUCKET if kind is RESOURCE else None
    assert [(e.code, e.path, e.message) for e in lint(text, kind, attached_to=attached_to)] == []
