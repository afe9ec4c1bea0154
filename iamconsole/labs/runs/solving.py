"""Skipping a step: its solution is done for the learner."""

from __future__ import annotations

from accounts.caller import Caller

from ..models import Run


def skip(learner: Caller, run: Run, step_id: str) -> None:
    """Solve a step for the learner, so that the next ones can be done."""
    raise NotImplementedError
