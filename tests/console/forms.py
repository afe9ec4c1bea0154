"""What a browser would send of a page's forms by itself: their hidden fields."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


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
