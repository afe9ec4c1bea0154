"""Every page of the console in a full account: queries, time and bytes of each, by its name.

5,000 users, 300 groups, 1,000 roles and 1,500 policies, a full sandbox and 20,000 events, on SQLite
in a temporary directory. Asked for by the root user through Django's test client: all of the
project's own code and no network, web server or second worker. On a busy machine the processor's
time says more than the clock's.

An argument in words asks for the pages whose names have it in them.
"""

from __future__ import annotations

import gc
import gzip
import statistics
import sys
import time
from collections.abc import Iterator, Mapping

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

# First of the project's: it sets Django up.
from tests.bench.bench_users import fill, timed  # isort: skip
from accounts import caller, demo, ids, instance
from accounts.models import (
    AccessKey,
    Account,
    Attachment,
    Group,
    Membership,
    Policy,
    PolicyVersion,
    Role,
    User,
)
from tests.bench import full_sandbox
from tests.cast import allow, document, trust
from tests.console.browsers import signed_in
from tests.pages import NO_PAGES, SAMPLES, furnish, views

USERS, GROUPS, ROLES, POLICIES = 5000, 300, 1000, 1500
ROUNDS = 12
#: The bar: milliseconds at the 95th percentile, and queries.
SLOWEST, MOST_QUERIES = 250, 20
SELECTED = "&".join(f"user=user-{number:04}" for number in range(100, 200))
#: Views of pages that are worth measuring beside their plain ones, by the page's name.
MORE = {
    "console:users": (
        "?size=100",
        "?sort=-last_activity&size=100",
        "?filter=key_last_used>%3D90&filter=groups>%3D1",
        "?search=42",
        "?format=csv",
    ),
    "console:groups": ("?sort=-users&size=100",),
    "console:roles": ("?size=100",),
    "console:history": ("?filter=user%3Duser-001", "?search=DeleteGroup", "?involving=user-001"),
    "console:history-recent": ("?involving=user-001", "?key=AKIAEXAMPLEEXAMPL001"),
    "console:s3-object": ("?key=a/folder-000/000",),
    "console:s3-bucket": ("?prefix=a/", "?prefix=a/folder-000/", "?after=MTAxMDA="),
    "console:unused": ("?sort=user&page=100", "?search=42"),
    "console:unused-permissions": ("?search=42", "?owner=role"),
    "console:users-delete": (f"?{SELECTED}",),
    "console:users-deactivate-keys": (f"?{SELECTED}",),
}


def main() -> None:
    """Fill an account and print a line for every page."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    instance.prepare()
    made = demo.create()
    account, samples = made.account, furnish(made)
    _fill(account)
    full_sandbox.fill(account)
    connection.cursor().execute("ANALYZE")
    # A server does not carry with it what filling has left.
    gc.collect()
    gc.freeze()
    known = {"face": caller.Face.CONSOLE, "now": timezone.now(), "request_id": "bench"}
    browser = signed_in(caller.root(account, **known))
    headings = ("status", "queries", "p50 ms", "p95 ms", "cpu ms", "kB", "gz kB")
    print(f"{'page':<44}", *(f"{heading:>7}" for heading in headings))
    over = []
    for name, address in _addresses(samples):
        if wanted in name and _line(browser, name, address):
            over.append(name)
    print(f"over {SLOWEST} ms or {MOST_QUERIES} queries: {', '.join(over) or 'none'}")


def _line(browser: Client, name: str, address: str) -> bool:
    """Measure and print one page; whether it is over the bar."""
    answer = browser.get(address)
    start = time.process_time()
    queries, times = timed(browser, address, ROUNDS)
    work = (time.process_time() - start) * 1000 / (ROUNDS + 2)
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    size, packed = len(answer.content), len(gzip.compress(answer.content, 6))
    over = p95 > SLOWEST or queries > MOST_QUERIES
    figures = (answer.status_code, queries, p50, p95, work, size / 1000, packed / 1000)
    columns = (f"{figure:>7.{0 if figure == int(figure) else 1}f}" for figure in figures)
    print(f"{name[:44]:<44}", *columns, "!" if over else "", flush=True)
    return over


def _addresses(samples: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every page of the console, and the further views of some."""
    for name, arguments in sorted(set(views())):
        if name in NO_PAGES or not name.startswith("console:"):
            continue
        if unknown := set(arguments) - samples.keys():
            print(f"{name:<44} not measured: no sample of {', '.join(sorted(unknown))}")
            continue
        address = reverse(name, kwargs={each: samples[each] for each in arguments})
        yield name, address
        for query in MORE.get(name, ()):
            yield f"{name} {query[:24]}", f"{address}{query}"


def _fill(account: Account) -> None:
    """Bring the account to its quotas, straight into the tables."""
    when = account.created_at
    fill(account, USERS)
    users = list(account.users.exclude(name="ram").order_by("folded_name"))
    AccessKey.objects.bulk_create(
        AccessKey(account=account, user=user, slot=1, access_key_id=f"AKIABENCH{user.pk:07}",
                  sealed_secret="x", created_at=when, last_used_at=when)
        for user in users[::2]
    )  # fmt: skip
    named = [
        {"account": account, "name": f"thing-{number:04}", "folded_name": f"thing-{number:04}",
         "created_at": when} for number in range(max(GROUPS, ROLES, POLICIES))
    ]  # fmt: skip
    groups = Group.objects.bulk_create(
        Group(unique_id=ids.unique_id(ids.GROUP), **each)
        for each in named[: GROUPS - account.groups.count()]
    )
    Membership.objects.bulk_create(
        Membership(user=user, group=groups[number % len(groups)], created_at=when)
        for number, user in enumerate(users)
    )
    in_developers = account.groups.get(name="Developers")
    Membership.objects.bulk_create(
        [Membership(user=user, group=in_developers, created_at=when) for user in users[::5]],
        ignore_conflicts=True,
    )
    roles = Role.objects.bulk_create(
        Role(unique_id=ids.unique_id(ids.ROLE), trust_policy=trust(Service="ec2.amazonaws.com"),
             **each)
        for each in named[: ROLES - account.roles.count()]
    )  # fmt: skip
    policies = _policies(account, named)
    _attach(account, users, roles, policies)
    assert account.users.count() == USERS
    assert (account.groups.count(), account.roles.count()) == (GROUPS, ROLES)
    assert account.policies.count() == POLICIES


def _policies(account: Account, named: list[dict[str, object]]) -> list[Policy]:
    when = account.created_at
    policies = Policy.objects.bulk_create(
        Policy(unique_id=ids.unique_id(ids.POLICY), updated_at=when, **each)
        for each in named[: POLICIES - account.policies.count()]
    )
    text = document(allow("s3:Get*", "s3:List*", on="arn:aws:s3:::bench/*"))
    PolicyVersion.objects.bulk_create(
        PolicyVersion(policy=policy, slot=1, number=1, document=text, is_default=True,
                      created_at=when)
        for policy in policies
    )  # fmt: skip
    return policies


def _attach(account: Account, users: list[User], roles: list[Role], policies: list[Policy]) -> None:
    """A policy for each role and every third user, and one of AWS's for every fourth."""
    when = account.created_at
    some = [(user, policies[number % len(policies)]) for number, user in enumerate(users[::3])]
    Attachment.objects.bulk_create(
        [
            *(Attachment(account=account, user=u, policy=p, created_at=when) for u, p in some),
            *(
                Attachment(account=account, role=role, policy=policy, created_at=when)
                for role, policy in zip(roles, policies, strict=False)
            ),
            *(
                Attachment(account=account, user=user, created_at=when,
                           managed_arn=SAMPLES["policy_arn"])
                for user in users[::4]
            ),
        ],
        ignore_conflicts=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
