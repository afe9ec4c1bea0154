"""Messages: published, one by one and in batches, and read in a topic's inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from django.db.models import Q, QuerySet
from django.db.models.functions import Length, Substr

from accounts.actions.registry import ANYBODY, action, command
from accounts.arns import Resource
from accounts.authorize import would_allow
from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.models import prepared
from accounts.paging import Page
from accounts.types import Number
from iamconsole.sandbox import message_content, retention, topics
from iamconsole.sandbox.message_content import Content
from iamconsole.sandbox.models import Message, Topic
from iamconsole.sandbox.sns_arguments import (
    Arn,
    BatchEntries,
    Body,
    MessageAttributes,
    Name,
    PublishBatchRequestEntry,
)
from iamconsole.sandbox.sns_errors import InvalidParameter, MessageNotFound, ParameterValueInvalid

#: What it takes to read the inbox: AWS has no other way to a topic's messages than to subscribe.
SUBSCRIBE = "sns:Subscribe"
PAGE = 20
#: Characters of a body that the inbox shows.
OPENING = 2000


def _target(
    caller: Caller,
    *,
    topic_arn: str | None = None,
    target_arn: str | None = None,
    phone_number: str | None = None,
    **_: Any,
) -> Resource:
    return topics.of_arn(caller, topic_arn=_target_arn(topic_arn, target_arn, phone_number))


def _target_arn(topic_arn: str | None, target_arn: str | None, phone_number: str | None) -> str:
    given = [each for each in (topic_arn, target_arn, phone_number) if each is not None]
    if len(given) > 1:
        raise InvalidParameter(
            "TopicArn", "only one of TopicArn, TargetArn and PhoneNumber can be given"
        )
    if phone_number is not None:
        raise InvalidParameter("PhoneNumber", "text messages are not sent here")
    if not given or not given[0]:
        raise InvalidParameter("TopicArn or TargetArn", "no value for required parameter")
    return given[0]


@action(
    "sns:Publish",
    resource=_target,
    secrets=("message", "subject", "message_attributes"),
    raises_epoch=False,
)
def publish(
    caller: Caller,
    /,
    *,
    message: Body,
    topic_arn: Arn | None = None,
    target_arn: Arn | None = None,
    phone_number: Name | None = None,
    subject: Name | None = None,
    message_structure: Name | None = None,
    message_attributes: MessageAttributes | None = None,
    message_deduplication_id: Name | None = None,
    message_group_id: Name | None = None,
) -> UUID:
    """Put a message into a topic's inbox; return its id."""
    message_content.refuse_fifo(message_deduplication_id, message_group_id)
    content = message_content.read(message, subject, message_structure, message_attributes)
    topic = topics.locked(caller, _target_arn(topic_arn, target_arn, phone_number))
    (made,) = _keep(caller, topic, [content])
    return made


@dataclass(frozen=True, slots=True)
class Published:
    """A message of a batch that was published."""

    id: str
    message_id: UUID


@dataclass(frozen=True, slots=True)
class NotPublished:
    """One that was not, and why."""

    id: str
    error: ServiceError


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of a batch, message by message."""

    successful: Sequence[Published]
    failed: Sequence[NotPublished]


@action(
    "sns:PublishBatch",
    resource=topics.of_arn,
    secrets=("publish_batch_request_entries",),
    raises_epoch=False,
    permission="sns:Publish",
)
def publish_batch(
    caller: Caller, /, *, topic_arn: Arn, publish_batch_request_entries: BatchEntries
) -> BatchResult:
    """Put up to ten messages into a topic's inbox. One that is wrong does not hold up the others.

    Raises BatchRefused for a batch that is wrong as a whole.
    """
    entries = publish_batch_request_entries
    message_content.check_batch(entries)
    topic = topics.locked(caller, topic_arn)
    found: list[tuple[str, Content]] = []
    failed: list[NotPublished] = []
    for entry in entries:
        try:
            found.append((entry.id, _content(entry)))
        except (InvalidParameter, ParameterValueInvalid) as error:
            failed.append(NotPublished(entry.id, error))
    made = _keep(caller, topic, [content for _id, content in found])
    successful = [Published(each[0], new) for each, new in zip(found, made, strict=True)]
    return BatchResult(successful, failed)


def _content(entry: PublishBatchRequestEntry) -> Content:
    message_content.refuse_fifo(entry.message_deduplication_id, entry.message_group_id)
    return message_content.read(
        entry.message, entry.subject, entry.message_structure, entry.message_attributes
    )


def _keep(caller: Caller, topic: Topic, contents: Sequence[Content]) -> list[UUID]:
    if not contents:
        return []
    account = topic.account_id
    position = retention.last_position(account)
    rows = []
    for number, content in enumerate(contents):
        position += content.size
        rows.append(
            Message(
                id=uuid4(),
                account_id=account,
                topic_id=topic.pk,
                # A batch keeps its order.
                published_at=caller.now + timedelta(microseconds=number),
                publisher_arn=caller.arn,
                subject=content.subject,
                body=content.body,
                attributes=content.attributes,
                position=position,
            )
        )
    retention.make_room(account, position, caller.now)
    prepared.insert(rows)
    return [row.id for row in rows]


# --- The inbox -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the inbox begins: after this message."""

    published_at: datetime
    id: UUID

    @classmethod
    def of(cls, message: Message) -> Place:
        """The place of a message."""
        return cls(message.published_at, message.id)


@dataclass(frozen=True, slots=True)
class Listed:
    """A message in the inbox: of its body the first OPENING characters, and how many there are."""

    message: Message
    opening: str
    length: int


@command(
    "console:ReadInbox",
    may=ANYBODY,
    resource=topics.of_arn,
    permission=SUBSCRIBE,
    read_only=True,
)
def read_inbox(
    caller: Caller,
    /,
    *,
    topic_arn: Arn,
    after: str | None = None,
    page_size: Annotated[int, Number(1, 100)] = PAGE,
) -> Page[Listed]:
    """A topic's messages, the newest first; `after` is the marker of the page before.

    Takes sns:Subscribe on the topic. Raises TopicNotFound where there is none.
    """
    rows = _recent(caller, topic_arn).order_by("-published_at", "id")
    if after is not None and (place := read_place(after)) is not None:
        rows = rows.filter(
            Q(published_at__lt=place.published_at)
            | Q(published_at=place.published_at, id__gt=place.id),
            # The same once more, so that the index is entered at the right place.
            published_at__lte=place.published_at,
        )
    # The bodies of one page may be five megabytes.
    rows = rows.defer("body").annotate(opening=Substr("body", 1, OPENING), length=Length("body"))
    found = [Listed(row, row.opening, row.length) for row in rows[: page_size + 1]]
    if len(found) <= page_size:
        return Page(found)
    found.pop()
    return Page(found, marker=written_place(Place.of(found[-1].message)))


@command(
    "console:ReadMessage",
    may=ANYBODY,
    resource=topics.of_arn,
    permission=SUBSCRIBE,
    read_only=True,
)
def read_message(caller: Caller, /, *, topic_arn: Arn, message_id: str) -> Message:
    """One message, whole. Takes what the inbox takes; raises MessageNotFound where it is gone."""
    rows = _recent(caller, topic_arn)
    try:
        found = rows.filter(id=UUID(message_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise MessageNotFound
    return found


def _recent(caller: Caller, topic_arn: str) -> QuerySet[Message]:
    """A topic's messages that are not too old."""
    return Message.objects.filter(
        topic=topics.find(caller, topic_arn),
        published_at__gte=retention.oldest_shown(caller.now),
    )


def newest_of(caller: Caller, topic_arn: str) -> str:
    """The id of a topic's newest message, or nothing: also where the caller may not read it.

    What an open inbox asks every few seconds. It tells only whether to ask for the inbox, which is
    then recorded as every call is.
    """
    resource = topics.of_arn(caller, topic_arn=topic_arn)
    if not would_allow(caller, SUBSCRIBE, resource).allowed:
        return ""
    rows = Message.objects.filter(topic=topics.find(caller, topic_arn))
    found = rows.order_by("-published_at", "id").values_list("id", flat=True).first()
    return str(found or "")


def written_place(place: Place) -> str:
    """A place as it stands in an address."""
    return f"{place.published_at.isoformat()}_{place.id}"


def read_place(text: str) -> Place | None:
    """The place that an address names; nothing for what is none."""
    moment, _, message = text.partition("_")
    try:
        found = Place(datetime.fromisoformat(moment), UUID(message))
    except ValueError:
        return None
    return found if found.published_at.tzinfo is not None else None
