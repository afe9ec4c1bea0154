"""The pages of the event history: what they show, to whom, and whatever their addresses say."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.http import urlencode

from accounts import caller as callers
from accounts import events
from accounts.actions import groups, roles, users
from accounts.actions.history import lookup_events
from accounts.caller import Caller, Face
from accounts.errors import AccessDenied
from accounts.models import Event
from iamconsole.console.history import files
from tests.cast import allow, arn, trust
from tests.console.reading import markup_of, queries_of, text_of, url

HISTORY = url("history")


@pytest.fixture
def past(root: Caller, admin: Caller, alice: Caller) -> Event:
    """What happened an hour ago; the event in which alice was refused."""
    then = timezone.now() - timedelta(hours=1)
    users.create_user(replace(root, now=then), user_name="carol")
    groups.create_group(replace(admin, now=then), group_name="Developers")
    with pytest.raises(AccessDenied):
        groups.delete_group(replace(alice, now=then), group_name="Developers")
    groups.delete_group(replace(admin, now=then, access_key_id="AKIAIOSFODNN7EXAMPLE"),
                        group_name="Developers")  # fmt: skip
    return Event.objects.get(outcome="denied")


@pytest.fixture
def browser(sign_in, admin, past):
    return sign_in(admin)


def rows(response: Any) -> int:
    return markup_of(response).count('<td class="moment">')


def body_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def test_the_list_shows_who_did_what_and_what_came_of_it(browser):
    page = text_of(browser.get(HISTORY))
    for words in ("DeleteGroup iam", "CreateUser iam", "alice", "root", "Access denied", "1 hour"):
        assert words in page


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"filter": "user=alice"}, 1),
        ({"filter": "resource=Developers"}, 3),
        ({"filter": ["resource=Developers", "user=admin"]}, 2),
        ({"filter": "action=DeleteGroup", "outcome": "success"}, 1),
        ({"property": "key", "operator": "=", "value": "AKIAIOSFODNN7EXAMPLE"}, 1),
        ({"outcome": "denied"}, 1),
        ({"kind": "change"}, 4),
        ({"face": "shell"}, 0),
        ({"within": "1d"}, 4),
        ({"search": "Developers"}, 3),
        ({"involving": "carol"}, 1),
        ({"from": "2999-01-01"}, 0),
        ({"to": "2020-01-01T00:00:00Z"}, 0),
    ],
)
def test_filters_stand_in_the_address(browser, asked, number):
    page = browser.get(HISTORY, {"kind": "change", **asked})
    assert page.status_code == 200
    assert rows(page) == number


def test_pages_lead_to_older_and_newer_events_and_keep_the_filter(browser, root):
    for number in range(120):
        users.create_user(replace(root, now=timezone.now()), user_name=f"user-{number}")
    address = f"{HISTORY}?filter=action%3DCreateUser&within=1d"
    seen = []
    for expected in (50, 50, 21):
        page = browser.get(address)
        assert rows(page) == expected
        found = page.context["table"]
        seen += [row.event.pk for row in found.rows]
        address = HISTORY + found.older_url
    assert len(set(seen)) == 121
    assert found.older_url == ""
    back = browser.get(HISTORY + found.newer_url)
    assert [row.event.pk for row in back.context["table"].rows] == seen[50:100]
    assert rows(browser.get(HISTORY + found.newest_url)) == 50


def test_who_may_not_read_it_sees_a_refusal_and_nothing_else(sign_in, alice, past):
    browser = sign_in(alice)
    for address in (
        HISTORY,
        f"{HISTORY}?filter=user=admin",
        url("history-event", str(past.pk)),
        f"{url('history-recent')}?involving=carol",
    ):
        response = browser.get(address)
        assert response.status_code == 200
        assert "cloudtrail:LookupEvents" in text_of(response)
        assert "Developers" not in text_of(response)
        assert "carol" not in text_of(response).replace("Recent events of carol", "")
    assert browser.get(f"{HISTORY}?format=csv").status_code == 403


def test_one_permission_opens_it(sign_in, caller_with, past):
    reader = caller_with(allow("cloudtrail:LookupEvents"), name="reader")
    assert "DeleteGroup" in text_of(sign_in(reader).get(HISTORY))


def test_a_stranger_sees_nothing_and_finds_nothing_by_its_id(sign_in, eve, past):
    browser = sign_in(eve)
    page = text_of(browser.get(HISTORY))
    assert "DeleteGroup" not in page
    assert browser.get(url("history-event", str(past.pk))).status_code == 404
    listed = body_of(browser.get(f"{HISTORY}?format=csv"))
    assert "DeleteGroup" not in listed


def test_a_token_of_another_account_is_refused_in_words(sign_in, eve, browser):
    users.create_user(eve, user_name="frank")
    theirs = lookup_events(eve, page_size=1).next_token
    for token in ("x", "a:b:c", "x" * 10_000, theirs or "-"):
        response = browser.get(HISTORY, {"after": token})
        assert response.status_code == 200
        assert "token is invalid" in text_of(response)


# --- One event ------------------------------------------------------------------------------------


def test_an_event_shows_its_record_and_why_it_was_refused(browser, past, alice):
    page = browser.get(url("history-event", str(past.pk)))
    text = text_of(page)
    assert "Denied: no statement allowed it" in text
    assert "no identity-based policy allows the iam:DeleteGroup action" in text
    assert json.loads(page.context["record"])["eventID"] == str(past.pk)
    question = urlencode({"action": "iam:DeleteGroup", "resource": arn("group/Developers")})
    links = page.context["links"]
    assert links.simulate == f"{url('user-simulate', 'alice')}?{question}"
    for address in (links.simulate, links.explain):
        assert browser.get(address).status_code == 200
        assert address.replace("&", "&amp;") in page.content.decode()


def test_an_allowed_event_names_the_statement_and_has_no_simulator(browser, past):
    event = Event.objects.get(action="iam:CreateGroup")
    page = browser.get(url("history-event", str(event.pk)))
    assert "Statement 1 of arn:aws:iam::aws:policy/AdministratorAccess" in text_of(page)
    assert "Open in simulator" not in text_of(page)


def test_an_event_of_who_is_gone_has_no_simulator_although_the_name_was_given_anew(
    browser, past, alice, root
):
    alice.user.delete()
    users.create_user(root, user_name="alice")
    page = browser.get(url("history-event", str(past.pk)))
    assert "Open in simulator" not in text_of(page)


def test_an_event_that_is_not_there_is_no_page(browser):
    for wanted in ("00000000-0000-0000-0000-000000000000",):
        assert browser.get(url("history-event", wanted)).status_code == 404


@pytest.mark.parametrize("kind", ["root", "role", "anonymous", "operator"])
def test_every_sort_of_caller_has_a_page(browser, root, kind, account):
    session = callers.Session("<b>night</b>", root.now)
    role = roles.create_role(
        root, role_name="Web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    known = {"now": root.now, "request_id": "r"}
    caller = {
        "root": lambda: callers.root(account, face=Face.SHELL, **known),
        "role": lambda: callers.role(role, session, face=Face.API, **known),
        "anonymous": lambda: callers.anonymous(account, face=Face.CONSOLE, **known),
        "operator": lambda: callers.operator(account, **known),
    }[kind]()
    event = events.describe(
        caller, "iam:GetUser", outcome="denied", read_only=True, error_code="AccessDenied",
        parameters={"user_name": "<script>alert(1)</script>"}, resources=["*"],
        reasons={"rule": "<i>no credentials</i>"},
    )  # fmt: skip
    event.user_agent = "<script>alert(2)</script>"
    events.write([event])
    for address in (HISTORY, url("history-event", str(event.pk))):
        page = browser.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "<b>night" not in page.content.decode()


# --- Files ----------------------------------------------------------------------------------------


def test_the_csv_holds_what_the_filters_let_through(browser):
    response = browser.get(HISTORY, {"format": "csv", "filter": "resource=Developers"})
    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    header, *lines = csv.reader(io.StringIO(body_of(response)))
    assert header == list(files.HEADER)
    named = [dict(zip(header, line, strict=True)) for line in lines]
    assert [row["Event name"] for row in named] == ["DeleteGroup", "DeleteGroup", "CreateGroup"]
    assert {row["User name"] for row in named} == {"admin", "alice"}


def test_the_json_is_a_file_of_cloudtrail_records(browser):
    response = browser.get(HISTORY, {"format": "json", "outcome": "denied"})
    (record,) = json.loads(body_of(response))["Records"]
    assert record["errorCode"] == "AccessDenied"


def test_a_file_of_many_pages_is_whole_and_ends_where_it_is_full(browser, root, monkeypatch):
    for number in range(30):
        users.create_user(root, user_name=f"user-{number}")
    monkeypatch.setattr(files, "AT_ONCE", 7)
    asked = {"format": "csv", "filter": "action=CreateUser"}
    assert body_of(browser.get(HISTORY, asked)).count("CreateUser") == 31
    monkeypatch.setattr(files, "MOST", 20)
    assert body_of(browser.get(HISTORY, asked)).count("CreateUser") == 20


def test_no_cell_is_a_formula(browser, admin):
    event = events.describe(
        admin, "iam:GetUser", outcome="error", read_only=True, parameters={},
        error_message="=HYPERLINK(1)", resources=["@SUM(1)"],
    )  # fmt: skip
    event.user_agent, event.source_address = "+cmd|' /C calc'!A0", "-1"
    events.write([event])
    text = body_of(browser.get(HISTORY, {"format": "csv"}))
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


# --- Whatever an address says ---------------------------------------------------------------------

BAD = ["\0", "x" * 10_000, "é💥", "%", "'; DROP", "<script>", "=", "user=", "chain=x", "user=\0"]


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize(
    "parameter",
    ["filter", "search", "involving", "from", "to", "within", "outcome", "kind", "face", "after",
     "before", "page", "sort", "format", "property"],
)  # fmt: skip
def test_no_address_breaks_the_page(browser, parameter, text):
    asked = {parameter: text, "operator": "=", "value": text}
    response = browser.get(HISTORY, asked)
    assert response.status_code == 200
    assert "<script>" not in markup_of(response).replace("<script src=", "").replace(
        "<script nonce", ""
    )
    assert not Event.objects.filter(outcome="failure").exists()


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01", "1e9", "-1"]
)
def test_no_time_breaks_the_page(browser, moment):
    for asked in ({"from": moment}, {"to": moment}, {"from": moment, "to": "2000-01-01"}):
        assert browser.get(HISTORY, asked).status_code == 200
    assert browser.get(url("history-recent"), {"key": "\0" * 20}).status_code == 200


def test_nothing_but_reading_is_done_there(browser, past):
    for address in (HISTORY, url("history-recent"), url("history-event", str(past.pk))):
        assert browser.post(address).status_code == 405


# --- Timelines ------------------------------------------------------------------------------------


def test_a_users_page_draws_what_was_done_by_and_to_the_user(browser, past):
    page = text_of(browser.get(url("user-history", "carol")))
    assert "CreateUser on carol by root" in page
    assert "All events of carol" in page
    assert "DeleteGroup on Developers by alice" in text_of(
        browser.get(url("user-history", "alice"))
    )


def test_a_role_and_a_group_have_theirs(browser, root):
    roles.create_role(
        root, role_name="Web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    groups.create_group(root, group_name="Ops")
    assert "CreateRole on Web by root" in text_of(browser.get(url("role-history", "Web")))
    assert "CreateGroup on Ops by root" in text_of(browser.get(url("group-history", "Ops")))


def test_an_access_keys_events_are_shown_where_the_key_is(browser, past):
    page = text_of(browser.get(url("history-recent"), {"key": "AKIAIOSFODNN7EXAMPLE"}))
    assert "DeleteGroup on Developers by admin" in page
    assert "CreateGroup" not in page


def test_the_timeline_is_refused_by_itself(sign_in, caller_with, root, past):
    reader = caller_with(allow("iam:Get*", "iam:List*"), name="reader")
    page = text_of(sign_in(reader).get(url("user-history", "carol")))
    assert "Summary" in page
    assert "cloudtrail:LookupEvents" in page
    assert "by root" not in page


def test_there_is_no_timeline_of_nobody(browser):
    assert browser.get(url("user-history", "nobody")).status_code == 404


def test_pages_take_as_many_queries_however_much_happened(browser, root):
    few = [queries_of(browser, a) for a in (HISTORY, url("user-history", "carol"))]
    for number in range(60):
        users.create_user(root, user_name=f"user-{number}")
        users.tag_user(root, user_name="carol", tags=[])
    many = [queries_of(browser, a) for a in (HISTORY, url("user-history", "carol"))]
    assert many == few
    assert max(many) <= 20
