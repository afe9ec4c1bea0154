"""What people choose for their own eyes: columns, page sizes, density."""

from __future__ import annotations

from django.db import models

from accounts.models.account import Account


class Preference(models.Model):
    """One choice of one principal, such as the columns of the list of users."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="preferences")
    #: The unique id of whose choice it is: a user, a role, or the account's id for the root user.
    principal_id = models.CharField(max_length=128)
    name = models.CharField(max_length=64)
    value = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "principal_id", "name"], name="preference_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.principal_id}"
