"""An event as the record that CloudTrail would have of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts import caller as callers
from accounts import events, signin
from accounts.actions import login_profiles, roles, sts, users
from accounts.actions.filters import Filter
from accounts.actions.history import lookup_events
from accounts.caller import CallerKind, Face
from accounts.errors import AccessDenied, SignInRefused
from accounts.models import Event
from iamconsole.answers import history as answers
from tests.cast import allow, arn, trust

KEY = "AKIAIOSFODNN7EXAMPLE"
BY_ALICE = (Filter("user", "=", "alice"),)


def record_of(**where: Any) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(json.dumps(answers.record(Event.objects.get(**where))))
    return record


def test_a_call_is_recorded_as_cloudtrail_does(admin):
    users.create_user(replace(admin, access_key_id=KEY), user_name="carol")
    record = record_of()
    assert record["userIdentity"] == {
        "type": "IAMUser",
        "principalId": admin.unique_id,
        "arn": admin.arn,
        "accountId": "111122223333",
        "accessKeyId": KEY,
        "userName": "admin",
    }
    assert record["eventTime"] == "2026-01-15T12:00:00Z"
    assert (record["eventSource"], record["eventName"]) == ("iam.amazonaws.com", "CreateUser")
    assert record["requestParameters"] == {"userName": "carol"}
    assert record["eventType"] == "AwsApiCall"
    assert record["sourceIPAddress"] == "192.0.2.10"
    assert record["recipientAccountId"] == "111122223333"
    assert record["readOnly"] is False
    assert "errorCode" not in record


def test_a_refusal_says_why(alice):
    with pytest.raises(AccessDenied):
        users.create_user(alice, user_name="carol")
    record = record_of()
    assert record["errorCode"] == "AccessDenied"
    assert "no identity-based policy allows the iam:CreateUser action" in record["errorMessage"]
    assert record["additionalEventData"]["decision"]["decision"] == "implicitDeny"


def test_a_session_of_a_role_says_whose_role_it_is(root, alice, caller_with):
    roles.create_role(root, role_name="Web", assume_role_policy_document=trust(AWS=alice.arn))
    alice = caller_with(allow("sts:AssumeRole"), name="alice")
    sts.assume_role(alice, role_arn=arn("role/Web"), role_session_name="shift")
    role = root.home.roles.get(name="Web")
    session = callers.Session("shift", root.now + timedelta(hours=1))
    acting = callers.role(role, session, face=Face.API, now=root.now, request_id="r")
    with pytest.raises(AccessDenied):
        users.list_users(acting)
    identity = record_of(action="iam:ListUsers")["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == "arn:aws:sts::111122223333:assumed-role/Web/shift"
    assert identity["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": role.unique_id,
        "arn": role.arn,
        "accountId": "111122223333",
        "userName": "Web",
    }


@pytest.mark.parametrize("password", ["wrong", "Right-horse-7"])
def test_a_sign_in_is_a_console_login_with_its_outcome(account, alice, root, now, password):
    login_profiles.create_login_profile(root, user_name="alice", password="Right-horse-7")
    stranger = callers.anonymous(account, face=Face.CONSOLE, now=now, request_id="s")
    done = "Success" if password != "wrong" else "Failure"
    try:
        signin.sign_in_user(stranger, account.id, "alice", password)
    except SignInRefused:
        assert done == "Failure"
    record = record_of(action="signin:ConsoleLogin")
    assert record["eventType"] == "AwsConsoleSignIn"
    assert record["responseElements"] == {"ConsoleLogin": done}
    assert record["additionalEventData"]["MFAUsed"] == "No"
    assert record["userIdentity"]["userName"] == "alice"
    assert record.get("errorMessage") == (None if done == "Success" else "Failed authentication")
    assert password not in json.dumps(record)
    assert [event.action for event in lookup_events(root, filters=BY_ALICE).events] == [
        "signin:ConsoleLogin"
    ]


def test_a_name_that_nobody_has_is_not_recorded_for_it_may_be_a_password(account, now):
    stranger = callers.anonymous(account, face=Face.CONSOLE, now=now, request_id="s")
    with pytest.raises(SignInRefused):
        signin.sign_in_user(stranger, account.id, "hunter2", "x")
    record = record_of(action="signin:ConsoleLogin")
    assert record["userIdentity"]["userName"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert "hunter2" not in json.dumps(record)


def test_no_secret_is_in_any_record(root, alice):
    secret = "Correct-horse-battery-7"
    login_profiles.create_login_profile(root, user_name="alice", password=secret)
    login_profiles.update_login_profile(root, user_name="alice", password=secret + "8")
    found = lookup_events(root)
    assert len(found.events) == 2
    for event in found.events:
        assert secret not in json.dumps(answers.record(event))


@pytest.mark.parametrize("kind", list(CallerKind))
def test_whoever_called_has_a_record(root, kind):
    event = events.describe(
        replace(root, kind=kind), "console:Whatever", outcome="failure", read_only=True,
        parameters={"tags": [{"Key": "a", "Value": "b"}], "page_size": 3},
    )  # fmt: skip
    record = answers.record(event)
    assert record["userIdentity"]["type"]
    assert record["requestParameters"] == {"tags": [{"key": "a", "value": "b"}], "pageSize": 3}
    assert isinstance(json.dumps(record), str)
