"""The policy simulator: of a user, a group or a role, and of one document, saved or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.actions.explanations import SIMULATE
from accounts.actions.policies import get_policy
from accounts.actions.policy_versions import get_policy_version
from accounts.actions.simulation import (
    get_context_keys_for_custom_policy,
    get_context_keys_for_principal_policy,
    source_resource,
)
from accounts.arns import everything
from iamconsole.console.components import panels
from iamconsole.console.forms.simulate import SimulateForm, fitting
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.subjects import Subject
from iamconsole.console.why import contexts, simulator
from iamconsole.console.why.included import included, ticked
from iamconsole.console.why.principals import known_keys
from iamconsole.console.why.simulator import Results

_forms = require_http_methods(["GET", "HEAD", "POST"])


@_forms
def principal(request: ConsoleRequest, kind: str, **named: str) -> HttpResponse:
    """On the policies of a user, with those of the user's groups, of a group or of a role."""
    return _principal(request, Subject(kind, *named.values()))


@_forms
def policy(request: ConsoleRequest, policy_arn: str) -> HttpResponse:
    """On a managed policy: the version in force, or the document that an editor posts."""
    subject = Subject("policy", policy_arn)
    sent = _sent(request)
    if "document" not in sent:
        found = get_policy(request.caller, policy_arn=policy_arn)
        version = get_policy_version(
            request.caller, policy_arn=policy_arn, version_id=found.default_version_id
        )
        sent["document"] = fitting(version.document or "")
    return _document(request, sent, f"Simulate {subject.words}", subject.trail)


@_forms
def document(request: ConsoleRequest) -> HttpResponse:
    """On a document that is not saved yet."""
    trail = [("Policies", reverse("console:policies"))]
    return _document(request, _sent(request), "Simulate a policy", trail)


def _principal(request: ConsoleRequest, subject: Subject) -> HttpResponse:
    caller, sent = request.caller, _sent(request)
    form = _form(sent, with_resource_policy=subject.kind == "user")
    policies, arn = included(caller, subject), subject.resource(caller).arn
    if "ticked" in sent:
        policies = ticked(policies, sent.getlist("policy"))
    keys = panels.subject(get_context_keys_for_principal_policy, caller, policy_source_arn=arn)
    known, results = known_keys(caller, subject), None
    if "run" in sent and form.is_valid():
        results = simulator.run_for_principal(form, caller, sent, arn, policies, known)
    resource = source_resource(caller, policy_source_arn=arn)
    return _answer(
        request,
        sent,
        form,
        results,
        keys.value.context_key_names if keys.value else (),
        known=known,
        heading=f"Simulate policies of {subject.name}",
        trail=subject.trail,
        denied=panels.missing(caller, SIMULATE, resource),
        policies=policies,
    )


def _document(
    request: ConsoleRequest, sent: QueryDict, heading: str, trail: list[tuple[str, str]]
) -> HttpResponse:
    caller = request.caller
    form = _form(sent)
    form.fields["document"].label = "Policy"
    form.fields["document"].help_text = "What is simulated. Changes here are not saved."
    results = None
    if "run" in sent and form.is_valid():
        results = simulator.run_for_document(form, caller, sent)
    text = sent.get("document", "")
    # A document that breaks the grammar names no keys; the run says what is wrong with it.
    keys = panels.panel(get_context_keys_for_custom_policy, caller, policy_input_list=[text])
    return _answer(
        request,
        sent,
        form,
        results,
        keys.value.context_key_names if text and keys.value else (),
        heading=heading,
        trail=trail,
        denied=panels.missing(caller, "iam:SimulateCustomPolicy", everything(caller)),
    )


def _answer(
    request: ConsoleRequest,
    sent: QueryDict,
    form: SimulateForm,
    results: Results | None,
    keys: Any,
    *,
    known: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    refused = "run" in sent and results is None
    page = {
        "form": form,
        "results": results,
        "rows": contexts.rows(sent, keys, known or {}),
        "offered": simulator.offered(form, sent),
        **more,
    }
    return render(request, "console/simulate/show.html", page, status=422 if refused else 200)


def _form(sent: QueryDict, **options: bool) -> SimulateForm:
    """The form; before anything was asked, what fills it in is not checked yet."""
    if "run" in sent:
        return SimulateForm(sent, **options)
    return SimulateForm(initial=sent.dict(), **options)


def _sent(request: ConsoleRequest) -> QueryDict:
    """What the form came with; the address may fill it in beforehand."""
    sent = request.POST.copy() if request.method == "POST" else request.GET.copy()
    if request.method != "POST":
        sent.pop("run", None)
        # A link from a refusal names one resource.
        resource = sent.get("resource", "*")
        if resource != "*" and "resources" not in sent:
            sent["resources"] = resource
    return sent
