"""How far a learner is in a lab, and in each of its steps, as pages say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.template.defaultfilters import pluralize

from iamconsole.labs.format.pack import Lab
from iamconsole.labs.models import Run, StepProgress


class State(StrEnum):
    """The whole lab's state; its values stand in addresses of the catalogue."""

    NEW = "new"
    UNDER_WAY = "under-way"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class StepStanding:
    """One step: what the pack calls it, and what became of it."""

    number: int
    id: str
    title: str
    #: Nothing before the lab was started.
    progress: StepProgress | None
    is_current: bool

    @property
    def status(self) -> tuple[str, str]:
        """Its state for the `status` tag: kind and words."""
        match self.progress.state if self.progress else None:
            case StepProgress.State.DONE:
                return "success", "Done"
            case StepProgress.State.SKIPPED:
                return "stopped", "Skipped"
            case StepProgress.State.OPEN if self.is_current:
                return "info", "Current step"
        return "pending", "To do"

    @property
    def time(self) -> str:
        """How long it took; for the current step nothing, since nobody knows how long is left."""
        progress = self.progress
        if progress is None or progress.started_at is None or progress.ended_at is None:
            return ""
        return duration(progress.ended_at - progress.started_at)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a learner is in a lab."""

    lab: Lab
    run: Run | None
    steps: Sequence[StepStanding]

    @property
    def state(self) -> State:
        """Not started, under way or finished."""
        if self.run is None:
            return State.NEW
        return State.FINISHED if self.run.finished_at else State.UNDER_WAY

    @property
    def current(self) -> StepStanding | None:
        """The step at which the learner is; nothing where all are done."""
        return next((each for each in self.steps if each.is_current), None)

    @property
    def open(self) -> list[StepStanding]:
        """The steps that are neither done nor skipped."""
        return [each for each in self.steps if _is_open(each.progress)]

    @property
    def ended(self) -> int:
        """How many steps are done or skipped."""
        return len(self.steps) - len(self.open) if self.run else 0

    @property
    def solved(self) -> int:
        """How many steps the learner did."""
        return self._counted(StepProgress.State.DONE)

    @property
    def skipped(self) -> int:
        """How many steps were solved for the learner."""
        return self._counted(StepProgress.State.SKIPPED)

    @property
    def hints(self) -> int:
        """How many hints were asked for."""
        return sum(each.progress.hints for each in self.steps if each.progress)

    @property
    def solutions(self) -> int:
        """How many solutions were looked at."""
        return sum(each.progress.solution_shown for each in self.steps if each.progress)

    @property
    def is_preparing(self) -> bool:
        """Whether the accounts are being made, or were left half made."""
        return self.run is not None and self.run.state == Run.State.PREPARING

    @property
    def time(self) -> str:
        """From the start to the finish."""
        if self.run is None or self.run.finished_at is None:
            return ""
        return duration(self.run.finished_at - self.run.started_at)

    @property
    def last_seen(self) -> datetime | None:
        """When the learner last got on with it."""
        if self.run is None:
            return None
        rows = [each.progress for each in self.steps if each.progress]
        moments = [moment for row in rows for moment in (row.checked_at, row.ended_at) if moment]
        return max([self.run.started_at, *moments])

    def _counted(self, state: StepProgress.State) -> int:
        return sum(each.progress.state == state for each in self.steps if each.progress)


def standing(lab: Lab, run: Run | None) -> Standing:
    """How far the learner is whose run it is; `lab` as it was when the run began."""
    rows = {row.step: row for row in run.steps.all()} if run else {}
    current = next((each.id for each in lab.steps if _is_open(rows.get(each.id))), None)
    steps = [
        StepStanding(
            number=number,
            id=each.id,
            title=each.title,
            progress=rows.get(each.id),
            is_current=run is not None and each.id == current,
        )
        for number, each in enumerate(lab.steps, 1)
    ]
    return Standing(lab, run, steps)


def _is_open(progress: StepProgress | None) -> bool:
    return progress is None or progress.state == StepProgress.State.OPEN


def duration(time: timedelta) -> str:
    """A length of time in words, to the minute; to the hour beyond a day."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return "under a minute"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "day"), (hours, "hour"), (0 if days else minutes, "minute"))
    return " ".join(f"{number} {word}{pluralize(number)}" for number, word in parts if number)
