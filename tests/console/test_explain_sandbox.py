"""From a refusal on the pages of S3, SNS and EC2 a link leads to the answer that the page met."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.caller import in_region
from iamconsole.sandbox.actions.bucket_policies import put_bucket_policy
from iamconsole.sandbox.actions.sns_topics import create_topic
from tests.cast import allow, deny
from tests.console.buckets import REPORTS, address, bucket, put
from tests.console.reading import markup_of
from tests.sandbox.stored import granting
from tests.sandbox.topics import arn_of, policy_of

BUCKET = f"arn:aws:s3:::{REPORTS}"


def explanation(browser: Client, page: str) -> tuple[dict[str, list[str]], str]:
    """What the page's first link asks for, and the answer there."""
    found = re.search(r'href="([^"]*)">Explain this refusal', browser.get(page).content.decode())
    assert found is not None
    link = unescape(found[1])
    answer = browser.get(link)
    assert answer.status_code == 200
    return parse_qs(urlsplit(link).query), markup_of(answer)


@pytest.fixture
def reports(root: Any) -> None:
    bucket(root)
    put(root, "november.pdf")


def test_a_bucket_that_its_policy_forbids_is_explained_by_that_policy(
    sign_in, root, alice, caller_with, reports
):
    denied = granting({"AWS": alice.arn}, "s3:ListBucket", effect="Deny", Sid="NotAlice")
    put_bucket_policy(root, bucket=REPORTS, policy=denied)
    for reading, named in (("s3:GetBucketPolicy", True), ("s3:GetBucketLocation", False)):
        browser = sign_in(caller_with(allow("s3:ListBucket", "s3:List*", reading)))
        page = browser.get(address("s3-bucket")).content.decode()
        asked, answer = explanation(browser, address("s3-bucket"))
        assert asked["action"] == ["s3:ListBucket"]
        assert asked["resource"] == [BUCKET]
        assert "explicit deny in a resource-based policy" in answer
        assert ("NotAlice" in page) is ("NotAlice" in answer) is named
        assert ("a policy you may not read" in page) is not named


def test_the_link_carries_the_prefix_that_was_listed(sign_in, caller_with, reports):
    only = {"StringEquals": {"s3:prefix": "open/"}}
    browser = sign_in(caller_with(allow("s3:ListBucket", Condition=only)))
    asked, answer = explanation(browser, address("s3-bucket", prefix="closed/"))
    pairs = dict(zip(asked["key"], asked["value"], strict=True))
    assert pairs["s3:prefix"] == "closed/"
    assert "Denied" in answer


def test_a_topic_s_refusal_is_explained_in_the_topic_s_region(sign_in, root, caller_with):
    topic = arn_of("Alerts", region="eu-west-1")
    statement = {
        "Sid": "Closed",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "SNS:ListSubscriptionsByTopic",
        "Resource": topic,
    }
    create_topic(
        in_region(root, "eu-west-1"), name="Alerts", attributes={"Policy": policy_of(statement)}
    )
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
    browser = sign_in(caller_with(deny("sns:GetTopicAttributes", Condition=elsewhere)))
    page = reverse("console:sns-topic", args=["eu-west-1", "Alerts"])
    asked, answer = explanation(browser, page)
    assert asked["action"] == ["sns:GetTopicAttributes"]
    assert asked["resource"] == [topic]
    assert "explicit deny in an identity-based policy" in answer
    assert "Closed" not in answer


def test_the_list_of_instances_is_explained_for_the_region_that_refused_it(sign_in, caller_with):
    only = {"StringEquals": {"aws:RequestedRegion": "nowhere-1"}}
    browser = sign_in(caller_with(allow("ec2:DescribeInstances", Condition=only)))
    asked, answer = explanation(browser, reverse("console:ec2-instances"))
    assert asked["action"] == ["ec2:DescribeInstances"]
    assert "aws:requestedregion" in asked["key"]
    assert "Denied" in answer


def test_another_account_s_bucket_is_explained_without_its_policy(sign_in, eve, root, reports):
    put_bucket_policy(
        root, bucket=REPORTS, policy=granting("*", "s3:*", effect="Deny", Sid="NotEve")
    )
    asked = {"action": "s3:ListBucket", "resource": BUCKET}
    answer = markup_of(sign_in(eve).get(reverse("console:explain"), asked))
    assert "The resource is another account's." in unescape(answer)
    assert "Access Denied" in answer
    assert "NotEve" not in answer
    assert "explicit deny" not in answer
    assert "Resource-based" not in answer
