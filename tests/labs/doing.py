"""What learners do about a run, in few words."""

from __future__ import annotations

from random import Random, SystemRandom

from accounts.caller import Caller
from iamconsole.labs.actions import preparing, progress
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.models import Run, StepProgress
from tests.labs import small


def start(learner: Caller, lab: Lab, random: Random | None = None) -> Run:
    random = random or SystemRandom()
    return preparing.start_lab(learner, lab=lab.id, pack=lab, random=random)


def check(learner: Caller, run: Run, step: str, *, automatic: bool = False) -> StepProgress:
    return progress.check_step(learner, lab=run.lab, step=step, automatic=automatic)


def skip(learner: Caller, run: Run, step: str) -> None:
    preparing.skip_step(learner, lab=run.lab, step=step)
    run.refresh_from_db()


def reset_lab(learner: Caller, run: Run) -> None:
    preparing.reset_lab(learner, lab=run.lab)
    run.refresh_from_db()


def reset_step(learner: Caller, run: Run, step: str) -> None:
    preparing.reset_step(learner, lab=run.lab, step=step)
    run.refresh_from_db()


def begun(learner: Caller, solved: int = 0) -> Run:
    """The small lab with so many steps skipped."""
    lab = small.lab()
    run = start(small.now(learner), lab)
    for step in lab.steps[:solved]:
        skip(small.now(learner), run, step.id)
    return run


def finished(learner: Caller) -> Run:
    return progress.finish_lab(small.now(learner), lab=begun(learner, solved=2).lab)
