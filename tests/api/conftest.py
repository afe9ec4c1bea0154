"""What tests of the AWS endpoint may use beside the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from accounts.caller import Caller
from iamconsole.api import shapes
from iamconsole.api.s3 import writing
from tests.api import model
from tests.api.clients import Key, client, key_of
from tests.api.servers import s3_client, serving

Clients = Callable[..., Any]


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """Keep the connection of the test, which Django would renew with every request."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def aws(db: None) -> Clients:
    """`aws(alice, service="iam")`: a boto client that signs with a new key of that user."""

    def aws(caller: Caller, service: str = "iam", **more: Any) -> Any:
        key = keys.get(caller.unique_id) or key_of(caller)
        keys[caller.unique_id] = key
        return client(key, service, **more)

    keys: dict[str, Any] = {}
    return aws


@pytest.fixture
def iam(aws: Clients, admin: Caller) -> Any:
    """The IAM client of the administrator."""
    return aws(admin)


@pytest.fixture
def nobody(aws: Clients, alice: Caller) -> Any:
    """The IAM client of a user who may do nothing."""
    return aws(alice)


@pytest.fixture
def stranger(aws: Clients, eve: Caller) -> Any:
    """The IAM client of another account's administrator."""
    return aws(eve)


@pytest.fixture
def unchecked(aws: Clients, admin: Caller) -> Any:
    """The administrator's client without the SDK's own checks: it sends what is wrong, too."""
    return aws(admin, parameter_validation=False)


@pytest.fixture
def endpoint(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The address of a server that keeps objects for as long as the test runs."""
    settings.OBJECTS = tmp_path / "objects"
    with serving() as url:
        yield url


@pytest.fixture
def s3_key(endpoint: str, admin: Caller) -> Key:
    """The administrator's key, for addresses that are signed by hand."""
    return key_of(admin)


@pytest.fixture
def s3(endpoint: str, s3_key: Key) -> Any:
    """boto3's client of S3 for the administrator."""
    return s3_client(s3_key, endpoint)


@pytest.fixture
def bucket(s3: Any) -> str:
    """A bucket of the administrator's."""
    s3.create_bucket(Bucket="reports")
    return "reports"


@pytest.fixture(autouse=True)
def known_members(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """See that whatever a test is answered stands in botocore's model, with the right types."""
    written = shapes.written
    strangers: list[str] = []

    def checked(operation: str, members: shapes.Members, *more: Any, **named: Any) -> bytes:
        shape = model.operation(operation).output_shape
        if shape is not None:
            strangers.extend(model.strangers(members, shape, operation))
        return written(operation, members, *more, **named)

    head = writing.head

    def checked_head(operation: str, members: shapes.Members) -> dict[str, str]:
        shape = model.operation(f"s3:{operation}").output_shape
        told = {name: value for name, value in members.items() if name != "Body"}
        strangers.extend(model.strangers(told, shape, operation) if shape is not None else told)
        return head(operation, members)

    monkeypatch.setattr(shapes, "written", checked)
    monkeypatch.setattr(writing, "head", checked_head)
    yield
    assert strangers == []
