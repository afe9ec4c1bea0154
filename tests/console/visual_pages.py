"""The visual editor in a browser without scripts: its fields, and what pressing a button sends."""

from __future__ import annotations

from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory

from iamconsole.console.policies.visual import VisualEditor
from tests.cast import ACCOUNT_ID

Fields = dict[str, list[str]]


class VisualPage:
    """The editor of one document after a post, or before the first."""

    def __init__(self, document: str, post: Fields | None = None) -> None:
        factory = RequestFactory()
        request: Any = factory.get("/")
        if post is not None:
            sent = QueryDict(mutable=True)
            for name, values in post.items():
                sent.setlist(name, values)
            # Through the wire and back, as Django reads it.
            request = factory.post(
                "/", sent.urlencode(), content_type="application/x-www-form-urlencoded"
            )
            document = request.POST["document"]
        request.caller = SimpleNamespace(account=SimpleNamespace(id=ACCOUNT_ID))
        self.editor = VisualEditor(request, document)
        self.html = render_to_string("console/policies/visual_editor.html", {"editor": self.editor})
        reader = _Reader()
        reader.feed(self.html)
        self.fields = reader.fields
        self.buttons = reader.buttons
        self.text = " ".join(" ".join(reader.words).split())

    @property
    def document(self) -> str:
        return self.editor.document

    def press(self, button: str | None, **changed: str | list[str] | None) -> VisualPage:
        """The page after a button of the editor, or (None) one of another part of the form.

        `changed` are fields by name without `visual-`, with `_` for `-`; None takes one away.
        """
        fields = dict(self.fields)
        for name, value in changed.items():
            key = "visual-" + name.replace("_", "-")
            fields.pop(key, None)
            if value is not None:
                fields[key] = value if isinstance(value, list) else [value]
        if button is not None:
            fields["visual"] = [button]
        return VisualPage("", {name: list(map(_sent, values)) for name, values in fields.items()})

    def ticked(self) -> list[str]:
        return self.fields.get("visual-action", [])


def _sent(value: str) -> str:
    """A value with the line ends that browsers send."""
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: Fields = {}
        self.buttons: list[str] = []
        self.words: list[str] = []
        self._select = ""
        self._options: list[tuple[str | None, bool]] = []
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known: dict[str, Any] = dict(attrs)
        name: Any = known.get("name")
        value: Any = known.get("value")
        if tag == "button":
            assert known["name"] == "visual"
            self.buttons.append(value)
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((value, "selected" in known))
        elif tag == "textarea":
            self._textarea, self._text = name, ""
        elif tag == "input" and name and "disabled" not in known:
            self._input(known.get("type"), name, value or "", known)

    def _input(self, kind: str | None, name: str, value: str, known: dict[str, Any]) -> None:
        if kind == "checkbox" and "checked" not in known:
            return
        if kind in ("text", "search"):
            value = value.replace("\r", "").replace("\n", "")
        self.fields.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data
        elif self._options and self._options[-1][0] is None and data.strip():
            self._options[-1] = (data, self._options[-1][1])
        else:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea is not None:
            self.fields[self._textarea] = [self._text.removeprefix("\n")]
            self._textarea = None
        elif tag == "select":
            chosen = [value for value, selected in self._options if selected]
            first = self._options[0][0] if self._options else ""
            self.fields[self._select] = [(chosen or [first])[0] or ""]
            self._select, self._options = "", []
