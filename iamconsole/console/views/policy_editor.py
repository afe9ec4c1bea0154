"""Pages that write managed policies: create one, edit one as a new version."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from accounts.actions.policies import create_policy
from iamconsole.console.components.reports import attempt, report
from iamconsole.console.forms.base import submitted
from iamconsole.console.htmx import go
from iamconsole.console.policies import pages
from iamconsole.console.policies.importing import document_of
from iamconsole.console.policies.new_policy import NewPolicy
from iamconsole.console.policies.new_version import NewVersion
from iamconsole.console.policies.writing_pages import answer
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """A customer managed policy: its text, then name, description and tags."""
    new = NewPolicy(request)
    if new.complete:
        made = submitted(new.form, request.caller, create_policy, **new.arguments)
        if made is not None:
            url = reverse("console:policy", args=[made.arn])
            told = 'Policy {} created. <a href="{}">View policy</a>'
            messages.success(request, format_html(told, made.name, url))
            return go(request, reverse("console:policies"))
    return answer(request, new.writing, new.page, new.form, tags=new.tags)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """A new version of a customer managed policy, made from the one in force or `?version=`."""
    if not pages.is_own(policy_arn):
        return _read_only(request, policy_arn)
    new = NewVersion(request, policy_arn)
    if new.form.is_valid():
        caller = new.edited.guard(f"A new version\n{new.writing.document}")
        if outcomes := attempt(new.form, caller, new.steps()):
            return report(
                request,
                outcomes,
                heading=f"Policy {new.name} was not changed as wanted",
                success=f"Policy {new.name} updated.",
                url=reverse("console:policy", args=[policy_arn]),
            )
    before = new.default.document or ""
    return answer(
        request, new.writing, new.page, new.form, edited=new.edited, before=before, version=new
    )


def _read_only(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """A policy of AWS's, which can only be copied."""
    context = {
        "policy_arn": policy_arn,
        "trail": Subject("policy", policy_arn).trail,
        "document": document_of(request.caller, policy_arn),
        "reason": pages.AWS_OWNED,
    }
    return render(request, "console/policies/edit_aws.html", context)
