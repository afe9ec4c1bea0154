"""The dialog that deletes groups or roles: what goes with them, and the words to be typed first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import capfirst

from accounts.caller import Caller
from iamconsole.console.components import steps
from iamconsole.console.components.reports import carry_out, report
from iamconsole.console.components.steps import Step
from iamconsole.console.components.tables import PAGE_SIZE
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest


class Deletion(Protocol):
    """Deleting one thing."""

    name: str

    @property
    def further(self) -> int:
        """How much is left for another request, where one would take too long."""

    @property
    def consequences(self) -> list[tuple[str, str]]:
        """What goes with it: heading and names."""

    @property
    def obstacle(self) -> str:
        """What will keep it from being deleted, in words, or nothing."""

    @property
    def lacking(self) -> str:
        """The permissions without which the caller does not see all that goes."""

    @property
    def steps(self) -> list[Step]:
        """All that is done, in order."""

    @property
    def asked(self) -> list[Step]:
        """The steps to ask for, where many are alike: one of each sort."""


def delete_named(
    request: ConsoleRequest,
    names: Sequence[str],
    find: Callable[[Caller, str], Deletion],
    *,
    nouns: tuple[str, str],
    url: str,
) -> HttpResponse:
    """Show the dialog for the things of those names; delete them once the right words came.

    `find` says what deleting one takes, or raises NoSuchEntity. `nouns` is what they are, one and
    many; `url` is their list.
    """
    if not names:
        messages.info(request, f"Select the {nouns[1]} to delete first.")
        return go(request, url)
    found = [find(request.caller, name) for name in dict.fromkeys(names[:PAGE_SIZE])]
    expected = found[0].name if len(found) == 1 else f"{len(found)} {nouns[1]}"
    form = ConfirmForm(request.POST or None, expected=expected)
    if form.is_valid():
        return _deleted(request, found, nouns[len(found) != 1], url)
    asked = [each for deletion in found for each in deletion.asked]
    context = {
        "form": form,
        "deletions": found,
        "expected": expected,
        "missing": ", ".join(steps.missing(request.caller, asked)),
        "nouns": nouns,
        "url": url,
    }
    return render(request, "console/delete.html", context, status=422 if form.is_bound else 200)


def _deleted(
    request: ConsoleRequest, found: Sequence[Deletion], noun: str, url: str
) -> HttpResponse:
    """On to the list, or to the same dialog again where something is left to be done."""
    names = ", ".join(deletion.name for deletion in found)
    success = f"{capfirst(noun)} {names} deleted."
    if left := sum(deletion.further for deletion in found):
        success = f"{left} users are still in {names}. Confirm again to go on."
    outcomes = carry_out(
        request.caller,
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
