"""The event history on the wire: CloudTrail's JSON protocol, as clients and others speak it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from accounts.caller import Caller
from accounts.models import Event
from tests.api.clients import Answer, ask, client, key_of, signed
from tests.cast import allow

TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
JSON = "application/x-amz-json-1.1"


@pytest.fixture
def trail(aws, admin):
    """The administrator's client of CloudTrail, after something happened."""
    iam = aws(admin)
    iam.create_user(UserName="carol")
    with pytest.raises(ClientError):
        iam.delete_group(GroupName="nothing")
    return aws(admin, "cloudtrail")


def names(answer: Any) -> list[str]:
    return [event["EventName"] for event in answer["Events"]]


def refusal(action: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        action(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def post(key: Any, body: bytes, target: str = TARGET, **more: Any) -> Answer:
    headers = signed(key, body, service="cloudtrail", X_Amz_Target=target, Content_Type=JSON)
    return ask(headers={**headers, **more}, body=body)


def told(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_events_come_as_cloudtrail_gives_them(trail, admin):
    answer = trail.lookup_events()
    assert names(answer)[:2] == ["DeleteGroup", "CreateUser"]
    event = answer["Events"][1]
    assert event["Username"] == "admin"
    assert event["EventSource"] == "iam.amazonaws.com"
    assert event["ReadOnly"] == "false"
    assert event["AccessKeyId"].startswith("AKIA")
    assert event["Resources"] == [{"ResourceType": "AWS::IAM::User", "ResourceName": "carol"}]
    assert event["EventTime"] > datetime.now(UTC) - timedelta(minutes=5)
    record = json.loads(event["CloudTrailEvent"])
    assert record["eventID"] == event["EventId"]
    assert record["requestParameters"] == {"userName": "carol"}
    assert record["userIdentity"]["arn"] == admin.arn


def test_attributes_times_and_pages_work(trail):
    by_name = [{"AttributeKey": "ResourceName", "AttributeValue": "carol"}]
    assert names(trail.lookup_events(LookupAttributes=by_name)) == ["CreateUser"]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert names(trail.lookup_events(StartTime=tomorrow)) == []
    pages = trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "iam.amazonaws.com"}],
        PaginationConfig={"PageSize": 1},
    )
    assert [names(page) for page in pages] == [["DeleteGroup"], ["CreateUser"]]


def test_errors_have_the_names_of_cloudtrail(trail, aws, alice):
    now = datetime.now(UTC)
    assert refusal(trail.lookup_events, MaxResults=50, NextToken="x")[0] == (
        "InvalidNextTokenException"
    )
    assert refusal(trail.lookup_events, StartTime=now, EndTime=now - timedelta(1))[0] == (
        "InvalidTimeRangeException"
    )
    code, message = refusal(aws(alice, "cloudtrail").lookup_events)
    assert code == "AccessDeniedException"
    assert "no identity-based policy allows the cloudtrail:LookupEvents action" in message
    with pytest.raises(trail.exceptions.InvalidEventCategoryException):
        trail.lookup_events(EventCategory="insight")


def test_errors_that_the_client_would_catch_itself(aws, admin):
    trail = aws(admin, "cloudtrail", parameter_validation=False)
    two = [{"AttributeKey": "Username", "AttributeValue": "a"}] * 2
    for code, arguments in (
        ("InvalidMaxResultsException", {"MaxResults": 51}),
        ("InvalidMaxResultsException", {"MaxResults": 0}),
        ("InvalidLookupAttributesException", {"LookupAttributes": two}),
        ("ValidationException", {"LookupAttributes": [{"AttributeKey": "Username"}]}),
        ("ValidationException", {"LookupAttributes": [{"AttributeKey": "X",
                                                       "AttributeValue": "y"}]}),
        ("SerializationException", {"MaxResults": "many"}),
    ):  # fmt: skip
        assert refusal(trail.lookup_events, **arguments)[0] == code
    assert not Event.objects.filter(outcome="failure").exists()


def test_another_account_gets_its_own_events_only(trail, aws, eve):
    stranger = aws(eve, "cloudtrail")
    assert names(stranger.lookup_events()) == []
    event = trail.lookup_events()["Events"][-1]
    by_id = [{"AttributeKey": "EventId", "AttributeValue": event["EventId"]}]
    assert names(trail.lookup_events(LookupAttributes=by_id)) == [event["EventName"]]
    assert names(stranger.lookup_events(LookupAttributes=by_id)) == []
    token = trail.lookup_events(MaxResults=1)["NextToken"]
    assert refusal(stranger.lookup_events, NextToken=token)[0] == "InvalidNextTokenException"


def test_nothing_but_aws_arguments_gets_in(admin, db):
    body = json.dumps({"search": "carol", "page_size": 1000, "filters": 5, "Newer": True}).encode()
    assert post(key_of(admin), body).status == 200
    assert Event.objects.latest("sequence").parameters == {}


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"5",
    b"{",
    b"\xff\xfe",
    b'{"NextToken": "a\\u0000b"}',
    b'{"NextToken": "\\ud800"}',
    b'{"NextToken": 5}',
    b'{"MaxResults": true}',
    b'{"MaxResults": 1e3}',
    b'{"MaxResults": ' + b"9" * 4000 + b"}",
    b'{"MaxResults": ' + b"9" * 6000 + b"}",
    b'{"StartTime": 1e400}',
    b'{"StartTime": -1e300}',
    b'{"StartTime": NaN}',
    b'{"StartTime": 253402300800}',
    b'{"StartTime": "2026-01-01"}',
    b'{"LookupAttributes": [null]}',
    b'{"LookupAttributes": [[]]}',
    b'{"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "x\\u0000"}]}',
    b'{"LookupAttributes": [{"AttributeKey": {}, "AttributeValue": "x"}]}',
    b"[" * 50_000,
    b'{"a":' * 50_000,
]


@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_body_is_answered_and_never_breaks_anything(admin, db, body):
    answer = post(key_of(admin), body)
    assert answer.status in (200, 400)
    assert answer.headers["Content-Type"] == JSON
    assert answer.headers["x-amzn-RequestId"]
    if answer.status == 400:
        assert told(answer)["__type"].endswith("Exception")
    assert not Event.objects.filter(outcome="failure").exists()


def test_an_operation_that_there_is_not_is_said_so(admin, db):
    key = key_of(admin)
    for target in ("", "x", TARGET[:-1], TARGET + "x", "CloudTrail.DeleteTrail", "é"):
        answer = post(key, b"{}", target=target)
        assert answer.status in (400, 403)
        assert told(answer)["__type"] in (
            "UnknownOperationException",
            "InvalidSignatureException",
        )


def test_who_did_not_sign_gets_nothing(db):
    answer = ask(headers={"X-Amz-Target": TARGET, "Content-Type": JSON}, body=b"{}")
    assert answer.status == 403
    assert told(answer)["__type"] == "MissingAuthenticationTokenException"


def test_a_signature_for_another_service_or_a_changed_body_is_refused(admin, db):
    key = key_of(admin)
    headers = signed(key, b"{}", service="iam", X_Amz_Target=TARGET, Content_Type=JSON)
    assert told(ask(headers=headers, body=b"{}"))["__type"] == "UnknownOperationException"
    headers = signed(key, b"{}", service="cloudtrail", X_Amz_Target=TARGET, Content_Type=JSON)
    answer = ask(headers=headers, body=b'{"MaxResults": 5}')
    assert (answer.status, told(answer)["__type"]) == (403, "InvalidSignatureException")


def test_a_client_over_a_real_connection_finds_what_it_did(transactional_db, live_server, admin):
    key = key_of(admin)
    client(key, endpoint=live_server.url).create_group(GroupName="Developers")
    trail = client(key, "cloudtrail", endpoint=live_server.url)
    assert names(trail.lookup_events())[0] == "CreateGroup"


def test_a_reader_of_the_record_alone_reads_it(caller_with, aws, trail):
    reader: Caller = caller_with(allow("cloudtrail:LookupEvents"), name="reader")
    assert names(aws(reader, "cloudtrail").lookup_events())[-1] == "CreateUser"
