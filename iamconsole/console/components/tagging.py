"""The page on which the tags of one thing are changed all at once, whatever the thing is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts import types
from accounts.actions.registry import ACTIONS
from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.types import Tag
from iamconsole.console.components import reports
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.steps import Outcome, Step, step
from iamconsole.console.forms.base import ActionForm
from iamconsole.console.forms.tags import posted_tag_rows, tag_rows
from iamconsole.console.request import ConsoleRequest


@dataclass(frozen=True, slots=True)
class Tagged:
    """Something with tags: what it is called, and the actions that read and change them."""

    #: "user", as in "Tags of user alice saved."
    noun: str
    name: str
    #: What names it to all three actions, such as {"user_name": "alice"}.
    arguments: Mapping[str, Any]
    list_tags: Callable[..., Any]
    #: iam:TagUser and iam:UntagUser.
    tag: str
    untag: str
    #: The page that shows the tags.
    url: str
    #: The breadcrumbs that lead there: label and address.
    trail: Sequence[tuple[str, str]]
    #: How the action that removes is told which keys.
    removing: Callable[[Sequence[str]], Mapping[str, Any]] = lambda keys: {"tag_keys": keys}

    def tags(self, caller: Caller) -> dict[str, str]:
        """The tags there are now."""
        return {tag.key: tag.value for tag in self.list_tags(caller, **self.arguments).items}


def edit_tags(request: ConsoleRequest, tagged: Tagged) -> HttpResponse:
    """Show the tags as rows; save the difference between them and what comes back."""
    posted = request.method == "POST"
    before = tagged.tags(request.caller)
    rows = posted_tag_rows(request.POST) if posted else tag_rows(before.items())
    form = ActionForm(request.POST if posted else None)
    edited = Edited(
        request, f"the tags of {tagged.noun} {tagged.name}",
        lambda: as_text(tagged.tags(request.caller)),
    )  # fmt: skip
    if posted and "add_tag" not in request.POST and rows.is_valid():
        caller = edited.guard(as_text(dict(rows.tags)))
        outcomes = _save(caller, form, tagged, before, rows.tags)
        if not form.errors:
            return reports.report(
                request,
                outcomes,
                heading=f"Tags of {tagged.noun} {tagged.name}",
                success=f"Tags of {tagged.noun} {tagged.name} saved.",
                url=tagged.url,
            )
    page = {"tagged": tagged, "rows": rows, "form": form, "edited": edited}
    status = 422 if form.errors or (rows.is_bound and not rows.is_valid()) else 200
    return render(request, "console/edit_tags.html", page, status=status)


def as_text(tags: Mapping[str, str]) -> str:
    """Tags as a text of one line each, to be compared by people."""
    return "\n".join(f"{key}: {tags[key]}" for key in sorted(tags))


def _save(
    caller: Caller,
    form: ActionForm,
    tagged: Tagged,
    before: Mapping[str, str],
    after: Sequence[tuple[str, str]],
) -> list[Outcome]:
    try:
        # All rows first: one that is wrong must not be found out when others are gone already.
        tags = [Tag(key, value) for key, value in after]
        types.check(ACTIONS[tagged.tag].rules, {"tags": tags})
        types.tag_mapping(tags)
    except ServiceError as error:
        form.refuse(error)
        return []
    wanted = _difference(tagged, before, after)
    return reports.attempt(form, caller, wanted) if wanted else []


def _difference(
    tagged: Tagged, before: Mapping[str, str], after: Sequence[tuple[str, str]]
) -> list[Step]:
    """First what goes, then what is new: a key may come back in another case."""
    kept = {key for key, _ in after}
    gone = [key for key in before if key not in kept]
    new = [Tag(key, value) for key, value in after if before.get(key) != value]
    steps = []
    if gone:
        label = f"Remove {', '.join(gone)}"
        steps.append(step(label, tagged.untag, **tagged.arguments, **tagged.removing(gone)))
    if new:
        label = f"Set {', '.join(tag.key for tag in new)}"
        steps.append(step(label, tagged.tag, **tagged.arguments, tags=new))
    return steps
