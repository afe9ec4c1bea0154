"""What the drawer answers: checks, hints, solutions, what is new; and each step as a page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from iamconsole.console.htmx import is_piece
from iamconsole.console.request import ConsoleRequest
from iamconsole.labs import found
from iamconsole.labs.actions.progress import ask_hint, ask_solution, check_step
from iamconsole.labs.drawer import Drawer, beside
from iamconsole.labs.models import StepProgress
from iamconsole.labs.own import as_caller, learner_here, own_drawer, own_run, own_step, run_here


@require_POST
def check(request: ConsoleRequest, lab: str, step: str) -> HttpResponse:
    """Check the current step; the drawer asks for it by itself where something has changed."""
    learner = learner_here(request)
    run = own_run(learner, lab)
    automatic = "automatic" in request.POST
    drawer = own_drawer(request, run)
    if not _is_current(drawer, step):
        return _answer(request, drawer)
    checked = check_step(as_caller(request, learner), lab=run.lab, step=step, automatic=automatic)
    drawer = own_drawer(request, run)
    if checked.state != StepProgress.State.OPEN:
        return _solved(request, drawer, checked, automatic=automatic)
    announce = "" if automatic else _result(drawer)
    return _answer(request, drawer, "lab-results", announce=announce, checked=not automatic)


@require_POST
def hint(request: ConsoleRequest, lab: str, step: str) -> HttpResponse:
    """Show the next hint of the current step. A form that is sent twice shows one."""
    learner = learner_here(request)
    run = own_run(learner, lab)
    drawer = own_drawer(request, run)
    wanted = request.POST.get("number", "")
    if _is_current(drawer, step) and wanted == str(own_step(drawer, step).hints + 1):
        ask_hint(as_caller(request, learner), lab=lab, step=step)
        drawer = own_drawer(request, run)
    shown = own_step(drawer, step).hints
    return _answer(request, drawer, f"lab-hint-{shown}", focus=f"lab-hint-{shown}")


@require_POST
def solution(request: ConsoleRequest, lab: str, step: str) -> HttpResponse:
    """Show the solution of the current step."""
    learner = learner_here(request)
    run = own_run(learner, lab)
    drawer = own_drawer(request, run)
    if _is_current(drawer, step) and not own_step(drawer, step).solution_shown:
        ask_solution(as_caller(request, learner), lab=lab, step=step)
        drawer = own_drawer(request, run)
    return _answer(request, drawer, "lab-solution", focus="lab-solution")


@require_safe
def pulse(request: ConsoleRequest, lab: str) -> HttpResponse:
    """The drawer, if it is another one than the page shows; else an empty answer."""
    drawer = own_drawer(request, run_here(request, lab))
    if drawer.version == request.GET.get("since"):
        return HttpResponse(status=204)
    return _piece(request, drawer)


@require_safe
def step(request: ConsoleRequest, lab: str, step: str) -> HttpResponse:
    """A step as a page: for whoever has no drawer in sight, and to read an earlier one again."""
    run = own_run(learner_here(request), lab)
    drawer = beside(run, request.get_full_path())
    progress = own_step(drawer, step)
    current = drawer.current
    if current is not None and progress.number > current.number:
        return redirect("labs:step", lab, current.step)
    here = found.run_in(request.person.home)
    context = {
        "drawer": drawer,
        "task": drawer.task_of(progress, top=3),
        "is_current": progress is current,
        "inside": here is not None and here.pk == run.pk,
        # The page has it all.
        "lab_drawer": None,
    }
    return render(request, "labs/step.html", context)


def _is_current(drawer: Drawer, step: str) -> bool:
    """Whether it is the step that the learner is at; the others can't be asked about."""
    return own_step(drawer, step) is drawer.current and drawer.is_ready


def _solved(
    request: ConsoleRequest, drawer: Drawer, checked: StepProgress, *, automatic: bool
) -> HttpResponse:
    words = f"Step {checked.number} is solved."
    if not is_piece(request):
        messages.success(request, words)
        return _answer(request, drawer, "lab")
    focus = "" if automatic else "lab-solved"
    solved = drawer.task_of(checked)
    return _answer(request, drawer, announce=words, focus=focus, solved=solved)


def _result(drawer: Drawer) -> str:
    """What a check says to somebody who can't see it."""
    report = drawer.task.report if drawer.task else None
    if report is None:
        return ""
    return f"Not solved yet: {report.met} of {len(report.findings)} conditions are met."


def _answer(
    request: ConsoleRequest, drawer: Drawer, place: str = "lab", **told: Any
) -> HttpResponse:
    """The drawer as it is now; without a script the page again, at that place of the drawer."""
    if is_piece(request):
        return _piece(request, drawer, **told)
    return HttpResponseRedirect(f"{drawer.back}#{place}")


def _piece(request: ConsoleRequest, drawer: Drawer, **told: Any) -> HttpResponse:
    return render(request, "labs/drawer_answer.html", {"drawer": drawer, **told})
