"""The newest events of a name or an access key, in the order of time, with a way to all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from accounts.actions.filters import Filter
from accounts.actions.history import lookup_events
from accounts.caller import Caller
from accounts.errors import ServiceError
from iamconsole.console.components import panels
from iamconsole.console.history.listed import Row, filtered_url

#: Events that are shown.
SHOWN = 20
#: What pages read about something would hide all else.
_NOTABLE = Filter("kind", "=", "notable")


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events of something, or why they can't be read."""

    of: str
    #: The list of all of them.
    url: str
    rows: Sequence[Row] = ()
    error: ServiceError | None = None


def of_name(caller: Caller, name: str) -> Timeline:
    """What a user or role changed or was refused, and what was done to it."""
    url = f"{reverse('console:history')}?{urlencode({'involving': name})}"
    return _timeline(caller, name, url, involving=name, filters=(_NOTABLE,))


def of_key(caller: Caller, access_key_id: str) -> Timeline:
    """What was done with an access key."""
    by_key = (Filter("key", "=", access_key_id),)
    return _timeline(caller, access_key_id, filtered_url(key=access_key_id), filters=by_key)


def asked(caller: Caller, query: QueryDict) -> Timeline:
    """The same as an address asks for it."""
    if key := query.get("key", "").replace("\0", "").strip()[:128]:
        return of_key(caller, key)
    return of_name(caller, query.get("involving", "").replace("\0", "").strip()[:128])


def _timeline(caller: Caller, of: str, url: str, **question: Any) -> Timeline:
    found = panels.panel(lookup_events, caller, page_size=SHOWN, **question)
    if found.error is not None:
        return Timeline(of, url, error=found.error)
    return Timeline(of, url, [Row(event) for event in found.value.events])
