"""A document for each check on who is given what: principals, trust, grants, repetition."""

from __future__ import annotations

from tests.engine.lint_documents import (
    BUCKET,
    GITHUB,
    GITHUB_ARN,
    IDENTITY,
    OBJECTS,
    RESOURCE,
    ROLE,
    SAML_ARN,
    SCP,
    TRUST,
    allow,
    bucket,
    policy,
    trust,
)

#: Check, kind of policy, document, path of the finding.
GRANTS = [
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
