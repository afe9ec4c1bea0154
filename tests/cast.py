"""Who appears in the tests, beside the fixtures of the same names: how to make more of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from accounts import caller as callers
from accounts import ids
from accounts.caller import Caller, Face
from accounts.models import Account, Attachment, User

ACCOUNT_ID, OTHER_ACCOUNT_ID = "111122223333", "444455556666"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
CallerWith = Callable[..., Caller]


def arn(rest: str, account: str = ACCOUNT_ID) -> str:
    """`arn:aws:iam::111122223333:REST`."""
    return f"arn:aws:iam::{account}:{rest}"


def allow(*actions: str, on: str = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows actions; `more` are further elements, such as Condition."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str = "*", **more: Any) -> dict[str, Any]:
    """A statement that denies actions."""
    return allow(*actions, on=on, **more) | {"Effect": "Deny"}


def document(*statements: dict[str, Any]) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(**principal: Any) -> str:
    """A trust policy: `trust(Service="ec2.amazonaws.com")`."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return document(statement)


def new_user(account: Account, name: str) -> User:
    """A user who may do nothing."""
    return User.objects.create(
        account=account,
        name=name,
        unique_id=ids.unique_id(ids.USER),
        created_at=account.created_at,
    )


def new_administrator(account: Account, name: str) -> Caller:
    """A user with AdministratorAccess."""
    user = new_user(account, name)
    Attachment.objects.create(
        account=account, user=user, managed_arn=ADMINISTRATOR, created_at=account.created_at
    )
    return caller_of(user)


def caller_of(user: User) -> Caller:
    """A user as a caller who signs with a long-term key."""
    return callers.user(
        user,
        face=Face.API,
        now=user.account.created_at,
        request_id=f"request-of-{user.name}",
        temporary=False,
        source_address="192.0.2.10",
    )
