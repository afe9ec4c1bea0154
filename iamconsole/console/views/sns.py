"""Pages of SNS: topics, a topic's inbox, access policy and tags, publishing a message."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts.caller import in_region
from accounts.errors import ServiceError
from accounts.types import Tag
from iamconsole.console.components import panels
from iamconsole.console.components.tables import Table
from iamconsole.console.components.tagging import Tagged, edit_tags
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.forms.sns import DisplayNameForm, PublishForm, TopicForm
from iamconsole.console.forms.tags import posted_tag_rows, tag_rows
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.sns import inbox, listed, pages
from iamconsole.console.sns.pages import of_topic
from iamconsole.sandbox.actions.sns_messages import newest_of, publish, read_inbox, read_message
from iamconsole.sandbox.actions.sns_tags import list_tags_for_resource
from iamconsole.sandbox.actions.sns_topics import (
    create_topic,
    delete_topic,
    list_topics,
    set_topic_attributes,
)
from iamconsole.sandbox.topics import TopicArn

#: What has to be typed before a topic is deleted, as in AWS's console.
DELETE_ME = "delete me"


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """The account's topics, of all Regions."""
    table = Table(request.GET, listed.COLUMNS, sort="name")
    try:
        found = list_topics(
            request.caller, search=table.search, sort=table.order, page=table.number,
            page_size=table.size,
        )  # fmt: skip
        table.show(listed.rows(found))
    except ServiceError as error:
        table.refuse(error)
    denied = panels.missing_everywhere(request.caller, "sns:CreateTopic")
    return render(request, "console/sns/index.html", {"table": table, "create_denied": denied})


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """A new topic: name, Region, display name, who may publish, tags."""
    adding = "add_tag" in request.POST
    form = TopicForm(request.POST or None)
    rows = posted_tag_rows(request.POST) if request.POST else tag_rows()
    if form.is_valid() and not adding and rows.is_valid():
        name, region = form.cleaned_data["name"], form.cleaned_data["region"]
        made = submitted(
            form,
            in_region(request.caller, region),
            create_topic,
            name=name,
            attributes=form.attributes(request.caller.home.id),
            tags=[Tag(key, value) for key, value in rows.tags],
        )
        if made:
            url = pages.address("sns-topic", TopicArn(region, request.caller.home.id, name))
            messages.success(request, format_html('Topic <a href="{}">{}</a> created.', url, name))
            return go(request, url)
    denied = panels.missing_everywhere(request.caller, "sns:CreateTopic")
    refused = form.is_bound and not adding
    context = {"form": form, "rows": rows, "denied": denied}
    return render(request, "console/sns/create.html", context, status=422 if refused else 200)


@require_safe
@of_topic
def show(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    """A topic with its inbox."""
    return _inbox(request, arn)


@require_safe
@of_topic
def news(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    """The inbox for a page that shows it, if there is something new in it; else an empty answer."""
    if newest_of(request.caller, str(arn)) == request.GET.get("since", ""):
        return HttpResponse(status=204)
    return _inbox(request, arn)


def _inbox(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    after = request.GET.get("after")
    found = panels.subject(read_inbox, request.caller, topic_arn=str(arn), after=after)
    lines = inbox.lines(found.value, arn) if found.value else []
    marker = found.value.marker if found.value else None
    context = pages.context(
        request.caller, arn, "inbox",
        inbox=found, lines=lines, after=after, newest=lines[0].message.id if lines else "",
        next_query=urlencode({"after": marker}) if marker else "", marker=marker,
    )  # fmt: skip
    return render(request, "console/sns/inbox.html", context)


@require_safe
@of_topic
def message(request: ConsoleRequest, arn: TopicArn, message: str) -> HttpResponse:
    """One message, whole."""
    found = read_message(request.caller, topic_arn=str(arn), message_id=message)
    context = {
        "arn": arn, "trail": pages.trail(arn), "message": found,
        "attributes": inbox.attributes(found),
    }  # fmt: skip
    return render(request, "console/sns/message.html", context)


@require_safe
@of_topic
def tags(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    """A topic's tags."""
    found = panels.subject(list_tags_for_resource, request.caller, resource_arn=str(arn))
    context = pages.context(request.caller, arn, "tags", tags=found)
    return render(request, "console/sns/tags.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@of_topic
def manage_tags(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    """All tags of a topic on one page."""
    tagged = Tagged(
        "topic", arn.name, {"resource_arn": str(arn)},
        list_tags_for_resource, "sns:TagResource", "sns:UntagResource",
        pages.address("sns-topic-tags", arn), pages.trail(arn),
    )  # fmt: skip
    return edit_tags(request, tagged)


@require_http_methods(["GET", "HEAD", "POST"])
@of_topic
def publish_message(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    """A message to publish."""
    form = PublishForm(request.POST or None)
    if form.is_valid():
        sent = form.cleaned_data
        made = submitted(
            form, request.caller, publish, topic_arn=str(arn), message=sent["message"],
            subject=sent["subject"] or None,
        )  # fmt: skip
        if made:
            messages.success(request, f"Message published to {arn.name}. Message ID: {made}")
            return go(request, pages.address("sns-topic", arn))
    context = pages.context(request.caller, arn, "publish", form=form)
    status = 422 if form.is_bound else 200
    return render(request, "console/sns/publish.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@of_topic
def edit(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    """A topic's display name."""
    context: dict[str, Any] = pages.context(request.caller, arn, "edit")
    found = context["details"].value
    before = found.topic.display_name if found else ""
    form = DisplayNameForm(request.POST or None, initial={"display_name": before})
    edited = pages.edited(request, arn, "display name", lambda now: now.topic.display_name)
    if form.is_valid():
        name = form.cleaned_data["display_name"]
        if submitted(
            form, edited.guard(name), set_topic_attributes, topic_arn=str(arn),
            attribute_name="DisplayName", attribute_value=name,
        ):  # fmt: skip
            messages.success(request, f"Topic {arn.name} saved.")
            return go(request, pages.address("sns-topic", arn))
    context |= {"form": form, "edited": edited}
    status = 422 if form.is_bound else 200
    return render(request, "console/sns/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@of_topic
def delete(request: ConsoleRequest, arn: TopicArn) -> HttpResponse:
    """Delete a topic with its messages, once the words were typed."""
    context = pages.context(request.caller, arn, "delete")
    form = ConfirmForm(request.POST or None, expected=DELETE_ME)
    if form.is_valid():
        delete_topic(request.caller, topic_arn=str(arn))
        messages.success(request, f"Topic {arn.name} deleted.")
        return go(request, reverse("console:sns-topics"))
    context |= {"form": form, "expected": DELETE_ME}
    status = 422 if form.is_bound else 200
    return render(request, "console/sns/delete.html", context, status=status)
