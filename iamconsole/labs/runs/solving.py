"""Skipping a step: its solution is done for the learner."""

from __future__ import annotations

from accounts.caller import Caller
from iamconsole.labs.actions import preparing
from iamconsole.labs.models import Run


def skip(learner: Caller, run: Run, step_id: str) -> None:
    """Solve a step for the learner, so that the next ones can be done.

    Where what the learner made is in the way, the accounts are made anew as if this step and those
    before it had been solved.
    """
    preparing.skip_step(learner, lab=run.lab, step=step_id)
    run.refresh_from_db()
