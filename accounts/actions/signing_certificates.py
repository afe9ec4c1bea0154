"""X.509 signing certificates of users and of the root user."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts import certificates, ids, paging, quotas
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import DuplicateCertificate, InvalidInput, NoSuchEntity
from accounts.models import SigningCertificate
from accounts.types import (
    CertificateBody,
    CertificateId,
    ExistingUserName,
    Marker,
    MaxItems,
    Status,
)

# In all of these, no user name means whoever calls; for the root user, root's certificates.


@action("iam:UploadSigningCertificate", resource=shared.user_resource, raises_epoch=False)
def upload_signing_certificate(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName | None = None,
    certificate_body: CertificateBody,
) -> SigningCertificate:
    """Take in a certificate, which works at once. An account has the same one only once."""
    user = shared.subject(caller, user_name)
    certificate = certificates.read(certificate_body)
    certificates.check_current(certificate, caller.now)
    duplicate = DuplicateCertificate(
        "The same certificate is already associated with a user of this account.",
        argument="certificate_body",
    )
    same = caller.home.signing_certificates.filter(fingerprint=certificate.fingerprint)
    if same.exists():
        raise duplicate
    slot = quotas.free_slot(_certificates(caller, user_name), quotas.SIGNING_CERTIFICATES_PER_OWNER)
    if slot is None:
        raise quotas.exceeded("CertificatesPerUser", quotas.SIGNING_CERTIFICATES_PER_OWNER)
    row = SigningCertificate(
        account=caller.home,
        user=user,
        slot=slot,
        certificate_id=ids.certificate_id(),
        body=certificate_body,
        fingerprint=certificate.fingerprint,
        uploaded_at=caller.now,
    )
    shared.save_unless_taken(row, duplicate)
    return row


@action("iam:ListSigningCertificates", resource=shared.user_resource, read_only=True)
def list_signing_certificates(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName | None = None,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[SigningCertificate]:
    """The certificates of a user, the oldest first."""
    rows = sorted(_certificates(caller, user_name).select_related("user"), key=_oldest_first)
    return paging.slice_after_marker(rows, _oldest_first, marker, max_items)


@action("iam:UpdateSigningCertificate", resource=shared.user_resource, raises_epoch=False)
def update_signing_certificate(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName | None = None,
    certificate_id: CertificateId,
    status: Status,
) -> None:
    """Switch a certificate off or on again."""
    row = _find(caller, user_name, certificate_id)
    if status == "Expired":
        raise InvalidInput("A certificate can be Active or Inactive.", argument="status")
    row.status = status
    row.save(update_fields=["status"])


@action("iam:DeleteSigningCertificate", resource=shared.user_resource, raises_epoch=False)
def delete_signing_certificate(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName | None = None,
    certificate_id: CertificateId,
) -> None:
    """Delete a certificate for good."""
    _find(caller, user_name, certificate_id).delete()


def _certificates(caller: Caller, user_name: str | None) -> QuerySet[SigningCertificate]:
    user = shared.subject(caller, user_name)
    if user is None:
        return caller.home.signing_certificates.filter(user__isnull=True)
    return user.signing_certificates.all()


def _find(caller: Caller, user_name: str | None, certificate_id: str) -> SigningCertificate:
    found = _certificates(caller, user_name).filter(certificate_id=certificate_id).first()
    if found is None:
        raise NoSuchEntity(
            f"The Certificate with id {certificate_id} cannot be found.", argument="certificate_id"
        )
    return found


def _oldest_first(row: SigningCertificate) -> str:
    return f"{row.uploaded_at.isoformat()} {row.certificate_id}"
