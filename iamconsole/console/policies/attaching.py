"""Attaching managed policies to a user, group or role, and detaching them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpResponse
from django.template.defaultfilters import pluralize

from accounts.arns import last_part
from iamconsole.console.components import steps
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.panels import Panel
from iamconsole.console.components.reports import report
from iamconsole.console.components.steps import Step, step
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject


def attachments(kind: str, name: str, policy_arns: Iterable[str]) -> list[Step]:
    """Attach policies to the `user`, `group` or `role` of that name."""
    return [_step("Attach", kind, name, arn) for arn in policy_arns]


def detachments(kind: str, name: str, policy_arns: Iterable[str]) -> list[Step]:
    """Detach them."""
    return [_step("Detach", kind, name, arn) for arn in policy_arns]


def attached(request: ConsoleRequest, subject: Subject, shown: Panel) -> Edited | None:
    """What the form that detaches was made from: the page's own list, where it may be read."""
    return None if shown.error else _edited(request, subject, lambda: shown.value)


def detach(
    request: ConsoleRequest, subject: Subject, read: Callable[..., Any], url: str
) -> HttpResponse:
    """Detach the ticked policies, unless others are attached by now; then on to `url`.

    `read` is the action that lists what is attached.
    """
    arns = list(dict.fromkeys(request.POST.getlist("policy")))
    edited = _edited(request, subject, lambda: read(request.caller, **subject.named))
    wanted = detachments(subject.kind, subject.key, arns)
    return report(
        request,
        steps.run(edited.guard(), wanted, go_on=True),
        heading="Not all policies were detached",
        success=f"{len(arns)} polic{pluralize(len(arns), 'y,ies')} detached from {subject.name}.",
        url=url,
    )


def _edited(request: ConsoleRequest, subject: Subject, read: Callable[[], Any]) -> Edited:
    return Edited(
        request,
        f"the list of policies of {subject.words}",
        lambda: "\n".join(sorted(row.policy_arn for row in read().items)),
    )


def _step(verb: str, kind: str, name: str, policy_arn: str) -> Step:
    named = {f"{kind}_name": name}
    label = f"{verb} policy {last_part(policy_arn)}"
    return step(label, f"iam:{verb}{kind.title()}Policy", **named, policy_arn=policy_arn)
