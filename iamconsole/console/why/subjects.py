"""Whose policies a page is about: a user, a group or a role, and where its own pages are."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse

from accounts.actions import shared
from accounts.arns import Resource, last_part
from accounts.caller import Caller


class Subject(NamedTuple):
    """A user, group or role. One that is not there has the ARN it would have."""

    kind: str
    name: str
    arn: str
    list_label: str

    @property
    def url(self) -> str:
        """Its page."""
        return reverse(f"console:{self.kind}", args=[self.name])

    @property
    def list_url(self) -> str:
        """The list that it stands in."""
        return reverse(f"console:{self.kind}s")

    @property
    def simulate_url(self) -> str:
        """The simulator on its policies."""
        return reverse(f"console:{self.kind}-simulate", args=[self.name])

    @property
    def effective_url(self) -> str:
        """What its policies come to."""
        return reverse(f"console:{self.kind}-effective-permissions", args=[self.name])


def user(caller: Caller, name: str) -> Subject:
    """A user by name."""
    return _subject("user", "Users", shared.user_resource(caller, user_name=name))


def group(caller: Caller, name: str) -> Subject:
    """A group by name."""
    return _subject("group", "User groups", shared.group_resource(caller, group_name=name))


def role(caller: Caller, name: str) -> Subject:
    """A role by name."""
    return _subject("role", "Roles", shared.role_resource(caller, role_name=name))


def _subject(kind: str, list_label: str, resource: Resource) -> Subject:
    return Subject(kind, last_part(resource.arn), resource.arn, list_label)
