"""The pages of SNS: topics, their inboxes, policies, tags, and publishing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.caller import Caller, in_region
from accounts.models import Account, Event
from accounts.types import Tag
from iamconsole.sandbox.actions.sns_messages import publish
from iamconsole.sandbox.actions.sns_topics import create_topic
from iamconsole.sandbox.models import Message, Topic
from tests.cast import allow, deny
from tests.console.reading import markup_of, queries_of, seen_version, tag_rows, text_of
from tests.sandbox.topics import arn_of, policy_of

SignIn = Callable[..., Client]

LIST = reverse("console:sns-topics")
CREATE = reverse("console:sns-create-topic")
HOSTILE = "<script>alert(1)</script>"
NEW = {"name": "Alerts", "region": "us-east-1", "publishers": "owner", **tag_rows()}


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


@pytest.fixture
def topic(admin: Caller) -> Topic:
    """The topic Alerts, whose policy is AWS's default one."""
    return create_topic(admin, name="Alerts")


def address(view: str = "sns-topic", name: str = "Alerts", region: str = "us-east-1") -> str:
    return reverse(f"console:{view}", args=[region, name])


def send(caller: Caller, *bodies: str, **more: Any) -> None:
    """Publish today, one message a second, the last one now."""
    for number, body in enumerate(reversed(bodies)):
        at = timezone.now() - timedelta(seconds=number)
        made = publish(caller, topic_arn=arn_of("Alerts"), message=body, **more)
        Message.objects.filter(pk=made).update(published_at=at)


# --- List and creation ---------------------------------------------------------------------------


def test_the_list_shows_the_topics_of_every_region(as_admin, admin, topic):
    create_topic(in_region(admin, "eu-west-1"), name="Backups")
    shown = text_of(as_admin.get(LIST))
    assert "Topics (2)" in shown
    assert f"Alerts us-east-1 Standard {arn_of('Alerts')}" in shown
    assert f"Backups eu-west-1 Standard {arn_of('Backups', region='eu-west-1')}" in shown
    assert "Alerts" not in text_of(as_admin.get(LIST, {"search": "back"}))


def test_whoever_may_list_one_region_sees_that_one(sign_in, caller_with, admin, topic):
    create_topic(in_region(admin, "eu-west-1"), name="Backups")
    here = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    shown = text_of(sign_in(caller_with(allow("sns:ListTopics", Condition=here))).get(LIST))
    assert "Topics (1)" in shown
    assert "Backups" in shown
    assert "Alerts" not in shown


def test_whoever_may_not_list_is_told_so(sign_in, alice, topic):
    shown = text_of(sign_in(alice).get(LIST))
    assert "SNS:ListTopics" in shown
    assert "Alerts" not in shown
    assert "You need sns:CreateTopic" in shown


def test_a_list_of_topics_takes_as_many_queries_as_one(as_admin, admin, topic):
    one = queries_of(as_admin, LIST)
    for number in range(12):
        create_topic(admin, name=f"t{number}")
    assert queries_of(as_admin, LIST) == one


def test_a_topic_is_made_where_it_was_chosen_with_all_that_was_filled_in(as_admin, account):
    sent = NEW | {"region": "eu-west-1", "display_name": HOSTILE, **tag_rows(("Team", "Red"))}
    answer = as_admin.post(CREATE, sent)
    assert answer.status_code == 302
    made = Topic.objects.get(account=account)
    assert (made.region, made.display_name, made.tags) == ("eu-west-1", HOSTILE, {"Team": "Red"})
    assert made.policy == ""
    shown = as_admin.get(answer.headers["Location"])
    assert HOSTILE not in markup_of(shown)
    assert "Topic Alerts created." in text_of(shown)
    assert Event.objects.get(action="sns:CreateTopic").region == "eu-west-1"


@pytest.mark.parametrize(
    ("sent", "principal"),
    [
        ({"publishers": "everyone"}, "*"),
        ({"publishers": "custom", "accounts": "4444-5555-6666"}, "arn:aws:iam::444455556666:root"),
        (
            {"publishers": "custom", "accounts": "444455556666,\n777788889999"},
            ["arn:aws:iam::444455556666:root", "arn:aws:iam::777788889999:root"],
        ),
    ],
)
def test_who_can_publish_becomes_a_statement_of_the_policy(as_admin, sent, principal):
    as_admin.post(CREATE, NEW | sent)
    statement = json.loads(Topic.objects.get().policy)["Statement"][-1]
    assert statement["Principal"] == {"AWS": principal}
    assert statement["Action"] == "SNS:Publish"
    assert statement["Resource"] == arn_of("Alerts")


@pytest.mark.parametrize(
    "sent",
    [
        {"name": ""},
        {"name": "a b"},
        {"name": HOSTILE},
        {"name": "x.fifo"},
        {"name": "x" * 257},
        {"region": "mars-1"},
        {"publishers": "custom", "accounts": "12"},
        {"publishers": "custom"},
        {"display_name": "x" * 101},
        tag_rows(("aws:a", "b")),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_makes_nothing(as_admin, sent):
    answer = as_admin.post(CREATE, NEW | {"display_name": "kept as typed"} | sent)
    assert answer.status_code == 422
    assert HOSTILE not in markup_of(answer)
    if "display_name" not in sent:
        assert "kept as typed" in markup_of(answer)
    assert Topic.objects.count() == 0


def test_one_more_tag_row_keeps_the_form_and_saves_nothing(as_admin):
    answer = as_admin.post(CREATE, NEW | {"add_tag": "1", **tag_rows(("a", "b"))})
    assert answer.status_code == 200
    assert 'name="tags-1-key"' in markup_of(answer)
    assert Topic.objects.count() == 0


def test_a_topic_that_is_there_with_other_tags_is_not_made_again(as_admin, topic):
    answer = as_admin.post(CREATE, NEW | tag_rows(("a", "b")))
    assert answer.status_code == 422
    assert "Topic already exists with different tags" in text_of(answer)


# --- The inbox -----------------------------------------------------------------------------------


def test_the_inbox_shows_what_came_in_the_newest_first(as_admin, admin, topic):
    send(admin, "first words", "second words", subject="Disk full")
    answer = as_admin.get(address())
    shown = text_of(answer)
    assert shown.index("second words") < shown.index("first words")
    assert "Disk full admin" in shown
    assert f'title="{admin.arn}"' in markup_of(answer)


def test_a_hostile_message_is_text_and_nothing_more(as_admin, admin, topic):
    attributes = {"a": {"DataType": "String", "StringValue": HOSTILE}}
    send(admin, f"{HOSTILE}\n</pre>", subject=HOSTILE)
    Message.objects.update(attributes=attributes)
    page = as_admin.get(address()).content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
    whole = as_admin.get(address("sns-topic") + f"messages/{Message.objects.get().id}/")
    assert "<script>alert" not in whole.content.decode()


def test_a_long_message_is_shown_in_part_and_whole_on_its_own_page(as_admin, admin, topic):
    send(admin, "a" * 5000 + "THE END")
    answer = as_admin.get(address())
    assert "THE END" not in text_of(answer)
    assert "3007 more characters" in text_of(answer)
    url = address() + f"messages/{Message.objects.get().id}/"
    assert url in markup_of(answer)
    assert "THE END" in text_of(as_admin.get(url))


def test_older_messages_are_on_further_pages_none_missing_and_none_twice(as_admin, admin, topic):
    send(admin, *(f"body-{number:02}" for number in range(45)))
    # The same moment for all: then the id decides.
    Message.objects.update(published_at=timezone.now())
    found: list[str] = []
    url: str | None = address()
    for _ in range(4):
        assert url is not None
        page = as_admin.get(url).content.decode()
        found += [f"body-{number:02}" for number in range(45) if f">body-{number:02}<" in page]
        _, more, rest = page.partition('<a href="?after=')
        url = f"{address()}?after={rest.partition(chr(34))[0]}" if more else None
        if url is None:
            break
    assert sorted(found) == sorted({f"body-{number:02}" for number in range(45)})
    assert as_admin.get(address() + "?after=nonsense").status_code == 200


def test_an_inbox_costs_the_same_however_much_is_in_it(as_admin, admin, topic):
    send(admin, "one")
    few = queries_of(as_admin, address())
    send(admin, *(str(number) for number in range(30)))
    assert queries_of(as_admin, address()) == few


def test_an_open_inbox_is_told_only_when_something_is_new(as_admin, admin, topic):
    news = address("sns-topic-news")
    assert as_admin.get(news, {"since": ""}).status_code == 204
    send(admin, "hello")
    newest = str(Message.objects.get().id)
    assert as_admin.get(news, {"since": newest}).status_code == 204
    before = Event.objects.count()
    assert as_admin.get(news, {"since": newest}).status_code == 204
    assert Event.objects.count() == before, "nothing was read, so nothing is recorded"
    answer = as_admin.get(news, {"since": ""})
    assert answer.status_code == 200
    assert f"since={newest}" in markup_of(answer)


def test_reading_the_inbox_takes_what_subscribing_takes(sign_in, caller_with, admin, topic):
    send(admin, "classified")
    browser = sign_in(caller_with(allow("sns:GetTopicAttributes")))
    answer = browser.get(address())
    assert answer.status_code == 200
    assert "SNS:Subscribe" in text_of(answer)
    assert "classified" not in text_of(answer)
    assert browser.get(address("sns-topic-news"), {"since": "x"}).status_code == 200
    whole = browser.get(address() + f"messages/{Message.objects.get().id}/")
    assert whole.status_code == 403
    reader = sign_in(caller_with(allow("sns:Subscribe", on=topic.arn)))
    assert "classified" in text_of(reader.get(address()))


def test_messages_of_more_than_seven_days_are_not_shown(as_admin, admin, topic):
    send(admin, "long ago", "of today")
    old = timezone.now() - timedelta(days=7, minutes=1)
    Message.objects.filter(body="long ago").update(published_at=old)
    shown = text_of(as_admin.get(address()))
    assert "of today" in shown
    assert "long ago" not in shown


def test_a_topic_or_message_that_is_not_there_has_no_page(as_admin, topic):
    for url in (
        address(name="Nothing"),
        address(region="eu-west-1"),
        address(region="MARS"),
        address(name="a b"),
        address("sns-topic-tags", "Nothing"),
        address("sns-topic-edit-policy", "Nothing"),
        address() + "messages/nonsense/",
        address() + "messages/00000000-0000-0000-0000-000000000000/",
    ):
        assert as_admin.get(url).status_code == 404, url


def test_a_stranger_finds_nothing(sign_in, eve, admin, topic):
    send(admin, "classified")
    browser = sign_in(eve)
    assert browser.get(address()).status_code == 404
    assert "Alerts" not in text_of(browser.get(LIST))


# --- Publishing ----------------------------------------------------------------------------------


def test_a_message_is_published_as_it_was_typed(as_admin, topic):
    answer = as_admin.post(
        address("sns-publish"), {"subject": "Hi", "message": " two\r\nlines "}, follow=True
    )
    made = Message.objects.get()
    assert (made.subject, made.body) == ("Hi", " two\nlines ")
    assert f"Message ID: {made.id}" in text_of(answer)
    assert "two lines" in text_of(answer)
    event = Event.objects.get(action="sns:Publish")
    assert event.parameters["message"] == event.parameters["subject"] == "***"


@pytest.mark.parametrize(
    "sent",
    [
        {"message": ""},
        {"message": "x", "subject": "x" * 101},
        {"message": "x", "subject": "a\tb"},
        {"message": "ü" * 131_073},
        {"message": "nul \x00"},
    ],
)
def test_a_message_that_sns_refuses_is_not_kept(as_admin, topic, sent):
    assert as_admin.post(address("sns-publish"), sent).status_code == 422
    assert Message.objects.count() == 0


def test_whoever_may_only_publish_can_do_that_and_sees_why_not_the_rest(
    sign_in, caller_with, topic
):
    browser = sign_in(caller_with(allow("sns:Publish", on=topic.arn)))
    shown = text_of(browser.get(address()))
    assert "SNS:GetTopicAttributes" in shown
    assert "You need sns:DeleteTopic" in shown
    answer = browser.post(address("sns-publish"), {"message": "x"})
    assert answer.status_code == 302
    assert Message.objects.count() == 1


def test_whoever_may_not_publish_is_told_before_and_refused_after(sign_in, alice, topic):
    browser = sign_in(alice)
    assert "You need sns:Publish" in text_of(browser.get(address("sns-publish")))
    assert browser.post(address("sns-publish"), {"message": "x"}).status_code == 403
    assert Message.objects.count() == 0


# --- Policy, tags, name, deletion ----------------------------------------------------------------


def test_the_default_policy_is_shown_and_explained(as_admin, topic):
    shown = text_of(as_admin.get(address("sns-topic-policy")))
    assert "__default_statement_ID" in shown
    assert "The policy of every new topic" in shown


def test_a_policy_is_checked_reviewed_and_saved(as_admin, topic, eve):
    edit = address("sns-topic-edit-policy")
    policy = policy_of(allow("SNS:Publish", on=topic.arn, Principal={"AWS": eve.arn}))
    form = {"seen_version": seen_version(markup_of(as_admin.get(edit))), "document": policy}
    review = as_admin.post(edit, form | {"go": "review"})
    assert "Review and save" in text_of(review)
    assert Topic.objects.get().policy == ""
    assert as_admin.post(edit, form | {"go": "save"}).status_code == 302
    assert eve.arn in text_of(as_admin.get(address("sns-topic-policy")))
    # Kept by the user's unique id, which no one else will ever have.
    assert eve.unique_id in Topic.objects.get().policy


def test_a_policy_open_to_everybody_is_warned_of(as_admin, topic):
    Topic.objects.update(policy=policy_of(allow("SNS:Publish", on=topic.arn, Principal="*")))
    page = markup_of(as_admin.get(address("sns-topic-policy")))
    assert "alert-warning" in page


@pytest.mark.parametrize("policy", ["{", "[]", HOSTILE, '{"Statement": []}'])
def test_a_wrong_policy_is_kept_in_the_form_and_nowhere_else(as_admin, topic, policy):
    answer = as_admin.post(address("sns-topic-edit-policy"), {"document": policy, "go": "save"})
    assert answer.status_code == 422
    assert HOSTILE not in markup_of(answer)
    assert Topic.objects.get().policy == ""


def test_a_policy_that_somebody_changed_meanwhile_is_not_overwritten(as_admin, topic):
    edit = address("sns-topic-edit-policy")
    seen = seen_version(markup_of(as_admin.get(edit)))
    theirs = policy_of(deny("SNS:Publish", on=topic.arn, Principal="*"))
    Topic.objects.update(policy=theirs)
    mine = policy_of(allow("SNS:Publish", on=topic.arn, Principal="*"))
    answer = as_admin.post(edit, {"document": mine, "go": "save", "seen_version": seen})
    assert answer.status_code == 409
    assert Topic.objects.get().policy == theirs


def test_a_topic_policy_denies_in_the_console_too(as_admin, topic):
    Topic.objects.update(policy=policy_of(deny("SNS:Publish", on=topic.arn, Principal="*")))
    assert "You need sns:Publish" in text_of(as_admin.get(address()))
    answer = as_admin.post(address("sns-publish"), {"message": "x"})
    assert answer.status_code == 403
    assert "with an explicit deny in a resource-based policy" in text_of(answer)


def test_tags_are_changed_on_a_page_of_their_own(as_admin, admin, account: Account):
    create_topic(admin, name="Alerts", tags=[Tag("old", "1"), Tag("kept", "2")])
    edit = address("sns-topic-edit-tags")
    sent = {"seen_version": seen_version(markup_of(as_admin.get(edit)))}
    answer = as_admin.post(edit, sent | tag_rows(("kept", "3"), ("new", HOSTILE)))
    assert answer.status_code == 422
    answer = as_admin.post(edit, sent | tag_rows(("kept", "3"), ("new", "4")), follow=True)
    assert Topic.objects.get().tags == {"kept": "3", "new": "4"}
    assert "kept 3 new 4" in text_of(answer)


def test_the_display_name_is_changed(as_admin, topic):
    edit = address("sns-topic-edit")
    seen = seen_version(markup_of(as_admin.get(edit)))
    as_admin.post(edit, {"display_name": "Red lights", "seen_version": seen})
    assert Topic.objects.get().display_name == "Red lights"


def test_a_topic_is_deleted_with_its_messages_once_the_words_were_typed(as_admin, admin, topic):
    send(admin, "x")
    assert as_admin.post(address("sns-topic-delete"), {"confirmation": "no"}).status_code == 422
    assert Topic.objects.count() == 1
    answer = as_admin.post(address("sns-topic-delete"), {"confirmation": "Delete Me"})
    assert answer.headers["Location"] == LIST
    assert Topic.objects.count() == Message.objects.count() == 0


def test_the_services_menu_leads_to_topics_and_marks_where_one_is(as_admin, topic):
    page = markup_of(as_admin.get(address()))
    assert f'href="{LIST}" aria-current="page">Topics' in page
