"""SNS's topics: create, list, read, change, delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accounts import authorize, paging
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import ValidationError
from accounts.types import Free
from iamconsole.sandbox import topic_policies, topic_tags, topics
from iamconsole.sandbox.models import Topic
from iamconsole.sandbox.sns_arguments import (
    Arn,
    Attributes,
    AttributeValue,
    Name,
    NextToken,
    TopicTags,
)
from iamconsole.sandbox.sns_errors import InvalidParameter, TopicLimitExceeded

#: AWS has 100,000. A workshop's account has no use for more.
TOPICS_PER_ACCOUNT = 1000
#: Topics of one answer, as in AWS.
PAGE = 100
LONGEST_DISPLAY_NAME = 100
#: What the console can sort by.
SORTABLE = {"name": "name", "region": "region", "created": "created_at"}

#: Attributes of AWS's topics that are about deliveries, queues and encryption: none of it is here.
_NOT_BUILT = frozenset(
    {
        "ArchivePolicy",
        "ContentBasedDeduplication",
        "DeliveryPolicy",
        "FifoThroughputScope",
        "FifoTopic",
        "KmsMasterKeyId",
        "SignatureVersion",
        "TracingConfig",
    }
)
#: How the attributes begin that say which deliveries are logged.
_FEEDBACK = ("HTTP", "Firehose", "Lambda", "Application", "SQS")


@action(
    "sns:CreateTopic",
    resource=topics.of_new,
    also=shared.tagging("sns:TagResource", topics.of_new),
    raises_epoch=False,
)
def create_topic(
    caller: Caller,
    /,
    *,
    name: Name,
    attributes: Attributes | None = None,
    tags: TopicTags = (),
    data_protection_policy: AttributeValue | None = None,
) -> Topic:
    """Make a topic in the caller's Region. One that is there, with the same contents, is returned.

    Attributes: Policy, DisplayName.
    """
    if data_protection_policy is not None:
        raise InvalidParameter("DataProtectionPolicy", "it is not built here")
    made = Topic(
        account=caller.home, region=caller.region, name=name, created_at=caller.now,
        tags=topic_tags.merged({}, tags),
    )  # fmt: skip
    for attribute, value in (attributes or {}).items():
        _set(made, attribute, value, "attributes")
    found = Topic.objects.filter(account=caller.home, region=caller.region, name=name).first()
    if found is not None:
        return _same(found, made, attributes or {})
    if caller.home.topics.count() >= TOPICS_PER_ACCOUNT:
        raise TopicLimitExceeded(
            f"Topic limit exceeded: an account can have {TOPICS_PER_ACCOUNT} topics here."
        )
    made.save(force_insert=True)
    return made


def _same(found: Topic, wanted: Topic, attributes: Mapping[str, str]) -> Topic:
    """The topic that is there, unless something else is wanted."""
    other = ("DisplayName" in attributes and found.display_name != wanted.display_name) or (
        "Policy" in attributes and found.policy != wanted.policy
    )
    if other:
        raise InvalidParameter("Attributes", "Topic already exists with different attributes",
                               argument="name")  # fmt: skip
    if wanted.tags and found.tags != wanted.tags:
        raise InvalidParameter("Tags", "Topic already exists with different tags", argument="name")
    return found


@action("sns:DeleteTopic", resource=topics.of_arn, raises_epoch=False)
def delete_topic(caller: Caller, /, *, topic_arn: Arn) -> None:
    """Delete a topic with its messages; nothing happens where there is none."""
    arn = topics.read_arn(caller, topic_arn)
    Topic.objects.filter(account=arn.account, region=arn.region, name=arn.name).delete()


def _listed(caller: Caller, *, page: int | None = None, **_: object) -> Resource:
    """A Region's topics: the client's, or for the console the first that the caller may list."""
    regions = _regions(caller) if page is not None else []
    return _all_topics(caller, regions[0] if regions else caller.region)


def _all_topics(caller: Caller, region: str) -> Resource:
    """What AWS evaluates ListTopics on."""
    account = caller.home.id
    arn = f"arn:aws:sns:{region}:{account}:*"
    return Resource(arn, account, context={"aws:RequestedRegion": region})


def _regions(caller: Caller) -> list[str]:
    """The Regions with topics, and the caller's own, whose topics the caller may list."""
    return caller.once(("topics", "regions"), lambda: _find_regions(caller))


def _find_regions(caller: Caller) -> list[str]:
    found = caller.home.topics.order_by("region").values_list("region", flat=True).distinct()
    return [
        region
        for region in dict.fromkeys([caller.region, *found])
        if authorize.would_allow(caller, "sns:ListTopics", _all_topics(caller, region)).allowed
    ]


@action("sns:ListTopics", resource=_listed, read_only=True)
def list_topics(
    caller: Caller,
    /,
    *,
    next_token: NextToken | None = None,
    search: Free | None = None,
    sort: Free | None = None,
    page: int | None = None,
    page_size: int | None = None,
) -> paging.Page[Topic]:
    """The topics of the caller's Region; with `page` those of every Region that may be listed."""
    if page is None:
        rows = caller.home.topics.filter(region=caller.region).defer("policy", "tags")
        try:
            return paging.after_marker(rows, "name", next_token, PAGE)
        except ValidationError:
            raise InvalidParameter("NextToken", argument="next_token") from None
    rows = caller.home.topics.filter(region__in=_regions(caller)).defer("policy", "tags")
    if search:
        rows = rows.filter(name__icontains=search)
    column = SORTABLE.get((sort or "name").lstrip("-"), "name")
    order = f"-{column}" if (sort or "").startswith("-") else column
    return paging.numbered(rows.order_by(order, "name", "region"), page, page_size or 20)


@dataclass(frozen=True, slots=True)
class TopicAttributes:
    """A topic, and its policy as it is shown: AWS's default one where there is no other."""

    topic: Topic
    policy: str


@action("sns:GetTopicAttributes", resource=topics.of_arn, read_only=True)
def get_topic_attributes(caller: Caller, /, *, topic_arn: Arn) -> TopicAttributes:
    """All that is set for a topic."""
    topic = topics.find(caller, topic_arn)
    return TopicAttributes(topic, topic_policies.shown(topic))


@action("sns:SetTopicAttributes", resource=topics.of_arn, raises_epoch=False)
def set_topic_attributes(
    caller: Caller,
    /,
    *,
    topic_arn: Arn,
    attribute_name: Name,
    attribute_value: AttributeValue | None = None,
) -> None:
    """Set Policy or DisplayName; nothing as a value takes it away."""
    topic = topics.locked(caller, topic_arn)
    _set(topic, attribute_name, attribute_value or "", "attribute_value")
    topic.save(update_fields=["policy", "display_name"])


def _set(topic: Topic, attribute: str, value: str, argument: str) -> None:
    if attribute == "DisplayName":
        if len(value) > LONGEST_DISPLAY_NAME or not value.isprintable():
            raise InvalidParameter("DisplayName", argument=argument)
        topic.display_name = value
    elif attribute == "Policy":
        topic.policy = (
            topic_policies.stored(topic.arn, topic.account_id, value, argument) if value else ""
        )
    elif attribute in _NOT_BUILT or attribute.startswith(_FEEDBACK):
        raise InvalidParameter("AttributeName", f"{attribute[:64]} is not built here",
                               argument=argument)  # fmt: skip
    else:
        raise InvalidParameter("AttributeName", argument=argument)
