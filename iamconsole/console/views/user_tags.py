"""The tags of a user, changed all at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts import types
from accounts.actions.registry import ACTIONS
from accounts.actions.users import list_user_tags
from accounts.errors import ServiceError
from accounts.types import Tag
from iamconsole.console.components import reports
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.steps import Outcome, Step, step
from iamconsole.console.forms.base import ActionForm
from iamconsole.console.forms.tags import posted_tag_rows, tag_rows
from iamconsole.console.request import ConsoleRequest


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Show the tags as rows; save the difference between them and what comes back."""
    found = list_user_tags(request.caller, user_name=user_name).items
    before = {tag.key: tag.value for tag in found}
    rows = posted_tag_rows(request.POST) if request.method == "POST" else tag_rows(before.items())
    form = ActionForm(request.POST if request.method == "POST" else None)
    edited = Edited(request, f"the tags of {user_name}", lambda: _read(request, user_name))
    if request.method == "POST" and "add_tag" not in request.POST and rows.is_valid():
        outcomes = _save(edited, form, user_name, before, rows.tags)
        if not form.errors:
            return reports.report(
                request,
                outcomes,
                heading=f"Tags of user {user_name}",
                success=format_html("Tags of user {} saved.", user_name),
                url=reverse("console:user-tags", args=[user_name]),
            )
    page = {"user_name": user_name, "rows": rows, "form": form, "edited": edited}
    status = 422 if form.errors or (rows.is_bound and not rows.is_valid()) else 200
    return render(request, "console/users/edit_tags.html", page, status=status)


def _read(request: ConsoleRequest, user_name: str) -> str:
    found = list_user_tags(request.caller, user_name=user_name).items
    return _lines((tag.key, tag.value) for tag in found)


def _lines(pairs: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in sorted(pairs))


def _save(
    edited: Edited,
    form: ActionForm,
    user_name: str,
    before: Mapping[str, str],
    after: list[tuple[str, str]],
) -> list[Outcome]:
    try:
        # All rows first: one that is wrong must not be found out when others are gone already.
        tags = [Tag(key, value) for key, value in after]
        types.check(ACTIONS["iam:TagUser"].rules, {"tags": tags})
        types.tag_mapping(tags)
    except ServiceError as error:
        form.refuse(error)
        return []
    wanted = _difference(user_name, before, after)
    caller = edited.guard(_lines(after))
    return reports.attempt(form, caller, wanted) if wanted else []


def _difference(
    user_name: str, before: Mapping[str, str], after: list[tuple[str, str]]
) -> list[Step]:
    """First what goes, then what is new: a key may come back in another case."""
    kept = {key for key, _ in after}
    gone = [key for key in before if key not in kept]
    new = [Tag(key, value) for key, value in after if before.get(key) != value]
    steps = []
    if gone:
        keys = ", ".join(gone)
        steps.append(step(f"Remove {keys}", "iam:UntagUser", user_name=user_name, tag_keys=gone))
    if new:
        keys = ", ".join(tag.key for tag in new)
        steps.append(step(f"Set {keys}", "iam:TagUser", user_name=user_name, tags=new))
    return steps
