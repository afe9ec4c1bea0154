"""Unused access: what nobody has used for some days, as pages and as files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.unused import DAYS, MOST_DAYS, Findings, Unused, find_unused
from accounts.actions.unused_permissions import find_unused_permissions
from accounts.caller import Caller
from accounts.errors import AccessDenied, ServiceError
from accounts.paging import Page, numbered_slice
from iamconsole.console.components.downloads import csv_file, csv_stream
from iamconsole.console.components.tables import Filter, Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.unused import SECTIONS, Row, Section, columns, matching, ordered

_PRESETS = (DAYS, 1, 30, 180, 365)
_OWNERS = Filter("owner", "Type", (("", "Any type"), ("user", "Users"), ("role", "Roles")))
#: Rows of a page of permissions, and as many of a file as are worked out at once.
_PAGE_SIZE, _AT_ONCE = 20, 500


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
        part: Page[Any] = numbered_slice(listed, table.number, table.size)
        table.show(replace(part, items=[Row(each, shown) for each in part.items]))
    return render(request, "console/unused/index.html", _page(section, table, days, found.hidden))


@require_safe
def permissions(request: ConsoleRequest) -> HttpResponseBase:
    """Users and roles that have not tried what they may, page by page, or all in a file."""
    section, days, found = SECTIONS["permissions"], _asked(request), Findings(())
    shown = columns(section, request.caller.now)
    table = Table(request.GET, shown, filters=(_OWNERS, _filter(days)), size=_PAGE_SIZE)
    asked: dict[str, Any] = {
        "days": days,
        "owner": table.filtered["owner"] or None,
        "search": table.search,
    }
    if request.GET.get("format") == "csv":
        lists = _all_pages(request.caller, asked)
        rows = ([Row(each, shown).texts for each in items] for items in lists)
        return csv_stream(section.file, [each.label for each in shown], rows)
    try:
        found = find_unused_permissions(
            request.caller, **asked, marker=table.after or None, page_size=table.size
        )
        table.show(Page([Row(each, shown) for each in found.items], marker=found.marker))
    except ServiceError as error:
        table.refuse(error)
    return render(request, "console/unused/index.html", _page(section, table, days, found.hidden))


def _page(section: Section, table: Table, days: int, hidden: int) -> dict[str, Any]:
    return {
        "section": section,
        "tabs": [(each.kind, each.label, f"{each.url}?days={days}") for each in SECTIONS.values()],
        "table": table,
        "days": days,
        "hidden": hidden,
    }


def _all_pages(caller: Caller, asked: dict[str, Any]) -> Iterator[Sequence[Unused]]:
    # What is read while the file is being sent comes after the request's own journal was closed.
    caller, marker = replace(caller, journal=None), None
    while True:
        found = find_unused_permissions(caller, **asked, marker=marker, page_size=_AT_ONCE)
        yield found.items
        marker = found.marker
        if marker is None:
            return


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
