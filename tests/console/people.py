"""What the tests of users' pages have in common: groups, keys, devices, and pages found by name."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import ids
from accounts.models import AccessKey, Account, Attachment, Group, Membership, MFADevice, User

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
KEY = "AKIAIOSFODNN7EXAMPLE"


def url(name: str, *arguments: str) -> str:
    """The address of a console page."""
    return reverse(f"console:{name}", args=arguments)


def new_group(account: Account, name: str, *members: User) -> Group:
    """A group with members."""
    group = Group.objects.create(
        account=account,
        name=name,
        unique_id=ids.unique_id(ids.GROUP),
        created_at=account.created_at,
    )
    for user in members:
        Membership.objects.create(user=user, group=group, created_at=account.created_at)
    return group


def new_key(user: User, key_id: str = KEY, status: str = "Active") -> AccessKey:
    """An access key without a secret that could be opened."""
    return AccessKey.objects.create(
        account=user.account,
        user=user,
        slot=1 + user.access_keys.count(),
        access_key_id=key_id,
        sealed_secret="x",
        status=status,
        created_at=user.created_at,
    )


def new_device(user: User, name: str = "phone") -> MFADevice:
    """A virtual device that the user signs in with."""
    return MFADevice.objects.create(
        account=user.account,
        name=name,
        serial_number=f"arn:aws:iam::{user.account_id}:mfa/{name}",
        sealed_seed="x",
        user=user,
        slot=1 + user.mfa_devices.count(),
        created_at=user.created_at,
        enabled_at=user.created_at,
    )


def attach(identity: User | Group, policy_arn: str = READ_ONLY) -> None:
    """Attach one of AWS's policies."""
    whose: dict[str, Any] = {identity.arn_kind: identity}
    Attachment.objects.create(
        account=identity.account,
        managed_arn=policy_arn,
        created_at=identity.account.created_at,
        **whose,
    )


def text_of(response: Any) -> str:
    """The page, with white space as a reader sees it."""
    return " ".join(response.content.decode().split())


def queries_of(browser: Client, address: str) -> int:
    """How many queries a page takes once what is kept between requests is there."""
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(address)
    assert response.status_code == 200
    return len(queries)
