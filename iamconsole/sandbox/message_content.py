"""What a message holds, checked against SNS's rules before it is kept.

SNS API reference, Publish and PublishBatch; SNS Developer Guide, "Amazon SNS message attributes".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iamconsole.sandbox.sns_arguments import (
    MessageAttributes,
    MessageAttributeValue,
    PublishBatchRequestEntry,
)
from iamconsole.sandbox.sns_errors import (
    BatchRefused,
    InvalidParameter,
    ParameterValueInvalid,
)

#: Bytes of a message, or of all messages of a batch, with their attributes.
LARGEST = 256 * 1024
LONGEST_SUBJECT = 100
MOST_OF_A_BATCH = 10

_ATTRIBUTE = re.compile(r"[A-Za-z0-9_.-]{1,256}", re.ASCII)
_TYPE = re.compile(r"(?:String(?:\.Array)?|Number|Binary)(?:\.[A-Za-z0-9_.-]+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Content:
    """A message as it is kept. `size` is what it counts of the 256 KiB."""

    body: str
    subject: str
    attributes: dict[str, dict[str, str]]
    size: int


def read(
    message: str,
    subject: str | None,
    structure: str | None,
    attributes: MessageAttributes | None,
) -> Content:
    """What is to be kept. Raise InvalidParameter or ParameterValueInvalid for what SNS refuses."""
    if not message:
        raise InvalidParameter("Empty message", argument="message")
    if subject is not None:
        _check_subject(subject)
    kept = _attributes(attributes or {})
    size = size_of(message, attributes)
    if size > LARGEST:
        raise InvalidParameter("Message too long", argument="message")
    body = message if structure is None else _default_of(message, structure)
    return Content(body, subject or "", kept, size)


def size_of(message: str, attributes: MessageAttributes | None) -> int:
    """The bytes of a message and of its attributes' names, types and values."""
    texts = [message]
    binary = 0
    for name, value in (attributes or {}).items():
        texts += [name, value.data_type, value.string_value or ""]
        binary += len(value.binary_value or b"")
    return binary + sum(len(text.encode("utf-8", "replace")) for text in texts)


def refuse_fifo(deduplication_id: str | None, group_id: str | None) -> None:
    """Raise InvalidParameter for what only FIFO topics take."""
    if deduplication_id is not None:
        reason = "The request includes MessageDeduplicationId parameter that is not valid for this"
        raise InvalidParameter("MessageDeduplicationId", f"{reason} topic type")
    if group_id is not None:
        reason = "The request includes MessageGroupId parameter that is not valid for this topic"
        raise InvalidParameter("MessageGroupId", f"{reason} type")


def check_batch(entries: Sequence[PublishBatchRequestEntry]) -> None:
    """Raise BatchRefused for a batch that is wrong as a whole."""
    if not entries:
        raise BatchRefused("EmptyBatchRequest", "The batch request doesn't contain any entries.")
    if len(entries) > MOST_OF_A_BATCH:
        raise BatchRefused(
            "TooManyEntriesInBatchRequest",
            f"The batch request contains more entries than permissible: {MOST_OF_A_BATCH}.",
        )
    ids = [entry.id for entry in entries]
    if not all(map(_ENTRY_ID.fullmatch, ids)):
        raise BatchRefused(
            "InvalidBatchEntryId",
            "The Id of a batch entry in a batch request doesn't abide by the specification.",
        )
    if len(set(ids)) < len(ids):
        raise BatchRefused(
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        )
    if sum(size_of(entry.message, entry.message_attributes) for entry in entries) > LARGEST:
        raise BatchRefused(
            "BatchRequestTooLong",
            "The length of all the batch messages put together is more than the limit.",
        )


def _check_subject(subject: str) -> None:
    sound = subject and len(subject) <= LONGEST_SUBJECT and subject.isprintable()
    if not sound or subject[0] == " ":
        raise InvalidParameter("Subject", argument="subject")


def _default_of(message: str, structure: str) -> str:
    """The text for whoever has none of their own, which is what an inbox gets."""
    if structure != "json":
        raise InvalidParameter("MessageStructure", argument="message_structure")
    reason = "JSON message body failed to parse"
    try:
        found: Any = json.loads(message)
    except (ValueError, RecursionError):
        raise InvalidParameter("Message Structure", reason, argument="message") from None
    default = found.get("default") if isinstance(found, dict) else None
    if not isinstance(default, str):
        reason = "No default entry in JSON message body"
        raise InvalidParameter("Message Structure", reason, argument="message")
    # JSON can spell what no database keeps: half of a character, and nothing at all.
    return default.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _attributes(given: Mapping[str, MessageAttributeValue]) -> dict[str, dict[str, str]]:
    found = {}
    for name, value in given.items():
        parts = name.split(".")
        reserved = name.lower().startswith(("aws.", "amazon."))
        if _ATTRIBUTE.fullmatch(name) is None or "" in parts or reserved:
            raise ParameterValueInvalid(
                f"The message attribute name '{name[:256]}' is not one that SNS takes.",
                argument="message_attributes",
            )
        found[name] = _attribute(name, value)
    return found


def _attribute(name: str, value: MessageAttributeValue) -> dict[str, str]:
    kind = value.data_type
    if not kind:
        raise _wrong(name, "must contain non-empty message attribute type.")
    if _TYPE.fullmatch(kind) is None:
        raise _wrong(
            name,
            "has an invalid message attribute type, the set of supported type prefixes is Binary, "
            "Number, and String.",
        )
    is_binary = kind.startswith("Binary")
    if value.string_value is not None and value.binary_value is not None:
        raise _wrong(name, "has more than one value.")
    if not (value.binary_value if is_binary else value.string_value):
        raise _wrong(
            name,
            "must contain non-empty message attribute value for message attribute type "
            f"'{kind[:256]}'.",
        )
    if is_binary:
        return {
            "DataType": kind, "BinaryValue": base64.b64encode(value.binary_value or b"").decode()
        }  # fmt: skip
    text = value.string_value or ""
    if kind.startswith("Number") and _NUMBER.fullmatch(text) is None:
        raise _wrong(name, "could not be parsed as a number.")
    return {"DataType": kind, "StringValue": text}


def _wrong(name: str, what: str) -> ParameterValueInvalid:
    return ParameterValueInvalid(f"The message attribute '{name}' {what}",
                                 argument="message_attributes")  # fmt: skip
