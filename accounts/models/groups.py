"""User groups and who is in them."""

from __future__ import annotations

from django.db import models

from accounts.models.account import Account
from accounts.models.users import Named, User


class Group(Named):
    """A user group: policies that all its members get. Groups hold users, never groups."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="groups")
    users = models.ManyToManyField(User, through="Membership", related_name="groups")

    arn_kind = "group"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "folded_name"], name="group_name_taken")
        ]
        indexes = [models.Index(fields=["account", "name"], name="groups_by_name")]


class Membership(models.Model):
    """One user in one group."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"
