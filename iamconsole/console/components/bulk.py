"""One thing done to many rows of a list: a slice of them in each request, a line for each row.

What is left, and what came of the rows so far, travels with the form from one request to the next,
so that nothing runs behind the page and a closed browser stops it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import capfirst

from accounts.caller import Caller
from iamconsole.console.components import editing, steps
from iamconsole.console.components.preferences import SIZES
from iamconsole.console.components.steps import Step
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest

#: Rows that can be ticked: those of the longest page.
MOST = SIZES[-1]
#: After so many seconds a request begins with no further row.
SLICE = 0.3
#: What only one request is about, or is counted anew.
_NOT_CARRIED = frozenset(
    {"csrfmiddlewaretoken", "user", "done", "failed", "why", "confirmation", editing.FIELD}
)


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done to one row, or in words why it can't be or need not be."""

    name: str
    steps: Sequence[Step] = ()
    problem: str = ""
    #: Nothing has to be done, which is no failure.
    unneeded: str = ""

    @property
    def words(self) -> list[str]:
        """What the review says of it."""
        return [each.label for each in self.steps]


class Line(NamedTuple):
    """What came of one row; the problem is empty where all went well."""

    name: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """What the pages call it. `done` ends "3 users …"; `url` is the list; `item` a box's name."""

    heading: str
    done: str
    url: str
    item: str = "user"
    lines: list[Line] = field(default_factory=list)


def ticked(request: HttpRequest, item: str = "user") -> list[str]:
    """The names of the ticked rows, each once and no more than a page has."""
    sent = request.POST if request.method == "POST" else request.GET
    # PostgreSQL takes no text with a NUL in it.
    names = (name.replace("\0", "") for name in sent.getlist(item))
    return list(dict.fromkeys(filter(None, names)))[:MOST]


def begun(request: HttpRequest) -> bool:
    """Whether this is a later slice."""
    return "done" in request.POST or "failed" in request.POST


def lines_so_far(request: HttpRequest) -> list[Line]:
    """What came of the rows of earlier slices."""
    sent = request.POST
    failed = zip(sent.getlist("failed"), sent.getlist("why"), strict=False)
    return [Line(name) for name in sent.getlist("done")] + [Line(*each) for each in failed]


def work_off(
    request: ConsoleRequest, task: Task, work: Sequence[Work], *, first: Caller | None = None
) -> HttpResponse:
    """Do what one request has the time for, then ask for the next or report.

    One row's failure stops that row only. `first` is whom the first row is done as, where the form
    was guarded against changes by others.
    """
    lines = [*lines_so_far(request), *task.lines]
    end = time.monotonic() + SLICE
    left = list(work)
    caller = first or request.caller
    while left and (time.monotonic() < end or len(left) == len(work)):
        lines.append(_line(caller, left.pop(0)))
        caller = request.caller
    context = {
        "task": task,
        "lines": lines,
        "left": [each.name for each in left],
        "total": len(lines) + len(left),
        "failures": [line for line in lines if line.problem],
        "carried": _carried(request),
    }
    if left:
        return render(request, "console/bulk_progress.html", context)
    if context["failures"]:
        return render(request, "console/bulk_report.html", context, status=409)
    what = f"{task.item} {lines[0].name}" if len(lines) == 1 else f"{len(lines)} {task.item}s"
    messages.success(request, f"{capfirst(what)} {task.done}.")
    return go(request, task.url)


def _line(caller: Caller, work: Work) -> Line:
    if work.problem:
        return Line(work.name, work.problem)
    failed = steps.failed(steps.run(caller, work.steps))
    if failed is None or failed.error is None:
        return Line(work.name)
    return Line(work.name, f"{failed.step.label}: {failed.error.message}")


def _carried(request: ConsoleRequest) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _NOT_CARRIED
        for value in values
    ]
