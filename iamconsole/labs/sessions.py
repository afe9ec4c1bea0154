"""The browser's session where a lab begins or ends: what is set aside, what ends, what begins."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts import signin
from iamconsole.console import identities, session, switching
from iamconsole.console.identities import Parked
from iamconsole.console.middleware import facts
from iamconsole.console.request import ConsoleRequest
from iamconsole.labs import found
from iamconsole.labs.actions.progress import enter_lab
from iamconsole.labs.found import Learner
from iamconsole.labs.models import Run, RunAccount
from iamconsole.labs.own import as_caller

FULL = (
    f"This browser has {identities.MOST} sessions already, which is the most. Sign out of one "
    "first: the lab needs one of its own."
)


def begin(request: ConsoleRequest, run: Run, words: str = "") -> HttpResponse:
    """Sign the learner in to a run, and say `words` there. A session of another lab ends.

    No password is asked for, nor MFA, nor a new password: the account was made for this learner.
    The session has a new key and a new CSRF token, and knows nothing of the one before. Raises
    NoSuchEntity where the learner has deleted whom the lab signs in.
    """
    learner = as_caller(request, Learner(run.home, run.learner_id))
    login, now = enter_lab(learner, lab=run.lab), request.person.now
    response = HttpResponseRedirect(f"{reverse('console:dashboard')}#lab")
    identities.end(request, sessions_of_labs(request), response)
    if not _is_in_lab(request):
        identities.park(request, response)
    session.begin(request, login, now, "")
    session.complete(request, login, now)
    switching.recall(request, signin.caller_of(login, **facts(request, now, None)))
    if words:
        messages.success(request, words)
    return response


def can_begin(request: ConsoleRequest) -> bool:
    """Whether there is room for one more session, or the present one ends when a lab begins."""
    others = len(identities.parked(request)) - len(sessions_of_labs(request))
    return _is_in_lab(request) or others + 1 < identities.MOST


def sessions_of_labs(request: ConsoleRequest) -> Sequence[Parked]:
    """The parked sessions that belong to accounts of labs. They end when another lab begins."""
    waiting = identities.parked(request)
    if not waiting:
        return ()
    accounts = {each.login.account_id for each in waiting}
    of_labs = set(
        RunAccount.objects.filter(account_id__in=accounts).values_list("account_id", flat=True)
    )
    return [each for each in waiting if each.login.account_id in of_labs]


def parked_home(request: ConsoleRequest, run: Run) -> Parked | None:
    """The parked session of the run's learner, if it is still good."""
    for each in identities.parked(request):
        if (each.login.account_id, each.login.handle) == (run.home_id, run.learner_id):
            return each
    return None


def _is_in_lab(request: ConsoleRequest) -> bool:
    return found.run_in(request.person.home) is not None
