"""What an account holds in the console's tests, made without going through the actions."""

from __future__ import annotations

from typing import Any

from accounts import ids
from accounts.models import (
    AccessKey,
    Account,
    Attachment,
    Group,
    InlinePolicy,
    Membership,
    MFADevice,
    Policy,
    PolicyVersion,
    Role,
    User,
)
from tests.cast import allow, document, trust

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"
KEY = "AKIAIOSFODNN7EXAMPLE"


def new_group(account: Account, name: str, *members: User, path: str = "/") -> Group:
    """A group of these users, without policies."""
    group = Group.objects.create(
        account=account,
        name=name,
        path=path,
        unique_id=ids.unique_id(ids.GROUP),
        created_at=account.created_at,
    )
    for user in members:
        Membership.objects.create(user=user, group=group, created_at=account.created_at)
    return group


def new_role(account: Account, name: str, trust_policy: str = "", path: str = "/") -> Role:
    """A role for EC2 unless told otherwise."""
    return Role.objects.create(
        account=account,
        name=name,
        path=path,
        unique_id=ids.unique_id(ids.ROLE),
        trust_policy=trust_policy or trust(Service="ec2.amazonaws.com"),
        created_at=account.created_at,
    )


def new_policy(account: Account, name: str, path: str = "/") -> Policy:
    """A customer managed policy that lets one read buckets."""
    policy = Policy.objects.create(
        account=account,
        name=name,
        path=path,
        unique_id=ids.unique_id(ids.POLICY),
        created_at=account.created_at,
        updated_at=account.created_at,
    )
    PolicyVersion.objects.create(
        policy=policy,
        slot=1,
        number=1,
        document=document(allow("s3:ListBucket")),
        is_default=True,
        created_at=account.created_at,
    )
    return policy


def new_members(group: Group, count: int) -> None:
    """Users called user-0001 and so on, all of them in the group."""
    users = [
        User(
            account=group.account,
            name=f"user-{number:04}",
            folded_name=f"user-{number:04}",
            unique_id=ids.unique_id(ids.USER),
            created_at=group.created_at,
        )
        for number in range(1, count + 1)
    ]
    User.objects.bulk_create(users)
    Membership.objects.bulk_create(
        Membership(user=user, group=group, created_at=group.created_at) for user in users
    )


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


def attach(to: Group | Role | User, arn: str = READ_ONLY) -> None:
    """Attach one of AWS's policies."""
    Attachment.objects.create(
        account=to.account, managed_arn=arn, created_at=to.created_at, **{to.arn_kind: to}
    )


def give(to: Group | Role | User, policy: Policy) -> None:
    """Attach one of the account's own policies."""
    Attachment.objects.create(
        account=to.account, policy=policy, created_at=to.created_at, **{to.arn_kind: to}
    )


def write(policy: Policy, *statements: dict[str, Any]) -> None:
    """Put statements into the version in force."""
    policy.versions.filter(is_default=True).update(document=document(*statements))


def new_version(policy: Policy, number: int, *statements: dict[str, Any]) -> PolicyVersion:
    """A version that is not in force, written by alice."""
    return PolicyVersion.objects.create(
        policy=policy,
        slot=number,
        number=number,
        document=document(*statements),
        created_at=policy.created_at,
        created_by=f"arn:aws:iam::{policy.account_id}:user/alice",
    )


def give_inline(to: Group | Role | User, name: str) -> None:
    """Add an inline policy."""
    InlinePolicy.objects.create(
        account=to.account,
        name=name,
        document=document(allow("s3:GetObject")),
        **{to.arn_kind: to},
    )
