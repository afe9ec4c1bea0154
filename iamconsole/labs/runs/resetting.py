"""Bringing a run, or one step of it, back to its start."""

from __future__ import annotations

from collections import Counter

from accounts.actions import lifecycle
from accounts.caller import Caller
from accounts.models import Account
from iamconsole.labs.actions import preparing
from iamconsole.labs.models import Run
from iamconsole.labs.runs import owned
from iamconsole.sandbox.models import Bucket, Instance, StoredObject, Topic


def reset_lab(learner: Caller, run: Run) -> None:
    """Bring the run's accounts back to the start of the lab; progress stays.

    Raises ConcurrentModification where that happens already, NotPerformed where the pack does not
    work.
    """
    preparing.reset_lab(learner, lab=run.lab)
    run.refresh_from_db()


def reset_step(learner: Caller, run: Run, step_id: str) -> None:
    """Bring the run's accounts back to the start of a step: those before it are solved."""
    preparing.reset_step(learner, lab=run.lab, step=step_id)
    run.refresh_from_db()


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
