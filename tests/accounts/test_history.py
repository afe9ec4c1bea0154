"""The record as its account reads it: what is found, in which order, page by page, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import caller as callers
from accounts import events
from accounts.actions import (
    groups,
    history,
    history_search,
    shared,
    users,
)
from accounts.actions.filters import Filter
from accounts.actions.history import LookupAttribute, lookup_events
from accounts.caller import Caller, Face
from accounts.errors import (
    AccessDenied,
    InvalidEventCategory,
    InvalidInput,
    InvalidLookupAttributes,
    InvalidMaxResults,
    InvalidNextToken,
    InvalidTimeRange,
    ServiceError,
    ServiceFailure,
    ValidationError,
)
from accounts.models import Event
from tests.cast import allow, arn

KEY = "AKIAIOSFODNN7EXAMPLE"


def at(caller: Caller, minutes: float, **more: Any) -> Caller:
    """The same caller so many minutes later."""
    return replace(caller, now=caller.now + timedelta(minutes=minutes), **more)


def try_to(action: Any, caller: Caller, **arguments: Any) -> None:
    """Call an action that refuses."""
    with pytest.raises(ServiceError):
        action(caller, **arguments)


@pytest.fixture
def story(root: Caller, admin: Caller, alice: Caller) -> list[str]:
    """What happens in the account, the newest first."""
    users.create_user(at(root, 1), user_name="carol")
    groups.create_group(at(admin, 2, access_key_id=KEY), group_name="Developers")
    groups.add_user_to_group(at(admin, 3), group_name="Developers", user_name="carol")
    try_to(groups.delete_group, at(alice, 4), group_name="Developers")
    users.list_users(at(admin, 5, face=Face.CONSOLE))
    groups.remove_user_from_group(at(admin, 6), group_name="Developers", user_name="carol")
    groups.delete_group(at(admin, 7, source_address="198.51.100.7"), group_name="Developers")
    try_to(users.get_user, at(admin, 8), user_name="nobody")
    return [
        "iam:GetUser",
        "iam:DeleteGroup",
        "iam:RemoveUserFromGroup",
        "iam:ListUsers",
        "iam:DeleteGroup",
        "iam:AddUserToGroup",
        "iam:CreateGroup",
        "iam:CreateUser",
    ]


def names(found: history.Found | Sequence[Event]) -> list[str]:
    listed = found.events if isinstance(found, history.Found) else found
    return [event.action for event in listed if event.action != "cloudtrail:LookupEvents"]


def ask(caller: Caller, *filters: str, **more: Any) -> history.Found:
    """`ask(admin, "user=alice")`: filters as an address has them, with "=" only."""
    asked = tuple(
        Filter(name, "=", value) for name, _, value in (f.partition("=") for f in filters)
    )
    return lookup_events(caller, filters=asked, **more)


def look_up(caller: Caller, key: str, value: str) -> history.Found:
    return lookup_events(caller, lookup_attributes=[LookupAttribute(key, value)])


def test_everything_is_there_the_newest_first(admin, story):
    assert names(lookup_events(at(admin, 9))) == story


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["user=alice"], ["iam:DeleteGroup"]),
        (["user=ALICE"], ["iam:DeleteGroup"]),
        (["user=root"], ["iam:CreateUser"]),
        (["action=iam:DeleteGroup"], ["iam:DeleteGroup"] * 2),
        (["action=deletegroup", "outcome=success"], ["iam:DeleteGroup"]),
        (["resource=carol"], ["iam:CreateUser"]),
        ([f"resource={arn('user/carol')}"], ["iam:CreateUser"]),
        ([f"resource={arn('group/carol')}"], []),
        ([f"key={KEY}"], ["iam:CreateGroup"]),
        (["outcome=denied"], ["iam:DeleteGroup"]),
        (["outcome=error"], ["iam:GetUser"]),
        (["outcome=failure"], []),
        (["kind=read"], ["iam:GetUser", "iam:ListUsers"]),
        (["face=console"], ["iam:ListUsers"]),
        (["address=198.51.100.7"], ["iam:DeleteGroup"]),
        (["error=NoSuchEntity"], ["iam:GetUser"]),
        (["resource=developers", "user=admin", "kind=change", "outcome=success"],
         ["iam:DeleteGroup", "iam:RemoveUserFromGroup", "iam:AddUserToGroup", "iam:CreateGroup"]),
        (["user=alice", "user=admin"], []),
    ],
)  # fmt: skip
def test_filters_find_what_they_say_and_all_of_them_must_hold(admin, story, asked, found):
    assert names(ask(at(admin, 9), *asked)) == found


def test_who_deleted_the_group_is_found_by_its_name(admin, story):
    found = ask(at(admin, 9), "resource=Developers", "action=DeleteGroup", "outcome=success")
    assert [event.principal_arn for event in found.events] == [admin.arn]


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("EventName", "CreateUser", ["iam:CreateUser"]),
        ("Username", "alice", ["iam:DeleteGroup"]),
        ("ResourceName", "carol", ["iam:CreateUser"]),
        ("ResourceType", "AWS::IAM::User", ["iam:GetUser", "iam:CreateUser"]),
        (
            "ResourceType",
            "AWS::IAM::Group",
            [
                "iam:DeleteGroup",
                "iam:RemoveUserFromGroup",
                "iam:DeleteGroup",
                "iam:AddUserToGroup",
                "iam:CreateGroup",
            ],
        ),
        ("ResourceType", "AWS::EC2::Instance", []),
        ("ReadOnly", "true", ["iam:GetUser", "iam:ListUsers"]),
        ("EventSource", "sts.amazonaws.com", []),
        ("AccessKeyId", KEY, ["iam:CreateGroup"]),
        ("EventId", "no id at all", []),
    ],
)
def test_aws_attributes_find_the_same(admin, story, key, value, found):
    assert names(look_up(at(admin, 9), key, value)) == found


def test_an_event_is_found_by_its_id_and_a_service_by_its_source(admin, story):
    wanted = Event.objects.get(action="iam:CreateUser")
    assert look_up(at(admin, 9), "EventId", str(wanted.pk)).events == [wanted]
    assert len(names(look_up(at(admin, 9), "EventSource", "iam.amazonaws.com"))) == len(story)


@pytest.mark.parametrize(
    ("text", "number"),
    [("Developers", 5), ("198.51.100", 1), ("nosuch", 0), ("cannot be found", 1)],
)
def test_a_text_is_searched_for_wherever_people_would_look(admin, story, text, number):
    assert len(names(lookup_events(at(admin, 9), search=text))) == number


def test_a_name_finds_what_was_done_by_it_and_to_it(admin, story, root):
    found = lookup_events(at(admin, 9), involving="carol")
    assert names(found) == ["iam:CreateUser"]
    carol = callers.user(root.home.users.get(name="carol"), face=root.face, now=root.now,
                         request_id="c")  # fmt: skip
    try_to(users.list_users, at(carol, 20))
    assert names(lookup_events(at(admin, 21), involving="Carol")) == [
        "iam:ListUsers",
        "iam:CreateUser",
    ]


def test_times_limit_what_is_found(admin, story, now):
    minute = timedelta(minutes=1)
    found = lookup_events(at(admin, 9), start_time=now + 2 * minute, end_time=now + 4 * minute)
    assert names(found) == ["iam:DeleteGroup", "iam:AddUserToGroup", "iam:CreateGroup"]


def test_what_is_recorded_late_stands_where_it_belongs_in_time(admin, alice, root):
    users.create_user(at(root, 10), user_name="carol")
    late = events.describe(
        at(alice, 5), "iam:ListUsers", outcome="success", read_only=True, parameters={}
    )
    events.write([late])
    users.create_user(at(root, 12), user_name="dave")
    assert names(lookup_events(at(admin, 20))) == [
        "iam:CreateUser",
        "iam:CreateUser",
        "iam:ListUsers",
    ]


# --- Pages ----------------------------------------------------------------------------------------


def pages(caller: Caller, size: int, **question: Any) -> list[list[str]]:
    """All pages, followed by their tokens."""
    found = lookup_events(caller, page_size=size, **question)
    read = [[str(event.pk) for event in found.events]]
    while found.next_token:
        found = lookup_events(caller, page_size=size, next_token=found.next_token, **question)
        read.append([str(event.pk) for event in found.events])
    return read


@pytest.mark.parametrize("size", [1, 3, 8, 50])
@pytest.mark.parametrize(
    "question",
    [
        {},
        {"filters": (Filter("kind", "=", "change"),)},
        {"filters": (Filter("user", ":", "admin"),)},
        {"involving": "developers"},
    ],
)
def test_pages_one_after_the_other_hold_everything_once(admin, story, size, question, now):
    question |= {"end_time": now + timedelta(minutes=8)}
    whole = [str(e.pk) for e in lookup_events(at(admin, 9), **question).events]
    read = pages(at(admin, 9), size, **question)
    assert [pk for page in read for pk in page] == whole
    assert all(len(page) == size for page in read[:-1])


def test_events_of_one_moment_are_all_read_page_by_page(root, now):
    for number in range(7):
        users.create_user(root, user_name=f"user-{number}")
    read = pages(at(root, 9), 2, end_time=now)
    assert sorted(map(len, read)) == [1, 2, 2, 2]
    assert len({pk for page in read for pk in page}) == 7


def test_the_way_back_leads_over_the_same_pages(admin, story, now):
    question: dict[str, Any] = {"end_time": now + timedelta(minutes=8), "page_size": 3}
    first = lookup_events(at(admin, 9), **question)
    second = lookup_events(at(admin, 9), next_token=first.next_token, **question)
    third = lookup_events(at(admin, 9), next_token=second.next_token, **question)
    assert first.newer_token is None
    assert third.next_token is None
    back = lookup_events(at(admin, 9), next_token=third.newer_token, newer=True, **question)
    assert names(back) == names(second)
    again = lookup_events(at(admin, 9), next_token=back.newer_token, newer=True, **question)
    assert names(again) == names(first)
    assert again.newer_token is None


def test_a_page_does_not_move_when_something_happens(admin, story, root, now):
    first = lookup_events(at(admin, 9), page_size=3, end_time=now + timedelta(minutes=8))
    users.create_user(at(root, 7.5), user_name="erin")
    second = lookup_events(
        at(admin, 9), page_size=3, end_time=now + timedelta(minutes=8), next_token=first.next_token
    )
    assert names(second) == story[3:6]


def test_a_search_that_takes_too_long_stops_and_goes_on_where_it_was(admin, root, now, monkeypatch):
    monkeypatch.setattr(history_search, "PATIENCE", -1.0)
    monkeypatch.setattr(history_search, "_FIRST_STEP", 5)
    users.create_user(root, user_name="the-needle")
    for number in range(20):
        users.create_user(at(root, number + 1), user_name=f"hay-{number}")
    question = {"search": "needle", "end_time": now + timedelta(minutes=30)}
    found = lookup_events(at(admin, 40), **question)
    asked = 1
    assert found.events == []
    assert found.searched_to is not None
    while found.next_token:
        found = lookup_events(at(admin, 40), next_token=found.next_token, **question)
        asked += 1
    assert [event.parameters["user_name"] for event in found.events] == ["the-needle"]
    assert found.searched_to is None
    assert asked == 5


# --- Whose ----------------------------------------------------------------------------------------


def test_another_account_sees_nothing_of_it(story, eve, admin):
    event = Event.objects.filter(account=admin.home).earliest("sequence")
    assert names(lookup_events(at(eve, 9))) == []
    for key, value in (
        ("EventId", str(event.pk)),
        ("Username", "admin"),
        ("ResourceName", "Developers"),
        ("AccessKeyId", KEY),
        ("EventName", "DeleteGroup"),
    ):
        assert names(look_up(at(eve, 9), key, value)) == []
    assert names(lookup_events(at(eve, 9), search="Developers")) == []


def test_a_token_is_good_for_its_account_and_its_question_only(story, admin, eve):
    token = lookup_events(at(admin, 9), max_results=2).next_token or ""
    assert names(lookup_events(at(admin, 9), next_token=token))
    for caller, more in (
        (eve, {}),
        (admin, {"filters": (Filter("user", "=", "alice"),)}),
        (admin, {"lookup_attributes": [LookupAttribute("Username", "alice")]}),
        (admin, {"search": "x"}),
    ):
        with pytest.raises(InvalidNextToken):
            lookup_events(at(caller, 9), next_token=token, **more)
    for forged in ("", "x", token[:-1], token + "x", "é" * 5000):
        with pytest.raises(InvalidNextToken):
            lookup_events(at(admin, 9), next_token=forged)


def test_nobody_reads_it_without_the_permission_and_asking_is_on_record(story, alice, caller_with):
    with pytest.raises(AccessDenied, match="not authorized to perform: cloudtrail:LookupEvents"):
        lookup_events(at(alice, 9))
    assert Event.objects.latest("sequence").outcome == "denied"
    reader = caller_with(allow("cloudtrail:LookupEvents"), name="reader")
    assert len(names(lookup_events(at(reader, 10)))) == len(story)
    assert Event.objects.latest("sequence").action == "cloudtrail:LookupEvents"


# --- What makes no sense --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"max_results": 0}, InvalidMaxResults),
        ({"max_results": 51}, InvalidMaxResults),
        ({"event_category": "insight"}, InvalidEventCategory),
        ({"event_category": "other"}, ValidationError),
        ({"lookup_attributes": [LookupAttribute("Username", "a")] * 2}, InvalidLookupAttributes),
        ({"lookup_attributes": [LookupAttribute("ReadOnly", "maybe")]}, InvalidLookupAttributes),
        ({"lookup_attributes": [LookupAttribute("Nothing", "x")]}, ValidationError),
        ({"lookup_attributes": [LookupAttribute("Username", "x" * 2001)]}, ValidationError),
        ({"lookup_attributes": [LookupAttribute("Username", "a\0b")]}, ValidationError),
        ({"start_time": "yesterday"}, ValidationError),
        ({"search": "a\0b"}, InvalidInput),
        ({"search": "x" * 10_000}, InvalidInput),
        ({"involving": "x" * 10_000}, InvalidInput),
        ({"involving": "\0"}, InvalidInput),
        ({"filters": (Filter("user", "=", "a\0"),)}, InvalidInput),
        ({"filters": (Filter("user", "=", "x" * 10_000),)}, InvalidInput),
        ({"filters": (Filter("chain", "=", "x"),)}, InvalidInput),
        ({"filters": (Filter("user", "<", "x"),)}, InvalidInput),
        ({"filters": (Filter("outcome", "=", "maybe"),)}, InvalidInput),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(admin, arguments, error):
    with pytest.raises(error):
        lookup_events(admin, **arguments)
    assert not Event.objects.filter(outcome="failure").exists()


def test_a_range_that_ends_before_it_begins_is_refused(admin, now):
    with pytest.raises(InvalidTimeRange):
        lookup_events(admin, start_time=now, end_time=now - timedelta(seconds=1))


@pytest.mark.parametrize("operator", ["=", "!=", ":", "!:", "^"])
@pytest.mark.parametrize("name", [n for n, p in history.PROPERTIES.items() if not p.choices])
def test_no_text_of_a_filter_is_more_than_a_text(admin, story, name, operator):
    for text in ("%", "_", "'", '"; DROP', "\\", "*", "arn:aws:iam::x:", "é💥", "arn:" * 400):
        found = lookup_events(at(admin, 9), filters=(Filter(name, operator, text),))
        assert isinstance(found.events, list)


# --- Cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ([], "events_by_time"),
        (["user=alice"], "events_by_user"),
        (["role=web"], "events_by_role"),
        (["resource=carol"], "events_by_resource"),
        (["action=iam:CreateUser"], "events_by_action"),
        ([f"key={KEY}"], "events_by_key"),
        (["outcome=denied"], "events_by_trouble"),
        (["kind=change"], "events_of_changes"),
    ],
)
def test_what_people_ask_for_is_read_by_an_index_in_the_order_of_time(admin, story, asked, index):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has statistics, and chooses by them")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ask(at(admin, 9), *asked)
    reading = [query["sql"] for query in queries if "ORDER BY" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {reading[-1]}")
        plan = " ".join(row[-1] for row in cursor.fetchall())
    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_what_broke_here_is_found_too(admin, root, monkeypatch):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(shared, "console_page", broken)
    with pytest.raises(ServiceFailure):
        users.list_users(root, page=1)
    assert names(ask(at(admin, 9), "outcome=failure")) == ["iam:ListUsers"]
