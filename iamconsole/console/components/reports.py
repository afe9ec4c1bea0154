"""What several actions behind one button answer: the next page, or a line for each of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import AccessDenied
from iamconsole.console.components import steps
from iamconsole.console.components.steps import Outcome, Step
from iamconsole.console.forms.base import ActionForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest


def attempt(
    form: ActionForm,
    caller: Caller,
    wanted: Sequence[Step],
    *,
    future: Resource | None = None,
) -> list[Outcome]:
    """Make a thing and do to it what else the form asks for; nothing where the form says why not.

    What the caller lacks for a later step is said before the first one is run. The first one's
    refusal is the form's; the others are all tried. `future` as in `steps.missing`.
    """
    lacking = steps.missing(caller, wanted, future=future)
    # A first step that is not allowed is called all the same: its refusal is to be on record.
    if lacking and wanted[0].name not in lacking:
        form.add_error(None, f"Nothing was done: you also need {' and '.join(lacking)}.")
        return []
    first = steps.run(caller, wanted[:1])
    if first[0].error is not None:
        form.refuse(first[0].error)
        return []
    return first + steps.run(caller, wanted[1:], go_on=True)


def carry_out(
    caller: Caller, wanted: Sequence[Step], *, asked: Sequence[Step] | None = None
) -> list[Outcome]:
    """Run the steps of a deletion up to the first failure, if the caller may do all of them.

    Otherwise only one that is not allowed is called, to be refused: nothing is done. `asked` are
    the steps to ask for, where many of them are alike.
    """
    asked = wanted if asked is None else asked
    lacking = steps.missing(caller, asked)
    if lacking:
        # Called, not only asked for: its refusal is to be on record.
        return steps.run(caller, [next(each for each in asked if each.name == lacking[0])])
    return steps.run(caller, wanted)


def report(
    request: ConsoleRequest, outcomes: Sequence[Outcome], *, heading: str, success: str, url: str
) -> HttpResponse:
    """On to `url` with the flash `success` where all went well, else a line for each step.

    A refusal of the only step has the page of its own that every refusal has.
    """
    failed = steps.failed(outcomes)
    if failed is None or failed.error is None:
        messages.success(request, success)
        return go(request, url)
    if len(outcomes) == 1 and isinstance(failed.error, AccessDenied):
        raise failed.error
    done = sum(outcome.succeeded for outcome in outcomes)
    context = {"outcomes": outcomes, "heading": heading, "done": done, "url": url}
    return render(request, "console/report.html", context, status=failed.error.status)
