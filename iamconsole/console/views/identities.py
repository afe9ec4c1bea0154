"""Several identities in one browser: one more, another one, none."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import signin
from iamconsole.console import identities
from iamconsole.console.middleware import facts
from iamconsole.console.request import ConsoleRequest, DoorRequest


@require_POST
def add(request: ConsoleRequest) -> HttpResponse:
    """Park the present session and sign in as somebody else."""
    if identities.is_full(request):
        messages.error(
            request,
            f"This browser has {identities.MOST} sessions already, which is the most. Sign out of "
            "one first.",
        )
        return redirect("console:dashboard")
    if not request.user.is_authenticated:
        messages.error(
            request,
            "This session began with temporary credentials and can't be set aside. Sign out of it "
            "first.",
        )
        return redirect("console:dashboard")
    response = redirect("signin:start")
    identities.park(request, response)
    return response


@require_POST
def switch(request: DoorRequest) -> HttpResponse:
    """Go on as somebody whose session is parked."""
    wanted = identities.find(request, request.POST.get("session", ""))
    if wanted is None:
        messages.error(request, "That session has ended. Sign in again.")
        return redirect("console:dashboard")
    response = redirect("console:dashboard")
    known = facts(request, request.stranger.now, request.stranger.journal)
    signin.switch_identity(identities.caller_of(wanted, known))
    if request.person is not None and not request.user.is_authenticated:
        signin.sign_out(request.person)
    identities.switch(request, wanted, response)
    return response


@require_POST
def out_of_all(request: DoorRequest) -> HttpResponse:
    """End every session of this browser on the server."""
    response = redirect("signin:start")
    known = facts(request, request.stranger.now, request.stranger.journal)
    for each in identities.parked(request):
        signin.sign_out(identities.caller_of(each, known | {"seen": {}}))
    identities.end_all(request, response)
    if request.person is not None:
        signin.sign_out(request.person)
    request.session.flush()
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
