"""Temporary credentials at the front door: with their token only, and for as long as it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.utils import timezone

from accounts.caller import Caller
from accounts.models import Event, Role
from tests.accounts.assuming import MAY, ROLE, new_role, trusting
from tests.api.clients import Key, ask, client, form, key_of, signed
from tests.cast import allow, arn, document


@pytest.fixture
def reader(aws: Any, root: Caller, caller_with: Any) -> Key:
    """Credentials of a session of a role that may list users."""
    alice = caller_with(MAY)
    new_role(root, trusting(alice.arn))
    root_client = aws(root)
    root_client.put_role_policy(
        RoleName="reader",
        PolicyName="users",
        PolicyDocument=document(allow("iam:ListUsers", "iam:CreateUser")),
    )
    given = aws(alice, "sts").assume_role(RoleArn=ROLE, RoleSessionName="work", DurationSeconds=900)
    found = given["Credentials"]
    return Key(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


def code(key: Key) -> str:
    body = form("ListUsers")
    answer = ask(headers=signed(key, body), body=body)
    return answer.code if answer.status != 200 else ""


def test_a_session_of_a_role_calls_with_the_roles_permissions(reader):
    iam = client(reader)
    assert iam.list_users()["Users"]
    with pytest.raises(ClientError) as refused:
        iam.list_groups()
    assert f"User: {arn('assumed-role/reader/work').replace(':iam:', ':sts:')} is not" in str(
        refused.value
    )
    event = Event.objects.get(action="iam:ListUsers")
    assert event.access_key_id == reader.access_key_id
    assert event.issuer == ROLE
    assert reader.secret not in str(event.parameters)
    role = Role.objects.get(name="reader")
    assert role.last_used_at is not None


def test_the_token_is_part_of_the_credentials(reader, admin):
    assert reader.token is not None
    assert code(Key(reader.access_key_id, reader.secret)) == "InvalidClientTokenId"
    changed = reader.token[:-4] + ("AAAA" if reader.token[-4:] != "AAAA" else "BBBB")
    for token in ("", "x", "é", changed, "=" * 50, "A" * 20_000):
        assert code(Key(reader.access_key_id, reader.secret, token)) in (
            "InvalidClientTokenId",
            "IncompleteSignature",
        )
    long_term = key_of(admin)
    mixed = Key(long_term.access_key_id, long_term.secret, reader.token)
    assert code(mixed) == "InvalidClientTokenId"
    another = Key("ASIA" + reader.access_key_id[4:-1] + "A", reader.secret, reader.token)
    assert code(another) == "InvalidClientTokenId" or another == reader
    assert code(Key(reader.access_key_id, "wrong", reader.token)) == "SignatureDoesNotMatch"


def test_they_end_when_they_were_said_to(reader, monkeypatch):
    assert code(reader) == ""
    later = timezone.now() + timedelta(minutes=16)
    monkeypatch.setattr(timezone, "now", lambda: later)
    body = form("ListUsers")
    answer = ask(headers=signed(reader, body, at=later), body=body)
    assert (answer.status, answer.code) == (403, "ExpiredToken")
    assert answer.message == "The security token included in the request is expired"


def test_they_end_with_the_role(reader):
    Role.objects.all().delete()
    assert code(reader) == "InvalidClientTokenId"


def test_a_presigned_url_carries_the_token(reader):
    url = client(reader).generate_presigned_url("list_users", ExpiresIn=60, HttpMethod="GET")
    query = url.partition("?")[2]
    assert "X-Amz-Security-Token=" in query
    assert ask("GET", query=query, headers={"Host": "localhost:8000"}).status == 200
    without = "&".join(
        part for part in query.split("&") if not part.startswith("X-Amz-Security-Token")
    )
    answer = ask("GET", query=without, headers={"Host": "localhost:8000"})
    assert answer.code == "InvalidClientTokenId"


def test_only_temporary_credentials_have_the_keys_of_mfa(aws, reader, root):
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    aws(root).put_role_policy(
        RoleName="reader",
        PolicyName="users",
        PolicyDocument=document(allow("iam:ListUsers", Condition=condition)),
    )
    assert code(reader) == ""
