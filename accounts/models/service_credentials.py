"""Credentials for one AWS service alone: SSH public keys, and user names with passwords."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.users import User

SSH_KEYS_PER_USER = 5
CREDENTIALS_PER_SERVICE = 2


class SSHPublicKey(models.Model):
    """A public key by which a user signs in to CodeCommit over SSH."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="ssh_public_keys")
    user = models.ForeignKey(User, models.CASCADE, related_name="ssh_public_keys")
    #: 1 to 5: with its unique constraint, the quota that no race can break.
    slot = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=128, unique=True)
    #: `ssh-rsa` and the key in base64, without a comment, whatever it was handed in as.
    body = models.TextField()
    #: MD5 of the key in pairs of digits with colons, as `ssh-keygen -l -E md5` shows it.
    fingerprint = models.CharField(max_length=48)
    status = models.CharField(max_length=8, default="Active")
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "slot"], name="ssh_key_slot_taken"),
            models.UniqueConstraint(fields=["user", "fingerprint"], name="ssh_key_once"),
            models.CheckConstraint(
                condition=Q(slot__range=(1, SSH_KEYS_PER_USER)), name="ssh_key_slot_in_range"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("Active", "Inactive")), name="ssh_key_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.key_id


class ServiceCredential(models.Model):
    """A user name and password, or an API key, that one service takes from a user."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="service_credentials")
    user = models.ForeignKey(User, models.CASCADE, related_name="service_credentials")
    #: `codecommit.amazonaws.com`.
    service = models.CharField(max_length=64)
    #: 1 or 2 of each service: with its unique constraint, the quota that no race can break.
    slot = models.PositiveSmallIntegerField()
    credential_id = models.CharField(max_length=128, unique=True)
    #: The public half: a user name, or the alias of an API key.
    name = models.CharField(max_length=200)
    sealed_secret = models.TextField()
    status = models.CharField(max_length=8, default="Active")
    created_at = models.DateTimeField()
    #: Nothing where it never expires.
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "service", "slot"], name="service_credential_slot_taken"
            ),
            models.CheckConstraint(
                condition=Q(slot__range=(1, CREDENTIALS_PER_SERVICE)),
                name="service_credential_slot_in_range",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("Active", "Inactive")),
                name="service_credential_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.credential_id
