"""Accounts for `bench_api.py`, in the database of DATA_DIR: `python -m tests.bench.filled NAME…`.

`bench` is an account with nobody but its administrator; a number N one with N users, each with a
group, an inline policy and a managed one; `world:N` the account `bench` with N users and N events,
among N accounts. Prints as JSON the access key of each account's administrator, who is an IAM user
with AdministratorAccess by a group and an inline policy.
"""

from __future__ import annotations

import itertools
import json
import os
import sys

import django
from django.db import transaction
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iamconsole.settings")
django.setup()

from accounts import events, ids, instance  # noqa: E402
from accounts.actions.access_keys import new_key  # noqa: E402
from accounts.models import (  # noqa: E402
    Account,
    Attachment,
    Group,
    InlinePolicy,
    Membership,
    User,
)
from tests.cast import allow, document  # noqa: E402

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READER = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
NOW = timezone.now()
_IDS = itertools.count(111122223333)


def main(names: list[str]) -> None:
    """Make the accounts and print the keys."""
    instance.prepare()
    keys = {}
    for name in names:
        world = int(name.removeprefix("world:")) if name.startswith("world:") else 0
        account, administrator = _account("bench" if world else name)
        if world:
            _users(account, world - 1)
            _events(account, world)
            Account.objects.bulk_create(_row(f"other-{number}") for number in range(world - 1))
        elif name.isdigit():
            _permissions(account, _users(account, int(name) - 1))
        made = new_key(account, administrator, 1, NOW)
        keys["bench" if world else name] = (made.key.access_key_id, made.secret)
    print(json.dumps(keys))


def _row(name: str) -> Account:
    email = f"{name}@bench.example"
    return Account(id=str(next(_IDS)), name=name, root_email=email, created_at=NOW)


def _account(name: str) -> tuple[Account, User]:
    """An account and its administrator, with a group."""
    account = _row(name)
    account.save(force_insert=True)
    group = Group.objects.create(
        account=account, name="All", unique_id=ids.unique_id(ids.GROUP), created_at=NOW
    )
    (user,) = _named(account, ["bench"])
    Membership.objects.create(user=user, group=group, created_at=NOW)
    Attachment.objects.create(
        account=account, group=group, managed_arn=ADMINISTRATOR, created_at=NOW
    )
    _permissions(account, [user])
    return account, user


def _named(account: Account, names: list[str]) -> list[User]:
    return User.objects.bulk_create(
        User(
            account=account, name=name, folded_name=name, unique_id=ids.unique_id(ids.USER),
            created_at=NOW,
        )
        for name in names
    )  # fmt: skip


def _users(account: Account, count: int) -> list[User]:
    users = _named(account, [f"user-{number:05}" for number in range(count)])
    group = Group.objects.create(
        account=account, name="Users", unique_id=ids.unique_id(ids.GROUP), created_at=NOW
    )
    Membership.objects.bulk_create(
        Membership(user=user, group=group, created_at=NOW) for user in users
    )
    return users


def _permissions(account: Account, users: list[User]) -> None:
    text = document(allow("s3:GetObject"))
    InlinePolicy.objects.bulk_create(
        InlinePolicy(account=account, user=user, name="own", document=text) for user in users
    )
    Attachment.objects.bulk_create(
        Attachment(account=account, user=user, managed_arn=READER, created_at=NOW) for user in users
    )


def _events(account: Account, count: int) -> None:
    """The record of so many calls."""
    caller = instance.root(account)
    with transaction.atomic():
        for start in range(0, count, 1000):
            some = [
                events.describe(
                    caller, "iam:GetUser", outcome=events.SUCCESS, read_only=True, parameters={}
                )
                for _ in range(start, min(start + 1000, count))
            ]
            events.append(account, some)


if __name__ == "__main__":
    main(sys.argv[1:])
