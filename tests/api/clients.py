"""The SDK of AWS's own, pointed at the server of a test: the judge of the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from accounts.actions import access_keys
from accounts.caller import Caller, CallerKind

#: One try: what a test expects to fail shall fail at once.
_CONFIG = Config(retries={"total_max_attempts": 1}, read_timeout=20, connect_timeout=5)


def client(address: str, key: access_keys.NewAccessKey, service: str = "iam") -> Any:
    """A client that signs with a long-term key."""
    return boto3.client(
        service,
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=key.key.access_key_id,
        aws_secret_access_key=key.secret,
        config=_CONFIG,
    )


def client_of(address: str, caller: Caller, service: str = "iam") -> Any:
    """A client of a user or root, who gets a key for it."""
    user = caller.user if caller.kind is CallerKind.USER else None
    slot = caller.home.access_keys.filter(user=user).count() + 1
    return client(address, access_keys.new_key(caller.home, user, slot, caller.now), service)


@contextmanager
def refused(code: str, message: str | None = None, *, status: int | None = None) -> Iterator[None]:
    """The call fails with this code and, where they are given, these very words and status."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    if message is not None:
        assert error["Message"] == message
    if status is not None:
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
