"""What tests read off a page and send back: its text and markup, hidden fields, rows of tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

#: The one row of tags of a page on which none was typed.
NO_TAGS = {"tags-TOTAL_FORMS": "1", "tags-INITIAL_FORMS": "0"}


def url(name: str, *arguments: str) -> str:
    """The address of a console page."""
    return reverse(f"console:{name}", args=arguments)


def text_of(response: Any) -> str:
    """A page's text as people read it: no tags, white space closed up."""
    content: bytes = response.content
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", content.decode()))


def markup_of(response: Any) -> str:
    """The page with its tags, white space closed up."""
    return " ".join(response.content.decode().split())


def queries_of(browser: Client, address: str, post: Mapping[str, Any] | None = None) -> int:
    """How many queries a page takes once the caller's policies are compiled; it must be there."""

    def answer() -> Any:
        return browser.get(address) if post is None else browser.post(address, post)

    answer()
    with CaptureQueriesContext(connection) as queries:
        assert answer().status_code == 200
    return len(queries)


def value_of(hidden_field: str) -> str:
    """What a hidden field holds."""
    return hidden_field.partition('value="')[2].partition('"')[0]


def seen_version(page: str) -> str:
    """What state of a thing the page's form was made from."""
    return page.partition('name="seen_version" value="')[2].partition('"')[0]


def tag_rows(*pairs: tuple[str, str]) -> dict[str, Any]:
    """Rows of tags as the browser sends them."""
    sent: dict[str, Any] = {"tags-TOTAL_FORMS": len(pairs), "tags-INITIAL_FORMS": 0}
    for number, (key, value) in enumerate(pairs):
        sent |= {f"tags-{number}-key": key, f"tags-{number}-value": value}
    return sent


class _Hidden(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._within = self._within or tag == "main"
        if self._within and tag == "input" and known.get("type") == "hidden":
            self.fields[known["name"] or ""] = known.get("value") or ""


def hidden(page: Any) -> dict[str, str]:
    """The hidden fields of the page's own forms, with the line ends that browsers make of them."""
    parser = _Hidden()
    parser.feed(page.content.decode())
    parser.fields.pop("csrfmiddlewaretoken", None)
    return {
        name: value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
        for name, value in parser.fields.items()
    }
