"""Signing certificates."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from accounts.actions import credential_report, signing_certificates
from accounts.actions.account import get_account_summary
from accounts.errors import (
    DuplicateCertificate,
    InvalidCertificate,
    InvalidInput,
    LimitExceeded,
    MalformedCertificate,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import SigningCertificate
from tests.accounts import pems
from tests.cast import allow, arn


def upload(caller, body=None, **named):
    return signing_certificates.upload_signing_certificate(
        caller, certificate_body=body or pems.identity().body, **named
    )


def listed(caller, **named):
    return list(signing_certificates.list_signing_certificates(caller, **named).items)


def test_a_certificate_works_at_once_under_an_id_of_its_own(root, alice, now):
    body = pems.identity().body
    made = upload(root, body, user_name="alice")
    assert (made.user, made.body, made.status) == (alice.user, body, "Active")
    assert made.uploaded_at == now
    assert len(made.certificate_id) == 32
    assert made.certificate_id.isalnum()
    assert listed(root, user_name="alice") == [made]


def test_no_user_name_means_oneself_and_for_the_root_user_roots(root, caller_with):
    alice = caller_with(allow("iam:*SigningCertificate*", on=arn("user/${aws:username}")))
    own, roots = upload(alice), upload(root)
    assert (own.user, roots.user) == (alice.user, None)
    assert (listed(alice), listed(root)) == ([own], [roots])
    signing_certificates.delete_signing_certificate(alice, certificate_id=own.certificate_id)
    with pytest.raises(NoSuchEntity, match=r"^The Certificate with id .* cannot be found"):
        signing_certificates.delete_signing_certificate(alice, certificate_id=roots.certificate_id)
    assert SigningCertificate.objects.get() == roots


def test_two_are_the_most_of_a_user_and_of_root(root, alice):
    for named in ({"user_name": "alice"}, {}):
        for _ in range(2):
            upload(root, **named)
        with pytest.raises(
            LimitExceeded, match=r"^Cannot exceed quota for CertificatesPerUser: 2$"
        ):
            upload(root, **named)
    assert SigningCertificate.objects.count() == 4


def test_an_account_has_the_same_certificate_once_however_it_is_written(root, alice, eve):
    body = pems.identity().body
    upload(root, body, user_name="alice")
    for again in (body, body.replace("\n", "\r\n"), f"about it\n{body}"):
        with pytest.raises(DuplicateCertificate):
            upload(root, again)
    upload(eve, body)


@pytest.mark.parametrize(
    "body",
    [
        "hello",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMIIB\n",
        pytest.param(pems.shared().key, id="a key"),
        pytest.param(pems.shared().body * 2, id="two certificates"),
    ],
)
def test_what_is_no_certificate_is_refused(root, body):
    with pytest.raises(MalformedCertificate, match="Unable to parse certificate") as refused:
        upload(root, body)
    assert refused.value.argument == "certificate_body"


def test_a_certificate_of_a_version_that_there_is_not_is_refused(root):
    text = base64.b64decode("".join(pems.shared().body.splitlines()[1:-1]))
    version = b"\xa0\x03\x02\x01"
    strange = text.replace(version + b"\x02", version + b"\x54", 1)
    assert strange != text
    body = base64.encodebytes(strange).decode()
    with pytest.raises(MalformedCertificate):
        upload(root, f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")


def test_a_certificate_out_of_its_time_or_with_a_strange_key_is_refused(root, now):
    day = pems.days(1)
    for wrong in (
        pems.identity(start=now - 2 * day, end=now - day),
        pems.identity(start=now + day, end=now + 2 * day),
        pems.identity(private=ed25519.Ed25519PrivateKey.generate()),
    ):
        with pytest.raises(InvalidCertificate):
            upload(root, wrong.body)


def test_a_certificate_is_switched_off_and_on(root, alice):
    made = upload(root, user_name="alice")
    named = {"user_name": "alice", "certificate_id": made.certificate_id}
    for status in ("Inactive", "Active"):
        signing_certificates.update_signing_certificate(root, **named, status=status)
        assert SigningCertificate.objects.get().status == status
    with pytest.raises(InvalidInput):
        signing_certificates.update_signing_certificate(root, **named, status="Expired")
    with pytest.raises(ValidationError):
        signing_certificates.update_signing_certificate(
            root, certificate_id="short", status="Active"
        )


def test_another_account_finds_nothing(root, eve, alice):
    made = upload(root, user_name="alice")
    for named in ({}, {"user_name": "alice"}):
        with pytest.raises(NoSuchEntity):
            signing_certificates.delete_signing_certificate(
                eve, certificate_id=made.certificate_id, **named
            )
    assert SigningCertificate.objects.count() == 1


def test_the_reports_tell_of_them(root, alice, now):
    assert not get_account_summary(root).account_signing_certificates_present
    first, _second = upload(root, user_name="alice"), upload(root, user_name="alice")
    upload(root)
    SigningCertificate.objects.filter(pk=first.pk).update(status="Inactive")
    assert get_account_summary(root).account_signing_certificates_present
    credential_report.generate_credential_report(root)
    lines = credential_report.get_credential_report(root).content.splitlines()
    since = now.isoformat()
    ends = {line.split(",")[0]: line.split(",")[-4:] for line in lines}
    # When an inactive one was made, the report does not tell.
    assert ends["alice"] == ["false", "N/A", "true", since]
    assert ends["<root_account>"] == ["true", since, "false", "N/A"]
