"""The front door: who gets in, and what everybody else is told in AWS's words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.db import OperationalError
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions import shared
from accounts.caller import Caller
from accounts.models import AccessKey, Event, User
from tests.api.clients import FORM, Key, ask, client, form, key_of, signed
from tests.cast import allow

INVALID = ("InvalidClientTokenId", "The security token included in the request is invalid.")


@pytest.fixture
def key(admin: Caller) -> Key:
    return key_of(admin)


def call(key: Key, operation: str = "GetUser", body: bytes | None = None, **more: Any) -> Any:
    body = form(operation) if body is None else body
    return ask(headers=signed(key, body, **more), body=body)


def test_a_signed_call_is_answered_with_the_id_that_its_event_has(key, admin):
    answer = call(key)
    assert answer.status == 200
    assert answer.headers["x-amzn-RequestId"] == answer.request_id
    event = Event.objects.get(request_id=answer.request_id)
    assert (event.action, event.face, event.outcome) == ("iam:GetUser", "api", "success")
    assert (event.access_key_id, event.principal_arn) == (key.access_key_id, admin.arn)
    assert (event.source_address, event.region) == ("192.0.2.10", "us-east-1")


def test_it_sets_no_cookie_and_a_cookie_opens_nothing(key):
    assert "Set-Cookie" not in call(key).headers
    body = form("GetUser")
    answer = ask(headers={"Content-Type": FORM, "Cookie": "sessionid=abc"}, body=body)
    assert (answer.status, answer.code) == (403, "MissingAuthenticationToken")
    assert answer.message == "Request is missing Authentication Token"


def test_pages_are_none_of_its_business(db):
    assert ask("GET", "/signin/").headers["Content-Type"].startswith("text/html")
    assert ask("GET", "/").status in (200, 302)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "aws-global", "nowhere-9"])
def test_every_region_is_this_one(key, region):
    assert call(key, region=region).status == 200


@pytest.mark.parametrize("service", ["execute-api", "IAM", ""])
def test_the_scope_names_one_of_the_services_that_there_are(key, service):
    answer = call(key, service=service)
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert "Credential should be scoped to correct service" in answer.message


def test_an_operation_of_the_other_service_is_not_found(key):
    answer = call(key, service="sts")
    assert (answer.status, answer.code) == (400, "InvalidAction")
    assert answer.message == "Could not find operation GetUser for version 2010-05-08"


def test_unknown_keys_and_keys_that_are_switched_off_are_told_apart_by_nobody(key, admin):
    strangers = Key("AKIAAAAAAAAAAAAAAAAA", key.secret)
    refused = call(strangers)
    assert (refused.status, refused.code, refused.message) == (403, *INVALID)
    AccessKey.objects.update(status="Inactive")
    off = call(key)
    assert (off.status, off.code, off.message) == (403, *INVALID)


@pytest.mark.parametrize("key_id", ["", "x", "AKIA\x00AAAAAAAAAAAAAAA", "é" * 20, "A" * 5000])
def test_what_is_no_key_id_is_an_unknown_key(key, key_id):
    answer = call(Key(key_id, key.secret))
    assert (answer.status, answer.code) == (403, "InvalidClientTokenId")


def test_the_key_of_a_deleted_user_is_an_unknown_key(alice):
    key = key_of(alice)
    User.objects.filter(name="alice").delete()
    assert call(key).code == "InvalidClientTokenId"


def test_a_wrong_secret_is_refused_with_what_should_have_been_signed(key):
    answer = call(Key(key.access_key_id, "wrong"))
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert answer.message.startswith(
        "The request signature we calculated does not match the signature you provided. Check "
        "your AWS Secret Access Key and signing method."
    )
    assert "The Canonical String for this request should have been" in answer.message
    assert "The String-to-Sign should have been" in answer.message
    assert key.secret not in answer.body
    assert not Event.objects.exists()


@pytest.mark.parametrize("part", ["body", "query", "x-amz-date", "host"])
def test_whatever_is_changed_after_signing_is_noticed(key, part):
    body = form("GetUser")
    headers = signed(key, body)
    query = ""
    match part:
        case "body":
            body = form("ListUsers")
        case "query":
            query = "UserName=bob"
        case "x-amz-date":
            later = timezone.now() + timedelta(seconds=2)
            headers["X-Amz-Date"] = later.strftime("%Y%m%dT%H%M%SZ")
        case "host":
            headers["Host"] = "elsewhere.example"
    answer = ask(headers=headers, body=body, query=query)
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")


def test_a_clock_may_be_off_by_five_minutes(key):
    now = timezone.now()
    assert call(key, at=now - timedelta(minutes=4, seconds=50)).status == 200
    assert call(key, at=now + timedelta(minutes=4, seconds=50)).status == 200
    late = call(key, at=now - timedelta(minutes=6))
    assert (late.status, late.code) == (403, "SignatureDoesNotMatch")
    assert late.message.startswith("Signature expired: ")
    assert "is now earlier than" in late.message
    early = call(key, at=now + timedelta(minutes=6))
    assert (early.status, early.code) == (403, "SignatureDoesNotMatch")
    assert early.message.startswith("Signature not yet current: ")


def test_every_x_amz_header_has_to_be_signed(key):
    body = form("GetUser")
    headers = {**signed(key, body), "X-Amz-Meta-Extra": "1"}
    answer = ask(headers=headers, body=body)
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert "x-amz-meta-extra" in answer.message
    assert call(key, X_Amz_Meta_Extra="1").status == 200


def test_the_host_has_to_be_signed(key):
    body = form("GetUser")
    headers = signed(key, body)
    headers["Authorization"] = headers["Authorization"].replace(";host;", ";")
    answer = ask(headers=headers, body=body)
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert answer.message.startswith("'Host' must be a 'SignedHeader'")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("AWS4-HMAC-SHA256", "missing equal-sign"),
        ("AWS4-HMAC-SHA256 Credential=a", "requires 'Signature' parameter"),
        ("AWS4-HMAC-SHA256 Signature=a", "requires 'Credential' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a, Signature=b", "requires 'SignedHeaders' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a, Credential=b", "more than one 'Credential'"),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", "Signature Version 4a"),
        ("AWS AKIAIOSFODNN7EXAMPLE:abc", "Unsupported AWS 'algorithm'"),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c", "exactly 5"),
        (
            "AWS4-HMAC-SHA256 Credential=a/20260101/r/iam/aws4_request, SignedHeaders=host, "
            "Signature=c",
            "requires existence of either a 'X-Amz-Date' or a 'Date' header",
        ),
    ],
)
def test_half_a_signature_is_told_what_it_lacks(db, header, told):
    headers = {"Content-Type": FORM, "Authorization": header}
    if "5" in told:
        headers["X-Amz-Date"] = "20260101T000000Z"
    answer = ask(headers=headers, body=form("GetUser"))
    assert (answer.status, answer.code) == (400, "IncompleteSignature")
    assert told in answer.message.replace("&quot;", '"')


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("aws4_request", "aws5_request", "valid terminator"),
        ("/us-east-1/", "/US EAST/", "valid region"),
    ],
)
def test_a_scope_of_another_form_is_refused(key, old, new, told):
    body = form("GetUser")
    headers = signed(key, body)
    headers["Authorization"] = headers["Authorization"].replace(old, new)
    answer = ask(headers=headers, body=body)
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch")
    assert told in answer.message


def test_a_request_signed_twice_is_refused(key):
    body = form("GetUser")
    answer = ask(headers=signed(key, body), body=body, query="X-Amz-Signature=abc")
    assert (answer.status, answer.code) == (400, "IncompleteSignature")


# --- Presigned URLs ------------------------------------------------------------------------------


def test_a_presigned_url_works_until_its_time_is_over(key, monkeypatch):
    sts = client(key)
    url = sts.generate_presigned_url("get_user", ExpiresIn=60, HttpMethod="GET")
    query = url.partition("?")[2]
    host = {"Host": "localhost:8000"}
    assert ask("GET", query=query, headers=host).status == 200
    moved = ask("GET", query=query.replace("GetUser", "ListUsers"), headers=host)
    assert (moved.status, moved.code) == (403, "SignatureDoesNotMatch")
    later = timezone.now() + timedelta(seconds=90)
    monkeypatch.setattr(timezone, "now", lambda: later)
    answer = ask("GET", query=query, headers=host)
    assert (answer.status, answer.code) == (400, "RequestExpired")


@pytest.mark.parametrize("expires", ["", "x", "-1", "604801", "1e3", "9" * 400])
def test_a_presigned_url_is_good_for_a_week_at_most(key, expires):
    url = client(key).generate_presigned_url("get_user", ExpiresIn=60, HttpMethod="GET")
    query = url.partition("?")[2].replace("X-Amz-Expires=60", f"X-Amz-Expires={expires}")
    answer = ask("GET", query=query, headers={"Host": "localhost:8000"})
    assert (answer.status, answer.code) == (400, "IncompleteSignature")
    assert "X-Amz-Expires" in answer.message


# --- What is asked for ---------------------------------------------------------------------------


def test_an_operation_that_there_is_not(key):
    answer = call(key, "GetUsers")
    assert (answer.status, answer.code) == (400, "InvalidAction")
    assert answer.message == "Could not find operation GetUsers for version 2010-05-08"
    unversioned = call(key, body=b"Action=GetUser")
    assert unversioned.code == "InvalidAction"
    assert unversioned.message.endswith("NO_VERSION_SPECIFIED")
    assert call(key, body=b"Version=2010-05-08").code == "MissingAction"


def test_an_operation_that_is_not_built_says_so(key):
    answer = call(key, "AcquireRole")
    assert (answer.status, answer.code) == (501, "NotImplemented")
    assert "iam:AcquireRole" in answer.message


@pytest.mark.parametrize(
    ("body", "query", "code"),
    [
        (form("GetUser") + b"&UserName=a&UserName=b", "", "MalformedInput"),
        (form("GetUser"), "Action=GetUser", "MalformedInput"),
        (form("GetUser") + b"&Action=ListUsers", "", "MalformedInput"),
        (form("CreateUser") + b"&UserName=a&Tags.member.1001.Key=k", "", "MalformedInput"),
        (form("CreateUser") + b"&UserName=a&Tags.member.0.Key=k", "", "MalformedInput"),
        (form("CreateUser") + b"&UserName=a&Tags.member.x.Key=k", "", "MalformedInput"),
        (form("CreateUser") + b"&UserName=a&Tags.member.1=k", "", "MalformedInput"),
        (form("CreateUser") + b"&UserName=a&Tags.1.Key=k", "", "MalformedInput"),
        (form("CreateUser") + b"&UserName=a&Tags=k", "", "MalformedInput"),
        (form("CreateUser") + b"&UserName.member.1=a", "", "MalformedInput"),
        (form("CreateUser") + b"&UserName=a&Tags=&Tags.member.1.Key=k", "", "MalformedInput"),
        (form("CreateUser") + b"&Tags.member.1.Key" + b".a" * 50_000, "", "MalformedInput"),
        (form("ListUsers") + b"&MaxItems=ten", "", "MalformedInput"),
        (form("ListUsers") + b"&MaxItems=" + b"9" * 9000, "", "MalformedInput"),
        (form("ListUsers") + b"&MaxItems=0", "", "ValidationError"),
        (form("GetUser") + b"&UserName=%zz", "", "MalformedQueryString"),
        (form("GetUser") + b"&UserName=%ff", "", "MalformedQueryString"),
        (form("GetUser") + b"&a=b" * 20_000, "", "MalformedQueryString"),
        (form("GetUser") + b"&UserName=%00", "", "ValidationError"),
        (form("CreateUser"), "", "ValidationError"),
    ],
    ids=str,
)
def test_what_is_no_request_is_an_error_of_the_sender(key, body, query, code):
    url = f"http://localhost:8000/?{query}" if query else "http://localhost:8000/"
    answer = ask(headers=signed(key, body, url=url), body=body, query=query)
    assert 400 <= answer.status < 500
    assert answer.code == code
    assert not User.objects.filter(name="a").exists()


def test_a_body_of_more_than_a_mebibyte_is_not_even_read(key):
    body = form("CreateUser") + b"&UserName=" + b"a" * 1024 * 1024
    answer = call(key, body=body)
    assert (answer.status, answer.code) == (413, "RequestEntityTooLarge")
    # Whatever it claims to hold.
    headers = {"Content-Type": FORM, "Content-Length": "9" * 50}
    assert ask(headers=headers).status == 413
    assert ask(headers={"Content-Type": FORM, "Content-Length": "-1"}).status == 404


def test_parameters_that_aws_does_not_know_are_passed_over(key, alice):
    body = form("ListUsers") + b"&page=1&search=ali&Seed=x&Tags.member.1.Key=k"
    answer = call(key, body=body)
    assert answer.status == 200
    assert "<UserName>admin</UserName>" in answer.body, "the console's search is not the wire's"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_other_methods_are_refused(key, method):
    answer = ask(method, headers=signed(key, b"", method=method))
    assert answer.status == 405


def test_a_policy_decides_and_says_so_in_awss_words(aws, alice):
    with pytest.raises(ClientError) as refused:
        aws(alice).list_users()
    error = refused.value.response
    assert error["Error"]["Code"] == "AccessDenied"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert error["Error"]["Message"] == (
        f"User: {alice.arn} is not authorized to perform: iam:ListUsers on resource: "
        "arn:aws:iam::111122223333:user/ because no identity-based policy allows the "
        "iam:ListUsers action"
    )
    event = Event.objects.get(action="iam:ListUsers")
    assert (event.outcome, event.error_code) == ("denied", "AccessDenied")


def test_conditions_see_what_only_the_wire_has(aws, caller_with):
    reader = caller_with(
        allow(
            "iam:ListUsers",
            Condition={
                "IpAddress": {"aws:SourceIp": "192.0.2.0/24"},
                "StringLike": {"aws:UserAgent": "curious/*"},
                "Bool": {"aws:SecureTransport": "false"},
                "StringEquals": {"aws:RequestedRegion": "us-east-1"},
                # Long-term keys have no such key at all.
                "Null": {"aws:MultiFactorAuthPresent": "true"},
            },
        )
    )
    assert aws(reader, user_agent="curious/1").list_users()["Users"]
    with pytest.raises(ClientError, match="not authorized"):
        aws(reader, user_agent="other/1").list_users()


def test_a_key_remembers_its_last_use_but_not_every_time(key):
    assert call(key).status == 200
    row = AccessKey.objects.get(access_key_id=key.access_key_id)
    assert row.last_used_at is not None
    assert (row.last_used_service, row.last_used_region) == ("iam", "us-east-1")
    assert call(key, region="eu-west-1").status == 200
    row.refresh_from_db()
    assert row.last_used_region == "us-east-1"


def test_a_client_that_wants_json_gets_json(key):
    body = form("GetUser")
    answer = ask(headers={**signed(key, body), "Accept": "application/json"}, body=body)
    assert answer.headers["Content-Type"] == "application/json"
    assert '"GetUserResponse": {"GetUserResult": {"User": {"Path": "/"' in answer.body
    wrong = ask(headers={"Content-Type": FORM, "Accept": "application/json"}, body=body)
    assert '"Error": {"Type": "Sender", "Code": "MissingAuthenticationToken"' in wrong.body


@pytest.mark.parametrize("place", ["accounts.actions.shared", "accounts.events"])
def test_a_database_that_is_too_busy_asks_clients_to_come_again(key, monkeypatch, place):
    def busy(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked: no turn to write within 20 s")

    monkeypatch.setattr(f"{place}.{'subject' if 'shared' in place else 'write'}", busy)
    answer = call(key)
    assert (answer.status, answer.code) == (400, "Throttling")
    assert answer.message == "Rate exceeded"


def test_a_database_that_is_broken_is_not_said_to_be_busy(key, monkeypatch):
    def broken(*_: Any, **__: Any) -> None:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr("accounts.events.write", broken)
    assert call(key).code == "ServiceFailure"


def test_what_breaks_here_is_told_as_aws_tells_it(key, monkeypatch):
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(shared, "subject", broken)
    answer = call(key)
    assert (answer.status, answer.code) == (500, "ServiceFailure")
    assert "<Type>Receiver</Type>" in answer.body
    monkeypatch.setattr("iamconsole.api.credentials.find", broken)
    answer = call(key)
    assert (answer.status, answer.code) == (500, "ServiceFailure")
    assert answer.request_id in answer.message


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=st.binary(max_size=200),
    query=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80),
    authorization=st.one_of(
        st.just(""),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=120).map(
            lambda text: f"AWS4-HMAC-SHA256 {text}"
        ),
    ),
)
def test_nothing_that_is_sent_breaks_it(db, body, query, authorization):
    headers = {"Content-Type": FORM, "X-Amz-Date": "20260101T000000Z"}
    if authorization:
        headers["Authorization"] = authorization
    answer = ask(headers=headers, body=body, query=query)
    assert 400 <= answer.status < 500
    assert answer.body.startswith("<ErrorResponse")
