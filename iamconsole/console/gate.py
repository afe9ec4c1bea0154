"""Which views each state of the sign-in may reach. Whatever is not in the table is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.signin import State
from iamconsole.console.htmx import go

#: What is the same for everybody: the colours, and what verifies tokens of accounts elsewhere.
_PUBLIC = frozenset({"theme", "issuer:configuration", "issuer:keys"})

#: Views by their exact names; a prefix would let a new view in unnoticed.
ALLOWED: dict[State, frozenset[str]] = {
    State.ANONYMOUS: _PUBLIC
    | frozenset(
        {
            "home",
            "signin:start",
            "signin:account",
            "signin:root",
            "signin:root-password",
            "signin:recover",
            # With a parked session's key in a cookie, which is what a sign-in leaves behind.
            "signin:switch",
            "signin:out-of-all",
            # With temporary credentials, or a token that was given for them.
            "signin:federation",
        }
    ),
    State.PASSWORD_GIVEN: _PUBLIC | {"signin:mfa", "signin:resync", "signin:out"},
    State.MUST_CHANGE_PASSWORD: _PUBLIC | {"signin:change-password", "signin:out"},
}

#: Where a state goes on, when something else is asked for.
NEXT: dict[State, str] = {
    State.ANONYMOUS: "signin:start",
    State.PASSWORD_GIVEN: "signin:mfa",
    State.MUST_CHANGE_PASSWORD: "signin:change-password",
}

#: Views of a half-way sign-in only: somebody signed in is sent on to the console.
ONLY_HALF_WAY = frozenset({"signin:mfa", "signin:resync", "signin:change-password"})


class Gate:
    """Stops every request whose state does not allow the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on: the view is known only in `process_view`."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Redirect to where the sign-in goes on, unless the view is allowed."""
        state: State = request.state  # type: ignore[attr-defined]
        name = request.resolver_match.view_name if request.resolver_match else ""
        if state is State.SIGNED_IN:
            return redirect("console:dashboard") if name in ONLY_HALF_WAY else None
        if name in ALLOWED[state]:
            return None
        target = reverse(NEXT[state])
        if state is State.ANONYMOUS and request.method == "GET" and name:
            target = f"{target}?{urlencode({'next': request.get_full_path()})}"
        return go(request, target)
