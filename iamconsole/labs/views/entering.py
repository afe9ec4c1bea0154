"""Into a lab, out of it, and back to its start."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import signin
from accounts.errors import NoSuchEntity
from accounts.models import Login
from iamconsole.console import identities
from iamconsole.console.middleware import facts
from iamconsole.console.request import ConsoleRequest
from iamconsole.labs import catalogue, found
from iamconsole.labs.actions import preparing
from iamconsole.labs.drawer import Drawer
from iamconsole.labs.own import (
    as_caller,
    learner_here,
    own_drawer,
    own_run,
    own_step,
    way_back,
)
from iamconsole.labs.runs import contents
from iamconsole.labs.sessions import FULL, begin, can_begin, parked_home, sessions_of_labs


@require_POST
def start(request: ConsoleRequest, lab: str) -> HttpResponse:
    """Begin a lab, with accounts of its own. `anew` gives up a run that there is; otherwise that
    one is entered, so that a form sent twice starts a lab once.
    """
    learner = learner_here(request)
    if "anew" not in request.POST and found.run_of(learner, lab) is not None:
        return enter(request, lab)
    wanted = catalogue.find(lab)
    if wanted is None:
        raise Http404
    if not can_begin(request):
        return _full(request, lab)
    return begin(
        request, preparing.start_lab(as_caller(request, learner), lab=wanted.id, pack=wanted)
    )


@require_POST
def enter(request: ConsoleRequest, lab: str) -> HttpResponse:
    """Go on with a lab: sign in to its account, and set the present session aside."""
    learner = learner_here(request)
    run = own_run(learner, lab)
    if run.state != run.State.READY:
        return redirect("labs:reset", lab)
    if not can_begin(request):
        return _full(request, lab)
    try:
        return begin(request, run)
    except NoSuchEntity as error:
        messages.error(request, error.message)
        return redirect("labs:reset", lab)


@require_POST
def leave(request: ConsoleRequest) -> HttpResponse:
    """Back to the session from which the lab was entered; where it has ended, to the sign-in."""
    run = found.run_in(request.person.home)
    if run is None:
        return redirect("labs:catalogue")
    home = parked_home(request, run)
    response = redirect("labs:lab", run.lab) if home else redirect("signin:start")
    identities.end(request, sessions_of_labs(request), response)
    if home is None:
        request.session.flush()
        return response
    known = facts(request, request.stranger.now, request.stranger.journal)
    signin.switch_identity(identities.caller_of(home, known))
    identities.return_to(request, home, response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: ConsoleRequest, lab: str) -> HttpResponse:
    """Bring the whole lab back to its start, once somebody has seen what goes."""
    learner = learner_here(request)
    run = own_run(learner, lab)
    drawer = own_drawer(request, run)
    if request.method != "POST":
        return _ask(request, "labs/reset.html", drawer, going=contents.going(run))
    if not can_begin(request):
        return _full(request, lab)
    if not drawer.progress:
        # Its start was cut short before there were steps: there is nothing to keep.
        return begin(
            request,
            preparing.start_lab(as_caller(request, learner), lab=drawer.lab.id, pack=drawer.lab),
        )
    run = preparing.reset_lab(as_caller(request, learner), lab=run.lab)
    return begin(request, run, "The lab is back at its start.")


@require_http_methods(["GET", "HEAD", "POST"])
def reset_step(request: ConsoleRequest, lab: str, step: str) -> HttpResponse:
    """Bring the lab's accounts back to where a step begins."""
    learner = learner_here(request)
    run = own_run(learner, lab)
    drawer = own_drawer(request, run)
    progress = own_step(drawer, step)
    if drawer.current is not None and progress.number > drawer.current.number:
        raise Http404
    if request.method != "POST":
        going = contents.going(run)
        return _ask(request, "labs/reset.html", drawer, progress=progress, going=going)
    if not can_begin(request):
        return _full(request, lab)
    run = preparing.reset_step(as_caller(request, learner), lab=run.lab, step=step)
    return begin(request, run, f"The lab is back where step {progress.number} begins.")


@require_http_methods(["GET", "HEAD", "POST"])
def skip(request: ConsoleRequest, lab: str, step: str) -> HttpResponse:
    """Have the current step solved for the learner."""
    learner = learner_here(request)
    run = own_run(learner, lab)
    drawer = own_drawer(request, run)
    progress = own_step(drawer, step)
    if progress is not drawer.current or not drawer.is_ready:
        return HttpResponseRedirect(way_back(request))
    if request.method != "POST":
        return _ask(request, "labs/skip.html", drawer, progress=progress)
    if not can_begin(request):
        return _full(request, lab)
    preparing.skip_step(as_caller(request, learner), lab=run.lab, step=step)
    run.refresh_from_db()
    words = f"Step {progress.number} was done for you."
    if not Login.objects.filter(pk=str(request.user.pk)).exists():
        # The lab's accounts were made anew, and with them this session has ended.
        return begin(request, run, words)
    messages.success(request, words)
    return HttpResponseRedirect(f"{way_back(request)}#lab")


def _ask(request: ConsoleRequest, template: str, drawer: Drawer, **told: Any) -> HttpResponse:
    context = {"drawer": drawer, "back": way_back(request), **told}
    return render(request, template, context)


def _full(request: ConsoleRequest, lab: str) -> HttpResponse:
    messages.error(request, FULL)
    return redirect("labs:lab", lab)
