"""Commands that set up the accounts of a learner's run: start, reset, skip.

What takes long is done before their transaction; the run is claimed for as long as it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import Any

from django.db.models import F

from accounts.actions.registry import FROM_PREPARE, command
from accounts.caller import Caller
from iamconsole.labs import catalogue, sealing
from iamconsole.labs.actions import progress
from iamconsole.labs.actions.progress import LEARNERS, Judged
from iamconsole.labs.format.pack import Lab, Step
from iamconsole.labs.format.problem import Problem
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.runs import building
from iamconsole.labs.runs.building import Marks
from iamconsole.labs.runs.operations import NotPerformed, Stage

State = StepProgress.State


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A run whose accounts were made anew, and where their records stood at each step's start."""

    run: Run
    stage: Stage
    #: By step; the last stands for every later one.
    marks: tuple[Marks, ...]

    def at(self, number: int) -> Marks:
        """Where the records stood when the step of this number began."""
        return self.marks[min(number, len(self.marks)) - 1]


# --- Start ---------------------------------------------------------------------------------------


def _started(learner: Caller, *, pack: Lab, random: Random | None, **_: Any) -> Rebuilt:
    building.discard_strays(learner.home)
    run = building.new_run(learner, pack, random or SystemRandom())
    try:
        stage = building.build(run, pack)
    except BaseException:
        building.discard(run)
        raise
    return Rebuilt(run, stage, (building.marks(stage),))


@command("lab:StartLab", may=LEARNERS, secrets=("pack", "random"), prepare=_started)
def start_lab(
    learner: Caller,
    /,
    *,
    lab: str,
    pack: Lab,
    random: Random | None = None,
    prepared: Rebuilt = FROM_PREPARE,
) -> Run:
    """Open a run whose accounts are made. Where the pack does not work, nothing is left of it."""
    run = prepared.run
    StepProgress.objects.bulk_create(
        StepProgress(run=run, number=number, step=step.id)
        for number, step in enumerate(pack.steps, start=1)
    )
    building.open_next(run, learner.now, prepared.at(1))
    building.ready(run, prepared.stage)
    return run


# --- Reset ---------------------------------------------------------------------------------------


def _rebuilt(run: Run, lab: Lab, solved: Sequence[Step]) -> Rebuilt:
    """The accounts anew, as they are once these steps are solved. The run must be claimed."""
    building.remove_accounts(run)
    stage = building.build(run, lab)
    marks = [building.marks(stage)]
    for step in solved:
        building.solve(stage, step)
        marks.append(building.marks(stage))
    return Rebuilt(run, stage, tuple(marks))


def _lab_reset(learner: Caller, *, lab: str, **_: Any) -> Rebuilt:
    run = building.run_of(learner, lab)
    building.claim(run)
    with building.given_up_on_failure(run):
        return _rebuilt(run, catalogue.of_run(run), ())


def _step_reset(learner: Caller, *, lab: str, step: str) -> Rebuilt:
    run = building.run_of(learner, lab)
    number = progress.step_of(run, step).number
    building.claim(run)
    with building.given_up_on_failure(run):
        pack = catalogue.of_run(run)
        return _rebuilt(run, pack, pack.steps[: number - 1])


@command("lab:ResetLab", may=LEARNERS, prepare=_lab_reset)
def reset_lab(learner: Caller, /, *, lab: str, prepared: Rebuilt = FROM_PREPARE) -> Run:
    """Bring the run's accounts back to the start, with the same ids. Progress stays."""
    return _reopened(prepared)


@command("lab:ResetStep", may=LEARNERS, prepare=_step_reset)
def reset_step(learner: Caller, /, *, lab: str, step: str, prepared: Rebuilt = FROM_PREPARE) -> Run:
    """The same, and solve the steps before this one."""
    return _reopened(prepared)


def _reopened(rebuilt: Rebuilt) -> Run:
    run = rebuilt.run
    Run.objects.filter(pk=run.pk).update(resets=F("resets") + 1)
    run.resets += 1
    _move_marks(rebuilt)
    building.ready(run, rebuilt.stage)
    return run


def _move_marks(rebuilt: Rebuilt) -> None:
    """The records begin anew, and so does what counts for each step that was started."""
    mark = building.change_mark(rebuilt.run)
    for row in rebuilt.run.steps.filter(started_at__isnull=False):
        row.marks, row.checked_mark = rebuilt.at(row.number), mark
        row.save(update_fields=["marks", "checked_mark"])


# --- Skip ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Skipped:
    """A step that was solved for the learner; `rebuilt` where its account had to be made anew."""

    stage: Stage
    judged: Judged
    rebuilt: Rebuilt | None = None


def _solved(learner: Caller, *, lab: str, step: str) -> Skipped:
    run = building.ready_run(learner, lab)
    row = progress.step_of(run, step)
    pack = catalogue.of_run(run)
    building.claim(run)
    with building.given_up_on_failure(run):
        return _solved_on_top(run, pack, row) or _solved_anew(run, pack, row)


def _solved_on_top(run: Run, pack: Lab, row: StepProgress) -> Skipped | None:
    """Solve the step in what the learner has made; nothing where that is in its way."""
    stage = building.stage_of(run, pack)
    try:
        building.solve(stage, pack.step(row.step))
    except NotPerformed:
        return None
    judged = _judged(run, row, stage)
    return Skipped(stage, judged) if judged.holds else None


def _solved_anew(run: Run, pack: Lab, row: StepProgress) -> Skipped:
    """The accounts as they are once this step and those before it are solved."""
    rebuilt = _rebuilt(run, pack, pack.steps[: row.number])
    row.marks = rebuilt.at(row.number)
    judged = _judged(run, row, rebuilt.stage)
    if not judged.holds:
        told = next(each.message for each in judged.found if not each.holds)
        raise NotPerformed(Problem(row.step, f"Its solution does not solve the step: {told}"))
    return Skipped(rebuilt.stage, judged, rebuilt)


def _judged(run: Run, row: StepProgress, stage: Stage) -> Judged:
    # What the solution has saved counts, too.
    run.values = sealing.sealed(run, stage.values)
    return progress.judged(run, row)


@command("lab:SkipStep", may=LEARNERS, prepare=_solved)
def skip_step(
    learner: Caller, /, *, lab: str, step: str, prepared: Skipped = FROM_PREPARE
) -> StepProgress:
    """Have a step solved. One that was done already stays done."""
    run = prepared.judged.run
    if prepared.rebuilt is not None:
        _move_marks(prepared.rebuilt)
    row = progress.step_of(run, step)
    progress.keep(row, prepared.judged, learner)
    if row.state == State.OPEN:
        progress.end(run, row, State.SKIPPED, learner, prepared.judged.marks)
    row.save()
    building.ready(run, prepared.stage)
    return row
