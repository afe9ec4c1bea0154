"""Accounts, their password policies, and the one row of the instance itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts import ids


class Chain(models.Model):
    """The head of a chain of events: how many there are, and the last one's HMAC."""

    event_count = models.BigIntegerField(default=0)
    event_head = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        abstract = True


class Account(Chain):
    """An AWS account. Its row is the lock that changes to the account take one after another."""

    id = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=128)
    root_email = models.EmailField(max_length=254, unique=True)
    alias = models.CharField(max_length=63, unique=True, null=True, blank=True)
    created_at = models.DateTimeField()
    #: Raised by every IAM write and never lowered: what was compiled under another number is stale.
    policy_epoch = models.BigIntegerField(default=1)
    #: 1 or 2: which kind of session tokens the global STS endpoint hands out.
    global_endpoint_token_version = models.PositiveSmallIntegerField(default=1)
    #: Whether its identities may have tokens for services outside, and the part of their issuer's
    #: URL that is the account's own, from the first time on.
    issues_tokens = models.BooleanField(default=False)
    token_issuer = models.CharField(max_length=36, default="", blank=True, db_index=True)
    #: The sequence number of the last event that `LastTried` knows of.
    tried_to = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"

    @property
    def root_arn(self) -> str:
        """The ARN of the account's root user, which also stands for the account as a whole."""
        return f"arn:aws:iam::{self.id}:root"

    @property
    def grouped_id(self) -> str:
        """The id as people read it: 1111-2222-3333."""
        return ids.grouped_account_id(self.id)

    @property
    def signin_name(self) -> str:
        """What stands in the sign-in URL: the alias where there is one, else the id."""
        return self.alias or self.id


class Instance(Chain):
    """This installation: one row, whose chain holds events that belong to no account."""

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_instance")]

    def __str__(self) -> str:
        return "this instance"


class PasswordPolicy(models.Model):
    """A custom password policy. An account without one is under IAM's default policy."""

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, related_name="password_policy"
    )
    minimum_password_length = models.PositiveSmallIntegerField(default=6)
    require_symbols = models.BooleanField(default=False)
    require_numbers = models.BooleanField(default=False)
    require_uppercase_characters = models.BooleanField(default=False)
    require_lowercase_characters = models.BooleanField(default=False)
    allow_users_to_change_password = models.BooleanField(default=False)
    #: In days; nothing where passwords never expire.
    max_password_age = models.PositiveSmallIntegerField(null=True, blank=True)
    #: How many earlier passwords are refused; nothing where none is remembered.
    password_reuse_prevention = models.PositiveSmallIntegerField(null=True, blank=True)
    hard_expiry = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum_password_length__range=(6, 128)),
                name="password_length_in_range",
            ),
            models.CheckConstraint(
                condition=Q(max_password_age__isnull=True) | Q(max_password_age__range=(1, 1095)),
                name="password_age_in_range",
            ),
            models.CheckConstraint(
                condition=Q(password_reuse_prevention__isnull=True)
                | Q(password_reuse_prevention__range=(1, 24)),
                name="password_reuse_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"password policy of {self.account_id}"

    @property
    def expire_passwords(self) -> bool:
        """Whether passwords expire at all."""
        return self.max_password_age is not None
