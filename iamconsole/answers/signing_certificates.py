"""Answers about signing certificates."""

from __future__ import annotations

from accounts.models import SigningCertificate
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def _certificate(certificate: SigningCertificate) -> Members:
    return {
        "UserName": certificate.user.name if certificate.user else None,
        "CertificateId": certificate.certificate_id,
        "CertificateBody": certificate.body,
        "Status": certificate.status,
        "UploadDate": certificate.uploaded_at,
    }


def _new(made: SigningCertificate) -> Members:
    return {"Certificate": _certificate(made)}


def _list(found: Page[SigningCertificate]) -> Members:
    return members.page(found, "Certificates", _certificate)


ANSWERS: dict[str, Answer] = {
    "iam:ListSigningCertificates": _list,
    "iam:UploadSigningCertificate": _new,
}
