"""Checking a step, and what changed since it was last checked."""

from __future__ import annotations

from accounts.caller import Caller
from iamconsole.labs import catalogue
from iamconsole.labs.actions import progress
from iamconsole.labs.checks.world import World
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.runs import judging
from iamconsole.labs.runs.building import change_mark

__all__ = ["change_mark", "check", "world_of"]


def check(learner: Caller, run: Run, step_id: str, *, automatic: bool = False) -> StepProgress:
    """Ask the step's checks and keep what they found; where all hold, the step is done."""
    return progress.check_step(learner, lab=run.lab, step=step_id, automatic=automatic)


def world_of(run: Run, step: StepProgress | None) -> World:
    """What the checks of a step may look at; of no step, what the end of the lab looks at."""
    return judging.world_of(run, catalogue.of_run(run), step)
