"""Deleting policies: one, or several that were ticked in the list."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.arns import last_part
from iamconsole.console.components.deleting import delete_named
from iamconsole.console.htmx import go
from iamconsole.console.policies import pages
from iamconsole.console.policies.deletion import deletion
from iamconsole.console.request import ConsoleRequest


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """Delete the policy with all that hangs on it, once its name was typed."""
    return _delete(request, [policy_arn])


@require_http_methods(["GET", "HEAD", "POST"])
def delete_several(request: ConsoleRequest) -> HttpResponse:
    """The same for the policies named in the address."""
    return _delete(request, request.GET.getlist("policy"))


def _delete(request: ConsoleRequest, arns: list[str]) -> HttpResponse:
    own = [arn for arn in arns if pages.is_own(arn)]
    note = ""
    if left_out := [last_part(arn) for arn in arns if not pages.is_own(arn)]:
        note = f"AWS maintains these, so they can't be deleted: {', '.join(left_out)}."
    url = reverse("console:policies")
    if note and not own:
        messages.info(request, note)
        return go(request, url)
    nouns = ("policy", "policies")
    return delete_named(request, own, deletion, nouns=nouns, url=url, note=note)
