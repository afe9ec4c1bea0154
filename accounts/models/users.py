"""IAM users."""

from __future__ import annotations

from django.db import models

from accounts.models.account import Account


class Named(models.Model):
    """What users, groups, roles and their like share: a name unique without case, path, id."""

    name = models.CharField(max_length=128)
    #: The name in lower case: AWS keeps the case that was typed and compares without it.
    folded_name = models.CharField(max_length=128, editable=False)
    path = models.CharField(max_length=512, default="/")
    unique_id = models.CharField(max_length=21, unique=True)
    created_at = models.DateTimeField()

    #: The part of the ARN that tells the kind.
    arn_kind = ""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the folded name in step with the name."""
        self.folded_name = self.name.lower()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:KIND/path/name`."""
        account = self.account_id  # type: ignore[attr-defined]
        return f"arn:aws:iam::{account}:{self.arn_kind}{self.path}{self.name}"


class User(Named):
    """An IAM user: an identity with long-term credentials. The root user is not one."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="users")
    #: Tag key to value, in the order they were set.
    tags = models.JSONField(default=dict, blank=True)
    #: A managed policy that limits what the user's policies can give: one of the two, or neither.
    boundary = models.ForeignKey(
        "accounts.Policy", models.PROTECT, null=True, blank=True, related_name="bounded_users"
    )
    boundary_managed_arn = models.CharField(max_length=2048, default="", blank=True)
    password_last_used = models.DateTimeField(null=True, blank=True)

    arn_kind = "user"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "folded_name"], name="user_name_taken"),
            models.CheckConstraint(
                condition=models.Q(boundary__isnull=True) | models.Q(boundary_managed_arn=""),
                name="user_has_one_boundary",
            ),
        ]
        indexes = [models.Index(fields=["account", "name"], name="users_by_name")]

    @property
    def boundary_arn(self) -> str | None:
        """The ARN of the permissions boundary, where one is set."""
        return self.boundary.arn if self.boundary else self.boundary_managed_arn or None
