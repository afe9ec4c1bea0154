"""A long record for the bench and for looking at: events of 400 days, put in without the chain.

`python -m tests.bench.many_events NUMBER` puts them into the demo account of DATA_DIR's database.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import django
from django.db import connection, transaction
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iamconsole.settings")
django.setup()

from accounts import demo, events, instance  # noqa: E402
from accounts.models import Account, Event  # noqa: E402
from accounts.models.prepared import _insertion  # noqa: E402

#: How far back they go, and how many are put in at once.
DAYS, AT_ONCE = 400, 20_000
#: What is done, and how often of a thousand times; the rest is the first. Reads but where said.
_READS = (
    ("iam:ListUsers", 100), ("iam:GetUser", 200), ("s3:GetObject", 400), ("s3:ListBucket", 80),
    ("iam:ListGroupsForUser", 60), ("iam:GetRole", 50), ("sts:GetCallerIdentity", 40),
)  # fmt: skip
_CHANGES = (
    ("s3:PutObject", 40), ("iam:AttachUserPolicy", 10), ("iam:CreateUser", 10),
    ("signin:ConsoleLogin", 9), ("iam:DeleteUser", 1),
)  # fmt: skip
USERS, BUCKETS, SESSIONS = 200, 50, 0.1
#: The one event of its kind, a long way back.
NEEDLE = "iam:DeleteGroup"


def fill(account: Account, number: int) -> None:
    """Give an account so many events, after those that it has."""
    random.seed(6)
    account.refresh_from_db(fields=["event_count"])
    begin = timezone.now() - timedelta(days=DAYS)
    step = timedelta(days=DAYS) / number
    rows = _rows(account, number, begin, step)
    insertion = _insertion(Event)
    fields = Event._meta.concrete_fields
    while some := list(itertools.islice(rows, AT_ONCE)):
        values = [[field.get_db_prep_save(getattr(row, field.attname), connection)
                   for field in fields] for row in some]  # fmt: skip
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(insertion, values)
    total = account.event_count + number
    Account.objects.filter(pk=account.pk).update(event_count=total)


def _rows(account: Account, number: int, begin: datetime, step: timedelta) -> Iterator[Event]:
    kinds = [(name, True) for name, often in _READS for _ in range(often)]
    kinds += [(name, False) for name, often in _CHANGES for _ in range(often)]
    for nth in range(1, number + 1):
        action, read_only = random.choice(kinds)
        if nth == number // 10:
            action, read_only = NEEDLE, False
        yield _event(account, account.event_count + nth, begin + nth * step, action, read_only)


def _event(
    account: Account, sequence: int, moment: datetime, action: str, read_only: bool
) -> Event:
    # A few do most of it.
    who = min(int(random.paretovariate(0.7)), USERS)
    name, refused = f"user-{who:03}", random.random() < 0.02
    event = Event(
        id=uuid.UUID(int=sequence << 64 | random.getrandbits(62)),
        account_id=account.pk, sequence=sequence, time=moment, action=action,
        read_only=read_only, outcome="denied" if refused else "success",
        error_code="AccessDenied" if refused else "",
        error_message=f"{name} is not authorized to perform: {action}" if refused else "",
        source_address=f"192.0.2.{who}", user_agent="aws-cli/2.31.0", face="api",
        region="us-east-1", resources=[_resource(account, action)], request_id=str(sequence),
        parameters={"user_name": f"user-{who:03}"}, chain="0" * 64,
        reasons={"decision": "allowed", "layer": "identity", "statements": []},
        **_identity(account, name, who),
    )  # fmt: skip
    for column, key in events.search_keys(event).items():
        setattr(event, column, key)
    return event


def _identity(account: Account, name: str, who: int) -> dict[str, Any]:
    if random.random() < SESSIONS:
        role = f"role-{who % 10}"
        return {
            "principal_kind": "role",
            "principal_arn": f"arn:aws:sts::{account.pk}:assumed-role/{role}/{name}",
            "principal_id": f"AROAEXAMPLEEXAMPLE{who % 10:03}:{name}",
            "issuer": f"arn:aws:iam::{account.pk}:role/{role}",
            "access_key_id": f"ASIAEXAMPLEEXAMPL{who:03}",
        }
    return {
        "principal_kind": "user",
        "principal_arn": f"arn:aws:iam::{account.pk}:user/{name}",
        "principal_id": f"AIDAEXAMPLEEXAMPLE{who:03}",
        "access_key_id": f"AKIAEXAMPLEEXAMPL{who:03}",
    }


def _resource(account: Account, action: str) -> str:
    if action.startswith("s3:"):
        number = min(int(random.paretovariate(0.8)), BUCKETS)
        return f"arn:aws:s3:::bucket-{number}/reports/{random.randrange(1000)}.csv"
    if action in ("sts:GetCallerIdentity", "iam:ListUsers"):
        return "*"
    kind = "group" if action == NEEDLE else "user"
    return f"arn:aws:iam::{account.pk}:{kind}/user-{random.randrange(USERS):03}"


def main(number: int) -> None:
    """Make the demo account where there is none, print its passwords, and fill it."""
    instance.prepare()
    account = Account.objects.first()
    if account is None:
        made = demo.create()
        account = made.account
        told = {"root": made.root_password, **made.passwords, "email": account.root_email}
        print(json.dumps(told))
    fill(account, number)


if __name__ == "__main__":
    main(int(sys.argv[1]))
