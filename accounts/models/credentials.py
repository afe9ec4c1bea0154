"""Access keys of users and of the root user."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.users import User

KEYS_PER_OWNER = 2


class AccessKey(models.Model):
    """A long-term key. `user` is nothing where the key is the root user's."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="access_keys")
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="access_keys"
    )
    #: 1 or 2: with its unique constraint, the quota that no race can break.
    slot = models.PositiveSmallIntegerField()
    access_key_id = models.CharField(max_length=128, unique=True)
    #: Signatures need the plain secret back, so it is encrypted and not hashed.
    sealed_secret = models.TextField()
    status = models.CharField(max_length=8, default="Active")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_service = models.CharField(max_length=64, default="", blank=True)
    last_used_region = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "slot"], condition=Q(user__isnull=False), name="user_key_slot_taken"
            ),
            models.UniqueConstraint(
                fields=["account", "slot"],
                condition=Q(user__isnull=True),
                name="root_key_slot_taken",
            ),
            models.CheckConstraint(
                condition=Q(slot__range=(1, KEYS_PER_OWNER)), name="key_slot_in_range"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("Active", "Inactive")), name="key_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.access_key_id

    @property
    def is_active(self) -> bool:
        """Whether requests signed with it are accepted."""
        return self.status == "Active"
