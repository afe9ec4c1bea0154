"""Whom a trust policy names, in the words of the list of roles."""

import json

import pytest

from accounts import engine
from iamconsole.console.roles import trust
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


@pytest.mark.parametrize("service", trust.SERVICES)
def test_what_the_wizard_builds_is_a_trust_policy_for_the_service(service):
    document = trust.of_service(service)
    engine.parse(document, engine.PolicyKind.TRUST)
    assert json.loads(document)["Statement"][0]["Principal"] == {"Service": service}
