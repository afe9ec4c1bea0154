"""What learners do about a run that is set up: check a step, ask for help, finish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.actions.registry import FROM_PREPARE, command, only
from accounts.caller import Caller, CallerKind
from accounts.errors import InvalidInput, NoSuchEntity
from accounts.models import Login
from iamconsole.labs import catalogue, found
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.finish import results
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.runs import building, judging
from iamconsole.labs.runs.building import Marks

State = StepProgress.State

#: Who has a login: whoever comes with temporary credentials is gone with them.
LEARNERS = only(CallerKind.ROOT, CallerKind.USER)


@dataclass(frozen=True, slots=True)
class Judged:
    """A run and a step of it, what its checks found, and after which change."""

    run: Run
    step: StepProgress
    found: list[Finding]
    mark: str
    #: Where the records stood then, if all hold: what follows counts for the next step. Not asked
    #: for within the transaction, where nobody may wait for the spool of events.
    marks: Marks

    @property
    def holds(self) -> bool:
        """Whether all do."""
        return all(each.holds for each in self.found)


def step_of(run: Run, step_id: str) -> StepProgress:
    """The progress of a step. Raises NoSuchEntity where the lab has none of that id."""
    step = run.steps.filter(step=step_id).first()
    if step is None:
        raise NoSuchEntity("This lab has no such step.", argument="step")
    return step


def _begun(run: Run, step_id: str) -> StepProgress:
    """The same of one that has begun. Raises InvalidInput where those before it are to be done."""
    row = step_of(run, step_id)
    if row.started_at is None:
        raise InvalidInput("Do or skip the steps before this one first.", argument="step")
    return row


def judged(run: Run, step: StepProgress) -> Judged:
    """The step's checks, asked now."""
    mark, lab = building.change_mark(run), catalogue.of_run(run)
    asked = judging.findings(run, lab, step)
    done = all(each.holds for each in asked)
    marks = building.marks(building.stage_of(run, lab)) if done else {}
    return Judged(run, step, asked, mark, marks)


def _judged(learner: Caller, *, lab: str, step: str, **_: Any) -> Judged:
    run = building.ready_run(learner, lab)
    try:
        return judged(run, step_of(run, step))
    except NoSuchEntity:
        # Somebody may have begun to reset the lab meanwhile.
        building.ready_run(learner, lab)
        raise


@command("lab:CheckStep", may=LEARNERS, prepare=_judged)
def check_step(
    learner: Caller,
    /,
    *,
    lab: str,
    step: str,
    automatic: bool = False,
    prepared: Judged = FROM_PREPARE,
) -> StepProgress:
    """Keep what a step's checks found; where all hold, it is done and the next one begins.

    A check that nobody asked for is no attempt. What was done or skipped stays so.
    """
    run = building.ready_run(learner, lab)
    row = step_of(run, step)
    # Of accounts that were made anew meanwhile nothing is known, and their records began again.
    if row.pk != prepared.step.pk or run.state_since != prepared.run.state_since:
        raise building.busy()
    keep(row, prepared, learner)
    if not automatic and row.state == State.OPEN:
        row.attempts += 1
        row.failures = 0 if prepared.holds else row.failures + 1
    if prepared.holds and row.state == State.OPEN:
        end(run, row, State.DONE, learner, prepared.marks)
    row.save()
    return row


@command("lab:EnterLab", may=LEARNERS)
def enter_lab(learner: Caller, /, *, lab: str) -> Login:
    """Whom the learner is signed in as, without a password: the account is there for nobody else.

    Raises NoSuchEntity where the learner has deleted that user.
    """
    return found.actor_of(building.ready_run(learner, lab))


@command("lab:AskHint", may=LEARNERS)
def ask_hint(learner: Caller, /, *, lab: str, step: str) -> StepProgress:
    """Show the next hint of a step; the last one stays the last."""
    run = building.run_of(learner, lab)
    row = _begun(run, step)
    row.hints = min(row.hints + 1, len(catalogue.of_run(run).step(step).hints))
    row.save(update_fields=["hints"])
    return row


@command("lab:AskSolution", may=LEARNERS)
def ask_solution(learner: Caller, /, *, lab: str, step: str) -> StepProgress:
    """Show the solution of a step."""
    row = _begun(building.run_of(learner, lab), step)
    row.solution_shown = True
    row.save(update_fields=["solution_shown"])
    return row


def _scored(learner: Caller, *, lab: str, **_: Any) -> int | None:
    run = building.run_of(learner, lab)
    return results.percent_of(run, catalogue.of_run(run))


@command("lab:FinishLab", may=LEARNERS, prepare=_scored)
def finish_lab(learner: Caller, /, *, lab: str, prepared: int | None = FROM_PREPARE) -> Run:
    """Finish a run; the first time counts, and its score.

    Raises InvalidInput while a step is open.
    """
    run = building.run_of(learner, lab)
    if run.steps.filter(state=State.OPEN).exists():
        raise InvalidInput("Do or skip the steps that are still open first.")
    if run.finished_at is None:
        run.finished_at, run.score = learner.now, prepared
        run.save(update_fields=["finished_at", "score"])
    return run


def keep(row: StepProgress, found_now: Judged, learner: Caller) -> None:
    """Write down what was found; the row is not saved yet."""
    row.report = judging.report(found_now.found)
    row.checked_at, row.checked_mark = learner.now, found_now.mark


def end(
    run: Run, row: StepProgress, state: StepProgress.State, learner: Caller, marks: Marks
) -> None:
    """End a step, and begin the next one, for which counts what happens after `marks`."""
    row.state, row.ended_at = state, learner.now
    if row.started_at is None:
        row.started_at = learner.now
    row.save()
    building.open_next(run, learner.now, marks)
