"""Bringing a run, or one step of it, back to its start."""

from __future__ import annotations

from accounts.caller import Caller

from ..models import Run


def reset_lab(learner: Caller, run: Run) -> None:
    """Bring the run's accounts back to the start of the lab."""
    raise NotImplementedError


def reset_step(learner: Caller, run: Run, step_id: str) -> None:
    """Bring the run's accounts back to the start of a step."""
    raise NotImplementedError


def going(run: Run) -> dict[str, int]:
    """How many of each thing a reset would take."""
    raise NotImplementedError
