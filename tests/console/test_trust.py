"""Whom a trust policy names, in the words of the list of roles."""

import json

import pytest

from accounts import engine
from iamconsole.console.roles import trust, trust_words, use_cases
from tests import cast


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (cast.trust(Service="ec2.amazonaws.com"), "AWS Service: ec2"),
        (
            cast.trust(Service=["ec2.amazonaws.com", "s3.amazonaws.com"]),
            "AWS Service: ec2, AWS Service: s3",
        ),
        (cast.trust(AWS="arn:aws:iam::111122223333:root"), "Account: 111122223333"),
        (cast.trust(AWS="111122223333"), "Account: 111122223333"),
        (cast.trust(AWS="AIDAEXAMPLE"), "Account: AIDAEXAMPLE"),
        (cast.trust(AWS="*"), "AWS: *"),
        (cast.trust(Federated="accounts.google.com"), "Identity Provider: accounts.google.com"),
        ('{"Statement": {"Effect": "Allow", "Principal": "*"}}', "AWS: *"),
        ('{"Statement": {"Effect": "Deny", "Principal": "*"}}', ""),
        ('{"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": "*"}}}', ""),
    ],
)
def test_a_trust_policy_is_put_in_words(document, words):
    assert trust.trusted_entities(document) == words


def test_a_service_linked_role_says_so():
    document = cast.trust(Service="support.amazonaws.com")
    path = "/aws-service-role/support.amazonaws.com/"
    words = "AWS Service: support (Service-Linked Role)"
    assert trust.trusted_entities(document, path) == words


ARN = "arn:aws:iam::111122223333"
GITHUB = f"{ARN}:oidc-provider/{trust.GITHUB}"
ISSUER = trust.GITHUB


def statement(text):
    """The one statement of a document that can be saved as a trust policy."""
    engine.parse(text, engine.PolicyKind.TRUST)
    (found,) = json.loads(text)["Statement"]
    return found


@pytest.mark.parametrize("use_case", use_cases.USE_CASES, ids=lambda each: each.label)
def test_what_the_wizard_builds_is_a_trust_policy_for_the_service(use_case):
    built = statement(trust.of_service(use_case.principal))
    assert built["Principal"] == {"Service": use_case.principal}
    found = [use_cases.use_case(words) for words in (use_case.label.upper(), use_case.principal)]
    assert found == [use_case, use_case]


def test_another_account_is_trusted_with_external_id_and_mfa():
    built = statement(trust.of_account("444455556666", external_id="a-1", require_mfa=True))
    assert built == {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"sts:ExternalId": "a-1"},
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
        },
    }


@pytest.mark.parametrize(
    ("provider", "condition"),
    [
        ("accounts.google.com", {"accounts.google.com:aud": "app"}),
        ("www.amazon.com", {"www.amazon.com:app_id": "app"}),
        ("graph.facebook.com", {"graph.facebook.com:app_id": "app"}),
        ("cognito-identity.amazonaws.com", {"cognito-identity.amazonaws.com:aud": "app"}),
        (f"{ARN}:oidc-provider/id.example.com/x", {"id.example.com/x:aud": "app"}),
    ],
)
def test_each_issuer_names_the_application_in_its_own_claim(provider, condition):
    built = statement(trust.of_web_identity(provider, audience="app"))
    assert built["Principal"] == {"Federated": provider}
    assert built["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert built["Condition"] == {"StringEquals": condition}


@pytest.mark.parametrize(
    ("parts", "operator", "subject"),
    [
        (("acme",), "StringLike", "repo:acme/*"),
        (("acme", "web"), "StringLike", "repo:acme/web:*"),
        (("acme", "web", "main"), "StringEquals", "repo:acme/web:ref:refs/heads/main"),
        (("acme", "web", "release/*"), "StringLike", "repo:acme/web:ref:refs/heads/release/*"),
    ],
)
def test_tokens_of_github_are_pinned_to_organization_repository_and_branch(
    parts, operator, subject
):
    text = trust.of_web_identity(
        GITHUB, audience="sts.amazonaws.com", subject=trust.github_subject(*parts)
    )
    assert statement(text)["Condition"][operator][f"{ISSUER}:sub"] == subject
    assert statement(text)["Condition"]["StringEquals"][f"{ISSUER}:aud"] == "sts.amazonaws.com"


def test_a_directory_is_trusted_for_the_console_or_by_an_attribute():
    provider = f"{ARN}:saml-provider/Idp"
    for_console = statement(trust.of_saml(provider))
    assert for_console["Action"] == "sts:AssumeRoleWithSAML"
    assert for_console["Condition"] == {
        "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}
    }
    by_attribute = statement(trust.of_saml(provider, attribute="SAML:sub", value="alice"))
    assert by_attribute["Condition"] == {"StringEquals": {"SAML:sub": "alice"}}


@pytest.mark.parametrize(
    ("document", "kind", "name", "gone"),
    [
        (cast.trust(Service="ec2.amazonaws.com"), "AWS service", "ec2.amazonaws.com", False),
        (cast.trust(AWS="111122223333"), "Account", "111122223333", False),
        (cast.trust(AWS=f"{ARN}:root"), "Account", "111122223333", False),
        (cast.trust(AWS=f"{ARN}:user/dev/ram"), "User", f"{ARN}:user/dev/ram", False),
        (cast.trust(AWS=f"{ARN}:role/web"), "Role", f"{ARN}:role/web", False),
        (cast.trust(AWS="AIDAEXAMPLE"), "Deleted user", "AIDAEXAMPLE", True),
        (cast.trust(AWS="AROAEXAMPLE"), "Deleted role", "AROAEXAMPLE", True),
        (cast.trust(AWS="*"), "Everybody", "*", False),
        (cast.trust(Federated="accounts.google.com"), "Identity provider", "accounts.google.com",
         False),
    ],
)  # fmt: skip
def test_each_principal_is_said_to_be_what_it_is(document, kind, name, gone):
    ((found,),) = [each.entities for each in trust_words.statements(document)]
    assert (found.kind, found.name, found.gone) == (kind, name, gone)


@pytest.mark.parametrize(
    ("operator", "key", "value", "words"),
    [
        ("StringEquals", "sts:ExternalId", "a-1", "Whoever asks must give the external ID a-1."),
        ("Bool", "aws:MultiFactorAuthPresent", "true", "must have signed in with MFA."),
        ("Bool", "aws:MultiFactorAuthPresent", "false", "aws:MultiFactorAuthPresent is false."),
        ("IpAddress", "aws:SourceIp", ["192.0.2.0/24", "::1"], "lies within 192.0.2.0/24 or ::1."),
        ("Null", "aws:TokenIssueTime", "true", "aws:TokenIssueTime is absent."),
        ("StringLikeIfExists", "saml:sub", "a*", "saml:sub matches a*, where it is there."),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "x", "Some value of aws:TagKeys is x."),
    ],
)
def test_conditions_are_put_in_words(operator, key, value, words):
    document = json.loads(cast.trust(AWS="111122223333"))
    document["Statement"][0]["Condition"] = {operator: {key: value}}
    (found,) = trust_words.statements(json.dumps(document))
    assert found.conditions[0].endswith(words)


def test_what_is_no_policy_has_no_statements():
    assert trust_words.statements("{") == []
