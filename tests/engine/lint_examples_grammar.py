"""A document for each check on a policy's words: shape, actions, resources, conditions."""

from __future__ import annotations

from tests.engine.lint_documents import (
    BUCKET,
    IDENTITY,
    RESOURCE,
    ROLE,
    SCP,
    STATEMENT,
    TRUST,
    allow,
    bucket,
    deny,
    policy,
    trust,
    when,
    without,
)

#: Check, kind of policy, document, path of the finding.
GRAMMAR = [
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
]
