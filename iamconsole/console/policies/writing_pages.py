"""The pages of a form that writes a policy: alike for managed and inline, new and edited ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from iamconsole.console.components.editing import Edited
from iamconsole.console.forms.base import ActionForm
from iamconsole.console.policies.writing import EDIT, REVIEW, Writing
from iamconsole.console.request import ConsoleRequest


@dataclass(frozen=True, slots=True)
class Page:
    """What tells one such form from another."""

    #: Of both steps: "Specify permissions", "Review and create".
    steps: tuple[str, str]
    #: The page's own title, which ends the breadcrumbs.
    title: str
    #: The breadcrumbs above it: label and address.
    trail: Sequence[tuple[str, str]]
    back_url: str
    #: The words of the last button, and the action that it needs where the caller lacks it.
    button: str
    denied: str = ""
    help: str = ""


def answer(
    request: ConsoleRequest,
    writing: Writing,
    page: Page,
    form: ActionForm,
    *,
    edited: Edited | None = None,
    before: str | None = None,
    **more: Any,
) -> HttpResponse:
    """The step that `writing` has come to. `before` is the text that is to be replaced."""
    context: dict[str, Any] = {
        "writing": writing,
        "editor": writing.editor,
        "page": page,
        "form": form,
        "edited": edited,
        "steps": [(label, "") for label in page.steps],
        "step": 2 if writing.step == REVIEW else 1,
        **more,
    }
    if writing.step == REVIEW and before is not None:
        context["before"] = before
        context["lines"] = writing.lines(before)
        context["effect"] = writing.effect(before)
    template = {EDIT: "edit", REVIEW: "review"}.get(writing.step, "import")
    refused = writing.refused or (writing.step == REVIEW and form.is_bound)
    return render(
        request, f"console/policies/{template}.html", context, status=422 if refused else 200
    )
