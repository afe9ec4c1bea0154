"""Virtual MFA devices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.users import User

DEVICES_PER_OWNER = 8


class MFADevice(models.Model):
    """A virtual device; assigned to a user, to the root user, or to nobody yet.

    TOTP as in RFC 6238: SHA-1, six digits, steps of 30 seconds.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="mfa_devices")
    name = models.CharField(max_length=226)
    path = models.CharField(max_length=512, default="/")
    serial_number = models.CharField(max_length=256, unique=True)
    folded_name = models.CharField(max_length=226, editable=False)
    sealed_seed = models.TextField()
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="mfa_devices"
    )
    is_root = models.BooleanField(default=False)
    #: 1 to 8 while assigned: with its unique constraint, the quota that no race can break.
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    enabled_at = models.DateTimeField(null=True, blank=True)
    #: The newest time step whose code was accepted: no code of it or before is accepted again.
    last_step = models.BigIntegerField(default=0)
    #: How many steps the device's clock runs ahead of ours, learnt from two consecutive codes.
    drift = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "folded_name"], name="device_name_taken"),
            models.UniqueConstraint(
                fields=["user", "slot"],
                condition=Q(user__isnull=False),
                name="user_device_slot_taken",
            ),
            models.UniqueConstraint(
                fields=["account", "slot"],
                condition=Q(is_root=True),
                name="root_device_slot_taken",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=True, is_root=False, slot__isnull=True)
                | Q(user__isnull=False, is_root=False, slot__range=(1, DEVICES_PER_OWNER))
                | Q(user__isnull=True, is_root=True, slot__range=(1, DEVICES_PER_OWNER)),
                name="device_slot_while_assigned",
            ),
        ]

    def __str__(self) -> str:
        return self.serial_number

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the folded name in step with the name."""
        self.folded_name = self.name.lower()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def is_assigned(self) -> bool:
        """Whether somebody signs in with it."""
        return self.slot is not None

    @property
    def arn(self) -> str:
        """A virtual device's serial number is its ARN."""
        return self.serial_number
