"""SNS as AWS's own client for Python sees it: topics, tags, policies, messages, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from accounts.models import Event
from iamconsole.sandbox.models import Message
from tests.api.clients import ask, form, key_of, signed
from tests.api.refusals import refusal
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, allow, document
from tests.sandbox.topics import arn_of, policy_of


@pytest.fixture
def sns(aws, admin) -> Any:
    """The SNS client of the administrator."""
    return aws(admin, "sns")


def test_a_topic_is_made_with_all_that_a_client_gives(sns):
    made = sns.create_topic(
        Name="Alerts",
        Attributes={"DisplayName": "<b>Alerts & more"},
        Tags=[{"Key": "Team", "Value": "Red"}],
    )
    assert made["TopicArn"] == arn_of("Alerts")
    found = sns.get_topic_attributes(TopicArn=made["TopicArn"])["Attributes"]
    assert found["DisplayName"] == "<b>Alerts & more"
    assert (found["Owner"], found["TopicArn"]) == (ACCOUNT_ID, made["TopicArn"])
    assert found["SubscriptionsConfirmed"] == "0"
    assert '"AWS:SourceOwner":"111122223333"' in found["Policy"]
    tags = sns.list_tags_for_resource(ResourceArn=made["TopicArn"])["Tags"]
    assert tags == [{"Key": "Team", "Value": "Red"}]


def test_a_topic_is_of_the_region_that_the_client_asks(aws, admin, sns):
    sns.create_topic(Name="Alerts")
    other = aws(admin, "sns", region="eu-west-1")
    assert other.list_topics()["Topics"] == []
    assert other.create_topic(Name="Alerts")["TopicArn"] == arn_of("Alerts", region="eu-west-1")
    code, status, message = refusal(other.publish, TopicArn=arn_of("Alerts"), Message="x")
    assert (code, status, message) == ("InvalidParameter", 400, "Invalid parameter: TopicArn")


def test_topics_come_a_hundred_at_a_time(sns):
    names = [f"t{number:03}" for number in range(103)]
    for name in names:
        sns.create_topic(Name=name)
    first = sns.list_topics()
    assert len(first["Topics"]) == 100
    pages = sns.get_paginator("list_topics").paginate()
    found = [topic["TopicArn"] for page in pages for topic in page["Topics"]]
    assert found == [arn_of(name) for name in names]
    assert refusal(sns.list_topics, NextToken="nonsense")[0] == "InvalidParameter"


def test_a_message_is_published_with_attributes_of_every_type(sns):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    answer = sns.publish(
        TopicArn=topic,
        Subject="Disk full",
        Message="<b>93 %</b> & rising\n",
        MessageAttributes={
            "host": {"DataType": "String", "StringValue": "db1"},
            "percent": {"DataType": "Number", "StringValue": "93.5"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        },
    )
    assert len(answer["MessageId"]) == 36
    assert sns.publish(TargetArn=topic, Message="again")["MessageId"] != answer["MessageId"]


def test_a_batch_says_of_each_message_what_became_of_it(sns):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    answer = sns.publish_batch(
        TopicArn=topic,
        PublishBatchRequestEntries=[
            {"Id": "good", "Message": "one"},
            {"Id": "bad", "Message": "two", "Subject": "two\nlines"},
        ],
    )
    assert [each["Id"] for each in answer["Successful"]] == ["good"]
    (failed,) = answer["Failed"]
    assert failed["Id"] == "bad"
    assert failed["Code"] == "InvalidParameter"
    assert failed["SenderFault"] is True


def test_a_refusal_has_the_name_and_the_words_of_sns(aws, alice, sns):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    powerless = aws(alice, "sns")
    code, status, message = refusal(powerless.publish, TopicArn=topic, Message="x")
    assert (code, status) == ("AuthorizationError", 403)
    assert message == (
        f"User: {alice.arn} is not authorized to perform: SNS:Publish on resource: {topic} "
        "because no identity-based policy allows the SNS:Publish action"
    )
    with pytest.raises(powerless.exceptions.AuthorizationErrorException):
        powerless.publish(TopicArn=topic, Message="x")
    message = refusal(powerless.list_topics)[2]
    assert f"SNS:ListTopics on resource: arn:aws:sns:us-east-1:{ACCOUNT_ID}:* because" in message


def test_a_topic_that_is_not_there_is_not_found(sns):
    missing = arn_of("Nothing")
    for call, named in (
        (sns.publish, {"TopicArn": missing, "Message": "x"}),
        (sns.get_topic_attributes, {"TopicArn": missing}),
        (sns.list_subscriptions_by_topic, {"TopicArn": missing}),
    ):
        assert refusal(call, **named) == ("NotFound", 404, "Topic does not exist")
    code, status, _ = refusal(sns.list_tags_for_resource, ResourceArn=missing)
    assert (code, status) == ("ResourceNotFound", 404)
    sns.delete_topic(TopicArn=missing)


def test_a_topic_policy_lets_another_accounts_user_publish_and_nothing_else(aws, sns, eve):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    stranger = aws(eve, "sns")
    refused = refusal(stranger.publish, TopicArn=topic, Message="x")
    # Nobody learns from it whether there is such a topic.
    nothing = refusal(stranger.publish, TopicArn=arn_of("Nothing"), Message="x")
    assert nothing == (*refused[:2], refused[2].replace("Alerts", "Nothing"))
    assert refused[0] == "AuthorizationError"

    policy = policy_of(allow("SNS:Publish", on=topic, Principal={"AWS": eve.arn}))
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    assert stranger.publish(TopicArn=topic, Message="x")["MessageId"]
    assert eve.arn in sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    assert refusal(stranger.get_topic_attributes, TopicArn=topic)[0] == "AuthorizationError"


def test_permissions_are_added_and_removed_by_their_labels(aws, sns, eve):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    added = {
        "TopicArn": topic, "Label": "theirs",
        "AWSAccountId": [OTHER_ACCOUNT_ID], "ActionName": ["Publish"],
    }  # fmt: skip
    sns.add_permission(**added)
    assert aws(eve, "sns").publish(TopicArn=topic, Message="x")
    assert refusal(sns.add_permission, **added)[0] == "InvalidParameter"
    sns.remove_permission(TopicArn=topic, Label="theirs")
    sns.remove_permission(TopicArn=topic, Label="theirs")
    assert refusal(aws(eve, "sns").publish, TopicArn=topic, Message="x")[1] == 403


def test_what_there_is_not_is_said_honestly(sns):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    assert sns.list_subscriptions()["Subscriptions"] == []
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
    code, status, message = refusal(
        sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="a@example.com"
    )
    assert (code, status) == ("NotImplemented", 501)
    assert "not built here" in message
    code, _, message = refusal(sns.publish, PhoneNumber="+15550100", Message="x")
    assert code == "InvalidParameter"
    assert "not sent here" in message
    assert refusal(sns.create_topic, Name="a.fifo")[0] == "InvalidParameter"


def test_a_message_of_256_kib_fits_and_one_byte_more_does_not(sns):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    # Every byte of it takes three on the wire.
    largest = "ü" * (128 * 1024)
    assert sns.publish(TopicArn=topic, Message=largest)
    code, _, message = refusal(sns.publish, TopicArn=topic, Message=largest + "x")
    assert (code, message) == ("InvalidParameter", "Invalid parameter: Message too long")


def test_events_never_hold_what_was_published(sns):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    secret = "classified-body"
    attributes = {"a": {"DataType": "String", "StringValue": secret}}
    sns.publish(TopicArn=topic, Message=secret, Subject=secret, MessageAttributes=attributes)
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "a", "Message": secret}])
    with pytest.raises(ClientError):
        sns.publish(TopicArn=arn_of("Nothing"), Message=secret)
    events = Event.objects.filter(action__startswith="sns:Publish")
    assert events.count() == 3
    for event in events:
        assert secret not in str(event.parameters) + event.error_message


def test_tags_decide_as_conditions(aws, caller_with, sns):
    red = {"StringEquals": {"aws:ResourceTag/Team": "Red"}}
    client = aws(caller_with(allow("sns:Publish", Condition=red)), "sns")
    topic = sns.create_topic(Name="Alerts", Tags=[{"Key": "Team", "Value": "Red"}])["TopicArn"]
    assert client.publish(TopicArn=topic, Message="x")
    sns.untag_resource(ResourceArn=topic, TagKeys=["Team"])
    assert refusal(client.publish, TopicArn=topic, Message="x")[0] == "AuthorizationError"
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "Team", "Value": "Red"}])
    assert client.publish(TopicArn=topic, Message="x")


def test_a_topic_with_tags_takes_the_permission_to_tag(aws, caller_with):
    client = aws(caller_with(allow("sns:CreateTopic")), "sns")
    tags = [{"Key": "Team", "Value": "Red"}]
    assert "SNS:TagResource" in refusal(client.create_topic, Name="Alerts", Tags=tags)[2]
    assert client.create_topic(Name="Alerts")


def test_maps_that_make_no_sense_are_refused(aws, admin, sns):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    for attributes in (
        {"": {"DataType": "String", "StringValue": "x"}},
        {"a": {"DataType": "Strange", "StringValue": "x"}},
        {"a": {"DataType": "Number", "StringValue": "x"}},
        {"a": {"DataType": "String"}},
        {"a": {"DataType": "Binary", "StringValue": "x"}},
    ):
        code, status, _ = refusal(
            sns.publish, TopicArn=topic, Message="x", MessageAttributes=attributes
        )
        assert (code, status) == ("ParameterValueInvalid", 400)


def test_a_policy_that_sns_refuses_is_refused(sns):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    everyone = {"AWS": "*"}
    for policy in (
        "{",
        document(allow("SNS:Publish", on=topic)),
        policy_of(allow("s3:GetObject", on=topic, Principal=everyone)),
        policy_of(allow("SNS:CreateTopic", on=topic, Principal=everyone)),
        policy_of(allow("SNS:Publish", on=arn_of("Other"), Principal=everyone)),
        policy_of(
            allow("SNS:Publish", on=topic, Principal={"AWS": f"arn:aws:iam::{ACCOUNT_ID}:user/no"})
        ),
        policy_of(allow("SNS:Publish", on=topic, Sid="x" * 31_000, Principal=everyone)),
    ):
        code, status, _ = refusal(
            sns.set_topic_attributes,
            TopicArn=topic, AttributeName="Policy", AttributeValue=policy,
        )  # fmt: skip
        assert (code, status) == ("InvalidParameter", 400)


@pytest.mark.parametrize(
    "sent",
    [
        {"MessageAttributes": "x"},
        {"MessageAttributes.entry": "x"},
        {"MessageAttributes.member.1.Name": "a"},
        {"MessageAttributes.entry.x.Name": "a"},
        {"MessageAttributes.entry.0.Name": "a"},
        {"MessageAttributes.entry.1001.Name": "a"},
        {"MessageAttributes.entry.1.Name.deep": "a"},
        {"MessageAttributes.entry.1.Value.DataType": "String"},
        {"MessageAttributes.entry.1.Name": "a"},
        {
            "MessageAttributes.entry.1.Name": "a",
            "MessageAttributes.entry.1.Value.DataType": "String",
            "MessageAttributes.entry.1.Value.StringValue": "x",
            "MessageAttributes.entry.2.Name": "a",
            "MessageAttributes.entry.2.Value.DataType": "String",
            "MessageAttributes.entry.2.Value.StringValue": "y",
        },
        {
            "MessageAttributes.entry.1.Name": "a",
            "MessageAttributes.entry.1.Value.DataType": "Binary",
            "MessageAttributes.entry.1.Value.BinaryValue": "no base64!",
        },
    ],
)
def test_a_map_that_no_client_would_send_is_malformed(admin, sns, sent):
    topic = sns.create_topic(Name="Alerts")["TopicArn"]
    body = form("Publish", "sns", TopicArn=topic, Message="x", **sent)
    answer = ask(headers=signed(key_of(admin, 2), body, service="sns"), body=body)
    assert (answer.status, answer.code) == (400, "MalformedInput")
    assert Message.objects.count() == 0


def test_an_answer_is_in_the_name_space_of_sns(admin, sns):
    body = form("ListTopics", "sns")
    answer = ask(headers=signed(key_of(admin, 2), body, service="sns"), body=body)
    assert answer.body.startswith(
        '<ListTopicsResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">'
    )
