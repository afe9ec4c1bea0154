"""The record of what was asked and what came of it."""

from __future__ import annotations

from django.db import models

from accounts.models.account import Account


class Event(models.Model):
    """One call of an action or command. Rows are added and never changed.

    The fields are those of an AWS CloudTrail record, and the HMAC that chains it to the one before.
    """

    id = models.UUIDField(primary_key=True)
    #: Nothing where the event belongs to the instance: a sign-in to an account that is not there.
    #: Deleting an account takes its events with it.
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="events"
    )
    sequence = models.BigIntegerField()
    time = models.DateTimeField()
    #: "iam:CreateUser", or a command's name such as "signin:ConsoleLogin".
    action = models.CharField(max_length=128)
    principal_arn = models.CharField(max_length=2048, default="", blank=True)
    principal_id = models.CharField(max_length=128, default="", blank=True)
    principal_kind = models.CharField(max_length=16)
    #: Who vouched for a temporary session: the ARN of the role or of the user behind it.
    issuer = models.CharField(max_length=2048, default="", blank=True)
    access_key_id = models.CharField(max_length=128, default="", blank=True)
    session_id = models.CharField(max_length=64, default="", blank=True)
    source_address = models.CharField(max_length=64, default="", blank=True)
    user_agent = models.CharField(max_length=1024, default="", blank=True)
    face = models.CharField(max_length=16)
    region = models.CharField(max_length=32, default="", blank=True)
    resources = models.JSONField(default=list, blank=True)
    #: The arguments, without secrets.
    parameters = models.JSONField(default=dict, blank=True)
    read_only = models.BooleanField(default=False)
    #: "success", "denied", "error" or "failure" (ours).
    outcome = models.CharField(max_length=8)
    error_code = models.CharField(max_length=64, default="", blank=True)
    error_message = models.TextField(default="", blank=True)
    mfa_authenticated = models.BooleanField(default=False)
    #: Why it was allowed or refused: the decision, the layer, the statements that decided.
    reasons = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=64)
    #: HMAC-SHA-256 over this row and the HMAC before it, under a key outside the database.
    chain = models.CharField(max_length=64)
    #: What `accounts.events.search_keys` makes of the columns above, to be found by: names in lower
    #: case of who called, of the role acted as and of what it was about, and how it went wrong.
    folded_user = models.CharField(max_length=128, null=True, editable=False)  # noqa: DJ001
    folded_role = models.CharField(max_length=128, null=True, editable=False)  # noqa: DJ001
    folded_resource = models.CharField(max_length=128, null=True, editable=False)  # noqa: DJ001
    trouble = models.CharField(max_length=8, null=True, editable=False)  # noqa: DJ001

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "sequence"], name="account_event_once"),
            models.UniqueConstraint(
                fields=["sequence"],
                condition=models.Q(account__isnull=True),
                name="instance_event_once",
            ),
        ]
        indexes = [
            *(
                models.Index(fields=["account", *columns, "time", "sequence"], name=name)
                for name, columns in (
                    ("events_by_time", ()),
                    ("events_by_action", ("action",)),
                    ("events_by_who", ("principal_id",)),
                    ("events_by_key", ("access_key_id",)),
                )
            ),
            # What has no such key takes no room. That it has one, an equality implies on every
            # database, where an inequality would not.
            *(
                models.Index(
                    fields=["account", key, "time", "sequence"],
                    condition=models.Q(**{f"{key}__isnull": False}),
                    name=f"events_by_{key.removeprefix('folded_')}",
                )
                for key in ("folded_user", "folded_role", "folded_resource", "trouble")
            ),
            models.Index(
                fields=["account", "time", "sequence"],
                condition=models.Q(read_only=False),
                name="events_of_changes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.outcome}"


class SpoolFile(models.Model):
    """How much of a file of waiting events (`accounts.spool`) is in the record already.

    Raised in the transaction that adds the events, so that none of them is added twice.
    """

    name = models.CharField(max_length=128, primary_key=True)
    #: Bytes from the beginning of the file.
    taken = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} up to {self.taken}"
