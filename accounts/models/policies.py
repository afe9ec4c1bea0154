"""Customer managed policies with their versions, inline policies, and what is attached to whom."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models.account import Account
from accounts.models.groups import Group
from accounts.models.roles import Role
from accounts.models.users import Named, User

VERSIONS_PER_POLICY = 5


class Policy(Named):
    """A customer managed policy. AWS's own are not rows: see `accounts.managed_policies`."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="policies")
    description = models.CharField(max_length=1000, default="", blank=True)
    updated_at = models.DateTimeField()
    #: The number of the newest version ever made: numbers are not used again.
    last_version = models.PositiveIntegerField(default=1)
    tags = models.JSONField(default=dict, blank=True)

    arn_kind = "policy"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "folded_name"], name="policy_name_taken")
        ]
        indexes = [models.Index(fields=["account", "name"], name="policies_by_name")]


class PolicyVersion(models.Model):
    """One version of a customer managed policy; one of at most five is in force."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="versions")
    #: 1 to 5: with its unique constraint, the quota that no race can break.
    slot = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    document = models.TextField()
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    #: The ARN of who wrote it. AWS does not keep it; the history of versions shows it.
    created_by = models.CharField(max_length=2048, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "slot"], name="version_slot_taken"),
            models.UniqueConstraint(fields=["policy", "number"], name="version_number_taken"),
            models.UniqueConstraint(
                fields=["policy"], condition=Q(is_default=True), name="one_default_version"
            ),
            models.CheckConstraint(
                condition=Q(slot__range=(1, VERSIONS_PER_POLICY)), name="version_slot_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.version_id}"

    @property
    def version_id(self) -> str:
        """`v1`, `v2` and so on."""
        return f"v{self.number}"


class OfOneIdentity(models.Model):
    """A row that hangs on exactly one user, group or role."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True)
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True)
    role = models.ForeignKey(Role, models.CASCADE, null=True, blank=True)

    ONE_IDENTITY: ClassVar[Q] = (
        Q(user__isnull=False, group__isnull=True, role__isnull=True)
        | Q(user__isnull=True, group__isnull=False, role__isnull=True)
        | Q(user__isnull=True, group__isnull=True, role__isnull=False)
    )

    class Meta:
        abstract = True

    @property
    def identity(self) -> User | Group | Role:
        """Whom it hangs on."""
        found = self.user or self.group or self.role
        assert found is not None  # noqa: S101 (the constraint says so)
        return found


class InlinePolicy(OfOneIdentity):
    """A policy that is part of one user, group or role."""

    name = models.CharField(max_length=128)
    document = models.TextField()

    class Meta:
        default_related_name = "inline_policies"
        constraints = [
            models.CheckConstraint(
                condition=OfOneIdentity.ONE_IDENTITY, name="inline_policy_of_one_identity"
            ),
            models.UniqueConstraint(fields=["user", "name"], name="user_inline_policy_once"),
            models.UniqueConstraint(fields=["group", "name"], name="group_inline_policy_once"),
            models.UniqueConstraint(fields=["role", "name"], name="role_inline_policy_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Attachment(OfOneIdentity):
    """A managed policy attached to an identity: a customer's own, or one of AWS's by its ARN."""

    policy = models.ForeignKey(Policy, models.PROTECT, null=True, blank=True)
    managed_arn = models.CharField(max_length=2048, default="", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        default_related_name = "attachments"
        constraints = [
            models.CheckConstraint(
                condition=OfOneIdentity.ONE_IDENTITY, name="attachment_to_one_identity"
            ),
            models.CheckConstraint(
                condition=(Q(policy__isnull=False) & Q(managed_arn=""))
                | (Q(policy__isnull=True) & ~Q(managed_arn="")),
                name="attachment_of_one_policy",
            ),
            *(
                models.UniqueConstraint(
                    fields=[kind, "policy"],
                    condition=Q(policy__isnull=False),
                    name=f"{kind}_attachment_once",
                )
                for kind in ("user", "group", "role")
            ),
            *(
                models.UniqueConstraint(
                    fields=[kind, "managed_arn"],
                    condition=~Q(managed_arn=""),
                    name=f"{kind}_managed_attachment_once",
                )
                for kind in ("user", "group", "role")
            ),
        ]
        indexes = [models.Index(fields=["account", "managed_arn"], name="attachments_by_arn")]

    def __str__(self) -> str:
        return self.policy_arn

    @property
    def policy_arn(self) -> str:
        """The ARN of the attached policy."""
        return self.policy.arn if self.policy else self.managed_arn

    @property
    def policy_name(self) -> str:
        """The name of the attached policy."""
        return self.policy.name if self.policy else self.managed_arn.rpartition("/")[2]
