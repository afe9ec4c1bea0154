"""Answers about server certificates."""

from __future__ import annotations

from accounts.models import ServerCertificate
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def _metadata(certificate: ServerCertificate) -> Members:
    """What a certificate is called and until when it is valid."""
    return {
        "Path": certificate.path,
        "ServerCertificateName": certificate.name,
        "ServerCertificateId": certificate.unique_id,
        "Arn": certificate.arn,
        "UploadDate": certificate.created_at,
        "Expiration": certificate.expires_at,
    }


def _new(made: ServerCertificate) -> Members:
    return {"ServerCertificateMetadata": _metadata(made), "Tags": members.tags(made.tags)}


def _one(found: ServerCertificate) -> Members:
    return {
        "ServerCertificate": {
            "ServerCertificateMetadata": _metadata(found),
            "CertificateBody": found.body,
            "CertificateChain": found.chain or None,
            "Tags": members.all_tags(found.tags),
        }
    }


def _list(found: Page[ServerCertificate]) -> Members:
    return members.page(found, "ServerCertificateMetadataList", _metadata)


ANSWERS: dict[str, Answer] = {
    "iam:GetServerCertificate": _one,
    "iam:ListServerCertificates": _list,
    "iam:ListServerCertificateTags": members.tags_page,
    "iam:UploadServerCertificate": _new,
}
