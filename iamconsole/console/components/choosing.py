"""A page on which something is chosen from a list and one step is run for each choice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.http import HttpResponse
from django.shortcuts import render

from iamconsole.console.components import panels, steps
from iamconsole.console.components.picker import Picker
from iamconsole.console.components.reports import report
from iamconsole.console.components.steps import Step
from iamconsole.console.request import ConsoleRequest


def choose(
    request: ConsoleRequest,
    picker: Picker,
    wanted: Callable[[Sequence[str]], list[Step]],
    *,
    heading: str,
    button: str,
    done: str,
    url: str,
    trail: Sequence[tuple[str, str]],
    help: str = "",
    needs: Sequence[str] = (),
) -> HttpResponse:
    """Show the list; once something was chosen, run all the steps of `wanted(chosen)` and report.

    `done` finishes the flash: "2 policies" + "attached to Developers". `url` is where it leads on
    and back, `trail` the breadcrumbs above: label and address. `needs` are the actions of
    which one at least is needed.
    """
    sent = request.method == "POST" and not picker.browsing
    chosen = wanted(picker.chosen)
    problem = picker.problem if chosen else f"Choose {picker.nouns[1]} first."
    if sent and not problem:
        outcomes = steps.run(request.caller, chosen, go_on=True)
        return report(
            request,
            outcomes,
            heading=f"Not everything was {done}",
            success=f"{picker.counted} {done}.",
            url=url,
        )
    context = {
        "picker": picker,
        "problem": problem if sent else "",
        "heading": heading,
        "help": help,
        "button": button,
        "url": url,
        "trail": trail,
        "denied": panels.missing_all(request.caller, needs),
    }
    return render(request, "console/choose.html", context, status=422 if sent else 200)
