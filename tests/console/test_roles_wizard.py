"""The wizard that creates a role: whom each type of trusted entity lets in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import oidc_providers
from accounts.caller import Caller
from accounts.models import Account, SAMLProvider
from iamconsole.console.roles.trust import GITHUB
from tests.cast import allow, document, trust
from tests.console.reading import NO_TAGS, queries_of, text_of
from tests.console.things import READ_ONLY, new_policy

SignIn = Callable[..., Client]

CREATE = reverse("console:roles-create")
OTHER = {"trusted_entity": "account", "account_kind": "custom"}


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


@pytest.fixture
def github(root: Caller) -> str:
    """GitHub as an OpenID Connect provider of the account."""
    made = oidc_providers.create_open_id_connect_provider(
        root,
        url=f"https://{GITHUB}",
        client_id_list=["sts.amazonaws.com"],
        thumbprint_list=["6938fd4d98bab03faadb97b34396831e3780aea1"],
    )
    return made.arn


@pytest.fixture
def directory(account: Account) -> str:
    """A SAML provider of the account."""
    made = SAMLProvider.objects.create(
        account=account, name="Corp", uuid="1", metadata="", created_at=account.created_at
    )
    return made.arn


def create(browser: Client, **sent: Any) -> Any:
    return browser.post(CREATE, {"go": "create", "role_name": "Made"} | NO_TAGS | sent)


def made(account: Account) -> Any:
    (statement,) = json.loads(account.roles.get(name="Made").trust_policy)["Statement"]
    return statement


def test_another_service_is_found_by_its_name(as_admin, account):
    create(as_admin, trusted_entity="service", service="custom", use_case="step functions")
    assert made(account)["Principal"] == {"Service": "states.amazonaws.com"}
    assert not account.instance_profiles.exists()


def test_another_account_is_let_in_with_external_id_and_mfa(as_admin, account):
    create(
        as_admin,
        **OTHER,
        account_id="4444-5555-6666",
        require_external_id="on",
        external_id="order-7",
        require_mfa="on",
    )
    statement = made(account)
    assert statement["Principal"] == {"AWS": "arn:aws:iam::444455556666:root"}
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Condition"] == {
        "StringEquals": {"sts:ExternalId": "order-7"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }


def test_what_was_typed_for_another_choice_is_not_used(as_admin, account):
    create(
        as_admin,
        trusted_entity="account",
        account_kind="this",
        account_id="nonsense",
        external_id="left over",
        web_provider="nobody.example.com",
    )
    assert made(account)["Principal"] == {"AWS": f"arn:aws:iam::{account.pk}:root"}
    assert "Condition" not in made(account)


def test_a_repository_of_github_is_let_in(as_admin, account, github):
    page = as_admin.get(CREATE)
    assert GITHUB in text_of(page)
    assert '<option value="sts.amazonaws.com">' in page.content.decode()
    create(
        as_admin,
        trusted_entity="web",
        web_provider=github,
        audience="sts.amazonaws.com",
        github_organization="acme",
        github_repository="web",
        github_branch="main",
    )
    statement = made(account)
    assert statement["Principal"] == {"Federated": github}
    assert statement["Condition"] == {
        "StringEquals": {
            f"{GITHUB}:aud": "sts.amazonaws.com",
            f"{GITHUB}:sub": "repo:acme/web:ref:refs/heads/main",
        }
    }


def test_a_known_issuer_needs_no_provider_of_the_account(as_admin, account):
    create(
        as_admin,
        trusted_entity="web",
        web_provider="accounts.google.com",
        audience="app",
        subject="user-*",
    )
    assert made(account)["Condition"] == {
        "StringEquals": {"accounts.google.com:aud": "app"},
        "StringLike": {"accounts.google.com:sub": "user-*"},
    }


@pytest.mark.parametrize(
    ("access", "condition"),
    [
        ({"saml_access": "console"}, {"SAML:aud": "https://signin.aws.amazon.com/saml"}),
        (
            {"saml_access": "custom", "saml_attribute": "SAML:sub", "saml_value": "alice"},
            {"SAML:sub": "alice"},
        ),
    ],
)
def test_a_directory_is_let_in(as_admin, account, directory, access, condition):
    create(as_admin, trusted_entity="saml", saml_provider=directory, **access)
    statement = made(account)
    assert statement["Principal"] == {"Federated": directory}
    assert statement["Action"] == "sts:AssumeRoleWithSAML"
    assert statement["Condition"] == {"StringEquals": condition}


def test_a_trust_policy_of_ones_own_is_kept_as_it_was_written(as_admin, account):
    text = trust(Service="ec2.amazonaws.com").replace(", ", ",\n\t ")
    create(as_admin, trusted_entity="custom", document=text)
    assert account.roles.get().trust_policy == text


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"trusted_entity": "service"}, "Choose a service."),
        (
            {"trusted_entity": "service", "service": "custom", "use_case": "<b>"},
            "Choose a service or use case from the list.",
        ),
        (OTHER, "An account ID has 12 digits."),
        (OTHER | {"account_id": "12345"}, "An account ID has 12 digits."),
        (
            {"trusted_entity": "account", "require_external_id": "on", "external_id": "a b"},
            "can&#x27;t be an external ID",
        ),
        ({"trusted_entity": "web"}, "Choose an identity provider."),
        ({"trusted_entity": "web", "web_provider": "accounts.google.com"}, "Enter the audience."),
        ({"trusted_entity": "web", "web_provider": "evil.example.com"}, "Select a valid choice"),
        ({"trusted_entity": "saml"}, "Choose a SAML 2.0 provider."),
        ({"trusted_entity": "saml", "saml_access": "custom"}, "Enter the value"),
        ({"trusted_entity": "custom", "document": "{"}, "not JSON"),
        ({"trusted_entity": "custom", "document": document(allow("s3:Get*"))}, "Principal"),
    ],
)
def test_what_is_wrong_is_said_on_the_first_step_and_what_was_typed_is_kept(
    as_admin, account, sent, message
):
    response = create(as_admin, **sent)
    assert response.status_code == 422
    assert "Select trusted entity" in text_of(response)
    assert message in response.content.decode()
    assert 'type="hidden" name="role_name" value="Made"' in response.content.decode()
    assert not account.roles.exists()


def test_any_repository_of_github_is_too_many(as_admin, account, github):
    response = create(
        as_admin, trusted_entity="web", web_provider=github, audience="sts.amazonaws.com"
    )
    assert "anybody&#x27;s repository" in response.content.decode()
    assert not account.roles.exists()


def test_checking_the_trust_policy_creates_nothing_and_stays_on_the_first_step(as_admin, account):
    response = create(as_admin, trusted_entity="custom", document="{", check="1", go="")
    assert response.status_code == 200
    assert "Select trusted entity" in text_of(response)
    assert not account.roles.exists()


def test_a_principal_that_is_not_there_is_told_before_anything_is_made(as_admin, account):
    nobody = f"arn:aws:iam::{account.pk}:user/nobody"
    response = create(as_admin, trusted_entity="custom", document=trust(AWS=nobody))
    assert response.status_code == 422
    assert "Invalid principal in policy" in text_of(response)
    assert not account.roles.exists()


def test_a_role_gets_its_boundary_and_a_boundary_that_is_not_wanted_is_left_out(as_admin, account):
    limit = new_policy(account, "Limit")
    service = {"trusted_entity": "service", "service": "lambda.amazonaws.com"}
    create(as_admin, **service, bounded="1", boundary=limit.arn, policies=[READ_ONLY])
    assert account.roles.get(name="Made").boundary == limit
    create(as_admin, **service, boundary=limit.arn, role_name="Free")
    assert account.roles.get(name="Free").boundary_arn is None
    response = create(as_admin, **service, bounded="1", role_name="Third")
    assert response.status_code == 422
    assert "Choose the policy that is to be the permissions boundary." in text_of(response)


def test_policies_are_decided_on_the_boundary_that_the_role_will_have(
    sign_in, caller_with, account
):
    limit = new_policy(account, "Limit")
    within = {"StringEquals": {"iam:PermissionsBoundary": limit.arn}}
    who = caller_with(
        allow("iam:CreateRole", "iam:AttachRolePolicy", Condition=within), allow("iam:List*")
    )
    chosen = {"trusted_entity": "account", "account_kind": "this", "policies": [READ_ONLY]}
    browser = sign_in(who)
    create(browser, **chosen)
    assert not account.roles.filter(name="Made").exists()
    create(browser, **chosen, bounded="1", boundary=limit.arn)
    made_role = account.roles.get(name="Made")
    assert (made_role.boundary, made_role.attachments.count()) == (limit, 1)


def test_going_back_keeps_what_belongs_to_every_type(as_admin, github):
    sent = {
        "trusted_entity": "web",
        "web_provider": github,
        "audience": "sts.amazonaws.com",
        "github_organization": "acme",
        "document": "{ }",
        "bounded": "1",
        "boundary": READ_ONLY,
    }
    third = as_admin.post(CREATE, sent | {"go": "3"}).content.decode()
    for name in ("web_provider", "audience", "github_organization", "document", "boundary"):
        assert f'type="hidden" name="{name}"' in third
    first = as_admin.post(CREATE, sent | {"go": "1"}).content.decode()
    assert re.search(rf'<option value="{github}" selected', first)
    assert 'value="acme"' in first
    assert "{ }</textarea>" in first


def test_who_may_not_see_the_providers_is_told_so(sign_in, caller_with):
    shown = text_of(sign_in(caller_with(allow("iam:CreateRole"))).get(CREATE))
    assert "iam:ListOpenIDConnectProviders" in shown
    assert "iam:ListSAMLProviders" in shown


def test_the_wizard_takes_as_many_queries_for_many_providers_as_for_one(as_admin, root, github):
    few = queries_of(as_admin, CREATE)
    for number in range(20):
        oidc_providers.create_open_id_connect_provider(
            root, url=f"https://id{number}.example.com", client_id_list=["app"]
        )
    assert queries_of(as_admin, CREATE) == few <= 20
