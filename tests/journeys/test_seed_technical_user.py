"""After "How IAM users and groups work": a technical user who may publish to one topic, no more."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.cast import allow, document
from tests.journeys import clicks
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root


def create_topic(page: Page, name: str) -> None:
    """Make a topic of the default kind."""
    page.goto(reverse("console:sns-topics"))
    page.get_by_role("link", name="Create topic").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create topic").click()
    expect(page.get_by_text(f"Topic {name} created.")).to_be_visible()


def client_of(page: Page, site: Site) -> Any:
    """SNS by the key on the wizard's last page, as the script in the other cloud has it."""
    return botocore.session.Session().create_client(
        "sns",
        region_name="us-east-1",
        endpoint_url=site.url,
        aws_access_key_id=page.locator("dd", has_text="AKIA").first.inner_text().strip(),
        aws_secret_access_key=clicks.secret(page, "key-1"),
        config=Config(retries={"max_attempts": 0}),
    )


def refusal(call: Any, **named: Any) -> str:
    """What a refused call is told."""
    with pytest.raises(ClientError) as refused:
        call(**named)
    assert refused.value.response["Error"]["Code"] == "AuthorizationError"
    return str(refused.value.response["Error"]["Message"])


def test_a_technical_user_publishes_to_one_topic_and_does_nothing_else(
    page: Page, site: Site
) -> None:
    sign_in_root(page, site)
    for name in ("visits", "invoices"):
        create_topic(page, name)
    arn = f"arn:aws:sns:us-east-1:{site.account.id}:visits"
    expect(page.get_by_role("heading", name="invoices")).to_be_visible()

    # The permissions are locked down to one action on one resource.
    only = document(allow("SNS:Publish", on=arn))
    clicks.create_policy(page, "PublishVisits", only, "Tell of visitors.")
    clicks.begin_users(page, "visit-counter", programmatic=True)
    page.get_by_label("Attach policies directly").check()
    clicks.choose_policies(page, "PublishVisits")
    clicks.finish_users(page)
    sns = client_of(page, site)

    # The topic's page is open while the script publishes: the message appears by itself.
    page.goto(reverse("console:sns-topic", args=["us-east-1", "visits"]))
    expect(page.get_by_text("No messages")).to_be_visible()
    message = "Somebody <b>came</b> by"
    assert sns.publish(TopicArn=arn, Message=message, Subject="Welcome")["MessageId"]
    row = page.get_by_role("row", name="Welcome")
    expect(row).to_be_visible()
    expect(row).to_contain_text("visit-counter")
    row.locator("summary").click()
    expect(row.locator("pre")).to_have_text(message)
    # One that is being read stays open when the next one comes.
    sns.publish(TopicArn=arn, Message="Another one", Subject="Again")
    expect(page.get_by_role("row", name="Again")).to_be_visible()
    expect(row.locator("pre")).to_be_visible()

    who = f"User: arn:aws:iam::{site.account.id}:user/visit-counter is not authorized to perform: "
    other = arn.replace("visits", "invoices")
    assert refusal(sns.publish, TopicArn=other, Message="x") == (
        f"{who}SNS:Publish on resource: {other} because no identity-based policy allows the "
        "SNS:Publish action"
    )
    assert refusal(sns.list_topics).startswith(f"{who}SNS:ListTopics")
    assert refusal(sns.get_topic_attributes, TopicArn=arn).startswith(f"{who}SNS:GetTopic")
