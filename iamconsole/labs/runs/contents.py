"""What is in a run's accounts, and goes with a reset."""

from __future__ import annotations

from collections import Counter

from accounts.actions import lifecycle
from accounts.models import Account
from iamconsole.labs.models import Run
from iamconsole.labs.runs import owned
from iamconsole.sandbox.models import Bucket, Instance, StoredObject, Topic


def going(run: Run) -> dict[str, int]:
    """How many of each thing a reset would take."""
    counted: Counter[str] = Counter()
    for account in owned.accounts_of(run):
        counted.update(lifecycle.contents(account))
        counted.update(_in_sandbox(account))
    return dict(counted)


def _in_sandbox(account: Account) -> dict[str, int]:
    numbers = {
        "buckets": Bucket.objects.filter(account=account).count(),
        "objects": StoredObject.objects.filter(bucket__account=account).count(),
        "topics": Topic.objects.filter(account=account).count(),
        "instances": Instance.objects.filter(account=account).count(),
    }
    return {name: number for name, number in numbers.items() if number}
