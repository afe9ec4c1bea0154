"""Unused access: what nobody has used for some days, as pages and as files."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.unused import DAYS, MOST_DAYS, Findings, find_unused
from accounts.errors import AccessDenied
from accounts.paging import numbered_slice
from iamconsole.console.components.downloads import csv_file
from iamconsole.console.components.tables import Filter, Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.unused import SECTIONS, Row, Section, columns, matching, ordered

_PRESETS = (DAYS, 30, 180, 365)


@require_safe
def index(request: ConsoleRequest, kind: str) -> HttpResponse:
    """The things of one kind, as a page or as a file."""
    section, days = SECTIONS[kind], _asked(request)
    shown = columns(section, request.caller.now)
    table = Table(request.GET, shown, sort=section.sort, descending=True, filters=(_filter(days),))
    try:
        found = find_unused(request.caller, kind=kind, days=days)
    except AccessDenied as error:
        table.refuse(error)
        found = Findings(())
    listed = ordered(matching(found.items, table.search), table.sort, table.descending)
    if request.GET.get("format") == "csv":
        return _file(section, table, [Row(each, shown) for each in listed])
    if table.error is None:
        part = numbered_slice([Row(each, shown) for each in listed], table.number, table.size)
        table.show(part)
    page = {
        "section": section,
        "tabs": [(each.kind, each.label, f"{each.url}?days={days}") for each in SECTIONS.values()],
        "table": table,
        "days": days,
        "hidden": found.hidden,
    }
    return render(request, "console/unused/index.html", page)


def _file(section: Section, table: Table, rows: list[Row]) -> HttpResponse:
    """All rows of all pages. Raise the list's refusal."""
    if table.error is not None:
        raise table.error
    return csv_file(
        section.file, [each.label for each in table.columns], (row.texts for row in rows)
    )


def _asked(request: HttpRequest) -> int:
    """The days in the address; what makes no sense is passed over."""
    text = request.GET.get("days", "")
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else DAYS
    return days if 1 <= days <= MOST_DAYS else DAYS


def _filter(days: int) -> Filter:
    """The usual numbers of days and the one that is asked for. By itself the first one holds."""
    choices = (DAYS, *sorted({*_PRESETS, days} - {DAYS}))
    return Filter("days", "Not used for", tuple((str(each), f"{each} days") for each in choices))
