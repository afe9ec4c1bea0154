"""Subscriptions: there are none. Nothing is delivered anywhere; a topic's page shows its messages.

Subscribe is not built: this installation sends no mail and calls no address.
"""

from __future__ import annotations

from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.paging import Page
from iamconsole.sandbox import topics
from iamconsole.sandbox.sns_arguments import Arn, NextToken


def _subscriptions(caller: Caller, **_: object) -> Resource:
    account = caller.home.id
    return Resource(f"arn:aws:sns:{caller.region}:{account}:*", account)


@action("sns:ListSubscriptions", resource=_subscriptions, read_only=True)
def list_subscriptions(caller: Caller, /, *, next_token: NextToken | None = None) -> Page[None]:
    """The account's subscriptions: none."""
    return Page(())


@action("sns:ListSubscriptionsByTopic", resource=topics.of_arn, read_only=True)
def list_subscriptions_by_topic(
    caller: Caller, /, *, topic_arn: Arn, next_token: NextToken | None = None
) -> Page[None]:
    """A topic's subscriptions: none. Raises TopicNotFound for a topic that is not there."""
    topics.find(caller, topic_arn)
    return Page(())
