"""Checking a step, and what changed since it was last checked."""

from __future__ import annotations

from accounts.caller import Caller

from ..checks.world import World
from ..models import Run, StepProgress


def check(learner: Caller, run: Run, step_id: str, *, automatic: bool = False) -> StepProgress:
    """Ask the step's checks and keep what they found.

    `progress.checked_mark` becomes what `change_mark` was before the first question.
    """
    raise NotImplementedError


def world_of(run: Run, step: StepProgress | None) -> World:
    """What the checks of a step may look at."""
    raise NotImplementedError


def change_mark(run: Run) -> str:
    """A text that is another one as soon as something in the run's accounts has changed."""
    raise NotImplementedError
