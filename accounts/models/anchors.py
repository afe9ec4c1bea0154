"""What is left in an account's chain of events where old ones were removed."""

from __future__ import annotations

from django.db import models

from accounts.models.account import Account


class EventAnchor(models.Model):
    """Events in a row that retention has removed: the chain goes on from here.

    `chain` is that of the last one removed. Who has it has not the head that the next event is
    chained to: that takes the key outside the database, as does the seal.
    """

    #: Nothing for the instance's own chain.
    account = models.ForeignKey(
        Account, models.CASCADE, null=True, blank=True, related_name="event_anchors"
    )
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    chain = models.CharField(max_length=64)
    pruned_at = models.DateTimeField()
    #: HMAC-SHA-256 over all of this.
    seal = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "first"], name="account_anchor_once"),
            models.UniqueConstraint(
                fields=["first"],
                condition=models.Q(account__isnull=True),
                name="instance_anchor_once",
            ),
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="anchor_runs_forwards"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} to {self.last}, removed"
