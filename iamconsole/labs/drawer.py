"""What the drawer shows of a run. What the learner has not asked for yet is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from urllib.parse import quote, urlencode

from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.caller import Caller
from iamconsole.labs import catalogue, found
from iamconsole.labs.checks.finding import Finding, of_record
from iamconsole.labs.format import texts, values
from iamconsole.labs.format.pack import Lab, Show
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.runs.building import change_mark


@dataclass(frozen=True, slots=True)
class Shown:
    """A control to point at: the address that ends with its id, and what to say about it."""

    url: str
    say: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the last check of a step found, and when that was."""

    findings: tuple[Finding, ...]
    checked_at: datetime

    @property
    def met(self) -> int:
        """How many of the checks hold."""
        return sum(finding.holds for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Task:
    """One step, as far as the learner may see it."""

    progress: StepProgress
    title: str
    text: SafeString
    shows: tuple[Shown, ...]
    #: Those that were asked for.
    hints: tuple[SafeString, ...]
    #: The number of the one that can be asked for; nothing where all are shown.
    next_hint: int | None
    most_hints: int
    solution: SafeString | None
    report: Report | None

    @property
    def id(self) -> str:
        """As in the pack."""
        return self.progress.step

    @property
    def number(self) -> int:
        """From 1."""
        return self.progress.number

    @property
    def is_open(self) -> bool:
        """Whether it is neither done nor skipped."""
        return self.progress.state == StepProgress.State.OPEN


@dataclass(frozen=True, slots=True)
class Line:
    """One step in the list of all."""

    progress: StepProgress
    title: str
    current: bool


@dataclass(frozen=True, slots=True)
class Place:
    """One account of the lab, as its learner signs in to it."""

    name: str
    account_id: str
    signin_url: str


@dataclass(frozen=True)
class Drawer:
    """A run beside the page that its learner looks at."""

    run: Run
    lab: Lab
    progress: tuple[StepProgress, ...]
    #: Another text as soon as something in the run's accounts has changed.
    mark: str
    #: The page that forms lead back to.
    back: str

    @property
    def is_ready(self) -> bool:
        """Whether its accounts can be used."""
        return self.run.state == Run.State.READY

    @cached_property
    def current(self) -> StepProgress | None:
        """The first step that is open; nothing where all are done."""
        open_steps = (each for each in self.progress if each.state == StepProgress.State.OPEN)
        return next(open_steps, None)

    @property
    def ended(self) -> int:
        """How many steps are done or skipped."""
        return sum(each.state != StepProgress.State.OPEN for each in self.progress)

    @cached_property
    def task(self) -> Task | None:
        """The current step."""
        return self.task_of(self.current) if self.current else None

    @property
    def lines(self) -> list[Line]:
        """Every step."""
        return [
            Line(each, self.lab.step(each.step).title, each is self.current)
            for each in self.progress
        ]

    @property
    def has_changed(self) -> bool:
        """Whether something has changed since the current step was last checked."""
        current = self.current
        return self.is_ready and current is not None and current.checked_mark != self.mark

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The run's values."""
        return found.values_of(self.run)

    @property
    def places(self) -> list[Place]:
        """Its accounts; the first has no name where it is the only one."""
        return [
            Place(
                name if len(self.lab.accounts) > 1 else "",
                self.values.get(f"{prefix}account_id", ""),
                self.values.get(f"{prefix}signin_url", ""),
            )
            for name, prefix in _prefixes(self.lab.accounts)
        ]

    @property
    def version(self) -> str:
        """A short text that is another one as soon as the drawer would show something else."""
        told = [self.mark, self.run.state, str(self.run.finished_at)]
        for each in self.progress:
            told += [each.state, str(each.hints), str(each.solution_shown), str(each.checked_at)]
        return blake2b("\n".join(told).encode(), digest_size=12).hexdigest()

    @property
    def back_query(self) -> str:
        """What brings somebody back from a page of the drawer to the one beside it."""
        return urlencode({"next": self.back})

    @property
    def pulse_query(self) -> str:
        """What a page asks about: whether this drawer is still what there is to show."""
        return urlencode({"since": self.version, "next": self.back})

    def task_of(self, progress: StepProgress, top: int = 4) -> Task:
        """One of its steps; `top` is the level of the first headings in its texts."""

        def html(markdown: str) -> SafeString:
            return texts.html(markdown, self.values, top=top)

        step = self.lab.step(progress.step)
        asked = step.hints[: progress.hints]
        return Task(
            progress=progress,
            title=step.title,
            text=html(step.text),
            shows=tuple(_shown(each, self.values) for each in step.show),
            hints=tuple(map(html, asked)),
            next_hint=len(asked) + 1 if len(asked) < len(step.hints) else None,
            most_hints=len(step.hints),
            solution=html(step.solution) if progress.solution_shown else None,
            report=_report(progress),
        )


def drawer_of(request: HttpRequest) -> Drawer | None:
    """The drawer of whoever is signed in, where that is to an account of a run. One query else.

    The person decides, not the role they act as.
    """
    person: Caller | None = getattr(request, "person", None)
    if person is None or not found.has_login(person):
        return None
    run = found.run_in(person.home)
    if run is None or not catalogue.is_readable(run):
        return None
    return beside(run, request.get_full_path())


def beside(run: Run, back: str) -> Drawer:
    """The drawer of a run, beside the page at the address `back`."""
    return Drawer(
        run, catalogue.of_run(run), tuple(run.steps.order_by("number")), change_mark(run), back
    )


def _report(progress: StepProgress) -> Report | None:
    if progress.checked_at is None:
        return None
    # What does not hold stands first: that is what is left to do.
    findings = sorted(map(of_record, progress.report), key=lambda each: each.holds)
    return Report(tuple(findings), progress.checked_at)


def _shown(show: Show, known: Mapping[str, str]) -> Shown:
    in_addresses = {name: quote(value, safe="/:@") for name, value in known.items()}
    return Shown(
        f"{values.fill(show.page, in_addresses)}#{show.control}", values.fill(show.say, known)
    )


def _prefixes(accounts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each account's name, and what its values' names begin with."""
    return [(name, f"{name}_" if number else "") for number, name in enumerate(accounts)]
