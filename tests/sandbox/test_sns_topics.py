"""SNS's topics: made once, changed, tagged, limited, deleted, and let open to others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.actions import lifecycle
from accounts.caller import Caller, in_region
from accounts.errors import AccessDenied, NoSuchEntity, ServiceError, ValidationError
from accounts.models import Account, Event
from accounts.types import Tag
from iamconsole.sandbox import topic_policies
from iamconsole.sandbox.actions import sns_topics
from iamconsole.sandbox.actions.sns_messages import publish, publish_batch, read_inbox
from iamconsole.sandbox.actions.sns_permissions import add_permission, remove_permission
from iamconsole.sandbox.actions.sns_subscriptions import list_subscriptions_by_topic
from iamconsole.sandbox.actions.sns_tags import (
    list_tags_for_resource,
    tag_resource,
    untag_resource,
)
from iamconsole.sandbox.actions.sns_topics import (
    create_topic,
    delete_topic,
    get_topic_attributes,
    list_topics,
    set_topic_attributes,
)
from iamconsole.sandbox.models import Message, Topic
from iamconsole.sandbox.sns_errors import (
    InvalidParameter,
    ResourceNotFound,
    TagLimitExceeded,
    TopicLimitExceeded,
    TopicNotFound,
)
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, allow, arn, deny
from tests.sandbox.topics import arn_of, policy_of

ALERTS = arn_of("Alerts")


@pytest.fixture
def topic(admin: Caller) -> Topic:
    return create_topic(admin, name="Alerts")


def set_policy(caller: Caller, *statements: dict[str, object]) -> None:
    set_topic_attributes(
        caller, topic_arn=ALERTS, attribute_name="Policy", attribute_value=policy_of(*statements)
    )


# --- Made, changed, deleted ----------------------------------------------------------------------


def test_a_topic_is_made_once_however_often_it_is_asked_for(admin):
    tags = [Tag("Team", "Red")]
    first = create_topic(admin, name="Alerts", attributes={"DisplayName": "A"}, tags=tags)
    assert create_topic(admin, name="Alerts") == first
    assert create_topic(admin, name="Alerts", tags=tags) == first
    for more, words in (
        ({"attributes": {"DisplayName": "B"}}, "different attributes"),
        ({"tags": [Tag("Team", "Blue")]}, "different tags"),
    ):
        with pytest.raises(InvalidParameter, match=words):
            create_topic(admin, name="Alerts", **more)
    assert Topic.objects.count() == 1
    # Unlike IAM's names, these are told apart by case.
    assert create_topic(admin, name="alerts") != first


@pytest.mark.parametrize("name", ["", "a b", "a.b", "ä", "x" * 257, "a/b", "a\n", "a.fifo", "*"])
def test_a_name_that_sns_does_not_take_is_refused(admin, name):
    with pytest.raises(InvalidParameter, match="Topic Name"):
        create_topic(admin, name=name)
    assert Topic.objects.count() == 0


@pytest.mark.parametrize("region", ["", "a:b", "*", "x" * 33, "EU"])
def test_a_region_that_no_arn_could_hold_is_refused(admin, region):
    with pytest.raises(InvalidParameter):
        create_topic(in_region(admin, region), name="Alerts")


@pytest.mark.parametrize(
    "topic_arn",
    [
        "",
        "Alerts",
        "arn:aws:sns:us-east-1",
        f"arn:aws:sqs:us-east-1:{ACCOUNT_ID}:Alerts",
        f"arn:aws:sns:eu-west-1:{ACCOUNT_ID}:Alerts",
        f"arn:aws:sns:us-east-1:{ACCOUNT_ID}:Alerts:more",
        f"arn:aws:sns:us-east-1:{ACCOUNT_ID}:*",
        "arn:aws:sns:us-east-1:1:Alerts",
        f"arn:aws:sns:us-east-1:{ACCOUNT_ID}:nul\x00",
    ],
)
def test_an_arn_of_no_topic_of_the_region_is_refused_before_anybody_is_asked(alice, topic_arn):
    with pytest.raises((InvalidParameter, ValidationError)):
        get_topic_attributes(alice, topic_arn=topic_arn)


def test_display_name_and_policy_are_set_and_taken_away(admin, topic):
    set_topic_attributes(
        admin, topic_arn=ALERTS, attribute_name="DisplayName", attribute_value="Red lights"
    )
    set_policy(admin, allow("SNS:Publish", on=ALERTS, Principal={"AWS": OTHER_ACCOUNT_ID}))
    found = get_topic_attributes(admin, topic_arn=ALERTS)
    assert found.topic.display_name == "Red lights"
    assert OTHER_ACCOUNT_ID in found.policy
    for name in ("DisplayName", "Policy"):
        set_topic_attributes(admin, topic_arn=ALERTS, attribute_name=name)
    found = get_topic_attributes(admin, topic_arn=ALERTS)
    assert found.topic.display_name == ""
    assert json.loads(found.policy)["Id"] == "__default_policy_ID"


def test_the_default_policy_written_back_is_the_default_policy(admin, topic):
    policy = get_topic_attributes(admin, topic_arn=ALERTS).policy
    set_topic_attributes(
        admin, topic_arn=ALERTS, attribute_name="Policy", attribute_value=f"\n{policy} "
    )
    assert Topic.objects.get().policy == ""


@pytest.mark.parametrize("name", ["KmsMasterKeyId", "FifoTopic", "HTTPSuccessFeedbackRoleArn", "x"])
def test_an_attribute_that_is_not_here_is_refused_and_not_swallowed(admin, topic, name):
    with pytest.raises(InvalidParameter):
        set_topic_attributes(admin, topic_arn=ALERTS, attribute_name=name, attribute_value="true")
    with pytest.raises(InvalidParameter):
        create_topic(admin, name="Other", attributes={name: "true"})


def test_a_deleted_topic_takes_its_messages_along_and_deleting_it_again_is_no_error(admin, topic):
    publish(admin, topic_arn=ALERTS, message="x")
    delete_topic(admin, topic_arn=ALERTS)
    delete_topic(admin, topic_arn=ALERTS)
    assert Topic.objects.count() == Message.objects.count() == 0
    with pytest.raises(TopicNotFound):
        get_topic_attributes(admin, topic_arn=ALERTS)


def test_an_account_has_so_many_topics_and_no_more(admin, monkeypatch):
    monkeypatch.setattr(sns_topics, "TOPICS_PER_ACCOUNT", 2)
    create_topic(admin, name="a")
    create_topic(admin, name="b")
    with pytest.raises(TopicLimitExceeded):
        create_topic(admin, name="c")
    assert create_topic(admin, name="b").name == "b", "one that is there is still returned"


def test_a_reset_empties_topics_and_messages_of_the_account_and_of_no_other(
    admin, eve, root, topic
):
    publish(admin, topic_arn=ALERTS, message="x")
    create_topic(eve, name="Hers")
    for empty in lifecycle.ON_RESET:
        empty(root.home)
    assert [each.name for each in Topic.objects.all()] == ["Hers"]
    assert Message.objects.count() == 0


# --- Lists ---------------------------------------------------------------------------------------


def test_a_client_lists_one_region_in_pages_and_the_console_all_regions(admin, monkeypatch):
    monkeypatch.setattr(sns_topics, "PAGE", 2)
    for name in "cab":
        create_topic(admin, name=name)
    create_topic(in_region(admin, "eu-west-1"), name="d")
    first = list_topics(admin)
    assert [each.name for each in first.items] == ["a", "b"]
    second = list_topics(admin, next_token=first.marker)
    assert ([each.name for each in second.items], second.marker) == (["c"], None)
    found = list_topics(admin, page=1, sort="-region")
    assert [each.name for each in found.items] == ["a", "b", "c", "d"]
    assert found.total == 4
    assert [each.name for each in list_topics(admin, page=1, search="D").items] == ["d"]


def test_another_accounts_topics_are_in_no_list(admin, eve, topic):
    assert list_topics(eve).items == []
    assert list(list_topics(eve, page=1).items) == []


# --- Tags ----------------------------------------------------------------------------------------


def test_tags_are_set_and_removed_and_their_case_counts(admin, topic):
    tag_resource(admin, resource_arn=ALERTS, tags=[Tag("Team", "Red"), Tag("team", "blue")])
    tag_resource(admin, resource_arn=ALERTS, tags=[Tag("Team", "Green")])
    found = list_tags_for_resource(admin, resource_arn=ALERTS)
    assert found.items == [Tag("Team", "Green"), Tag("team", "blue")]
    untag_resource(admin, resource_arn=ALERTS, tag_keys=["team", "not there"])
    assert Topic.objects.get().tags == {"Team": "Green"}


def test_tags_that_sns_does_not_take_are_refused(admin, topic):
    with pytest.raises(TagLimitExceeded):
        tag_resource(
            admin, resource_arn=ALERTS, tags=[Tag(str(number), "") for number in range(51)]
        )
    for tags in ([Tag("a", "1"), Tag("a", "2")], [Tag("aws:x", "1")], [Tag("<", "1")]):
        with pytest.raises(ServiceError):
            tag_resource(admin, resource_arn=ALERTS, tags=tags)
    assert Topic.objects.get().tags == {}


def test_what_is_not_there_has_no_tags(admin):
    for action, more in (
        (tag_resource, {"tags": []}),
        (untag_resource, {"tag_keys": []}),
        (list_tags_for_resource, {}),
    ):
        with pytest.raises(ResourceNotFound):
            action(admin, resource_arn=arn_of("Nothing"), **more)


# --- Topic policies ------------------------------------------------------------------------------


def test_the_default_policy_lets_nobody_in_who_has_no_policy_of_their_own(alice, eve, topic):
    for caller in (alice, eve):
        with pytest.raises(AccessDenied):
            publish(caller, topic_arn=ALERTS, message="x")


def test_a_topic_policy_that_names_a_user_of_the_account_is_enough(admin, alice, bob, topic):
    set_policy(admin, allow("SNS:Publish", on=ALERTS, Principal={"AWS": alice.arn}))
    publish(alice, topic_arn=ALERTS, message="x")
    with pytest.raises(AccessDenied):
        publish(bob, topic_arn=ALERTS, message="x")


def test_a_topic_policy_that_names_the_account_leaves_it_to_its_policies(
    admin, bob, caller_with, topic
):
    set_policy(admin, allow("SNS:Publish", on=ALERTS, Principal={"AWS": ACCOUNT_ID}))
    with pytest.raises(AccessDenied):
        publish(bob, topic_arn=ALERTS, message="x")
    publish(caller_with(allow("sns:Publish")), topic_arn=ALERTS, message="x")


def test_a_topic_policy_denies_even_the_root_user(admin, root, topic):
    set_policy(admin, deny("SNS:Publish", on=ALERTS, Principal="*"))
    for caller in (admin, root):
        with pytest.raises(AccessDenied, match="explicit deny in a resource-based policy"):
            publish(caller, topic_arn=ALERTS, message="x")


def test_across_accounts_it_takes_the_topics_policy_and_the_callers(admin, eve, other, topic):
    set_policy(admin, allow("SNS:Publish", on=ALERTS, Principal={"AWS": OTHER_ACCOUNT_ID}))
    publish(eve, topic_arn=ALERTS, message="from outside")
    assert Message.objects.get().publisher_arn == eve.arn
    with pytest.raises(AccessDenied):
        read_inbox(eve, topic_arn=ALERTS)
    with pytest.raises(AccessDenied):
        delete_topic(eve, topic_arn=ALERTS)


def test_a_stranger_can_not_tell_a_topic_from_nothing(admin, eve, topic):
    set_policy(admin, deny("SNS:Publish", on=ALERTS, Principal="*"))
    told = []
    for name in ("Alerts", "Nothing"):
        with pytest.raises(AccessDenied) as refused:
            publish(eve, topic_arn=arn_of(name), message="x")
        told.append(refused.value.message.replace(name, "…"))
        assert refused.value.asked is None
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("action", "more"),
    [
        (delete_topic, {}),
        (get_topic_attributes, {}),
        (set_topic_attributes, {"attribute_name": "DisplayName"}),
        (add_permission, {"label": "a", "aws_account_id": [], "action_name": []}),
        (remove_permission, {"label": "a"}),
        (list_subscriptions_by_topic, {}),
        (publish_batch, {"publish_batch_request_entries": []}),
        (read_inbox, {}),
    ],
)
def test_no_refusal_tells_a_stranger_whether_there_is_such_a_topic(topic, eve, action, more):
    told = []
    for name in ("Alerts", "Nothing"):
        with pytest.raises(AccessDenied) as refused:
            action(eve, topic_arn=arn_of(name), **more)
        told.append(refused.value.message.replace(name, "…"))
    assert told[0] == told[1]


def test_a_user_made_again_under_the_same_name_is_not_let_in(admin, alice, topic):
    set_policy(admin, allow("SNS:Publish", on=ALERTS, Principal={"AWS": alice.arn}))
    user = alice.user
    assert user is not None
    shown = get_topic_attributes(admin, topic_arn=ALERTS).policy
    assert alice.arn in shown
    gone = user.unique_id
    user.delete()
    assert gone in get_topic_attributes(admin, topic_arn=ALERTS).policy


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (allow("SNS:Publish", on=ALERTS), "Policy Error"),
        (allow("SNS:Publish", on=arn_of("Other"), Principal="*"), "apply to this topic"),
        (
            {**allow("SNS:Publish", Principal="*"), "Resource": [ALERTS, ALERTS + "2"]},
            "single resource",
        ),
        (allow("SNS:ListTopics", on=ALERTS, Principal="*"), "out of service scope"),
        (allow("sqs:*", on=ALERTS, Principal="*"), "out of service scope"),
        (allow("SNS:Publish", on=ALERTS, Principal={"AWS": arn("user/no")}), "PrincipalNotFound"),
        (
            allow("SNS:Publish", on=ALERTS, Principal={"AWS": [f"{n:012}" for n in range(201)]}),
            "200 principals",
        ),
    ],
)
def test_a_policy_that_sns_does_not_take_is_refused(admin, topic, statement, words):
    with pytest.raises(InvalidParameter, match=words):
        set_policy(admin, statement)
    assert Topic.objects.get().policy == ""


def test_a_policy_has_a_hundred_statements_and_thirty_kilobytes_at_most(admin, topic):
    one = allow("SNS:Publish", on=ALERTS, Principal="*")
    with pytest.raises(InvalidParameter, match="100 statements"):
        set_policy(admin, *[one | {"Sid": str(number)} for number in range(101)])
    with pytest.raises(InvalidParameter, match="30720 bytes"):
        set_policy(admin, one | {"Sid": "ü" * 15_400})


def test_a_policy_that_something_else_broke_denies_everybody(admin, topic):
    Topic.objects.update(policy="broken")
    with pytest.raises(AccessDenied):
        publish(admin, topic_arn=ALERTS, message="x")


@pytest.mark.parametrize("pattern", ["*", "SNS:*", "sns:publish", "Sns:Pub*"])
def test_a_policy_may_speak_of_operations_by_patterns(admin, alice, topic, pattern):
    set_policy(admin, allow(pattern, on=ALERTS, Principal={"AWS": alice.arn}))
    publish(alice, topic_arn=ALERTS, message="x")


def test_a_statement_is_added_and_removed_by_its_label(admin, eve, topic):
    added: dict[str, Any] = {
        "topic_arn": ALERTS, "label": "theirs", "aws_account_id": [OTHER_ACCOUNT_ID]
    }  # fmt: skip
    add_permission(admin, **added, action_name=["Publish", "GetTopicAttributes"])
    publish(eve, topic_arn=ALERTS, message="x")
    assert get_topic_attributes(eve, topic_arn=ALERTS).topic == topic
    with pytest.raises(InvalidParameter, match="already exists"):
        add_permission(admin, **added, action_name=["Publish"])
    remove_permission(admin, topic_arn=ALERTS, label="theirs")
    remove_permission(admin, topic_arn=ALERTS, label="theirs")
    with pytest.raises(AccessDenied):
        publish(eve, topic_arn=ALERTS, message="x")
    assert Topic.objects.get().policy == "", "it is AWS's default policy again"


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": "a b"},
        {"label": ""},
        {"aws_account_id": []},
        {"aws_account_id": ["1"]},
        {"action_name": []},
        {"action_name": ["CreateTopic"]},
        {"action_name": ["*"]},
    ],
)
def test_a_permission_that_makes_no_sense_is_not_added(admin, topic, wrong):
    sound = {"label": "a", "aws_account_id": [OTHER_ACCOUNT_ID], "action_name": ["Publish"]}
    with pytest.raises(InvalidParameter):
        add_permission(admin, topic_arn=ALERTS, **(sound | wrong))


def test_the_last_statement_removed_leaves_the_default_policy(admin, topic):
    only = allow("SNS:Publish", on=ALERTS, Principal="*", Sid="only")
    set_policy(admin, only)
    remove_permission(admin, topic_arn=ALERTS, label="only")
    assert topic_policies.shown(Topic.objects.get()) == topic_policies.default(ALERTS, ACCOUNT_ID)


# --- What changes, and what does not -------------------------------------------------------------


def test_nothing_of_sns_makes_policies_compile_anew(admin, account, topic):
    before = Account.objects.get(pk=account.pk).policy_epoch
    tag_resource(admin, resource_arn=ALERTS, tags=[Tag("a", "b")])
    set_policy(admin, allow("SNS:Publish", on=ALERTS, Principal="*"))
    publish(admin, topic_arn=ALERTS, message="x")
    delete_topic(admin, topic_arn=ALERTS)
    assert Account.objects.get(pk=account.pk).policy_epoch == before


def test_a_refusal_changes_nothing_but_leaves_an_event(alice, topic):
    with pytest.raises(AccessDenied):
        delete_topic(alice, topic_arn=ALERTS)
    assert Topic.objects.count() == 1
    event = Event.objects.get(action="sns:DeleteTopic")
    assert (event.outcome, event.resources) == ("denied", [ALERTS])


def test_whoever_may_create_topics_of_one_name_can_create_no_other(caller_with):
    caller = caller_with(allow("sns:CreateTopic", on=arn_of("Alerts")))
    create_topic(caller, name="Alerts")
    with pytest.raises(AccessDenied):
        create_topic(caller, name="Others")
    with pytest.raises(NoSuchEntity):
        publish(caller_with(allow("sns:*")), topic_arn=arn_of("Others"), message="x")
