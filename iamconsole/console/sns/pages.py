"""What the pages of one topic share: whose Region it is, summary, tabs, what the caller may do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.arns import Resource
from accounts.caller import Caller, in_region
from iamconsole.console.components import panels
from iamconsole.console.components.editing import Edited
from iamconsole.console.request import ConsoleRequest
from iamconsole.sandbox import topics
from iamconsole.sandbox.actions.sns_topics import TopicAttributes, get_topic_attributes
from iamconsole.sandbox.sns_errors import TopicNotFound
from iamconsole.sandbox.topics import TopicArn

TABS = (
    ("inbox", "Inbox", "sns-topic"),
    ("policy", "Access policy", "sns-topic-policy"),
    ("tags", "Tags", "sns-topic-tags"),
)
_ACTIONS = ("sns:DeleteTopic", "sns:Publish", "sns:SetTopicAttributes", "sns:TagResource")


def of_topic(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of one topic: it gets the ARN, and a caller who asks the topic's own Region."""

    @wraps(view)
    def show(request: ConsoleRequest, region: str, topic: str, **more: Any) -> HttpResponse:
        if not (topics.REGION.fullmatch(region) and topics.NAME.fullmatch(topic)):
            raise TopicNotFound
        request.caller = in_region(request.caller, region)
        return view(request, TopicArn(region, request.caller.home.id, topic), **more)

    return show


def address(view: str, arn: TopicArn, *more: str) -> str:
    """A page of the topic, such as that of the view `sns-topic-tags`."""
    return reverse(f"console:{view}", args=[arn.region, arn.name, *more])


def resource(caller: Caller, arn: TopicArn) -> Resource:
    """The topic as policies see it."""
    return topics.resource(caller, arn)


def trail(arn: TopicArn) -> list[tuple[str, str]]:
    """The breadcrumbs above a page about it."""
    return [("Topics", reverse("console:sns-topics")), (arn.name, address("sns-topic", arn))]


def context(caller: Caller, arn: TopicArn, tab: str, **more: Any) -> dict[str, Any]:
    """What the layout of a topic's pages needs, and what the page adds.

    Raises TopicNotFound for a topic that is not there, if the caller may know.
    """
    found = panels.subject(get_topic_attributes, caller, topic_arn=str(arn))
    return {
        "arn": arn,
        "details": found,
        "missing": panels.missing_of(caller, _ACTIONS, resource(caller, arn)),
        "tabs": [(key, label, address(view, arn)) for key, label, view in TABS],
        "tab": tab,
        "trail": trail(arn),
        **more,
    }


def edited(
    request: ConsoleRequest, arn: TopicArn, what: str, words: Callable[[TopicAttributes], str]
) -> Edited:
    """A form about one side of a topic, which `words` tells; unchecked for who may not read it."""

    def read() -> str:
        found = panels.subject(get_topic_attributes, request.caller, topic_arn=str(arn))
        return words(found.value) if found.value else ""

    return Edited(request, f"the {what} of topic {arn.name}", read)
