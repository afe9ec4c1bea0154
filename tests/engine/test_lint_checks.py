"""For every check a document that it is about, and where it says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.engine import PolicyKind
from accounts.engine.lint import CHECKS, Finding, lint

IDENTITY, RESOURCE = PolicyKind.IDENTITY, PolicyKind.RESOURCE
TRUST, SCP = PolicyKind.TRUST, PolicyKind.SERVICE_CONTROL
BUCKET = "arn:aws:s3:::reports"
OBJECTS = "arn:aws:s3:::reports/*"
ROLE = "arn:aws:iam::111122223333:role/reader"
GITHUB = "token.actions.githubusercontent.com"
GITHUB_ARN = f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"
SAML_ARN = "arn:aws:iam::111122223333:saml-provider/corp"


def policy(*statements: dict[str, Any], version: str | None = "2012-10-17", **more: Any) -> str:
    document: dict[str, Any] = {"Version": version, "Statement": list(statements), **more}
    if version is None:
        del document["Version"]
    return json.dumps(document)


def allow(action: Any = "s3:GetObject", resource: Any = OBJECTS, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:GetObject", resource: Any = OBJECTS, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def when(operator: str, key: str, values: Any) -> dict[str, Any]:
    return allow(Condition={operator: {key: values}})


def trust(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def bucket(principal: Any, **more: Any) -> dict[str, Any]:
    return allow(Principal=principal, **more)


def without(statement: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name not in names}


STATEMENT = "Statement[0]"
# code, kind, document, path of the finding
EXAMPLES = [
    # Shape
    ("JSON_SYNTAX_ERROR", IDENTITY, '{"Version": "2012-10-17",', ""),
    ("JSON_SYNTAX_ERROR", IDENTITY, '{"Version": 1, "Version": 2}', ""),
    ("DATA_TYPE_MISMATCH", IDENTITY, "[]", ""),
    ("DATA_TYPE_MISMATCH", IDENTITY, policy(allow(3)), "Statement[0].Action"),
    ("DATA_TYPE_MISMATCH", IDENTITY, policy(allow(resource=[None])), "Statement[0].Resource[0]"),
    ("DATA_TYPE_MISMATCH", IDENTITY, policy(allow(Condition=[])), "Statement[0].Condition"),
    ("INVALID_POLICY_ELEMENT", IDENTITY, policy(allow(), Name="x"), "Name"),
    ("INVALID_POLICY_ELEMENT", IDENTITY, policy(allow(effect="Allow")), "Statement[0].effect"),
    ("INVALID_VERSION", IDENTITY, policy(allow(), version="2012-10-18"), "Version"),
    ("MISSING_VERSION", IDENTITY, policy(allow(), version=None), ""),
    ("MISSING_STATEMENT", IDENTITY, policy(), "Statement"),
    ("MISSING_STATEMENT", IDENTITY, '{"Version": "2012-10-17"}', ""),
    ("MISSING_EFFECT", IDENTITY, policy(without(allow(), "Effect")), STATEMENT),
    ("INVALID_EFFECT", IDENTITY, policy({**allow(), "Effect": "allow"}), "Statement[0].Effect"),
    ("MISSING_ACTION", IDENTITY, policy(without(allow(), "Action")), STATEMENT),
    ("MISSING_RESOURCE", IDENTITY, policy(without(allow(), "Resource")), STATEMENT),
    ("MISSING_ACTION", IDENTITY, policy(allow([])), "Statement[0].Action"),
    ("MISSING_RESOURCE", IDENTITY, policy(allow(resource=[])), "Statement[0].Resource"),
    ("MISSING_PRINCIPAL", RESOURCE, policy(allow()), STATEMENT),
    (
        "UNSUPPORTED_ELEMENT_COMBINATION",
        IDENTITY,
        policy(allow(NotAction="s3:PutObject")),
        "Statement[0].NotAction",
    ),
    ("UNSUPPORTED_SID", IDENTITY, policy(allow(Sid="my sid")), "Statement[0].Sid"),
    ("EMPTY_SID_VALUE", IDENTITY, policy(allow(Sid="")), "Statement[0].Sid"),
    (
        "UNIQUE_SIDS_REQUIRED",
        IDENTITY,
        policy(allow(Sid="A"), deny("s3:PutObject", Sid="A")),
        "Statement[1].Sid",
    ),
    (
        "UNIQUE_SIDS_RECOMMENDED",
        RESOURCE,
        policy(bucket("*", Sid="A"), bucket("*", Sid="A")),
        "Statement[1].Sid",
    ),
    ("EMPTY_OBJECT_CONDITION", IDENTITY, policy(allow(Condition={})), "Statement[0].Condition"),
    (
        "EMPTY_OBJECT_CONDITION",
        IDENTITY,
        policy(allow(Condition={"Bool": {}})),
        "Statement[0].Condition.Bool",
    ),
    (
        "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
        IDENTITY,
        policy(allow(resource=[f"{BUCKET}/{number:0200}" for number in range(40)])),
        "",
    ),
    ("POLICY_SIZE_EXCEEDS_SCP_QUOTA", SCP, policy(allow()) + " " * 5_200, ""),
    (
        "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
        TRUST,
        policy(trust({"AWS": [f"{ROLE}{number:0200}" for number in range(12)]})),
        "",
    ),
    (
        "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
        RESOURCE,
        policy(bucket("*", resource=[f"{BUCKET}/{number:0200}" for number in range(100)])),
        "",
    ),
    # Actions
    ("INVALID_ACTION", IDENTITY, policy(allow("s3:GetObjekt")), "Statement[0].Action"),
    ("INVALID_ACTION", IDENTITY, policy(allow(["s3:GetObject", "s3"])), "Statement[0].Action[1]"),
    ("INVALID_SERVICE_IN_ACTION", IDENTITY, policy(allow("s33:GetObject")), "Statement[0].Action"),
    ("WILDCARD_IN_SERVICE_NAME", IDENTITY, policy(allow("s*:Get*", "*")), "Statement[0].Action"),
    ("ACTION_MATCHES_NOTHING", IDENTITY, policy(allow("s3:Fetch*", "*")), "Statement[0].Action"),
    (
        "RESOURCE_NOT_FOR_ACTION",
        IDENTITY,
        policy(allow(["s3:GetObject", "s3:ListBucket"])),
        "Statement[0].Action[1]",
    ),
    ("STATEMENT_NEVER_APPLIES", IDENTITY, policy(allow("s3:GetObject", BUCKET)), STATEMENT),
    (
        "STATEMENT_NEVER_APPLIES",
        IDENTITY,
        policy(allow(), deny("s3:*", "*")),
        STATEMENT,
    ),
    (
        "STATEMENT_NEVER_APPLIES",
        IDENTITY,
        policy({"Effect": "Allow", "NotAction": "*", "Resource": "*"}),
        "Statement[0].NotAction",
    ),
    (
        "STATEMENT_NEVER_APPLIES",
        IDENTITY,
        policy(
            allow(
                Condition={
                    "Null": {"aws:SourceVpc": "true"},
                    "StringEquals": {"aws:SourceVpc": "vpc-12345678"},
                }
            )
        ),
        "Statement[0].Condition.StringEquals.aws:SourceVpc",
    ),
    (
        "STATEMENT_NEVER_APPLIES",
        IDENTITY,
        policy(
            allow(
                Condition={
                    "StringEquals": {"aws:username": "alice"},
                    "StringLike": {"aws:username": "bob"},
                }
            )
        ),
        "Statement[0].Condition.StringLike.aws:username",
    ),
    (
        "UNSUPPORTED_ACTION_IN_POLICY",
        TRUST,
        policy(trust({"AWS": "111122223333"}, "s3:GetObject")),
        "Statement[0].Action",
    ),
    # Resources
    ("INVALID_ARN_PREFIX", IDENTITY, policy(allow(resource="reports/*")), "Statement[0].Resource"),
    ("MISSING_ARN_FIELD", IDENTITY, policy(allow(resource="arn:aws:s3")), "Statement[0].Resource"),
    ("INVALID_PARTITION", IDENTITY, policy(allow(resource="arn:asw:s3:::a/b")), None),
    ("INVALID_SERVICE", IDENTITY, policy(allow(resource="arn:aws:s33:::a/b")), None),
    ("INVALID_SERVICE", IDENTITY, policy(allow(resource="arn:aws:s*:::a/b")), None),
    ("INVALID_ARN_SERVICE_CASE", IDENTITY, policy(allow(resource="arn:aws:S3:::a/b")), None),
    (
        "INVALID_ARN_REGION",
        IDENTITY,
        policy(allow("sns:Publish", "arn:aws:sns:eu-west-9:111122223333:t")),
        None,
    ),
    (
        "INVALID_ARN_ACCOUNT",
        IDENTITY,
        policy(allow("sns:Publish", "arn:aws:sns:eu-west-1:1111:t")),
        None,
    ),
    ("INVALID_ARN_ACCOUNT", IDENTITY, policy(allow("iam:GetUser", "arn:aws:iam:::user/bob")), None),
    (
        "INVALID_ARN_RESOURCE",
        IDENTITY,
        policy(allow("iam:GetUser", "arn:aws:iam::111122223333:users/bob")),
        None,
    ),
    ("ARN_REGION_NOT_ALLOWED", IDENTITY, policy(allow(resource="arn:aws:s3:eu-west-1::a/b")), None),
    (
        "ARN_REGION_NOT_ALLOWED",
        IDENTITY,
        policy(allow("iam:GetUser", "arn:aws:iam:eu-west-1:111122223333:user/bob")),
        None,
    ),
    (
        "ARN_ACCOUNT_NOT_ALLOWED",
        IDENTITY,
        policy(allow("route53:GetHostedZone", "arn:aws:route53::111122223333:hostedzone/Z1")),
        None,
    ),
    (
        "MISSING_ARN_REGION",
        IDENTITY,
        policy(allow("sns:Publish", "arn:aws:sns::111122223333:t")),
        None,
    ),
    # Variables
    (
        "MISSING_BRACE_IN_VARIABLE",
        IDENTITY,
        policy(allow(resource=f"{BUCKET}/${{aws:userid")),
        None,
    ),
    ("EMPTY_VARIABLE", IDENTITY, policy(allow(resource=f"{BUCKET}/${{}}/*")), None),
    (
        "MISSING_QUOTE_IN_VARIABLE",
        IDENTITY,
        policy(allow(resource=f"{BUCKET}/${{aws:username, none}}")),
        None,
    ),
    (
        "UNSUPPORTED_SPACE_IN_VARIABLE",
        IDENTITY,
        policy(allow(resource=f"{BUCKET}/${{ aws:username}}")),
        None,
    ),
    (
        "VARIABLE_UNSUPPORTED_IN_ELEMENT",
        IDENTITY,
        policy(allow("s3:${aws:username}", "*")),
        "Statement[0].Action",
    ),
    (
        "VARIABLE_UNSUPPORTED_IN_VERSION",
        IDENTITY,
        policy(allow(resource=f"{BUCKET}/${{aws:username}}"), version="2008-10-17"),
        "Statement[0].Resource",
    ),
    (
        "INVALID_VARIABLE_FOR_OPERATOR",
        IDENTITY,
        policy(when("NumericEquals", "s3:max-keys", "${aws:username}")),
        "Statement[0].Condition.NumericEquals.s3:max-keys",
    ),
    # Conditions
    ("INVALID_CONDITION_OPERATOR", IDENTITY, policy(when("StringEqual", "aws:userid", "a")), None),
    ("NULL_WITH_IF_EXISTS", IDENTITY, policy(when("NullIfExists", "aws:userid", "true")), None),
    (
        "NULL_WITH_QUALIFIER",
        IDENTITY,
        policy(when("ForAnyValue:Null", "aws:TagKeys", "true")),
        None,
    ),
    ("INVALID_CONDITION_KEY_FORMAT", IDENTITY, policy(when("StringEquals", "user", "a")), None),
    ("INVALID_GLOBAL_CONDITION_KEY", IDENTITY, policy(when("StringEquals", "aws:user", "a")), None),
    ("INVALID_SERVICE_CONDITION_KEY", IDENTITY, policy(when("StringEquals", "s3:a", "a")), None),
    ("INVALID_SERVICE", IDENTITY, policy(when("StringEquals", "s33:prefix", "a")), None),
    ("DEPRECATED_GLOBAL_CONDITION_KEY", IDENTITY, policy(when("ArnLike", "aws:ARN", "*")), None),
    (
        "MISSING_TAG_KEY_IN_CONDITION",
        IDENTITY,
        policy(when("StringEquals", "aws:PrincipalTag/", "a")),
        None,
    ),
    (
        "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
        IDENTITY,
        policy(allow(Condition={"StringEquals": {"aws:userid": "a", "aws:UserId": "b"}})),
        "Statement[0].Condition.StringEquals.aws:UserId",
    ),
    (
        "INVALID_CONDITION_DATA_TYPE",
        IDENTITY,
        policy(when("StringEquals", "aws:userid", ["a", True])),
        None,
    ),
    (
        "INVALID_CONDITION_MULTIPLE_BOOLEAN",
        IDENTITY,
        policy(when("Bool", "aws:SecureTransport", ["true", "false"])),
        None,
    ),
    ("MISSING_QUALIFIER", IDENTITY, policy(when("StringEquals", "aws:TagKeys", "team")), None),
    (
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        IDENTITY,
        policy(when("ForAllValues:StringEquals", "aws:username", "alice")),
        None,
    ),
    ("TYPE_MISMATCH", IDENTITY, policy(when("StringEquals", "aws:SourceIp", "1.1.1.1")), None),
    ("TYPE_MISMATCH_BOOLEAN", IDENTITY, policy(when("Bool", "aws:SecureTransport", "yes")), None),
    (
        "TYPE_MISMATCH_DATE",
        IDENTITY,
        policy(when("DateLessThan", "aws:CurrentTime", "tomorrow")),
        None,
    ),
    ("INVALID_DATE_VALUE", IDENTITY, policy(when("DateLessThan", "aws:CurrentTime", "2030")), None),
    ("TYPE_MISMATCH_NUMBER", IDENTITY, policy(when("NumericEquals", "s3:max-keys", "ten")), None),
    ("TYPE_MISMATCH_IP_RANGE", IDENTITY, policy(when("IpAddress", "aws:SourceIp", "1.1.1")), None),
    ("TYPE_MISMATCH_STRING", IDENTITY, policy(when("BinaryEquals", "s3:prefix", "?")), None),
    ("IMPROVE_IP_RANGE", IDENTITY, policy(when("IpAddress", "aws:SourceIp", "1.1.1.1/24")), None),
    ("PRIVATE_IP_ADDRESS", IDENTITY, policy(when("IpAddress", "aws:SourceIp", "10.0.0.0/8")), None),
    (
        "PRIVATE_NOTIPADDRESS",
        IDENTITY,
        policy(when("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8"])),
        None,
    ),
    (
        "PRIVATE_IP_ADDRESS_SUBSET",
        IDENTITY,
        policy(when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "8.8.8.0/24"])),
        "Statement[0].Condition.IpAddress.aws:SourceIp[0]",
    ),
    (
        "PRIVATE_NOTIPADDRESS_SUBSET",
        IDENTITY,
        policy(when("NotIpAddress", "aws:SourceIp", ["8.8.8.0/24", "10.0.0.0/8"])),
        "Statement[0].Condition.NotIpAddress.aws:SourceIp[1]",
    ),
    (
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        IDENTITY,
        policy(when("StringEquals", "aws:username", ["alice", "b*"])),
        "Statement[0].Condition.StringEquals.aws:username[1]",
    ),
    (
        "REDUNDANT_CONDITION_VALUE_NUM",
        IDENTITY,
        policy(when("NumericLessThan", "s3:max-keys", [5, "10"])),
        None,
    ),
    (
        "INVALID_REGION",
        IDENTITY,
        policy(when("StringEquals", "aws:RequestedRegion", "eu-west-11")),
        None,
    ),
    ("INVALID_VPC_FORMAT", IDENTITY, policy(when("StringEquals", "aws:SourceVpc", "vpc1")), None),
    ("INVALID_VPCE_FORMAT", IDENTITY, policy(when("StringEquals", "aws:SourceVpce", "v-1")), None),
    (
        "MISSING_PAIRED_CONDITION_KEYS",
        IDENTITY,
        policy(when("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8")),
        None,
    ),
    ("EMPTY_ARRAY_CONDITION", IDENTITY, policy(when("StringEquals", "aws:userid", [])), None),
    (
        "EMPTY_ARRAY_CONDITION_FORALLVALUES",
        IDENTITY,
        policy(when("ForAllValues:StringEquals", "aws:TagKeys", [])),
        None,
    ),
    (
        "EMPTY_ARRAY_CONDITION_FORANYVALUE",
        IDENTITY,
        policy(when("ForAnyValue:StringEquals", "aws:TagKeys", [])),
        None,
    ),
    (
        "EMPTY_ARRAY_CONDITION_IFEXISTS",
        IDENTITY,
        policy(when("StringEqualsIfExists", "aws:userid", [])),
        None,
    ),
    (
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
        IDENTITY,
        policy(
            allow(
                ["s3:ListBucket", "s3:GetBucketLocation"],
                BUCKET,
                Condition={"StringLike": {"s3:prefix": "home/*"}},
            )
        ),
        "Statement[0].Condition.StringLike.s3:prefix",
    ),
    (
        "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        IDENTITY,
        policy(
            allow(
                "s3:ListAllMyBuckets",
                "*",
                Condition={"StringEquals": {"aws:ResourceTag/team": "a"}},
            )
        ),
        None,
    ),
    (
        "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        IDENTITY,
        policy(
            deny(
                ["ec2:StopInstances", "s3:ListAllMyBuckets"],
                "*",
                Condition={"StringEquals": {"aws:ResourceTag/team": "a"}},
            )
        ),
        None,
    ),
    (
        "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        IDENTITY,
        policy(
            {
                "Effect": "Allow",
                "NotAction": "iam:*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}},
            }
        ),
        None,
    ),
    (
        "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
        IDENTITY,
        policy(
            {
                "Effect": "Deny",
                "NotAction": "iam:*",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}},
            }
        ),
        None,
    ),
    (
        "IRRELEVANT_CONDITION_KEY_IN_POLICY",
        RESOURCE,
        policy(bucket("*", Condition={"StringEquals": {"aws:ResourceAccount": "111122223333"}})),
        None,
    ),
    # Principals
    ("UNSUPPORTED_PRINCIPAL", IDENTITY, policy(allow(Principal="*")), "Statement[0].Principal"),
    ("SCP_SYNTAX_ERROR_PRINCIPAL", SCP, policy(allow(Principal="*")), "Statement[0].Principal"),
    ("INVALID_PRINCIPAL_FORMAT", RESOURCE, policy(bucket("alice")), "Statement[0].Principal"),
    ("INVALID_PRINCIPAL_FORMAT", RESOURCE, policy(bucket({"AWS": "alice"})), None),
    ("INVALID_PRINCIPAL_KEY", RESOURCE, policy(bucket({"Aws": "111122223333"})), None),
    ("EMPTY_OBJECT_PRINCIPAL", RESOURCE, policy(bucket({})), "Statement[0].Principal"),
    ("EMPTY_ARRAY_PRINCIPAL", RESOURCE, policy(bucket({"AWS": []})), "Statement[0].Principal.AWS"),
    (
        "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        RESOURCE,
        policy(bucket({"AWS": ["111122223333", "arn:aws:iam::111122223333:user/*"]})),
        "Statement[0].Principal.AWS[1]",
    ),
    ("INVALID_ROLE_REFERENCE", RESOURCE, policy(bucket({"AWS": "AROAEXAMPLEEXAMPLE12"})), None),
    ("INVALID_USER_REFERENCE", RESOURCE, policy(bucket({"AWS": "AIDAEXAMPLEEXAMPLE12"})), None),
    (
        "INVALID_SERVICE_PRINCIPAL_FORMAT",
        TRUST,
        policy(trust({"Service": "ec2"})),
        "Statement[0].Principal.Service",
    ),
    (
        "FEDERATED_PRINCIPAL_NOT_SUPPORTED",
        RESOURCE,
        policy(bucket({"Federated": SAML_ARN})),
        None,
    ),
    (
        "ALLOW_WITH_NOTPRINCIPAL",
        RESOURCE,
        policy(allow(NotPrincipal={"AWS": "111122223333"})),
        "Statement[0].NotPrincipal",
    ),
    (
        "RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL",
        RESOURCE,
        policy(bucket({"Service": "cloudtrail.amazonaws.com"})),
        None,
    ),
    (
        "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        RESOURCE,
        policy(
            bucket(
                {"Service": "s3.amazonaws.com"},
                Condition={"StringEquals": {"aws:SourceOwner": "111122223333"}},
            )
        ),
        None,
    ),
    (
        "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        RESOURCE,
        policy(
            bucket(
                {"Service": "s3.amazonaws.com"},
                Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            )
        ),
        None,
    ),
    (
        "UNSUPPORTED_RESOURCE_ARN_IN_POLICY",
        RESOURCE,
        policy(bucket("*", resource="arn:aws:s3:::other/*")),
        "Statement[0].Resource",
    ),
    # Trust policies
    (
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
        TRUST,
        policy(trust({"AWS": "111122223333"}, Resource="*")),
        "Statement[0].Resource",
    ),
    (
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL",
        TRUST,
        policy({"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "sts:AssumeRole"}),
        "Statement[0].NotPrincipal",
    ),
    ("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", TRUST, policy(trust("*")), None),
    (
        "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY",
        TRUST,
        policy(trust({"Federated": "corp"}, "sts:AssumeRoleWithSAML")),
        None,
    ),
    (
        "MISMATCHED_ACTION_FOR_PRINCIPAL",
        TRUST,
        policy(trust({"Federated": SAML_ARN})),
        "Statement[0].Action",
    ),
    (
        "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY",
        TRUST,
        policy(trust({"Service": "rolesanywhere.amazonaws.com"})),
        None,
    ),
    (
        "MISSING_ACTION_FOR_CONDITION_KEY",
        TRUST,
        policy(
            trust(
                {"AWS": "111122223333"}, Condition={"StringEquals": {"sts:SourceIdentity": "alice"}}
            )
        ),
        None,
    ),
    (
        "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
        TRUST,
        policy(trust({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity")),
        None,
    ),
    (
        "MISSING_GITHUB_REPO_CONDITION_KEY",
        TRUST,
        policy(
            trust(
                {"Federated": GITHUB_ARN},
                "sts:AssumeRoleWithWebIdentity",
                Condition={"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}},
            )
        ),
        None,
    ),
    (
        "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED",
        TRUST,
        policy(
            trust(
                {"Federated": GITHUB_ARN},
                "sts:AssumeRoleWithWebIdentity",
                Condition={"StringLike": {f"{GITHUB}:sub": "repo:corp/*"}},
            )
        ),
        None,
    ),
    (
        "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY",
        TRUST,
        policy(trust({"AWS": [ROLE, "arn:aws:sts::111122223333:assumed-role/reader/session"]})),
        "Statement[0].Principal.AWS[1]",
    ),
    (
        "CONFIRM_AUDIENCE_CLAIM_TYPE",
        TRUST,
        policy(
            trust(
                {"Federated": "accounts.google.com"},
                "sts:AssumeRoleWithWebIdentity",
                Condition={"ForAnyValue:StringEquals": {"accounts.google.com:aud": "app"}},
            )
        ),
        None,
    ),
    # What is given away
    *(
        (f"{prefix}_{code}", IDENTITY, policy(statement), None)
        for prefix, action in (
            ("PASS_ROLE", "iam:PassRole"),
            ("CREATE_SLR", "iam:CreateServiceLinkedRole"),
        )
        for code, statement in (
            ("WITH_STAR_IN_RESOURCE", allow(action, "*")),
            ("WITH_STAR_IN_ACTION_AND_RESOURCE", allow("iam:*", "*")),
            (
                "WITH_STAR_IN_RESOURCE_AND_NOTACTION",
                {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
            ),
            (
                "WITH_NOTRESOURCE",
                {"Effect": "Allow", "Action": action, "NotResource": ROLE},
            ),
            (
                "WITH_STAR_IN_ACTION_AND_NOTRESOURCE",
                {"Effect": "Allow", "Action": "iam:*", "NotResource": ROLE},
            ),
            (
                "WITH_NOTACTION_AND_NOTRESOURCE",
                {"Effect": "Allow", "NotAction": "s3:*", "NotResource": ROLE},
            ),
        )
    ),
    (
        "PRIVILEGE_ESCALATION",
        IDENTITY,
        policy(allow(["s3:GetObject", "iam:PutUserPolicy"], "*")),
        "Statement[0].Action[1]",
    ),
    # Repetition
    (
        "REDUNDANT_ACTION",
        IDENTITY,
        policy(allow(["s3:Get*", "s3:GetObject"])),
        "Statement[0].Action[1]",
    ),
    (
        "REDUNDANT_RESOURCE",
        IDENTITY,
        policy(allow(resource=[f"{BUCKET}/a", OBJECTS])),
        "Statement[0].Resource[0]",
    ),
    ("REDUNDANT_STATEMENT", IDENTITY, policy(allow(), allow(Sid="Again")), "Statement[1]"),
]


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
