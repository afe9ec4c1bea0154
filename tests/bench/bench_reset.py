"""How long a reset of an account takes: a small one, a class's, a large one."""

from __future__ import annotations

import os
import statistics
import time

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.pop("DATABASE_URL", None)

import django

django.setup()

from django.utils import timezone  # noqa: E402

from accounts import ids, instance  # noqa: E402
from accounts.actions import lifecycle  # noqa: E402
from accounts.models import (  # noqa: E402
    AccessKey,
    Account,
    Group,
    InlinePolicy,
    Membership,
    Role,
    User,
)

SIZES = (10, 100, 1000)
TIMES = 7


def main() -> None:
    """Print the times of resets by how many users there were."""
    instance.prepare()
    made = lifecycle.create_account(
        instance.operator(), name="Bench", root_email="root@bench.example"
    )
    print(f"{'users':>8} {'median ms':>10} {'longest ms':>11}")
    for size in SIZES:
        taken = []
        for _ in range(TIMES):
            fill(made.account, size)
            start = time.perf_counter()
            lifecycle.reset_account(instance.operator(made.account), access_key=True)
            taken.append((time.perf_counter() - start) * 1000)
        print(f"{size:>8} {statistics.median(taken):>10.1f} {max(taken):>11.1f}")


def fill(account: Account, size: int) -> None:
    """Users with a key each, in ten groups with a policy each, straight into the tables."""
    now = timezone.now()
    users = [new_user(account, f"user{number}") for number in range(size)]
    User.objects.bulk_create(users)
    AccessKey.objects.bulk_create(
        AccessKey(
            account=account,
            user=user,
            slot=1,
            access_key_id=ids.access_key_id(account.id),
            sealed_secret="v1:k1:",
            created_at=now,
        )
        for user in users
    )
    groups = [
        Group.objects.create(
            account=account, name=f"g{n}", unique_id=ids.unique_id(ids.GROUP), created_at=now
        )
        for n in range(10)
    ]
    InlinePolicy.objects.bulk_create(
        InlinePolicy(account=account, group=group, name="p", document="{}") for group in groups
    )
    Membership.objects.bulk_create(
        Membership(user=user, group=groups[n % 10], created_at=now) for n, user in enumerate(users)
    )
    Role.objects.create(
        account=account,
        name="r",
        unique_id=ids.unique_id(ids.ROLE),
        created_at=now,
        trust_policy="{}",
    )


def new_user(account: Account, name: str) -> User:
    """A user that is not saved yet."""
    unique_id = ids.unique_id(ids.USER)
    return User(
        account=account,
        name=name,
        folded_name=name,
        unique_id=unique_id,
        created_at=timezone.now(),
    )


if __name__ == "__main__":
    main()
