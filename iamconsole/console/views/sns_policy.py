"""A topic's access policy: what it says, what there is to say about it, and changing it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import engine
from accounts.engine import PolicyKind
from iamconsole.console.components import panels
from iamconsole.console.components.difference import side_by_side
from iamconsole.console.forms.base import ActionForm, submitted
from iamconsole.console.htmx import go
from iamconsole.console.policies.editor import GO, PolicyEditor, Purpose
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.sns import pages
from iamconsole.console.sns.pages import of_topic
from iamconsole.console.templatetags.roles import as_json
from iamconsole.sandbox import topic_policies
from iamconsole.sandbox.actions.sns_topics import (
    TopicAttributes,
    get_topic_attributes,
    set_topic_attributes,
)
from iamconsole.sandbox.resource_policies import is_public
from iamconsole.sandbox.topics import TopicArn

_REVIEW, _SAVE = "review", "save"
#: A topic policy.
TOPIC = Purpose(PolicyKind.RESOURCE, topic_policies.LARGEST, topic_policies.check)


@require_safe
@of_topic
def show(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    """A topic with its access policy."""
    context = pages.context(request.caller, arn, "policy")
    if found := context["details"].value:
        context["is_default"] = not found.topic.policy
        context["is_public"] = is_public(found.topic.policy)
        context["findings"] = engine.lint(
            found.policy, PolicyKind.RESOURCE, quota=TOPIC.limit, attached_to=str(arn)
        )
    return render(request, "console/sns/policy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@of_topic
def edit(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    """The editor; then what the change takes out and puts in; then it is saved."""
    found = get_topic_attributes(request.caller, topic_arn=str(arn))
    before = as_json(found.policy)
    editor = PolicyEditor(request, TOPIC, initial=before, attached_to=str(arn))
    edited = pages.edited(request, arn, "access policy", _words)
    form, asked = ActionForm(request.POST or None), request.POST.get(GO, "")
    if editor.accepted and asked == _SAVE and form.is_valid():
        done = submitted(
            form, edited.guard(editor.document), set_topic_attributes, topic_arn=str(arn),
            attribute_name="Policy", attribute_value=editor.document,
        )  # fmt: skip
        if done:
            messages.success(request, f"Access policy of {arn.name} saved.")
            return go(request, pages.address("sns-topic-policy", arn))
    page = {
        "arn": arn, "trail": pages.trail(arn), "editor": editor, "edited": edited, "form": form,
        "url": pages.address("sns-topic-policy", arn),
        "denied": panels.missing(
            request.caller, "sns:SetTopicAttributes", pages.resource(request.caller, arn)
        ),
    }  # fmt: skip
    if editor.accepted and asked == _REVIEW:
        page["lines"] = side_by_side(before, editor.document)
        page["same"] = before == editor.document
        return render(request, "console/sns/review_policy.html", page)
    refused = editor.refused or bool(form.errors)
    return render(request, "console/sns/edit_policy.html", page, status=422 if refused else 200)


def _words(found: TopicAttributes) -> str:
    return as_json(found.policy)
