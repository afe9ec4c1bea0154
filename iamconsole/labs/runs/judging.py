"""Asking a step's checks of a run's accounts, and what changed there since they were last asked."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts import events
from iamconsole.labs.checks import asking
from iamconsole.labs.checks.finding import Finding, as_record
from iamconsole.labs.checks.world import World
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.runs import building


def world_of(run: Run, lab: Lab, step: StepProgress | None) -> World:
    """What the checks of a step may look at. Raises NoSuchEntity where an account is gone."""
    # Calls that only read wait in a spool, and some checks ask for them.
    events.catch_up()
    stage = building.stage_of(run, lab)
    rows = run.run_accounts.values_list("account", "start_sequence")
    start = dict(rows)
    return World(
        accounts=stage.accounts,
        values=stage.values,
        now=timezone.now(),
        files=lab.files,
        lab_start=start,
        step_start=start | (step.marks if step is not None else {}),
    )


def findings(run: Run, lab: Lab, step: StepProgress) -> list[Finding]:
    """What the checks of a step find."""
    return asking.ask_all(world_of(run, lab, step), lab.step(step.step).checks)


def report(found: list[Finding]) -> list[dict[str, Any]]:
    """Findings as a step keeps them."""
    return [as_record(each) for each in found]
