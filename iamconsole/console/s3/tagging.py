"""The page that edits the tags of a bucket or an object: S3 sets all of them at once, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from accounts.caller import Caller
from accounts.types import Tag
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.tagging import as_text
from iamconsole.console.forms.base import ActionForm, submitted
from iamconsole.console.forms.tags import posted_tag_rows, tag_rows
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.sandbox.s3_errors import NoSuchTagSet


@dataclass(frozen=True, slots=True)
class Tagged:
    """A bucket or object: what it is called, and the actions that read, set and remove its tags."""

    noun: str
    name: str
    #: What names it to all three actions, such as {"bucket": "reports"}.
    named: Mapping[str, Any]
    read: Callable[..., Mapping[str, str]]
    put: Callable[..., None]
    remove: Callable[..., None]
    #: The page that shows the tags, and the breadcrumbs that lead there.
    url: str
    trail: Sequence[tuple[str, str]]

    def tags(self, caller: Caller) -> dict[str, str]:
        """The tags there are now."""
        try:
            return dict(self.read(caller, **self.named))
        except NoSuchTagSet:
            return {}


def edit_tags(request: ConsoleRequest, tagged: Tagged) -> HttpResponse:
    """Show the tags as rows; put what comes back in their place."""
    posted = request.method == "POST"
    before = tagged.tags(request.caller)
    rows = posted_tag_rows(request.POST) if posted else tag_rows(before.items())
    form = ActionForm(request.POST if posted else None)
    edited = Edited(
        request,
        f"the tags of {tagged.noun} {tagged.name}",
        lambda: as_text(tagged.tags(request.caller)),
    )
    going_on = posted and "add_tag" not in request.POST
    if going_on and form.is_valid() and rows.is_valid():
        caller = edited.guard(as_text(dict(rows.tags)))
        tags = [Tag(key, value) for key, value in rows.tags]
        action, sent = (tagged.put, {"tagging": tags}) if tags else (tagged.remove, {})
        if submitted(form, caller, action, **tagged.named, **sent):
            messages.success(request, f"Tags of {tagged.noun} {tagged.name} saved.")
            return go(request, tagged.url)
    page = {"tagged": tagged, "rows": rows, "form": form, "edited": edited}
    return render(request, "console/edit_tags.html", page, status=422 if going_on else 200)
