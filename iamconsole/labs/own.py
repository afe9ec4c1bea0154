"""Whose run an address is about: always the reader's own, so another's has none."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from accounts.caller import Caller, Face
from iamconsole.console.credentials.own_pages import own_page
from iamconsole.console.middleware import facts
from iamconsole.console.request import ConsoleRequest
from iamconsole.labs import catalogue, found
from iamconsole.labs.drawer import Drawer, beside
from iamconsole.labs.found import Learner
from iamconsole.labs.models import Run, StepProgress

#: Where forms lead back to that don't say where they stand.
_NOWHERE = "/console/"


def learner_here(request: ConsoleRequest) -> Learner:
    """Who learns in this session. Raises Http404 where nobody can: it has no login."""
    learner = found.learner_of(request.person)
    if learner is None:
        raise Http404
    return learner


def as_caller(request: ConsoleRequest, learner: Learner) -> Caller:
    """The learner asking for something about a run, on the record of their own account."""
    known: dict[str, Any] = facts(request, request.person.now, request.stranger.journal)
    caller = found.caller_of(learner, **known | {"face": Face.LAB})
    if caller is None:
        raise Http404
    return caller


def own_run(learner: Learner, lab: str) -> Run:
    """The learner's run of a lab. Raises Http404 where there is none."""
    run = found.run_of(learner, lab)
    if run is None:
        raise Http404
    return run


def run_here(request: ConsoleRequest, lab: str) -> Run:
    """The same, where nearly everybody who asks is in the lab's account."""
    run = found.run_in(request.person.home) if found.has_login(request.person) else None
    if run is not None and run.lab == lab and catalogue.is_readable(run):
        return run
    return own_run(learner_here(request), lab)


def own_drawer(request: ConsoleRequest, run: Run) -> Drawer:
    """The run as the drawer shows it, beside the page that the form or the script stands on."""
    return beside(run, way_back(request))


def own_step(drawer: Drawer, step: str) -> StepProgress:
    """A step of the run by its id. Raises Http404 where the lab has no such step."""
    progress = next((each for each in drawer.progress if each.step == step), None)
    if progress is None:
        raise Http404
    return progress


def way_back(request: ConsoleRequest) -> str:
    """The page that somebody came from, as the request says; a page of this site and no other."""
    return own_page(request.POST.get("next") or request.GET.get("next") or "") or _NOWHERE
