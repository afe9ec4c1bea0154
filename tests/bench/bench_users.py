"""The list of users with 5 and with 5,000 of them: queries of a page, and its time.

Measured through Django's test client in this process, on a database in a temporary directory: all
of the project's own code and no network, web server or second worker.
"""

from __future__ import annotations

import os
import statistics
import time

import django
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

os.environ.pop("DATABASE_URL", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from accounts import caller, ids, instance, passwords  # noqa: E402
from accounts.actions.lifecycle import create_account  # noqa: E402
from accounts.models import Account, Group, Login, Membership, MFADevice, User  # noqa: E402
from tests.console.browsers import signed_in  # noqa: E402

FEW, MANY = 5, 5000
ROUNDS = 60
PAGES = (
    ("by name, first page", "/console/iam/users/"),
    ("by name, page 125", "/console/iam/users/?page=125"),
    ("by groups, descending", "/console/iam/users/?sort=-groups"),
    ("search for 42", "/console/iam/users/?search=42"),
)
#: All of the list, but one column by a condition on each user's tags: every cell is evaluated.
POLICY = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Resource": "*",
   "Action": ["iam:ListUsers", "iam:ListGroupsForUser", "iam:GetLoginProfile"]},
  {"Effect": "Allow", "Resource": "*", "Action": "iam:ListMFADevices",
   "Condition": {"StringEquals": {"iam:ResourceTag/team": "red"}}}]}"""


def main() -> None:
    """Make an account, fill it, and print."""
    instance.prepare()
    made = create_account(instance.operator(), name="Bench", root_email="root@bench.example")
    account = made.account
    print(f"{'users':>6} {'who':>8}  {'page':<22} {'queries':>7} {'p50 ms':>7} {'p95 ms':>7}")
    for number in (FEW, MANY):
        fill(account, number)
        browsers = _browsers(account)
        for name, address in PAGES:
            for who, browser in browsers.items():
                queries, times = timed(browser, address, ROUNDS)
                p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
                line = f"{number:>6} {who:>8}  {name:<22} {queries:>7} {p50:>7.1f} {p95:>7.1f}"
                print(line, flush=True)


def fill(account: Account, number: int) -> None:
    """Bring the account to so many users, a third of them in groups and with MFA and passwords."""
    new = passwords.hashed("Correct-horse-7", passwords.new_history_salt())
    group, _ = Group.objects.get_or_create(
        account=account,
        folded_name="bench",
        defaults={"name": "bench", "unique_id": "AGPABENCH", "created_at": account.created_at},
    )
    start = account.users.count()
    users = User.objects.bulk_create(
        User(
            account=account,
            name=f"user-{index:04}",
            folded_name=f"user-{index:04}",
            unique_id=ids.unique_id(ids.USER),
            created_at=account.created_at,
            tags={"team": "red" if index % 2 else "blue"},
        )
        for index in range(start, number)
    )
    third = users[::3]
    when = account.created_at
    Membership.objects.bulk_create(
        Membership(user=user, group=group, created_at=when) for user in third
    )
    Login.objects.bulk_create(
        Login(
            kind="user",
            account=account,
            user=user,
            handle=user.unique_id,
            password=new.encoded,
            password_changed_at=when,
            created_at=when,
            history_salt=passwords.salt_of(new.digest),
        )
        for user in third
    )
    MFADevice.objects.bulk_create(
        MFADevice(
            account=account,
            name=user.name,
            folded_name=user.name,
            serial_number=f"arn:aws:iam::{account.id}:mfa/{user.name}",
            sealed_seed="x",
            user=user,
            slot=1,
            created_at=when,
        )
        for user in third
    )


def _browsers(account: Account) -> dict[str, Client]:
    """Root, who is asked nothing, and a user whose every cell is decided by policy."""
    known = {"face": caller.Face.CONSOLE, "now": timezone.now(), "request_id": "bench"}
    user = account.users.get(name="user-0001")
    user.inline_policies.get_or_create(account=account, name="list", defaults={"document": POLICY})
    return {
        "root": signed_in(caller.root(account, **known)),
        "by policy": signed_in(caller.user(user, **known)),
    }


def timed(browser: Client, address: str, rounds: int) -> tuple[int, list[float]]:
    """The queries of a page, once what is kept between requests is there, and times in ms."""
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        browser.get(address)
    # Counted here: the next request empties the log.
    number = len(queries)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        browser.get(address)
        times.append((time.perf_counter() - start) * 1000)
    return number, times


if __name__ == "__main__":
    main()
