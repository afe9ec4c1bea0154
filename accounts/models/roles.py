"""Roles and instance profiles."""

from __future__ import annotations

from django.db import models

from accounts.models.account import Account
from accounts.models.users import Named

#: Below it lie the roles that services make for themselves.
SERVICE_LINKED_PATH = "/aws-service-role/"


class Role(Named):
    """An identity that whoever its trust policy names may take on for a while."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="roles")
    #: The trust policy, as it was written.
    trust_policy = models.TextField()
    description = models.CharField(max_length=1000, default="", blank=True)
    #: In seconds.
    max_session_duration = models.PositiveIntegerField(default=3600)
    tags = models.JSONField(default=dict, blank=True)
    boundary = models.ForeignKey(
        "accounts.Policy", models.PROTECT, null=True, blank=True, related_name="bounded_roles"
    )
    boundary_managed_arn = models.CharField(max_length=2048, default="", blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_region = models.CharField(max_length=64, default="", blank=True)

    arn_kind = "role"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "folded_name"], name="role_name_taken"),
            models.CheckConstraint(
                condition=models.Q(boundary__isnull=True) | models.Q(boundary_managed_arn=""),
                name="role_has_one_boundary",
            ),
            models.CheckConstraint(
                condition=models.Q(max_session_duration__range=(3600, 43200)),
                name="role_session_in_range",
            ),
        ]
        indexes = [models.Index(fields=["account", "name"], name="roles_by_name")]

    @property
    def boundary_arn(self) -> str | None:
        """The ARN of the permissions boundary, where one is set."""
        return self.boundary.arn if self.boundary else self.boundary_managed_arn or None

    @property
    def is_service_linked(self) -> bool:
        """Whether it belongs to an AWS service, which alone may change it."""
        return self.path.startswith(SERVICE_LINKED_PATH)


class InstanceProfile(Named):
    """What hands a role to an EC2 instance: it holds one role at most."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="instance_profiles")
    role = models.ForeignKey(
        Role, models.PROTECT, null=True, blank=True, related_name="instance_profiles"
    )
    tags = models.JSONField(default=dict, blank=True)

    arn_kind = "instance-profile"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "folded_name"], name="instance_profile_name_taken"
            )
        ]
