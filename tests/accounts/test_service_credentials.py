"""Service-specific credentials."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from accounts import vault
from accounts.actions import service_credentials
from accounts.errors import (
    AccessDenied,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Event, ServiceCredential
from tests.accounts import pems
from tests.cast import ACCOUNT_ID, allow, arn

GIT, BEDROCK = "codecommit.amazonaws.com", "bedrock.amazonaws.com"


def create(caller, service=GIT, user_name="alice", **given):
    return service_credentials.create_service_specific_credential(
        caller, user_name=user_name, service_name=service, **given
    )


def listed(caller, **asked):
    page = service_credentials.list_service_specific_credentials(caller, **asked)
    return {row.credential_id for row in page.items}


def ids(*made):
    return {each.credential.credential_id for each in made}


def test_the_two_of_a_service_have_user_names_that_name_user_and_account(root, alice):
    first, second = create(root), create(root)
    assert first.credential.name == f"alice-at-{ACCOUNT_ID}"
    assert second.credential.name == f"alice+1-at-{ACCOUNT_ID}"
    assert first.credential.credential_id.startswith("ACCA")
    assert first.credential.expires_at is None
    assert len(base64.b64decode(first.secret)) == 32


def test_a_secret_is_shown_once_and_sealed(root, alice):
    made = create(root)
    place = vault.service_credential_place(ACCOUNT_ID, made.credential.credential_id)
    assert vault.unseal(made.credential.sealed_secret, place) == made.secret
    kept = [*ServiceCredential.objects.values(), *Event.objects.values()]
    assert made.secret not in repr(kept)


def test_an_api_key_carries_its_alias_and_may_expire(root, alice, now):
    made = create(root, BEDROCK, credential_age_days=30)
    alias = made.credential.name
    assert alias.startswith("BedrockAPIKey-")
    assert alias.endswith(f"-at-{ACCOUNT_ID}")
    assert made.secret.startswith("ABSK")
    assert base64.b64decode(made.secret[4:]).decode().startswith(f"{alias}:")
    assert made.credential.expires_at == now + pems.days(30)
    assert service_credentials.is_api_key(made.credential)
    with pytest.raises(ValidationError) as refused:
        create(root, GIT, credential_age_days=30)
    assert refused.value.argument == "credential_age_days"


def test_a_credential_past_its_time_is_shown_as_expired(root, alice, now):
    create(root, BEDROCK, credential_age_days=1)
    for later, status in ((now, "Active"), (now + pems.days(1), "Expired")):
        page = service_credentials.list_service_specific_credentials(
            replace(root, now=later), user_name="alice"
        )
        assert [row.status for row in page.items] == [status]


def test_two_of_each_service_are_the_most(root, alice, bob):
    for service in (GIT, BEDROCK, "cassandra.amazonaws.com"):
        for _ in range(2):
            create(root, service)
        with pytest.raises(LimitExceeded, match=r": 2$"):
            create(root, service)
    create(root, user_name="bob")
    assert ServiceCredential.objects.count() == 7


@pytest.mark.parametrize("service", ["nonexistentservice.amazonaws.com", "codecommit", "x" * 9000])
def test_a_service_that_takes_none_is_named_as_aws_names_it(root, alice, service):
    wording = "^No such service .* is supported for Service Specific Credentials$"
    with pytest.raises(NoSuchEntity, match=wording) as refused:
        create(root, service)
    assert len(refused.value.message) < 300
    with pytest.raises(NoSuchEntity, match=wording):
        listed(root, user_name="alice", service_name=service)


def test_the_user_is_looked_for_before_the_service(root):
    with pytest.raises(NoSuchEntity, match=r"^The user with name nobody cannot be found"):
        create(root, "no-service", user_name="nobody")


def test_a_policy_may_ask_for_the_service_and_the_age(root, caller_with):
    alice = caller_with(
        allow(
            "iam:CreateServiceSpecificCredential",
            Condition={
                "StringEquals": {"iam:ServiceSpecificCredentialServiceName": BEDROCK},
                "NumericLessThanEquals": {"iam:ServiceSpecificCredentialAgeDays": "30"},
            },
        )
    )
    create(alice, BEDROCK, credential_age_days=30)
    for service, age in ((GIT, {}), (BEDROCK, {}), (BEDROCK, {"credential_age_days": 31})):
        with pytest.raises(AccessDenied):
            create(alice, service, **age)


def test_they_are_listed_by_user_by_service_and_for_all_users(root, alice, bob):
    git, key, bobs = create(root), create(root, BEDROCK), create(root, user_name="bob")
    assert listed(root, user_name="alice") == ids(git, key)
    assert listed(root, user_name="alice", service_name=GIT) == ids(git)
    assert listed(root, all_users=True) == ids(git, key, bobs)
    assert listed(root, all_users=True, service_name=GIT) == ids(git, bobs)
    with pytest.raises(InvalidInput):
        listed(root, all_users=True, user_name="alice")


def test_all_users_are_listed_in_pages_to_whoever_may_see_all(root, caller_with, bob):
    alice = caller_with(allow("iam:ListServiceSpecificCredentials", on=arn("user/alice")))
    made = [create(root), create(root), create(root, user_name="bob")]
    with pytest.raises(AccessDenied):
        listed(alice, all_users=True)
    assert listed(alice) == ids(*made[:2])
    ask = service_credentials.list_service_specific_credentials
    page = ask(root, all_users=True, max_items=2)
    rest = ask(root, all_users=True, marker=page.marker)
    assert {row.credential_id for row in (*page.items, *rest.items)} == ids(*made)
    assert (len(page.items), rest.marker) == (2, None)


def test_a_reset_gives_another_secret_and_the_one_before_is_dead(root, alice):
    made = create(root, BEDROCK)
    named = {
        "user_name": "alice",
        "service_specific_credential_id": made.credential.credential_id,
    }
    again = service_credentials.reset_service_specific_credential(root, **named)
    assert again.secret != made.secret
    row = ServiceCredential.objects.get()
    place = vault.service_credential_place(ACCOUNT_ID, row.credential_id)
    assert vault.unseal(row.sealed_secret, place) == again.secret
    assert row.name == made.credential.name


def test_a_credential_is_switched_off_and_deleted_by_its_owner(root, caller_with):
    alice = caller_with(allow("iam:*ServiceSpecificCredential", on=arn("user/${aws:username}")))
    made = create(alice)
    named = {"service_specific_credential_id": made.credential.credential_id}
    update = service_credentials.update_service_specific_credential
    update(alice, **named, status="Inactive")
    assert ServiceCredential.objects.get().status == "Inactive"
    with pytest.raises(InvalidInput):
        update(alice, **named, status="Expired")
    service_credentials.delete_service_specific_credential(alice, **named)
    missing = f"^No such credential {made.credential.credential_id} exists$"
    with pytest.raises(NoSuchEntity, match=missing):
        update(alice, **named, status="Active")
    with pytest.raises(ValidationError, match="Must specify userName"):
        update(root, **named, status="Active")


def test_another_account_finds_nothing(root, alice, eve):
    made = create(root)
    with pytest.raises(NoSuchEntity):
        service_credentials.reset_service_specific_credential(
            eve, service_specific_credential_id=made.credential.credential_id
        )
    assert listed(eve, all_users=True) == set()


def test_what_is_no_id_is_refused_in_awss_words(root, alice):
    wording = (
        r"^1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy "
        r"constraint: Member must satisfy regular expression pattern: \[\\w\]\+$"
    )
    with pytest.raises(ValidationError, match=wording):
        service_credentials.delete_service_specific_credential(
            root, user_name="alice", service_specific_credential_id="satisfies-no-regex-here"
        )
