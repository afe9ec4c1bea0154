"""EC2's instances: records of machines that are not there, whose metadata service is."""

from __future__ import annotations

import hashlib

from django.db import models
from django.db.models import Q

from accounts import vault
from accounts.models import Account, InstanceProfile

#: By the number that AWS gives each state.
STATES = {0: "pending", 16: "running", 32: "shutting-down", 48: "terminated", 64: "stopping",
          80: "stopped"}  # fmt: skip
CODES = {state: code for code, state in STATES.items()}
#: Below it are the metadata services, each under its secret.
METADATA_PATH = "/metadata/"
_METADATA_ADDRESS = "metadata address"


class Instance(models.Model):
    """An instance. Its metadata service answers under an address that nobody can guess."""

    #: `i-` and 17 hexadecimal digits.
    id = models.CharField(primary_key=True, max_length=19)
    account = models.ForeignKey(Account, models.CASCADE, related_name="instances")
    region = models.CharField(max_length=32)
    reservation_id = models.CharField(max_length=19)
    #: Which of those launched together it is, from 0.
    launch_index = models.PositiveSmallIntegerField(default=0)
    #: Of whoever launched it and wanted to ask again without launching twice.
    client_token = models.CharField(max_length=64, default="", blank=True)
    image_id = models.CharField(max_length=32)
    instance_type = models.CharField(max_length=32)
    state = models.CharField(max_length=16, default="running")
    #: Why it was stopped or terminated, and when, as AWS writes it.
    state_reason = models.CharField(max_length=128, default="", blank=True)
    #: When it was started last.
    launched_at = models.DateTimeField()
    #: When it was terminated.
    ended_at = models.DateTimeField(null=True, blank=True)
    private_ip_address = models.CharField(max_length=15)
    tags = models.JSONField(default=dict, blank=True)
    profile = models.ForeignKey(
        InstanceProfile, models.SET_NULL, null=True, blank=True, related_name="instances"
    )
    #: `iip-assoc-` and 17 hexadecimal digits, where there is a profile; and since when.
    association_id = models.CharField(max_length=32, default="", blank=True)
    associated_at = models.DateTimeField(null=True, blank=True)
    #: SHA-256 of the part of the metadata service's address that is a secret.
    metadata_digest = models.CharField(max_length=64, unique=True)
    metadata_enabled = models.BooleanField(default=True)
    #: Whether the metadata service tells the tags, too.
    metadata_tags = models.BooleanField(default=False)
    #: "required" (IMDSv2) or "optional", as HttpTokens.
    http_tokens = models.CharField(max_length=8, default="required")
    hop_limit = models.PositiveSmallIntegerField(default=2)
    #: The credentials that the metadata service handed out last, sealed.
    issued = models.TextField(default="", blank=True)
    #: When EC2 last asked for the role, and whether or not it got it.
    role_asked_at = models.DateTimeField(null=True, blank=True)

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

    @property
    def name(self) -> str:
        """What the tag Name says."""
        return str(self.tags.get("Name", ""))

    @property
    def availability_zone(self) -> str:
        """The one zone that each region has here."""
        return f"{self.region}a"

    @property
    def metadata_secret(self) -> str:
        """The part of the metadata service's address that is a secret: stored nowhere.

        It changes with every start, so whoever learnt it can be shut out.
        """
        started = f"{self.launched_at.timestamp():.6f}"
        return vault.derived(_METADATA_ADDRESS, f"{self.id}|{started}")

    @property
    def digest_of_secret(self) -> str:
        """What `metadata_digest` has to be."""
        return digest_of(self.metadata_secret)


def digest_of(metadata_secret: str) -> str:
    """What is stored of the secret part of an address, by which the instance is found."""
    return hashlib.sha256(metadata_secret.encode("utf-8", "replace")).hexdigest()
