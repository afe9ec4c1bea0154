"""SNS's topics, and the messages that were published to them."""

from __future__ import annotations

from django.db import models

from accounts.models import Account


class Topic(models.Model):
    """A standard topic. Nobody subscribes here: its page shows what came in."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="topics")
    region = models.CharField(max_length=32)
    name = models.CharField(max_length=256)
    created_at = models.DateTimeField()
    display_name = models.CharField(max_length=100, default="", blank=True)
    tags = models.JSONField(default=dict, blank=True)
    #: The topic policy, with unique ids in place of the ARNs of users and roles; empty where
    #: nobody wrote one, which means AWS's default.
    policy = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "region", "name"], name="topic_name_taken")
        ]

    def __str__(self) -> str:
        return self.arn

    @property
    def arn(self) -> str:
        """`arn:aws:sns:REGION:ACCOUNT:NAME`."""
        return f"arn:aws:sns:{self.region}:{self.account_id}:{self.name}"


class Message(models.Model):
    """A message. How long it is kept: `iamconsole.sandbox.retention`."""

    id = models.UUIDField(primary_key=True)
    #: Whose topic it is, so that the oldest of an account are found without looking at topics.
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="messages")
    published_at = models.DateTimeField()
    publisher_arn = models.CharField(max_length=2048)
    subject = models.CharField(max_length=100, default="", blank=True)
    body = models.TextField()
    #: {"name": {"DataType": "String", "StringValue": "…"}}
    attributes = models.JSONField(default=dict, blank=True)
    #: Bytes published to the account's topics so far, this message's included.
    position = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["topic", "-published_at", "id"], name="messages_newest_first"),
            models.Index(fields=["account", "position"], name="messages_by_position"),
            models.Index(fields=["published_at"], name="messages_by_age"),
        ]

    def __str__(self) -> str:
        return str(self.id)
