"""SSH keys, certificates and service-specific credentials, by the SDK of AWS."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import ServerCertificate, ServiceCredential
from tests.accounts import pems
from tests.api.refusals import refused
from tests.cast import arn


def current() -> pems.Identity:
    """A certificate that is valid now, whenever the tests run."""
    now = timezone.now()
    return pems.identity(start=now - timedelta(days=1), end=now + timedelta(days=30))


@pytest.fixture
def ram(iam: Any) -> Any:
    """The administrator's client, in an account with a user."""
    iam.create_user(UserName="ram")
    return iam


# --- SSH public keys -----------------------------------------------------------------------------


def test_an_ssh_key_is_uploaded_shown_listed_switched_off_and_deleted(ram):
    made = ram.upload_ssh_public_key(
        UserName="ram", SSHPublicKeyBody=pems.ssh(comment="ram@laptop")
    )["SSHPublicKey"]
    assert made["SSHPublicKeyId"].startswith("APKA")
    assert made["SSHPublicKeyBody"] == pems.ssh()
    assert len(made["Fingerprint"].split(":")) == 16
    given = {"UserName": "ram", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    shown = ram.get_ssh_public_key(**given, Encoding="PEM")["SSHPublicKey"]
    assert shown["SSHPublicKeyBody"].startswith("-----BEGIN")
    ram.update_ssh_public_key(**given, Status="Inactive")
    (listed,) = ram.list_ssh_public_keys(UserName="ram")["SSHPublicKeys"]
    assert listed == {
        **given,
        "Status": "Inactive",
        "UploadDate": made["UploadDate"],
    }
    with refused("DuplicateSSHPublicKey", status=400):
        ram.upload_ssh_public_key(UserName="ram", SSHPublicKeyBody=pems.ssh())
    with refused("UnrecognizedPublicKeyEncoding", status=400):
        ram.upload_ssh_public_key(UserName="ram", SSHPublicKeyBody="no key")
    ram.delete_ssh_public_key(**given)
    with refused("NoSuchEntity", status=404):
        ram.get_ssh_public_key(**given, Encoding="SSH")
    assert ram.list_ssh_public_keys(UserName="ram")["SSHPublicKeys"] == []


# --- Signing certificates ------------------------------------------------------------------------


def test_a_signing_certificate_is_uploaded_listed_switched_off_and_deleted(ram):
    identity = current()
    made = ram.upload_signing_certificate(UserName="ram", CertificateBody=identity.body)
    certificate = made["Certificate"]
    assert (certificate["UserName"], certificate["Status"]) == ("ram", "Active")
    given = {"UserName": "ram", "CertificateId": certificate["CertificateId"]}
    ram.update_signing_certificate(**given, Status="Inactive")
    (listed,) = ram.list_signing_certificates(UserName="ram")["Certificates"]
    assert listed == certificate | {"Status": "Inactive"}
    with refused("DuplicateCertificate", status=409):
        ram.upload_signing_certificate(UserName="ram", CertificateBody=identity.body)
    with refused("MalformedCertificate", status=400):
        ram.upload_signing_certificate(UserName="ram", CertificateBody="none")
    ram.delete_signing_certificate(**given)
    with refused("NoSuchEntity", status=404):
        ram.delete_signing_certificate(**given)


def test_a_user_has_two_signing_certificates_at_most(ram):
    for _ in range(2):
        ram.upload_signing_certificate(UserName="ram", CertificateBody=current().body)
    with refused("LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2", status=409):
        ram.upload_signing_certificate(UserName="ram", CertificateBody=current().body)


# --- Server certificates -------------------------------------------------------------------------


def test_a_server_certificate_never_shows_its_key(iam):
    identity = current()
    made = iam.upload_server_certificate(
        ServerCertificateName="web",
        Path="/dev/",
        CertificateBody=identity.body,
        PrivateKey=identity.key,
        Tags=[{"Key": "a", "Value": "b"}],
    )
    metadata = made["ServerCertificateMetadata"]
    assert metadata["ServerCertificateId"].startswith("ASCA")
    assert metadata["Arn"] == arn("server-certificate/dev/web")
    assert made["Tags"] == [{"Key": "a", "Value": "b"}]
    found = iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]
    assert found == {
        "ServerCertificateMetadata": metadata,
        "CertificateBody": identity.body,
        "Tags": [{"Key": "a", "Value": "b"}],
    }
    listed = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert listed == [metadata]
    assert iam.list_server_certificates(PathPrefix="/o/")["ServerCertificateMetadataList"] == []


def test_a_server_certificate_is_renamed_tagged_and_deleted(iam):
    identity = current()
    body = {"CertificateBody": identity.body, "PrivateKey": identity.key}
    iam.upload_server_certificate(ServerCertificateName="web", **body)
    with refused("EntityAlreadyExists", status=409):
        iam.upload_server_certificate(ServerCertificateName="WEB", **body)
    iam.update_server_certificate(ServerCertificateName="web", NewServerCertificateName="shop")
    iam.tag_server_certificate(ServerCertificateName="shop", Tags=[{"Key": "a", "Value": ""}])
    tags = iam.list_server_certificate_tags(ServerCertificateName="shop")["Tags"]
    assert tags == [{"Key": "a", "Value": ""}]
    iam.untag_server_certificate(ServerCertificateName="shop", TagKeys=["a"])
    assert iam.list_server_certificate_tags(ServerCertificateName="shop")["Tags"] == []
    iam.delete_server_certificate(ServerCertificateName="shop")
    message = "The Server Certificate with name shop cannot be found."
    with refused("NoSuchEntity", message, status=404):
        iam.get_server_certificate(ServerCertificateName="shop")


def test_a_server_certificate_and_its_key_belong_together(iam):
    with refused("KeyPairMismatch", status=400):
        iam.upload_server_certificate(
            ServerCertificateName="web",
            CertificateBody=current().body,
            PrivateKey=pems.shared().key,
        )
    assert not ServerCertificate.objects.exists()


# --- Service-specific credentials ----------------------------------------------------------------


def test_a_credential_of_a_service_shows_its_secret_once(ram):
    made = ram.create_service_specific_credential(
        UserName="ram", ServiceName="codecommit.amazonaws.com"
    )["ServiceSpecificCredential"]
    password = made.pop("ServicePassword")
    assert made["ServiceUserName"] == "ram-at-111122223333"
    assert made["Status"] == "Active"
    (listed,) = ram.list_service_specific_credentials(UserName="ram")["ServiceSpecificCredentials"]
    assert listed == made
    given = {
        "UserName": "ram",
        "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"],
    }
    reset = ram.reset_service_specific_credential(**given)["ServiceSpecificCredential"]
    assert reset.pop("ServicePassword") != password
    assert reset == made
    ram.update_service_specific_credential(**given, Status="Inactive")
    ram.delete_service_specific_credential(**given)
    message = f"No such credential {made['ServiceSpecificCredentialId']} exists"
    with refused("NoSuchEntity", message, status=404):
        ram.delete_service_specific_credential(**given)


def test_an_api_key_has_an_alias_and_may_expire(ram):
    made = ram.create_service_specific_credential(
        UserName="ram", ServiceName="bedrock.amazonaws.com", CredentialAgeDays=30
    )["ServiceSpecificCredential"]
    assert (made["ExpirationDate"] - made["CreateDate"]).days == 30
    opened = base64.b64decode(made["ServiceCredentialSecret"].removeprefix("ABSK")).decode()
    assert opened.startswith(made["ServiceCredentialAlias"])
    assert "ServiceUserName" not in made


def test_only_some_services_have_credentials_and_two_of_each(ram):
    given = {"UserName": "ram", "ServiceName": "codecommit.amazonaws.com"}
    for _ in range(2):
        ram.create_service_specific_credential(**given)
    with refused("LimitExceeded", status=409):
        ram.create_service_specific_credential(**given)
    for service in ("lambda.amazonaws.com", "o3on3n3onosneo"):
        message = f"No such service {service} is supported for Service Specific Credentials"
        with refused("NoSuchEntity", message, status=404):
            ram.create_service_specific_credential(UserName="ram", ServiceName=service)


def test_only_whoever_may_and_only_in_their_own_account(ram, nobody, stranger):
    ram.create_service_specific_credential(UserName="ram", ServiceName="codecommit.amazonaws.com")
    for name in (
        "list_ssh_public_keys",
        "list_signing_certificates",
        "list_service_specific_credentials",
    ):
        with refused("AccessDenied", status=403):
            getattr(nobody, name)(UserName="ram")
        with refused("NoSuchEntity", "The user with name ram cannot be found.", status=404):
            getattr(stranger, name)(UserName="ram")
    with refused("AccessDenied", status=403):
        nobody.list_server_certificates()
    everything = stranger.list_service_specific_credentials(AllUsers=True)
    assert everything["ServiceSpecificCredentials"] == []
    assert ServiceCredential.objects.count() == 1
