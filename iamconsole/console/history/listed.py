"""The list of events: what its address asks for, and a row of it as drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from accounts import events
from accounts.actions.filters import Filter as Asked
from accounts.actions.history import PROPERTIES, Found, lookup_events
from accounts.caller import Caller, Face
from accounts.errors import ServiceError
from accounts.models import Event
from accounts.paging import Page
from iamconsole.answers import history as answers
from iamconsole.console.components.tables import Column, Filter, Table

#: Events of a page.
PAGE_SIZE = 50
COLUMNS = (
    Column("time", "Event time (UTC)", sortable=False),
    Column("action", "Event name", sortable=False),
    Column("user", "User name", sortable=False),
    Column("resource", "Resource", sortable=False),
    Column("outcome", "Outcome", sortable=False),
    Column("address", "Source IP address", sortable=False),
    # What can be filtered by and has no column.
    Column("role", "Role", sortable=False, shown=False),
    Column("key", "Access key", sortable=False, shown=False),
    Column("error", "Error code", sortable=False, shown=False),
    Column("request", "Request ID", sortable=False, shown=False),
)
#: The menus of choices; the first of each leaves nothing out.
MENUS = (
    Filter(
        "outcome",
        "Outcome",
        (
            ("", "Any outcome"),
            (events.DENIED, "Access denied"),
            (events.SUCCESS, "Success"),
            (events.ERROR, "Error"),
            (events.FAILURE, "Failure here"),
        ),
    ),
    Filter(
        "kind",
        "Read or write",
        (
            ("", "Any kind"),
            ("notable", "Changes and refusals"),
            ("change", "Changes"),
            ("read", "Reads"),
        ),
    ),
    Filter(
        "face",
        "Way in",
        (
            ("", "Any way in"),
            (Face.CONSOLE, "Console"),
            (Face.API, "API, SDK and CLI"),
            (Face.SHELL, "Operator's shell"),
        ),
    ),
    Filter(
        "within",
        "Time",
        (
            ("", "Any time"),
            ("1h", "Past hour"),
            ("1d", "Past day"),
            ("7d", "Past 7 days"),
            ("30d", "Past 30 days"),
            ("90d", "Past 90 days"),
        ),
    ),
)
_WITHIN = {
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
}
#: Parameters of a page's place and of times, which searching and paging set themselves.
_TIMES, _PLACES = ("from", "to"), ("after", "before", "page")
OUTCOMES = {
    events.SUCCESS: ("success", "Success"),
    events.DENIED: ("error", "Access denied"),
    events.ERROR: ("warning", "Error"),
    events.FAILURE: ("error", "Failure here"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the list shows it."""

    event: Event

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("console:history-event", args=[self.event.pk])

    @property
    def name(self) -> str:
        """The operation without its service."""
        return self.event.action.partition(":")[2]

    @property
    def service(self) -> str:
        """The service."""
        return self.event.action.partition(":")[0]

    @property
    def user(self) -> str:
        """Who called."""
        return answers.user_name(self.event)

    @property
    def user_url(self) -> str:
        """All events of that name; nothing where nobody had one."""
        name = events.caller_name(self.event)
        return filtered_url(user=name) if name else ""

    @property
    def role(self) -> str:
        """The role that was acted as, or nothing."""
        return events.role_name(self.event.principal_arn)

    @property
    def resource(self) -> str:
        """What people call the resource; nothing for a list."""
        return events.resource_name(self.arn)

    @property
    def arn(self) -> str:
        """The resource's ARN, or nothing."""
        return self.event.resources[0] if self.event.resources else ""

    @property
    def resource_url(self) -> str:
        """All events of that resource."""
        return filtered_url(resource=self.arn) if self.resource else ""

    @property
    def words(self) -> str:
        """What came of it."""
        return OUTCOMES[self.event.outcome][1]

    @property
    def outcome(self) -> tuple[str, str]:
        """A status, and its words: those of an error are its code."""
        kind, words = OUTCOMES[self.event.outcome]
        code = self.event.error_code
        return kind, code if code and self.event.outcome == events.ERROR else words


def filtered_url(**properties: str) -> str:
    """The list of the events that have these properties."""
    asked = [("filter", f"{name}={value}") for name, value in properties.items()]
    return f"{reverse('console:history')}?{urlencode(asked)}"


class EventList(Table):
    """The list as its address asks for it."""

    def __init__(self, query: QueryDict, now: datetime) -> None:
        named = {name: PROPERTIES[name] for name in (each.name for each in COLUMNS)
                 if name in PROPERTIES and not PROPERTIES[name].choices}  # fmt: skip
        super().__init__(query, COLUMNS, filters=MENUS, size=PAGE_SIZE, properties=named)
        self.columns = tuple(each for each in COLUMNS if each.shown)
        self.involving = query.get("involving", "").replace("\0", "").strip()[:128]
        self.before = query.get("before", "")
        #: Times as they were typed, by the parameter; what is no time is left out.
        self.typed = {name: query.get(name, "").replace("\0", "")[:40] for name in _TIMES}
        times = {name: _moment(text) for name, text in self.typed.items()}
        self.left_out += [text for name, text in self.typed.items() if text and not times[name]]
        within = _WITHIN.get(self.filtered["within"])
        self.start = now - within if within and not times["from"] else times["from"]
        self.end = times["to"]
        self.found = Found(())
        self.exporting = query.get("format") in ("csv", "json")

    def ask(self, caller: Caller, **more: Any) -> Found:
        """What the address asks for. Raises what the action raises."""
        return lookup_events(caller, **{**self.question, **self.place, **more})

    def load(self, caller: Caller) -> None:
        """Take the page that the address asks for, or its refusal."""
        try:
            self.found = self.ask(caller)
        except ServiceError as error:
            self.refuse(error)
        else:
            self.show(Page([Row(each) for each in self.found.events]))

    @property
    def question(self) -> dict[str, Any]:
        """The filters, as arguments of the action."""
        chosen = [
            Asked(name, "=", self.filtered[name]) for name in ("outcome", "kind", "face")
            if self.filtered[name]
        ]  # fmt: skip
        return {
            "filters": (*self.asked, *chosen),
            "search": self.search or None,
            "involving": self.involving or None,
            "start_time": self.start,
            "end_time": self.end,
            "page_size": self.size,
        }

    @property
    def place(self) -> dict[str, Any]:
        """Where the page begins, as arguments of the action."""
        token = self.before or self.after
        return {"next_token": token, "newer": bool(self.before)} if token else {}

    @property
    def narrowed(self) -> bool:
        """Whether something leaves events out."""
        return super().narrowed or bool(self.start or self.end or self.involving)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new search must not lose."""
        gone = (*_TIMES, *_PLACES)
        return [(name, value) for name, value in super().kept if name not in gone]

    @property
    def kept_by_filters(self) -> list[tuple[str, str]]:
        """What another property filter must not lose."""
        return [(name, value) for name, value in super().kept_by_filters if name not in _PLACES]

    @property
    def plain_url(self) -> str:
        """The whole record."""
        return reverse("console:history")

    @property
    def older_url(self) -> str:
        """The page of older events, or nothing."""
        return self._page_url("after", self.found.next_token)

    @property
    def newer_url(self) -> str:
        """The page of newer events, or nothing on the first."""
        return self._page_url("before", self.found.newer_token)

    @property
    def newest_url(self) -> str:
        """The first page, or nothing where this is it."""
        return self._url(**dict.fromkeys(_PLACES)) if self.place else ""

    @property
    def file_urls(self) -> Mapping[str, str]:
        """The files of exactly these events, by their kind."""
        gone = dict.fromkeys(_PLACES)
        return {kind: self._url(**gone, format=kind) for kind in ("csv", "json")}

    def _page_url(self, parameter: str, token: str | None) -> str:
        if token is None:
            return ""
        changes: dict[str, str | list[str] | None] = {**dict.fromkeys(_PLACES), parameter: token}
        if self.filtered["within"] and self.start:
            # A token belongs to a question, and "the past hour" is another one every moment.
            changes |= {"within": None, "from": self.start.isoformat()}
        return self._url(**changes)

    def _without(self, gone: Asked) -> str:
        """The list without one of its filters, from its beginning."""
        query = QueryDict(super()._without(gone).removeprefix("?"), mutable=True)
        for name in _PLACES:
            query.pop(name, None)
        return f"?{query.urlencode()}"


def _moment(text: str) -> datetime | None:
    """A time in ISO 8601, in UTC unless it says otherwise; nothing for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return zoned.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
