"""What `CallerOfRequest` adds to a request, for annotations: one class for each kind of page."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.caller import Caller
from iamconsole.console.session import Pending


class ConsoleRequest(HttpRequest):
    """A request that the gate let through to the console: somebody is signed in."""

    caller: Caller
    #: Whoever signed in: the caller, unless that is a role they switched to. Who signed in with
    #: temporary credentials is a role's session or a federated user, and has no login.
    person: Caller
    #: Whoever asks, as somebody unknown.
    stranger: Caller


class DoorRequest(HttpRequest):
    """A request for a page that is open to everybody: perhaps somebody is signed in."""

    caller: Caller | None
    person: Caller | None
    #: Whoever asks, as somebody unknown.
    stranger: Caller


class HalfWayRequest(HttpRequest):
    """A request for a step of the sign-in, which the gate lets through on that step only."""

    pending: Pending
    stranger: Caller
