"""The dialog that deletes things by name: what goes with them, and words to type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import capfirst

from accounts.caller import Caller
from accounts.errors import AccessDenied
from iamconsole.console.components import steps
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.reports import carry_out, report
from iamconsole.console.components.steps import Step
from iamconsole.console.components.tables import PAGE_SIZE
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest


@dataclass(slots=True)
class Deletion:
    """Deleting one thing, planned and not begun: what goes with it, and the actions that do it."""

    #: What it is called.
    name: str
    #: How much is left for another request, where one would take too long.
    further: int = field(default=0, kw_only=True)
    #: The refusals to read what hangs on it.
    unread: list[AccessDenied] = field(default_factory=list, kw_only=True)

    @property
    def consequences(self) -> list[tuple[str, str]]:
        """What goes with it: heading and names."""
        return []

    @property
    def warning(self) -> str:
        """How it widens what somebody may do, in words, or nothing."""
        return ""

    @property
    def obstacle(self) -> str:
        """What will keep it from being deleted, in words, or nothing."""
        return ""

    @property
    def lacking(self) -> str:
        """The permissions without which the caller does not see all that goes."""
        return ", ".join(dict.fromkeys(error.action for error in self.unread))

    @property
    def steps(self) -> list[Step]:
        """All that is done, in order."""
        raise NotImplementedError

    @property
    def asked(self) -> list[Step]:
        """The steps to ask for; where many are alike, one of each sort."""
        return self.steps


def delete_named(
    request: ConsoleRequest,
    names: Sequence[str],
    find: Callable[[Caller, str], Deletion],
    *,
    nouns: tuple[str, str],
    url: str,
    note: str = "",
) -> HttpResponse:
    """Show the dialog for the things of those names; delete them once the right words came.

    `find` says what deleting one takes, or raises NoSuchEntity. `nouns` is what they are, one and
    many; `url` is their list; `note` is said above. Nothing is deleted where by then something
    else hangs on them than what the dialog showed.
    """
    if not names:
        messages.info(request, f"Select the {nouns[1]} to delete first.")
        return go(request, url)
    if len(names) > PAGE_SIZE:
        messages.info(request, f"{PAGE_SIZE} are deleted at a time; these are the first.")
    names = list(dict.fromkeys(names[:PAGE_SIZE]))
    found = [find(request.caller, name) for name in names]
    expected = found[0].name if len(found) == 1 else f"{len(found)} {nouns[1]}"
    edited = Edited(
        request,
        f"what goes with {expected}",
        # Read once more only where something is done: it may take a while.
        lambda: (
            _state([find(request.caller, name) for name in names])
            if request.method == "POST"
            else _state(found)
        ),
    )
    form = ConfirmForm(request.POST or None, expected=expected)
    if form.is_valid():
        return _deleted(request, edited, found, nouns[len(found) != 1], url)
    asked = [each for deletion in found for each in deletion.asked]
    context = {
        "form": form,
        "edited": edited,
        "note": note,
        "deletions": found,
        "expected": expected,
        "missing": ", ".join(steps.missing(request.caller, asked)),
        "nouns": nouns,
        "url": url,
    }
    return render(request, "console/delete.html", context, status=422 if form.is_bound else 200)


def _state(found: Sequence[Deletion]) -> str:
    """What hangs on the things, to be compared."""
    return "\n".join(
        line
        for deletion in found
        for line in (
            deletion.name,
            *(f"  {heading}: {names or '-'}" for heading, names in deletion.consequences),
        )
    )


def _deleted(
    request: ConsoleRequest, edited: Edited, found: Sequence[Deletion], noun: str, url: str
) -> HttpResponse:
    """On to the list, or to the same dialog again where something is left to be done."""
    names = ", ".join(deletion.name for deletion in found)
    success = f"{capfirst(noun)} {names} deleted."
    if left := sum(deletion.further for deletion in found):
        success = f"{left} more are still to be taken from {names}. Confirm again to go on."
    outcomes = carry_out(
        edited.guard(),
        [each for deletion in found for each in deletion.steps],
        asked=[each for deletion in found for each in deletion.asked],
    )
    return report(
        request,
        outcomes,
        heading="Not everything was deleted",
        success=success,
        url=request.get_full_path() if left else url,
    )
