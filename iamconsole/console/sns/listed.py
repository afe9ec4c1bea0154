"""The list of topics: its columns, each with a topic's address."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.paging import Page
from iamconsole.console.components.tables import Column
from iamconsole.console.sns import pages
from iamconsole.sandbox.models import Topic
from iamconsole.sandbox.topics import TopicArn

COLUMNS = (
    Column("name", "Name"),
    Column("region", "Region"),
    Column("type", "Type", sortable=False),
    Column("arn", "ARN", sortable=False),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One topic."""

    topic: Topic
    url: str


def rows(found: Page[Topic]) -> Page[Row]:
    """The topics with their addresses."""
    made = [Row(topic, _url(topic)) for topic in found.items]
    return Page(made, total=found.total, number=found.number, pages=found.pages)


def _url(topic: Topic) -> str:
    return pages.address("sns-topic", TopicArn(topic.region, topic.account_id, topic.name))
