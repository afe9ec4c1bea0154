"""What learners do about their runs: start, ask for help, finish."""

from __future__ import annotations

from accounts.caller import Caller

from ..models import Run, StepProgress


def ask_hint(learner: Caller, /, *, lab: str, step: str) -> StepProgress:
    """Show the next hint of a step."""
    raise NotImplementedError


def ask_solution(learner: Caller, /, *, lab: str, step: str) -> StepProgress:
    """Show the solution of a step."""
    raise NotImplementedError


def finish_lab(learner: Caller, /, *, lab: str) -> Run:
    """Finish a run of which every step is done or skipped."""
    raise NotImplementedError
