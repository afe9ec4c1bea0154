"""The kinds of arguments of SNS's operations. Its model gives them no limits: the actions do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from accounts.types import Several, Structure, Tag, TagRule, Text
from iamconsole.sandbox.rules import Blob, Entries

#: An entry beyond these is nobody's mistake.
_MANY = 1000

Name = Annotated[str, Text()]
Arn = Annotated[str, Text()]
ResourceArn = Annotated[str, Text(1, 1011)]
AttributeValue = Annotated[str, Text()]
Attributes = Annotated[Mapping[str, str], Entries(Text(), _MANY)]
#: How many tags a topic may have is told by TagLimitExceeded.
TopicTags = Annotated[Sequence[Tag], Several(TagRule())]
TopicTagKeys = Annotated[Sequence[str], Several(Text(1, 128))]
Texts = Annotated[Sequence[str], Several(Text())]
Body = Annotated[str, Text()]
NextToken = Annotated[str, Text()]


@dataclass(frozen=True, slots=True)
class MessageAttributeValue:
    """One attribute of a message: its type, and a text or bytes."""

    data_type: Annotated[str, Text()]
    string_value: Annotated[str, Text()] | None = None
    binary_value: Annotated[bytes, Blob()] | None = None


MessageAttributes = Annotated[
    Mapping[str, MessageAttributeValue], Entries(Structure(MessageAttributeValue), _MANY)
]


@dataclass(frozen=True, slots=True)
class PublishBatchRequestEntry:
    """One message of a batch. `id` tells it from the others."""

    id: Annotated[str, Text()]
    message: Body
    subject: Annotated[str, Text()] | None = None
    message_structure: Annotated[str, Text()] | None = None
    message_attributes: MessageAttributes | None = None
    message_deduplication_id: Annotated[str, Text()] | None = None
    message_group_id: Annotated[str, Text()] | None = None


BatchEntries = Annotated[
    Sequence[PublishBatchRequestEntry], Several(Structure(PublishBatchRequestEntry))
]
