"""How long each kind of check takes: p50 and p95, in an account such as a lab makes, of 30 things,
and p50 of the processor's time alone, which is the same on a busy machine.

On SQLite in a temporary directory, each check asked by itself and everything looked up anew, as for
a step of one check. 10 ms at p50 is what is to be reached. "after a change" has the policies
compiled anew, too.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.pop("DATABASE_URL", None)

import django

django.setup()

from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts import caller as callers  # noqa: E402
from accounts import instance  # noqa: E402
from accounts.actions import (  # noqa: E402
    access_keys,
    attachments,
    groups,
    inline_policies,
    lifecycle,
    policies,
    roles,
    users,
)
from accounts.caller import Caller, Face  # noqa: E402
from accounts.models import Account  # noqa: E402
from accounts.types import Tag  # noqa: E402
from iamconsole.labs.checks import asking, verbs  # noqa: E402
from iamconsole.labs.checks.world import World  # noqa: E402
from iamconsole.labs.format.pack import Check  # noqa: E402
from iamconsole.sandbox.actions import bucket_policies, sns_messages, sns_topics  # noqa: E402
from tests.bench import many_events  # noqa: E402
from tests.cast import allow, deny, document, trust  # noqa: E402
from tests.sandbox.stored import REPORTS, granting, new_bucket, put  # noqa: E402

ROUNDS, EVENTS = 40, 500
BUCKET = f"arn:aws:s3:::{REPORTS}"
WHO = {"principal": "user/ana"}
ADMINISTRATOR = {"principal": "user/user-1"}
READ = document(allow("s3:GetObject", on=f"{BUCKET}/*"), allow("s3:ListBucket", on=BUCKET))

ASKED: list[tuple[str, dict[str, Any]]] = [
    ("can", {**WHO, "action": "s3:GetObject", "resource": f"{BUCKET}/q1.csv"}),
    ("can", {**WHO, "action": "s3:GetObject", "resource": f"{BUCKET}/*"}),
    ("can", {**ADMINISTRATOR, "action": "s3:*", "resource": f"{BUCKET}/*"}),
    ("cannot", {**WHO, "action": "s3:DeleteObject", "resource": f"{BUCKET}/q1.csv"}),
    ("cannot", {**WHO, "action": "iam:*"}),
    ("cannot", {**WHO, "action": ["iam:*", "s3:Put*", "s3:Delete*", "ec2:*"]}),
    ("cannot", {**WHO, "action": "*", "resource": "arn:aws:s3:::another-bucket/*"}),
    ("cannot", {"principal": "user/user-*", "action": "sns:Publish"}),
    ("exists", {"user": "ana"}),
    ("absent", {"user": "user-?9*"}),
    ("attached", {"to": "user/ana", "policy": "ReadOnlyAccess"}),
    ("not_attached", {"to": "user/*", "policy": "PowerUserAccess"}),
    ("has_inline_policy", {"to": "user/ana"}),
    ("member_of", {"user": "ana", "group": "*"}),
    ("tag", {"on": "user/ana", "key": "team", "value": "red"}),
    ("mfa_enabled", WHO),
    ("login_profile", {"user": "ana"}),
    ("password_policy", {"minimum_length": 8}),
    ("trust_allows", {"role": "role-1", "principal": "ec2.amazonaws.com"}),
    ("boundary_is", {"of": "user/ana", "policy": "policy-1"}),
    ("version_count", {"policy": "policy-1", "at_most": 2}),
    ("key_count", {"user": "ana", "status": "Active", "count": 1}),
    ("key_status", {"key": "AKIAIOSFODNN7EXAMPLE", "status": "Deleted"}),
    ("max_allowed_actions", {**WHO, "count": 3}),
    ("max_allowed_actions", {**ADMINISTRATOR, "count": 3}),
    ("policy_equivalent", {**WHO, "to": "solution/read.json"}),
    ("event", {"name": ["iam:CreateUser", "iam:TagUser"], "on": "user/ana"}),
    ("event", {"name": "*", "by": "user/user-*", "outcome": "denied"}),
    ("called", {**WHO, "action": "s3:*", "resource": f"{BUCKET}*"}),
    ("signed_in", WHO),
    ("assumed_role", {"role": "role-1"}),
    ("instance_role", {"instance": "web", "role": "*"}),
    ("s3_object", {"bucket": REPORTS, "key": "*.csv", "contains": "hello"}),
    ("published", {"topic": "alarms", "contains": "done"}),
]


def main() -> None:
    """Print a line for each kind of check."""
    assert {verb for verb, _ in ASKED} == verbs.ARGUMENTS.keys()
    account = furnished()
    print(f"{'check':<22}{'p50 ms':>8}{'p95 ms':>8}{'cpu ms':>8}  asked")
    for verb, arguments in ASKED:
        took = [once(account, Check(verb, arguments)) for _ in range(ROUNDS)]
        show(verb, took, str(arguments))
    every = [Check(verb, arguments) for verb, arguments in ASKED]
    took = []
    for _ in range(ROUNDS):
        Account.objects.filter(pk=account.pk).update(policy_epoch=F("policy_epoch") + 1)
        took.append(once(account, *every[:8]))
    show("eight, after a change", took, "all of can and cannot")
    show("all at once", [once(account, *every) for _ in range(ROUNDS)], "one step")


def once(account: Account, *checks: Check) -> tuple[float, float]:
    """Milliseconds that checks of one step take, and those of them that the processor worked."""
    world = World(
        accounts={"main": account},
        values={"account_id": account.pk},
        now=timezone.now(),
        files={"solution/read.json": READ},
    )
    begun, worked = time.perf_counter(), time.thread_time()
    asking.ask_all(world, checks)
    return (time.perf_counter() - begun) * 1000, (time.thread_time() - worked) * 1000


def show(name: str, took: list[tuple[float, float]], asked: str) -> None:
    """One line."""
    whole = sorted(each for each, _ in took)
    late = whole[int(len(whole) * 0.95)]
    cpu = statistics.median(each for _, each in took)
    print(f"{name:<22}{statistics.median(whole):>8.2f}{late:>8.2f}{cpu:>8.2f}  {asked[:80]}")


def furnished() -> Account:
    """An account of ten users, roles and policies each, two buckets, a topic, and some events."""
    instance.prepare()
    made = lifecycle.create_account(
        instance.operator(), name="Bench", root_email="root@bench.example"
    )
    account = made.account
    many_events.fill(account, EVENTS)
    account.refresh_from_db()
    now = timezone.now()
    root = callers.root(account, face=Face.API, now=now, request_id="bench")
    identities(root)
    new_bucket(root)
    put(root, "q1.csv")
    reading = granting({"AWS": f"arn:aws:iam::{account.pk}:user/user-2"}, "s3:GetObject")
    bucket_policies.put_bucket_policy(root, bucket=REPORTS, policy=reading)
    topic = sns_topics.create_topic(root, name="alarms")
    sns_messages.publish(root, topic_arn=topic.arn, message="It is done.")
    account.refresh_from_db()
    return account


def identities(root: Caller) -> None:
    """Ana, who reads a bucket, and others."""
    groups.create_group(root, group_name="Staff")
    for name in ("ana", *(f"user-{number}" for number in range(9))):
        users.create_user(root, user_name=name, tags=[Tag("team", "red")])
        groups.add_user_to_group(root, group_name="Staff", user_name=name)
    for number in range(9):
        roles.create_role(
            root,
            role_name=f"role-{number}",
            assume_role_policy_document=trust(Service="ec2.amazonaws.com"),
        )
        policies.create_policy(
            root, policy_name=f"policy-{number}", policy_document=document(allow("sns:*"))
        )
    access_keys.create_access_key(root, user_name="ana")
    inline_policies.put_user_policy(root, user_name="ana", policy_name="read", policy_document=READ)
    inline_policies.put_group_policy(
        root, group_name="Staff", policy_name="limit", policy_document=document(deny("sns:*"))
    )
    attachments.attach_user_policy(
        root,
        user_name="user-1",
        policy_arn="arn:aws:iam::aws:policy/AdministratorAccess",
    )


if __name__ == "__main__":
    main()
