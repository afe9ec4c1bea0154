"""SAML providers, and the metadata documents that strangers write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accounts import saml, vault
from accounts.actions import saml_providers
from accounts.errors import (
    AccessDenied,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Event, SAMLPrivateKey
from tests.accounts.saml_metadata import metadata
from tests.cast import arn

ARN = arn("saml-provider/Corp")
BILLION_LAUGHS = (
    f'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;{" " * 1000}</x>'
)
OUTSIDE = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;{" " * 1000}</x>'


@pytest.fixture(scope="module")
def pem():
    """A private key as somebody would paste it."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def corp(root):
    """A provider."""
    return saml_providers.create_saml_provider(
        root, name="Corp", saml_metadata_document=metadata(more='validUntil="2030-01-01T00:00:00Z"')
    )


def test_a_provider_keeps_its_metadata_and_when_it_ends(root, corp):
    found = saml_providers.get_saml_provider(root, saml_provider_arn=ARN)
    assert found.arn == ARN
    assert found.metadata == metadata(more='validUntil="2030-01-01T00:00:00Z"')
    assert found.valid_until == datetime(2030, 1, 1, tzinfo=UTC)
    assert [each.arn for each in saml_providers.list_saml_providers(root)] == [ARN]
    with pytest.raises(EntityAlreadyExists):
        saml_providers.create_saml_provider(root, name="Corp", saml_metadata_document=metadata())


def test_metadata_says_who_the_provider_is_and_where_people_sign_in():
    found = saml.read(metadata())
    assert found.entity_id == "https://idp.example.com/"
    assert found.sign_in[0][1] == "https://idp.example.com/sso"
    assert (found.certificates, found.valid_until) == (1, None)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (BILLION_LAUGHS, "document types"),
        (OUTSIDE, "document types"),
        ("x" * 1000, "line 1"),
        (f"<a>{' ' * 1000}</a>", "EntityDescriptor"),
        (metadata().replace("IDPSSODescriptor", "SPSSODescriptor"), "IDPSSODescriptor"),
        (metadata(entity_id=" "), "entityID"),
        (metadata().replace("SingleSignOnService", "SingleLogoutService"), "SingleSignOnService"),
        (metadata(certificates=0) + " " * 1000, "X509Certificate"),
        (metadata(more='validUntil="soon"'), "validUntil"),
        (metadata(more='validUntil="2030-13-01T00:00:00Z"'), "validUntil"),
    ],
)
def test_what_describes_no_provider_is_refused_and_says_why(root, document, why):
    with pytest.raises(InvalidInput, match=f"Could not parse metadata.*{why}"):
        saml_providers.create_saml_provider(root, name="Bad", saml_metadata_document=document)


def test_a_short_document_and_too_many_keys_are_refused(root):
    with pytest.raises(ValidationError):
        saml_providers.create_saml_provider(root, name="Bad", saml_metadata_document="<a/>")
    with pytest.raises(LimitExceeded, match="KeysPerSAMLProvider"):
        saml_providers.create_saml_provider(
            root, name="Bad", saml_metadata_document=metadata(certificates=11)
        )


def test_a_private_key_is_sealed_and_never_recorded(root, corp, pem):
    saml_providers.update_saml_provider(
        root, saml_provider_arn=ARN, add_private_key=pem, assertion_encryption_mode="Required"
    )
    key = SAMLPrivateKey.objects.get()
    assert pem not in key.sealed_key
    place = vault.saml_key_place(root.home.id, key.key_id)
    assert vault.unseal(key.sealed_key, place) == pem
    assert "PRIVATE KEY" not in str([*Event.objects.values_list("parameters", flat=True)])
    with pytest.raises(InvalidInput, match="only be required where there is a private key"):
        saml_providers.update_saml_provider(
            root, saml_provider_arn=ARN, remove_private_key=key.key_id
        )
    assert SAMLPrivateKey.objects.count() == 1, "nothing of a refused change stays"


def test_there_are_two_private_keys_at_most_and_only_real_ones(root, corp, pem):
    for _ in range(2):
        saml_providers.update_saml_provider(root, saml_provider_arn=ARN, add_private_key=pem)
    with pytest.raises(LimitExceeded, match="PrivateKeysPerSAMLProvider: 2"):
        saml_providers.update_saml_provider(root, saml_provider_arn=ARN, add_private_key=pem)
    with pytest.raises(InvalidInput, match="no unencrypted key in PEM format"):
        saml_providers.update_saml_provider(root, saml_provider_arn=ARN, add_private_key="no key")
    with pytest.raises(NoSuchEntity):
        saml_providers.update_saml_provider(
            root, saml_provider_arn=ARN, remove_private_key="A" * 22
        )


def test_a_deleted_provider_is_gone_and_anothers_does_not_exist(root, corp, eve):
    with pytest.raises((NoSuchEntity, AccessDenied)):
        saml_providers.get_saml_provider(eve, saml_provider_arn=ARN)
    saml_providers.delete_saml_provider(root, saml_provider_arn=ARN)
    with pytest.raises(NoSuchEntity, match="Manifest not found for arn"):
        saml_providers.get_saml_provider(root, saml_provider_arn=ARN)
