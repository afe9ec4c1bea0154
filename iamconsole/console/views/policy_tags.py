"""The tags of a policy: the list, and all of them changed at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts import types
from accounts.actions import shared
from accounts.actions.policies import list_policy_tags
from accounts.actions.registry import ACTIONS
from accounts.arns import last_part
from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.types import Tag
from iamconsole.console.components import panels, reports
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.steps import Outcome, Step, step
from iamconsole.console.forms.base import ActionForm
from iamconsole.console.forms.tags import posted_tag_rows, tag_rows
from iamconsole.console.policies import pages
from iamconsole.console.request import ConsoleRequest


@require_safe
def index(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """The policy's tags."""
    found = panels.subject(list_policy_tags, request.caller, policy_arn=policy_arn)
    page = pages.context(request.caller, policy_arn, "tags", tags=found)
    return render(request, "console/policies/tags.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Show the tags as rows; save the difference between them and what comes back."""
    before = _read(request.caller, policy_arn)
    shared.own_policy(request.caller, policy_arn)
    sent = request.method == "POST"
    rows = posted_tag_rows(request.POST) if sent else tag_rows(before.items())
    form = ActionForm(request.POST if sent else None)
    edited = Edited(
        request,
        f"the tags of {last_part(policy_arn)}",
        lambda: _text(_read(request.caller, policy_arn).items()),
    )
    if sent and "add_tag" not in request.POST and rows.is_valid():
        outcomes = _save(edited.guard(_text(rows.tags)), form, policy_arn, before, rows.tags)
        if not form.errors:
            return reports.report(
                request,
                outcomes,
                heading=f"Tags of policy {last_part(policy_arn)}",
                success=format_html("Tags of policy {} saved.", last_part(policy_arn)),
                url=reverse("console:policy-tags", args=[policy_arn]),
            )
    page = {
        "policy_arn": policy_arn, "name": last_part(policy_arn), "rows": rows, "form": form,
        "edited": edited,
    }  # fmt: skip
    status = 422 if form.errors or (rows.is_bound and not rows.is_valid()) else 200
    return render(request, "console/policies/edit_tags.html", page, status=status)


def _read(caller: Caller, policy_arn: str) -> dict[str, str]:
    found = list_policy_tags(caller, policy_arn=policy_arn)
    return {tag.key: tag.value for tag in found.items}


def _text(tags: Iterable[tuple[str, str]]) -> str:
    return "\n".join(sorted(f"{key}: {value}" for key, value in tags))


def _save(
    caller: Caller,
    form: ActionForm,
    policy_arn: str,
    before: Mapping[str, str],
    after: list[tuple[str, str]],
) -> list[Outcome]:
    try:
        # All rows first: one that is wrong must not be found out when others are gone already.
        tags = [Tag(key, value) for key, value in after]
        types.check(ACTIONS["iam:TagPolicy"].rules, {"tags": tags})
        types.tag_mapping(tags)
    except ServiceError as error:
        form.refuse(error)
        return []
    wanted = _difference(policy_arn, before, after)
    return reports.attempt(form, caller, wanted) if wanted else []


def _difference(
    policy_arn: str, before: Mapping[str, str], after: list[tuple[str, str]]
) -> list[Step]:
    """First what goes, then what is new: a key may come back in another case."""
    kept = {key for key, _ in after}
    gone = [key for key in before if key not in kept]
    new = [Tag(key, value) for key, value in after if before.get(key) != value]
    steps = []
    if gone:
        words = f"Remove {', '.join(gone)}"
        steps.append(step(words, "iam:UntagPolicy", policy_arn=policy_arn, tag_keys=gone))
    if new:
        words = f"Set {', '.join(tag.key for tag in new)}"
        steps.append(step(words, "iam:TagPolicy", policy_arn=policy_arn, tags=new))
    return steps
