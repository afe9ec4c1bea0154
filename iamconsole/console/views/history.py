"""The event history: the list, its files, and one event."""

from __future__ import annotations

import json
import uuid

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actions.history import LookupAttribute, lookup_events
from accounts.errors import AccessDenied
from iamconsole.answers import history as answers
from iamconsole.console import detail
from iamconsole.console.history import files, related, timelines
from iamconsole.console.history.listed import EventList, Row
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject


@require_safe
def index(request: ConsoleRequest) -> HttpResponseBase:
    """All events that the filters let through, as a page or as a file."""
    listed = EventList(request.GET, request.caller.now)
    if listed.exporting:
        return files.file_of(listed, request.caller, request.GET["format"])
    listed.load(request.caller)
    page = {"table": listed, "most": files.MOST}
    return render(request, "console/history/index.html", page)


@require_safe
def show(request: ConsoleRequest, event_id: uuid.UUID) -> HttpResponseBase:
    """One event with its record, and why it was allowed or refused."""
    wanted = LookupAttribute("EventId", str(event_id))
    try:
        found = lookup_events(request.caller, lookup_attributes=(wanted,))
    except AccessDenied as error:
        return render(request, "console/history/event.html", {"error": error})
    if not found.events:
        raise Http404
    event = found.events[0]
    page = {
        "row": Row(event),
        "event": event,
        "record": json.dumps(answers.record(event), indent=2, ensure_ascii=False),
        "why": related.reasons(event),
        "links": related.links(request.caller, event),
    }
    return render(request, "console/history/event.html", page)


@require_safe
def recent(request: ConsoleRequest) -> HttpResponseBase:
    """The newest events of one access key, or of one name, as a line in time."""
    timeline = timelines.asked(request.caller, request.GET)
    return render(request, "console/history/recent.html", {"timeline": timeline})


@require_safe
def of_subject(request: ConsoleRequest, kind: str, **named: str) -> HttpResponseBase:
    """The tab of a user, role or group: what it did, and what was done to it."""
    subject = Subject(kind, *named.values())
    page = detail.context(request.caller, subject, "history")
    page["timeline"] = timelines.of_name(request.caller, subject.name)
    return render(request, "console/history/of_subject.html", page)
