"""EC2's instances: records of machines that are not there, whose metadata service is."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Account, InstanceProfile

#: By the number that AWS gives each state.
STATES = {0: "pending", 16: "running", 32: "shutting-down", 48: "terminated", 64: "stopping",
          80: "stopped"}  # fmt: skip


class Instance(models.Model):
    """An instance. Its metadata service answers under an address that nobody can guess."""

    #: `i-` and 17 hexadecimal digits.
    id = models.CharField(primary_key=True, max_length=19)
    account = models.ForeignKey(Account, models.CASCADE, related_name="instances")
    region = models.CharField(max_length=32)
    reservation_id = models.CharField(max_length=19)
    image_id = models.CharField(max_length=32)
    instance_type = models.CharField(max_length=32)
    state = models.CharField(max_length=16, default="running")
    #: Why it was stopped or terminated, and when, as AWS writes it.
    state_reason = models.CharField(max_length=128, default="", blank=True)
    launched_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    private_ip_address = models.CharField(max_length=15)
    tags = models.JSONField(default=dict, blank=True)
    profile = models.ForeignKey(
        InstanceProfile, models.SET_NULL, null=True, blank=True, related_name="instances"
    )
    #: `iip-assoc-` and 17 hexadecimal digits, where there is a profile.
    association_id = models.CharField(max_length=32, default="", blank=True)
    #: The part of the metadata service's address that is a secret.
    metadata_path = models.CharField(max_length=64, unique=True)
    #: "required" (IMDSv2) or "optional", as HttpTokens.
    http_tokens = models.CharField(max_length=8, default="required")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=tuple(STATES.values())), name="instance_state_known"
            )
        ]
        indexes = [models.Index(fields=["account", "region", "id"], name="instances_by_region")]

    def __str__(self) -> str:
        return self.id

    @property
    def arn(self) -> str:
        """`arn:aws:ec2:REGION:ACCOUNT:instance/ID`."""
        return f"arn:aws:ec2:{self.region}:{self.account_id}:instance/{self.id}"
