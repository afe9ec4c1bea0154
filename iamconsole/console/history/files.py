"""The filtered record as a file: read and sent page by page, and no more than so many events."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import NamedTuple

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from accounts import events
from accounts.actions.history import Found
from accounts.caller import Caller
from accounts.models import Event
from iamconsole.answers import history as answers
from iamconsole.console.components.downloads import plain
from iamconsole.console.history.listed import EventList

#: Events of a file, events that are read at once, and pages of a search that finds next to nothing.
MOST, AT_ONCE, MOST_PAGES = 10_000, 500, 60
HEADER = (
    "Event ID", "Event time", "Event source", "Event name", "User name", "Principal ARN", "Role",
    "Resource", "Outcome", "Error code", "Error message", "Read-only", "Source IP address",
    "AWS access key", "AWS region", "User agent", "Way in", "Request ID",
)  # fmt: skip


class _File(NamedTuple):
    kind: str
    name: str


_FILES = {
    "csv": _File("text/csv; charset=utf-8; header=present", "event_history.csv"),
    "json": _File("application/json", "event_history.json"),
}


def file_of(listed: EventList, caller: Caller, kind: str) -> StreamingHttpResponse:
    """A download of what the list shows, on all its pages. Raise the action's refusal.

    The first page is read before the answer begins, so that a refusal is a page of its own.
    """
    # What is read while the file is being sent comes after the request's own journal was closed.
    caller = replace(caller, journal=None)
    first = listed.ask(caller, page_size=AT_ONCE, next_token=None, newer=False)
    pages = _pages(listed, caller, first)
    body = _as_csv(pages) if kind == "csv" else _as_json(pages)
    response = StreamingHttpResponse(body, content_type=_FILES[kind].kind)
    disposition = content_disposition_header(True, _FILES[kind].name)
    response["Content-Disposition"] = disposition or "attachment"
    return response


def _pages(listed: EventList, caller: Caller, found: Found) -> Iterator[list[Event]]:
    left = MOST
    for _ in range(MOST_PAGES):
        yield list(found.events[:left])
        left -= len(found.events)
        if found.next_token is None or left <= 0:
            return
        found = listed.ask(caller, page_size=AT_ONCE, next_token=found.next_token, newer=False)


def _as_csv(pages: Iterator[list[Event]]) -> Iterator[str]:
    yield _lines([HEADER])
    for page in pages:
        yield _lines([_cells(event) for event in page])


def _lines(rows: list[tuple[str, ...]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([plain(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cells(event: Event) -> tuple[str, ...]:
    service, _, name = event.action.partition(":")
    return (
        str(event.pk), event.time.isoformat(), f"{service}.amazonaws.com", name,
        answers.user_name(event), event.principal_arn, events.role_name(event.principal_arn),
        " ".join(event.resources), event.outcome, event.error_code, event.error_message,
        str(event.read_only).lower(), event.source_address, event.access_key_id, event.region,
        event.user_agent, event.face, event.request_id,
    )  # fmt: skip


def _as_json(pages: Iterator[list[Event]]) -> Iterator[str]:
    """As CloudTrail's own files are: one object with all records."""
    yield '{"Records": ['
    between = ""
    for page in pages:
        for event in page:
            yield between + json.dumps(answers.record(event))
            between = ",\n"
    yield "]}\n"
