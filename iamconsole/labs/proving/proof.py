"""The proof that a lab works: solved, wrongly answered and reset, with several sets of values."""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import caller as callers
from accounts import hashers, ids, instance
from accounts.actions import lifecycle
from accounts.caller import Caller, Face
from accounts.errors import ServiceError
from accounts.models import Account
from iamconsole.labs import found, sealing
from iamconsole.labs.actions import preparing, progress
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.finish import results
from iamconsole.labs.format.pack import Lab, Step, WrongAnswer
from iamconsole.labs.format.values import fill
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.proving import picture
from iamconsole.labs.runs import building, judging, owned
from iamconsole.labs.runs.operations import NotPerformed, perform_all
from iamconsole.sandbox import storage
from iamconsole.sandbox.models import Part, StoredObject

Report = Callable[[str], object]

#: In seconds, at the median: what one check may take.
SLOW = 0.010
#: More than any proof raises it.
_FAR = 1_000_000


def prove(lab: Lab, *, rounds: int = 2, report: Report = lambda line: None) -> list[str]:
    """Play the lab through; return what is wrong with it, or nothing. `report` gets a line for what
    is no fault but worth knowing, such as slow checks.

    It is played by a learner of its own, whose account is deleted at the end.
    """
    problems: list[str] = []
    with hashers.weakly(), _home() as home:
        for number in range(rounds):
            played = _Round(lab, home, report)
            problems += played.problems(thoroughly=number == 0)
            if problems:
                break
    return list(dict.fromkeys(problems))


@contextmanager
def _home() -> Iterator[Account]:
    """An account of its own for a learner, with all of whose runs it goes."""
    name = f"Proof {secrets.token_hex(4)}"
    email = f"proof+{secrets.token_hex(8)}@lab.example"
    home = lifecycle.create_account(_operator(), name=name, root_email=email).account
    try:
        yield home
    finally:
        lifecycle.delete_account(_operator(), account_id=home.pk)


def _operator() -> Caller:
    return replace(instance.operator(), face=Face.LAB)


class _Round:
    """A lab, played through once by one learner, with one set of values."""

    def __init__(self, lab: Lab, home: Account, report: Report) -> None:
        self.lab = lab
        self.home = home
        self.report = report
        self.took: list[float] = []
        self.run = Run()

    @property
    def learner(self) -> Caller:
        """Whoever plays, now."""
        home = Account.objects.get(pk=self.home.pk)
        known = {"face": Face.LAB, "now": timezone.now(), "request_id": ids.request_id()}
        return callers.root(home, **known)

    def problems(self, *, thoroughly: bool) -> list[str]:
        """What is wrong; `thoroughly`, also what hardly hangs on the values: skipping."""
        wrong: list[str] = []
        try:
            wrong.extend(self._played(thoroughly))
        except NotPerformed as error:
            wrong.append(str(error.problem))
        except ServiceError as error:
            wrong.append(f"{self.lab.id}: {error.message}")
        return wrong

    def _played(self, thoroughly: bool) -> Iterator[str]:
        began = time.perf_counter()
        self.run = preparing.start_lab(self.learner, lab=self.lab.id, pack=self.lab)
        self.report(f"{self.lab.id}: set up in {_ms(time.perf_counter() - began)}")
        found.actor_of(self.run)
        before = self._picture()
        yield from self._open_at_the_start()
        if thoroughly:
            yield from self._skipped()
        unsolved = list(self._solved())
        yield from unsolved
        if not unsolved:
            yield from self._finished()
        began = time.perf_counter()
        self.run = preparing.reset_lab(self.learner, lab=self.lab.id)
        self.report(f"{self.lab.id}: reset in {_ms(time.perf_counter() - began)}")
        yield from (
            f"A reset does not restore the start: {each}"
            for each in picture.differences(before, self._picture())
        )
        self._tell_of_slow_checks()

    def _open_at_the_start(self) -> Iterator[str]:
        for step in self.lab.steps:
            if _all_hold(self._findings(step)):
                yield f"Step {step.id}: its checks hold at the start already."

    def _skipped(self) -> Iterator[str]:
        for step in self.lab.steps:
            with self._taken_back():
                refusal = self._refusal_to_skip(step)
            if refusal:
                yield f"Step {step.id}: it can't be skipped from the start: {refusal}"

    def _refusal_to_skip(self, step: Step) -> str:
        try:
            preparing.skip_step(self.learner, lab=self.lab.id, step=step.id)
        except ServiceError as error:
            return error.message
        return ""

    def _solved(self) -> Iterator[str]:
        for number, step in enumerate(self.lab.steps, start=1):
            for wrong in self.lab.wrong_answers:
                if wrong.step == step.id and (problem := self._answered_wrongly(step, wrong)):
                    yield problem
            self._solve(step)
            row = progress.check_step(self.learner, lab=self.lab.id, step=step.id)
            if row.state != StepProgress.State.DONE:
                told = _told(self._findings(step))
                yield f"Step {step.id}: its solution does not solve it. {told}"
                return
            for earlier in self.lab.steps[: number - 1]:
                asked = self._findings(earlier)
                if not _all_hold(asked):
                    yield (
                        f"Step {earlier.id}: the solution of {step.id} undoes it. {_told(asked)}"
                    )

    def _solve(self, step: Step) -> None:
        stage = building.stage_of(self.run, self.lab)
        building.solve(stage, step)
        self._keep_values(stage.values)

    def _answered_wrongly(self, step: Step, wrong: WrongAnswer) -> str:
        """What is wrong with a wrong answer, or nothing: it is recognised."""
        with self._taken_back():
            stage = building.stage_of(self.run, self.lab)
            try:
                perform_all(stage, wrong.do)
            except NotPerformed as error:
                return str(error.problem)
            self._keep_values(stage.values)
            asked = self._findings(step)
            expected = fill(wrong.fails, stage.values)
        if _all_hold(asked):
            return f"wrong/{wrong.name}: step {step.id} takes it for right."
        if any(expected in each.message for each in asked if not each.holds):
            return ""
        return f"wrong/{wrong.name}: nobody is told “{expected}”. {_told(asked)}"

    def _finished(self) -> Iterator[str]:
        progress.finish_lab(self.learner, lab=self.lab.id)
        told = results.of_run(self.run, self.lab)
        for compared in told.compared:
            if not compared.is_there:
                yield f"finish: there is no {compared.principal} to compare."
        if told.scored and told.score is None:
            yield f"finish: there is no {told.scored} for least_privilege."

    # --- Looking -----------------------------------------------------------------------------

    def _findings(self, step: Step) -> list[Finding]:
        row = progress.step_of(self.run, step.id)
        began = time.perf_counter()
        asked = judging.findings(self.run, self.lab, row)
        self.took.append((time.perf_counter() - began) / max(len(asked), 1))
        return asked

    def _picture(self) -> dict[str, list[str]]:
        return picture.of(owned.accounts_of(self.run))

    def _tell_of_slow_checks(self) -> None:
        median = statistics.median(self.took)
        if median > SLOW:
            self.report(f"{self.lab.id}: a check takes {_ms(median)}, and may take {_ms(SLOW)}")

    # --- Trying ------------------------------------------------------------------------------

    def _keep_values(self, named: dict[str, str]) -> None:
        self.run.values = sealing.sealed(self.run, named)
        self.run.save(update_fields=["values"])

    @contextmanager
    def _taken_back(self) -> Iterator[None]:
        """What is done inside is undone at the end, as if it had never been."""
        kept = self._blobs()
        with transaction.atomic():
            yield
            left = self._blobs()
            transaction.set_rollback(True)
        for blob in left - kept:
            storage.path_of(blob).unlink(missing_ok=True)
        # Policies are remembered under the account's epoch, which went back as well.
        accounts = Account.objects.filter(lab_account__run=self.run)
        accounts.update(policy_epoch=F("policy_epoch") + _FAR)
        self.run.refresh_from_db()

    def _blobs(self) -> set[str]:
        there = {"account__in": owned.accounts_of(self.run)}
        objects = StoredObject.objects.filter(**{f"bucket__{k}": v for k, v in there.items()})
        parts = Part.objects.filter(**{f"upload__bucket__{k}": v for k, v in there.items()})
        return {*objects.values_list("blob", flat=True), *parts.values_list("blob", flat=True)}


def _all_hold(asked: Sequence[Finding]) -> bool:
    return all(each.holds for each in asked)


def _told(asked: Sequence[Finding]) -> str:
    """What the learner is told of the checks that do not hold."""
    told = [each.message or each.found for each in asked if not each.holds]
    return "The learner is told: " + " / ".join(told) if told else "Every check holds."


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"
