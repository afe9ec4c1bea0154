"""A request of an AWS client as a WSGI server hands it over, and the answer that goes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils import timezone

from accounts.caller import Face
from iamconsole import arrival

Environ = Mapping[str, Any]

#: Where a call is said to be made that names no Region, since it is not signed.
NO_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer to an AWS client."""

    status: int
    headers: Mapping[str, str]
    #: In pieces. What has a `close` is closed when the answer was sent, or could not be.
    body: Iterable[bytes]


def path(environ: Environ) -> str:
    """The path as it was sent. Where the server keeps only the decoded one: encoded anew."""
    raw: str = environ.get("RAW_URI", "")
    if raw.startswith("/"):
        return raw.partition("?")[0]
    return quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/-_.~")


def headers(environ: Environ) -> dict[str, str]:
    """The headers by their names in lower case."""
    found = {
        name[5:].replace("_", "-").lower(): _header(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if value := environ.get(name):
            found[name.replace("_", "-").lower()] = _header(value)
    if sent := environ.get(arrival.CONTENT_TYPE):
        found["content-type"] = _header(sent)
    return found


def _header(value: str) -> str:
    """A header's text: clients sign it as UTF-8, and WSGI shows bytes as Latin-1."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def facts(environ: Environ, request_id: str, region: str) -> dict[str, Any]:
    """What a Caller knows of a request, whoever it is from."""
    address, secure = arrival.source(environ)
    return {
        "face": Face.API,
        "now": timezone.now(),
        "request_id": request_id,
        "source_address": address,
        "user_agent": environ.get("HTTP_USER_AGENT", "")[:1024],
        "secure": secure,
        "region": region,
        "seen": {},
    }
