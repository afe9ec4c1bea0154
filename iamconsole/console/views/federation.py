"""The federation endpoint: temporary credentials become a session of the console."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts import signin
from accounts.errors import ServiceError
from iamconsole.console import federation as tokens
from iamconsole.console import session
from iamconsole.console.credentials.own_pages import own_page
from iamconsole.console.middleware import facts
from iamconsole.console.request import DoorRequest


@require_GET
def federation(request: DoorRequest) -> HttpResponse:
    """`Action=getSigninToken` answers a program, `Action=login` a browser."""
    action = request.GET.get("Action")
    if action == "getSigninToken":
        return _signin_token(request)
    if action == "login":
        return _login(request)
    return HttpResponse("Action must be getSigninToken or login.\n", "text/plain", status=400)


def _signin_token(request: DoorRequest) -> HttpResponse:
    known = facts(request, request.stranger.now, request.stranger.journal)
    given = request.GET.get("Session", "")
    try:
        token = tokens.signin_token(given, request.GET.get("SessionDuration", ""), known)
    except ServiceError as error:
        # As AWS: a program reads the status, and no more than whoever asks may know.
        return HttpResponse(f"{error.message}\n", "text/plain", status=400)
    return JsonResponse({"SigninToken": token})


def _login(request: DoorRequest) -> HttpResponse:
    if request.caller is not None:
        # Nobody is made somebody else by a link that they followed.
        return _refused(request, "You are signed in already. Sign out first, and ask for a link.")
    now = request.stranger.now
    try:
        began = tokens.redeem(request.GET.get("SigninToken", ""), now)
        known = facts(request, now, request.stranger.journal)
        who = tokens.caller_of(began, **known)
    except ServiceError:
        return _refused(request, "It was used before, or its time is over. Ask for a new one.")
    signin.enter_console(who)
    session.federate(request, began)
    return redirect(_destination(request) or "console:dashboard")


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    return render(request, "signin/federation.html", {"why": why}, status=400)


def _destination(request: HttpRequest) -> str:
    """Where the link leads, if that is a page of this console."""
    wanted = request.GET.get("Destination", "")
    return own_page(wanted.removeprefix(settings.BASE_URL))
