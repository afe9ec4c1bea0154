"""Forms that change or delete what somebody else may be changing: nothing is overwritten unseen.

Each such form carries a digest of what it was made from. Once the account is locked, the action
compares it with what there is by then; where they differ nothing is done, and the answer is a 409
that shows both, with the choice of sending the form again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.caller import Caller
from accounts.errors import ConcurrentModification
from iamconsole.console.components.difference import side_by_side
from iamconsole.console.request import ConsoleRequest

#: The hidden field of a form.
FIELD = "seen_version"
#: Fields that a form sent again must not carry over.
_NOT_CARRIED = frozenset({FIELD, "csrfmiddlewaretoken"})


@dataclass(frozen=True, slots=True)
class Edited:
    """What a form is about. `what` names it: "the trust policy of web".

    `read` returns its present state as text for people, one fact or line of a document a line.
    """

    request: ConsoleRequest
    what: str
    read: Callable[[], str]

    @property
    def field(self) -> SafeString:
        """The hidden field: what the form was made from, kept when the form was refused."""
        seen = self.request.POST.get(FIELD) or digest(self.read())
        return format_html('<input type="hidden" name="{}" value="{}">', FIELD, seen)

    def guard(self, wanted: str = "") -> Caller:
        """The caller to change it with. `wanted` is what is to become of it, for the 409.

        The action raises ConcurrentModification where it is no longer what the form was made from.
        Only the first action checks: it changes what the others would compare.
        """
        seen, checked = self.request.POST.get(FIELD, ""), False

        def still() -> None:
            nonlocal checked
            if checked or not seen:
                return
            checked = True
            if digest(now := self.read()) != seen:
                raise Conflict(self.what, wanted, now)

        return replace(self.request.caller, still=still)


class Conflict(ConcurrentModification):
    """A form about something that has changed since the form was made."""

    def __init__(self, what: str, wanted: str, now: str) -> None:
        super().__init__(
            f"{what[:1].upper()}{what[1:]} changed after you opened this form, so nothing was "
            "done. Look at what it is now and decide.",
            now=now,
        )
        self.what = what
        self.wanted = wanted


def digest(state: str) -> str:
    """A short name for one state of a thing."""
    return hashlib.sha256(state.encode()).hexdigest()[:32]


def conflict_page(request: HttpRequest, conflict: Conflict) -> HttpResponse:
    """What it is now beside what the form would make of it, and the form to be sent again."""
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _NOT_CARRIED
        for value in values
    ]
    page = {
        "conflict": conflict,
        "lines": side_by_side(conflict.now, conflict.wanted) if conflict.wanted else [],
        "carried": [*carried, (FIELD, digest(conflict.now))],
    }
    return render(request, "errors/changed.html", page, status=conflict.status)
