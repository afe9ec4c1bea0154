"""Messages as the inbox shows them: who published them, how much of them, what they carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.arns import last_part
from accounts.paging import Page
from iamconsole.console.sns import pages
from iamconsole.sandbox.actions.sns_messages import Listed
from iamconsole.sandbox.models import Message
from iamconsole.sandbox.topics import TopicArn

#: Characters that stand for a message while it is folded.
_FIRST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `opening` may be less than all there is: then `more` says how much is left."""

    message: Message
    publisher: str
    first_words: str
    opening: str
    more: int
    url: str
    attributes: Sequence[tuple[str, str, str]]


def lines(found: Page[Listed], arn: TopicArn) -> list[Line]:
    """The messages of one page."""
    return [_line(each, arn) for each in found.items]


def attributes(message: Message) -> list[tuple[str, str, str]]:
    """Name, type and value of each attribute; bytes in base64."""
    kept: dict[str, dict[str, Any]] = message.attributes
    return [
        (name, value["DataType"], value.get("StringValue") or value.get("BinaryValue", ""))
        for name, value in sorted(kept.items())
    ]


def publisher(message: Message) -> str:
    """Who published it, in a word: a user's name, a role's session, root."""
    rest = message.publisher_arn.split(":", 5)[-1]
    if rest.startswith("assumed-role/"):
        return rest.removeprefix("assumed-role/")
    return last_part(rest)


def _line(listed: Listed, arn: TopicArn) -> Line:
    message, opening = listed.message, listed.opening
    first = " ".join(opening[: 4 * _FIRST_WORDS].split())
    return Line(
        message,
        publisher(message),
        first if len(first) <= _FIRST_WORDS else f"{first[:_FIRST_WORDS]}…",
        opening,
        listed.length - len(opening),
        pages.address("sns-message", arn, str(message.id)),
        attributes(message),
    )
