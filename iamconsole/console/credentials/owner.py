"""Whose credentials a page is about: one's own, the root user's, or those of another user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.caller import Caller
from accounts.errors import InvalidUserType


@dataclass(frozen=True, slots=True)
class Owner:
    """A user, or the root user where there is no name."""

    user_name: str | None
    #: Whether it is the caller himself, on the pages of his security credentials.
    own: bool

    @property
    def is_root(self) -> bool:
        """Whether it is the root user."""
        return self.user_name is None

    @property
    def named(self) -> dict[str, Any]:
        """The owner as an argument of actions."""
        return {} if self.user_name is None else {"user_name": self.user_name}

    @property
    def back_url(self) -> str:
        """The page that lists the credentials."""
        return self.page("security-credentials")

    def page(self, name: str, *arguments: str) -> str:
        """The page of that name for this owner: one's own, or the user's, whose begins `user-`."""
        if self.own:
            return reverse(f"console:{name}", args=arguments)
        return reverse(f"console:user-{name}", args=[self.user_name, *arguments])

    @property
    def assign_url(self) -> str:
        """The first page of the wizard that assigns an MFA device."""
        return self.page("mfa-assign")

    @property
    def resync_url(self) -> str:
        """The page that resynchronises the device in `?serial=`."""
        return self.page("mfa-resync")

    @property
    def remove_url(self) -> str:
        """The page that removes the device in `?serial=`."""
        return self.page("mfa-remove")

    @property
    def create_key_url(self) -> str:
        """The first page of the wizard that makes an access key."""
        return self.page("key-create")


def owner_of(caller: Caller, user_name: str | None) -> Owner:
    """The named user, or the caller without a name. A role has no credentials of its own."""
    if user_name is not None:
        return Owner(user_name, own=False)
    if caller.user is None and not caller.is_root:
        raise InvalidUserType("Only IAM users and the root user have security credentials.")
    return Owner(caller.user.name if caller.user else None, own=True)
