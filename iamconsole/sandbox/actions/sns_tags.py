"""Tags of SNS's topics."""

from __future__ import annotations

from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import NoSuchEntity
from accounts.paging import Page
from accounts.types import Tag
from iamconsole.sandbox import topic_tags, topics
from iamconsole.sandbox.models import Topic
from iamconsole.sandbox.sns_arguments import ResourceArn, TopicTagKeys, TopicTags
from iamconsole.sandbox.sns_errors import ResourceNotFound


@action("sns:TagResource", resource=topics.of_resource_arn, raises_epoch=False)
def tag_resource(caller: Caller, /, *, resource_arn: ResourceArn, tags: TopicTags) -> None:
    """Set tags on a topic; a key that is there gets the new value."""
    topic = _locked(caller, resource_arn)
    topic.tags = topic_tags.merged(topic.tags, tags)
    topic.save(update_fields=["tags"])


@action("sns:UntagResource", resource=topics.of_resource_arn, raises_epoch=False)
def untag_resource(caller: Caller, /, *, resource_arn: ResourceArn, tag_keys: TopicTagKeys) -> None:
    """Remove tags from a topic; keys that are not there are passed over."""
    topic, gone = _locked(caller, resource_arn), set(tag_keys)
    topic.tags = {key: value for key, value in topic.tags.items() if key not in gone}
    topic.save(update_fields=["tags"])


@action("sns:ListTagsForResource", resource=topics.of_resource_arn, read_only=True)
def list_tags_for_resource(caller: Caller, /, *, resource_arn: ResourceArn) -> Page[Tag]:
    """All tags of a topic, sorted by key: SNS has no pages of them."""
    try:
        tags = topics.find(caller, resource_arn).tags
    except NoSuchEntity:
        raise ResourceNotFound from None
    return Page([Tag(key, tags[key]) for key in sorted(tags)])


def _locked(caller: Caller, resource_arn: str) -> Topic:
    try:
        return topics.locked(caller, resource_arn)
    except NoSuchEntity:
        raise ResourceNotFound from None
