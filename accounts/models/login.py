"""Who has a password and what guards it: logins, password history, recovery links, throttles."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from accounts.models.account import Account
from accounts.models.users import User


class Login(AbstractBaseUser):
    """A password and whose it is: the root user's, or an IAM user's login profile."""

    class Kind(models.TextChoices):
        """Whose password it is."""

        ROOT = "root"
        USER = "user"

    kind = models.CharField(max_length=4, choices=Kind.choices)
    account = models.ForeignKey(Account, models.CASCADE, related_name="logins")
    user = models.OneToOneField(User, models.CASCADE, null=True, blank=True, related_name="login")
    #: Django wants one name a login: the account for root, the user's unique id for a user.
    handle = models.CharField(max_length=32, unique=True)
    #: Raised to end every session of this login at its next request.
    epoch = models.PositiveIntegerField(default=1)
    password_reset_required = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    #: One salt for all of a login's remembered passwords, so that one hash compares with all.
    history_salt = models.CharField(max_length=32)

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = BaseUserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(kind="root"), name="one_root_login"
            ),
            models.CheckConstraint(
                condition=Q(kind="root", user__isnull=True) | Q(kind="user", user__isnull=False),
                name="root_login_has_no_user",
            ),
        ]

    def __str__(self) -> str:
        return self.handle

    @property
    def is_root(self) -> bool:
        """Whether it is the root user's."""
        return self.kind == self.Kind.ROOT

    def get_session_auth_hash(self) -> str:
        """What a session must still know: it changes with the password and with the epoch."""
        return self._epoch_hmac()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return self._epoch_hmac(secret)

    def _epoch_hmac(self, secret: str | None = None) -> str:
        return salted_hmac(
            "accounts.models.Login.session",
            f"{self.password}:{self.epoch}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class PasswordHistory(models.Model):
    """A password that was in use, as a hash under the login's history salt."""

    login = models.ForeignKey(Login, models.CASCADE, related_name="password_history")
    digest = models.CharField(max_length=128)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"a password of {self.login_id}"


class RecoveryLink(models.Model):
    """A root user's single-use way back to a password. Only the token's digest is kept."""

    login = models.ForeignKey(Login, models.CASCADE, related_name="recovery_links")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"recovery of {self.login_id}"


class Throttle(models.Model):
    """Failures counted under one key, and until when the next attempt is refused."""

    key = models.CharField(primary_key=True, max_length=64)
    failures = models.PositiveIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True, blank=True)
    last_failure = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.failures} failures"
