"""X.509 certificates: what users sign requests with, and what servers prove themselves with."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.users import Named, User

SIGNING_CERTIFICATES_PER_OWNER = 2


class SigningCertificate(models.Model):
    """A certificate that signs requests. `user` is nothing where it is the root user's."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="signing_certificates")
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="signing_certificates"
    )
    #: 1 or 2: with its unique constraint, the quota that no race can break.
    slot = models.PositiveSmallIntegerField()
    certificate_id = models.CharField(max_length=128, unique=True)
    #: In PEM, as it was handed in.
    body = models.TextField()
    #: SHA-256 of the certificate itself: an account has it once, however its text is broken.
    fingerprint = models.CharField(max_length=64)
    status = models.CharField(max_length=8, default="Active")
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fingerprint"], name="signing_certificate_once"
            ),
            models.UniqueConstraint(
                fields=["user", "slot"],
                condition=Q(user__isnull=False),
                name="user_certificate_slot_taken",
            ),
            models.UniqueConstraint(
                fields=["account", "slot"],
                condition=Q(user__isnull=True),
                name="root_certificate_slot_taken",
            ),
            models.CheckConstraint(
                condition=Q(slot__range=(1, SIGNING_CERTIFICATES_PER_OWNER)),
                name="certificate_slot_in_range",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("Active", "Inactive")), name="certificate_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.certificate_id

    @property
    def is_active(self) -> bool:
        """Whether requests signed with it are accepted."""
        return self.status == "Active"


class ServerCertificate(Named):
    """A certificate with its chain and its private key. `created_at` is when it was uploaded."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="server_certificates")
    #: In PEM, as it was handed in.
    body = models.TextField()
    #: The certificates of those who signed it, in PEM; empty where none were handed in.
    chain = models.TextField(default="", blank=True)
    #: Nothing gives it out again, so it is encrypted.
    sealed_key = models.TextField()
    expires_at = models.DateTimeField()
    tags = models.JSONField(default=dict, blank=True)

    arn_kind = "server-certificate"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "folded_name"], name="server_certificate_name_taken"
            )
        ]
