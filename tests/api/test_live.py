"""boto's client over a real connection."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.api.clients import client, key_of


@pytest.fixture
def iam(transactional_db, live_server, admin):
    return client(key_of(admin), endpoint=live_server.url)


def test_a_client_needs_the_endpoint_and_a_key_only(iam):
    assert iam.create_user(UserName="carol", Tags=[{"Key": "a", "Value": "é"}])["User"]["Tags"]
    assert iam.get_user()["User"]["UserName"] == "admin"
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["admin", "carol"]
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName="carol")


def test_a_body_that_is_too_large_is_answered_and_the_connection_lives_on(iam):
    with pytest.raises(ClientError, match="RequestEntityTooLarge"):
        iam.tag_user(UserName="admin", Tags=[{"Key": "a", "Value": "x" * 2_000_000}])
    assert iam.get_user()["User"]["UserName"] == "admin"
