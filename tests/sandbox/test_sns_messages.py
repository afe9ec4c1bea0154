"""Messages: what SNS takes, how long they are kept, and who reads them."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.caller import Caller
from accounts.errors import AccessDenied, ServiceError
from accounts.models import Event
from iamconsole.sandbox import message_content, retention, topics
from iamconsole.sandbox.actions.sns_messages import (
    newest_of,
    publish,
    publish_batch,
    read_inbox,
    read_message,
)
from iamconsole.sandbox.actions.sns_topics import create_topic, set_topic_attributes
from iamconsole.sandbox.models import Message, Topic
from iamconsole.sandbox.sns_arguments import MessageAttributeValue, PublishBatchRequestEntry
from iamconsole.sandbox.sns_errors import (
    BatchRefused,
    InvalidParameter,
    MessageNotFound,
    ParameterValueInvalid,
)
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, allow
from tests.sandbox.together import make_account, root_of, run_together
from tests.sandbox.topics import arn_of

ALERTS = arn_of("Alerts")
LARGEST = 256 * 1024


@pytest.fixture
def topic(admin: Caller) -> Topic:
    return create_topic(admin, name="Alerts")


def text(value: str, kind: str = "String") -> MessageAttributeValue:
    return MessageAttributeValue(kind, value)


def at(caller: Caller, **later: float) -> Caller:
    """The same caller, later."""
    return replace(caller, now=caller.now + timedelta(**later))


def bodies(caller: Caller) -> list[str]:
    return [message.opening for message in read_inbox(caller, topic_arn=ALERTS).items]


# --- Publishing ----------------------------------------------------------------------------------


def test_a_message_is_kept_as_it_was_published(admin, topic):
    attributes = {"host": text("db1"), "raw": MessageAttributeValue("Binary", None, b"\x00\xff")}
    made = publish(
        admin, topic_arn=ALERTS, message="<b>\u2028 \n", subject="Hé",
        message_attributes=attributes,
    )  # fmt: skip
    found = read_message(admin, topic_arn=ALERTS, message_id=str(made))
    assert (found.body, found.subject, found.publisher_arn) == ("<b>\u2028 \n", "Hé", admin.arn)
    assert found.attributes == {
        "host": {"DataType": "String", "StringValue": "db1"},
        "raw": {"DataType": "Binary", "BinaryValue": base64.b64encode(b"\x00\xff").decode()},
    }
    assert found.published_at == admin.now


def test_of_a_message_for_several_protocols_the_inbox_gets_the_default_text(admin, topic):
    publish(
        admin, topic_arn=ALERTS, message='{"default": "short", "email": "long"}',
        message_structure="json",
    )  # fmt: skip
    assert bodies(admin) == ["short"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"message": ""},
        {"message": "x" * (LARGEST + 1)},
        {"message": "ü" * (LARGEST // 2) + "x"},
        {"message": "nul\x00"},
        {"message": "\ud800"},
        {"subject": ""},
        {"subject": "x" * 101},
        {"subject": "two\nlines"},
        {"subject": "bell\x07"},
        {"subject": " leading"},
        {"message": "no json", "message_structure": "json"},
        {"message": "[" * 100_000, "message_structure": "json"},
        {"message": '{"email": "x"}', "message_structure": "json"},
        {"message": '{"default": 1}', "message_structure": "json"},
        {"message": "[]", "message_structure": "json"},
        {"message": '{"default": "x"}', "message_structure": "xml"},
        {"message_group_id": "g"},
        {"message_deduplication_id": "d"},
        {"phone_number": "+15550100"},
        {"target_arn": ALERTS},
        {"topic_arn": ""},
        {"topic_arn": None},
        {"topic_arn": "+15550100"},
        *(
            {"message_attributes": {name: text("x")}}
            for name in ("", "a b", "AWS.x", "amazon.x", ".a", "a.", "a..b", "ä", "x" * 257)
        ),
        *(
            {"message_attributes": {"a": value}}
            for value in (
                text("x", ""),
                text("x", "Text"),
                text("x", "Numbers"),
                text("x", "Number"),
                text("", "String"),
                MessageAttributeValue("String", None, b"x"),
                MessageAttributeValue("Binary", "x"),
                MessageAttributeValue("Binary", None, b""),
                MessageAttributeValue("String", "x", b"x"),
                text("x" * LARGEST),
            )
        ),
    ],
    ids=lambda wrong: str(wrong)[:50],
)
def test_what_sns_does_not_take_is_refused_and_not_kept(admin, topic, wrong):
    with pytest.raises(ServiceError) as refused:
        publish(admin, **({"topic_arn": ALERTS, "message": "x"} | wrong))
    assert refused.value.status == 400
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    ("value", "kind"),
    [("-1.5e3", "Number"), ("1", "Number.int"), ("[]", "String.Array"), ("x", "String.custom")],
)
def test_attributes_have_the_types_that_sns_knows(admin, topic, value, kind):
    publish(admin, topic_arn=ALERTS, message="x", message_attributes={"a": text(value, kind)})
    assert Message.objects.get().attributes["a"]["DataType"] == kind


def test_what_default_hides_in_json_is_kept_as_text(admin, topic):
    publish(
        admin, topic_arn=ALERTS, message='{"default": "a\\u0000\\ud800b"}',
        message_structure="json",
    )  # fmt: skip
    assert bodies(admin) == ["a\ufffd?b"]


def test_events_never_hold_the_message(admin, alice, topic):
    hidden = "classified"
    publish(
        admin, topic_arn=ALERTS, message=hidden, subject=hidden,
        message_attributes={"a": text(hidden)},
    )  # fmt: skip
    with pytest.raises(AccessDenied):
        publish(alice, topic_arn=ALERTS, message=hidden)
    with pytest.raises(InvalidParameter):
        publish(admin, topic_arn=ALERTS, message=hidden * LARGEST)
    publish_batch(
        admin, topic_arn=ALERTS,
        publish_batch_request_entries=[PublishBatchRequestEntry("a", hidden)],
    )  # fmt: skip
    read_inbox(admin, topic_arn=ALERTS)
    for event in Event.objects.all():
        assert hidden not in f"{event.parameters} {event.error_message} {event.resources}"


# --- Batches -------------------------------------------------------------------------------------


def entries(count: int, **more: Any) -> list[PublishBatchRequestEntry]:
    return [PublishBatchRequestEntry(str(number), "x", **more) for number in range(count)]


def test_of_a_batch_each_message_succeeds_or_fails_by_itself(admin, topic):
    wrong = PublishBatchRequestEntry("wrong", "x", message_attributes={"a": text("x", "No")})
    found = publish_batch(
        admin, topic_arn=ALERTS, publish_batch_request_entries=[*entries(2), wrong]
    )
    assert [each.id for each in found.successful] == ["0", "1"]
    (failed,) = found.failed
    assert (failed.id, failed.error.code) == ("wrong", "ParameterValueInvalid")
    assert Message.objects.count() == 2


def test_a_batch_keeps_its_order(admin, topic):
    batch = [PublishBatchRequestEntry(str(number), f"m{number}") for number in range(10)]
    publish_batch(admin, topic_arn=ALERTS, publish_batch_request_entries=batch)
    assert bodies(admin) == [f"m{number}" for number in reversed(range(10))]


@pytest.mark.parametrize(
    ("batch", "code"),
    [
        ([], "EmptyBatchRequest"),
        (entries(11), "TooManyEntriesInBatchRequest"),
        ([*entries(1), *entries(1)], "BatchEntryIdsNotDistinct"),
        ([PublishBatchRequestEntry("a b", "x")], "InvalidBatchEntryId"),
        (
            [PublishBatchRequestEntry(str(n), "x" * (LARGEST // 2 + 1)) for n in range(2)],
            "BatchRequestTooLong",
        ),
    ],
)
def test_a_batch_that_is_wrong_as_a_whole_is_refused_as_a_whole(admin, topic, batch, code):
    with pytest.raises(BatchRefused) as refused:
        publish_batch(admin, topic_arn=ALERTS, publish_batch_request_entries=batch)
    assert refused.value.code == code
    assert Message.objects.count() == 0


def test_a_batch_takes_the_permission_to_publish(caller_with, admin, topic):
    caller = caller_with(allow("sns:Publish", on=ALERTS))
    publish_batch(caller, topic_arn=ALERTS, publish_batch_request_entries=entries(10))
    assert Message.objects.count() == 10
    assert Event.objects.filter(action="sns:PublishBatch").count() == 1


# --- How long messages are kept ------------------------------------------------------------------


def test_messages_of_more_than_seven_days_go_as_new_ones_come(admin, topic):
    publish(admin, topic_arn=ALERTS, message="old")
    publish(at(admin, days=6), topic_arn=ALERTS, message="newer")
    later = at(admin, days=7, seconds=1)
    assert bodies(later) == ["newer"], "nobody is shown what is too old"
    publish(later, topic_arn=ALERTS, message="newest")
    assert sorted(Message.objects.values_list("body", flat=True)) == ["newer", "newest"]


def test_of_an_account_only_so_many_bytes_are_kept_the_oldest_go_first(
    admin, eve, topic, monkeypatch
):
    monkeypatch.setattr(retention, "KEPT_OF_AN_ACCOUNT", 100)
    create_topic(admin, name="Second")
    create_topic(eve, name="Hers")
    publish(eve, topic_arn=arn_of("Hers", eve.home.id), message="h" * 90)
    for second, body in enumerate(("a" * 60, "b" * 60, "c" * 60)):
        target = ALERTS if second % 2 == 0 else arn_of("Second")
        publish(at(admin, seconds=second), topic_arn=target, message=body)
    kept = Message.objects.order_by("position").values_list("body", flat=True)
    # The one that reaches over the edge stays.
    assert sorted(kept) == ["b" * 60, "c" * 60, "h" * 90]


def test_publishing_costs_the_same_however_many_messages_there_are(admin, topic, monkeypatch):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            publish(admin, topic_arn=ALERTS, message="x")
        return len(queries)

    cost()
    few = cost()
    for _ in range(30):
        publish(admin, topic_arn=ALERTS, message="x")
    assert cost() == few


def test_what_piled_up_is_deleted_a_little_at_a_time(admin, topic, monkeypatch):
    monkeypatch.setattr(retention, "_AT_ONCE", 3)
    for _ in range(5):
        publish(admin, topic_arn=ALERTS, message="x")
    later = at(admin, days=8)
    publish(later, topic_arn=ALERTS, message="y")
    assert Message.objects.count() == 3
    publish(later, topic_arn=ALERTS, message="y")
    assert bodies(later) == ["y", "y"]
    assert Message.objects.count() == 2


def test_the_sweep_deletes_what_is_too_old_of_every_account(admin, eve, topic):
    create_topic(eve, name="Hers")
    publish(eve, topic_arn=arn_of("Hers", eve.home.id), message="x")
    publish(admin, topic_arn=ALERTS, message="x")
    publish(at(admin, days=5), topic_arn=ALERTS, message="y")
    assert retention.sweep(at(admin, days=8).now, most=1) == 1
    assert retention.sweep(at(admin, days=8).now) == 1
    assert [message.body for message in Message.objects.all()] == ["y"]


# --- The inbox -----------------------------------------------------------------------------------


def test_the_inbox_goes_on_where_it_left_off_while_messages_come_in(admin, topic):
    for number in range(5):
        publish(at(admin, seconds=number), topic_arn=ALERTS, message=str(number))
    first = read_inbox(at(admin, seconds=9), topic_arn=ALERTS, page_size=2)
    publish(at(admin, seconds=9), topic_arn=ALERTS, message="new")
    second = read_inbox(admin, topic_arn=ALERTS, page_size=2, after=first.marker)
    third = read_inbox(admin, topic_arn=ALERTS, page_size=2, after=second.marker)
    found = [[message.opening for message in page.items] for page in (first, second, third)]
    assert found == [["4", "3"], ["2", "1"], ["0"]]
    assert third.marker is None


@pytest.mark.parametrize(
    "marker", ["", "x", "2026-01-01_x", "_", "2026-01-01T00:00:00_" + "0" * 32]
)
def test_a_marker_that_is_none_begins_at_the_beginning(admin, topic, marker):
    publish(admin, topic_arn=ALERTS, message="x")
    assert len(read_inbox(admin, topic_arn=ALERTS, after=marker).items) == 1


def test_reading_takes_the_permission_to_subscribe(admin, caller_with, topic):
    made = publish(admin, topic_arn=ALERTS, message="x")
    caller = caller_with(allow("sns:Get*", "sns:List*", "sns:Publish"))
    with pytest.raises(AccessDenied, match="SNS:Subscribe"):
        read_inbox(caller, topic_arn=ALERTS)
    with pytest.raises(AccessDenied, match="SNS:Subscribe"):
        read_message(caller, topic_arn=ALERTS, message_id=str(made))
    assert newest_of(caller, ALERTS) == ""
    reader = caller_with(allow("sns:Subscribe", on=ALERTS), name="bob")
    assert newest_of(reader, ALERTS) == str(made)
    assert read_message(reader, topic_arn=ALERTS, message_id=str(made)).body == "x"


def test_a_message_is_found_in_its_own_topic_only(admin, topic):
    create_topic(admin, name="Other")
    made = publish(admin, topic_arn=ALERTS, message="x")
    for topic_arn, message_id in ((arn_of("Other"), str(made)), (ALERTS, "nonsense")):
        with pytest.raises(MessageNotFound):
            read_message(admin, topic_arn=topic_arn, message_id=message_id)


def test_the_size_counts_names_types_and_values_of_attributes():
    attributes = {"é": MessageAttributeValue("Binary", None, b"123")}
    assert message_content.size_of("ab", attributes) == 2 + 2 + len("Binary") + 3
    with pytest.raises(ParameterValueInvalid):
        message_content.read("x", None, None, {"é": text("x")})


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_a_topics_owner_and_a_guest_never_wait_for_each_other(now, monkeypatch):
    owner, guest = (root_of(make_account(each, now).pk) for each in (ACCOUNT_ID, OTHER_ACCOUNT_ID))
    create_topic(owner, name="Alerts")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": OTHER_ACCOUNT_ID},
        "Action": "sns:Publish",
        "Resource": ALERTS,
    }
    set_topic_attributes(
        owner,
        topic_arn=ALERTS,
        attribute_name="Policy",
        attribute_value=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    locked = topics.locked
    guest_has_topic, owner_has_account = threading.Event(), threading.Event()

    def in_turns(caller: Caller, topic_arn: str) -> Topic:
        if caller.home.pk == ACCOUNT_ID:
            owner_has_account.set()
            guest_has_topic.wait(30)
            return locked(caller, topic_arn)
        found = locked(caller, topic_arn)
        guest_has_topic.set()
        # The guest's message belongs to the owner's account, whose row the owner holds.
        owner_has_account.wait(30)
        return found

    monkeypatch.setattr(topics, "locked", in_turns)

    def work(one: int) -> None:
        publish((owner, guest)[one], topic_arn=ALERTS, message="hi")

    run_together(work, 2)
    assert Message.objects.count() == 2
