"""Topics by their ARNs: found, and as policies see them.

A topic is its Region's: SNS refuses an ARN of any other Region than the one that a client asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from accounts.arns import Resource
from accounts.caller import Caller
from accounts.models.prepared import Prepared
from iamconsole.sandbox import topic_policies
from iamconsole.sandbox.models import Topic
from iamconsole.sandbox.sns_errors import InvalidParameter, TopicNotFound

NAME = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
REGION = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TopicArn:
    """The parts of a topic's ARN that can differ."""

    region: str
    account: str
    name: str

    def __str__(self) -> str:
        return f"arn:aws:sns:{self.region}:{self.account}:{self.name}"


def read_arn(caller: Caller, text: str, *, name: str = "TopicArn") -> TopicArn:
    """A topic's ARN. Raise InvalidParameter, blaming `name`, for any other text or Region."""
    argument = "topic_arn" if name == "TopicArn" else None
    parts = text.split(":")
    if len(parts) < 6:
        reason = f"An ARN must have at least 6 elements, not {len(parts)}"
        raise InvalidParameter(name, reason, argument=argument)
    found = parts_of(text)
    if found is None or found.region != caller.region:
        raise InvalidParameter(name, argument=argument)
    return found


def parts_of(text: str) -> TopicArn | None:
    """The parts of what can be a topic's ARN, in whatever Region; nothing of any other text."""
    parts = text.split(":")
    if len(parts) != 6 or parts[:3] != ["arn", "aws", "sns"]:
        return None
    region, account, topic = parts[3:]
    sound = REGION.fullmatch(region) and _ACCOUNT.fullmatch(account) and NAME.fullmatch(topic)
    return TopicArn(region, account, topic) if sound else None


def of_new(caller: Caller, *, name: str, **_: Any) -> Resource:
    """The resource of CreateTopic: the ARN that the topic will have."""
    if NAME.fullmatch(name) is None:
        reason = "FIFO topics are not built here" if name.endswith(".fifo") else ""
        raise InvalidParameter("Topic Name", reason, argument="name")
    if REGION.fullmatch(caller.region) is None:
        raise InvalidParameter("Region")
    made = TopicArn(caller.region, caller.home.id, name)
    return Resource(str(made), made.account)


def of_arn(caller: Caller, *, topic_arn: str, **_: Any) -> Resource:
    """An existing topic. Of another account's nobody learns from a refusal whether it is there."""
    return resource(caller, read_arn(caller, topic_arn))


def of_resource_arn(caller: Caller, *, resource_arn: str, **_: Any) -> Resource:
    """The same for the operations on tags, which name it otherwise."""
    return resource(caller, read_arn(caller, resource_arn, name="ResourceArn"))


def resource(caller: Caller, arn: TopicArn) -> Resource:
    """The topic of that ARN, if there is one, as policies see it."""
    topic = _topic(caller, arn)
    if arn.account == caller.home.id and (topic is None or not topic.policy):
        return Resource(str(arn), arn.account, topic.tags if topic else {})
    policy = topic_policies.compiled(topic)
    return Resource(str(arn), arn.account, topic.tags if topic else {}, policy)


def find(caller: Caller, topic_arn: str) -> Topic:
    """The topic of that ARN. Raise TopicNotFound where there is none."""
    found = _topic(caller, read_arn(caller, topic_arn))
    if found is None:
        raise TopicNotFound
    return found


def locked(caller: Caller, topic_arn: str) -> Topic:
    """The same to change it or what hangs on it, inside a transaction.

    The account's lock is not enough: another account that the policy lets in holds its own.
    """
    arn = read_arn(caller, topic_arn)
    found = _LOCKED.first(arn.account, arn.region, arn.name)
    if found is None:
        raise TopicNotFound
    return found


_TOPICS = Prepared(
    lambda account, region, name: Topic.objects.filter(account=account, region=region, name=name),
    values=3,
)

_LOCKED = Prepared(
    lambda account, region, name: Topic.objects.select_for_update().filter(
        account=account, region=region, name=name
    ),
    values=3,
)


def _topic(caller: Caller, arn: TopicArn) -> Topic | None:
    return caller.once(
        ("topic", str(arn)), lambda: _TOPICS.first(arn.account, arn.region, arn.name)
    )
