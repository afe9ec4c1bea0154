"""Answers about SNS's topics and messages."""

from __future__ import annotations

from uuid import UUID

from accounts.paging import Page
from accounts.types import Tag
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members
from iamconsole.sandbox.actions.sns_messages import BatchResult, NotPublished, Published
from iamconsole.sandbox.actions.sns_topics import TopicAttributes
from iamconsole.sandbox.models import Topic


def _arn(topic: Topic) -> Members:
    return {"TopicArn": topic.arn}


def _topics(found: Page[Topic]) -> Members:
    return {"Topics": members.each(found.items, _arn), "NextToken": found.marker}


def _attributes(found: TopicAttributes) -> Members:
    topic = found.topic
    return {
        "Attributes": {
            "TopicArn": topic.arn,
            "Owner": topic.account_id,
            "DisplayName": topic.display_name,
            "Policy": found.policy,
            # Nobody can subscribe.
            "SubscriptionsConfirmed": "0",
            "SubscriptionsPending": "0",
            "SubscriptionsDeleted": "0",
        }
    }


def _tags(found: Page[Tag]) -> Members:
    return {"Tags": members.each(found.items, members.tag)}


def _subscriptions(found: Page[None]) -> Members:
    return {"Subscriptions": list(found.items)}


def _published(message_id: UUID) -> Members:
    return {"MessageId": str(message_id)}


def _batch(found: BatchResult) -> Members:
    return {
        "Successful": members.each(found.successful, _successful),
        "Failed": members.each(found.failed, _failed),
    }


def _successful(one: Published) -> Members:
    return {"Id": one.id, "MessageId": str(one.message_id)}


def _failed(one: NotPublished) -> Members:
    error = one.error
    return {"Id": one.id, "Code": error.code, "Message": error.message, "SenderFault": True}


ANSWERS: dict[str, Answer] = {
    "sns:CreateTopic": _arn,
    "sns:GetTopicAttributes": _attributes,
    "sns:ListSubscriptions": _subscriptions,
    "sns:ListSubscriptionsByTopic": _subscriptions,
    "sns:ListTagsForResource": _tags,
    "sns:ListTopics": _topics,
    "sns:Publish": _published,
    "sns:PublishBatch": _batch,
}
