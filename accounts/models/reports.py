"""Reports that are made by one call and fetched by another."""

from __future__ import annotations

from django.db import models

from accounts.models.account import Account


class CredentialReport(models.Model):
    """The newest credential report of an account, as CSV."""

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, related_name="credential_report"
    )
    generated_at = models.DateTimeField()
    content = models.TextField()

    def __str__(self) -> str:
        return f"credential report of {self.account_id}"


class LastAccessedReport(models.Model):
    """When an identity last tried each service, or who used what a policy gives."""

    #: The JobId that GenerateServiceLastAccessedDetails answers.
    id = models.UUIDField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="last_accessed_reports")
    arn = models.CharField(max_length=2048)
    #: SERVICE_LEVEL or ACTION_LEVEL.
    granularity = models.CharField(max_length=16)
    created_at = models.DateTimeField()
    #: The unique id of who asked for it; nobody else may fetch it.
    created_by = models.CharField(max_length=128)
    services = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return f"last accessed by {self.arn}"


class LastTried(models.Model):
    """When a user or role last called an operation, whatever came of it.

    What the record says, kept for longer: events of reads go after some months. It is right up to
    the event `Account.tried_to`; later ones are still to be added.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="last_tried")
    #: The unique id of the user, or of the role whose session called.
    principal_id = models.CharField(max_length=21)
    #: The event's name: "s3:ListObjectsV2".
    action = models.CharField(max_length=128)
    time = models.DateTimeField()
    region = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "principal_id", "action"], name="tried_by_whom_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} by {self.principal_id}"
