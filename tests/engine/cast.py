"""Who asks in the engine's tests, and how a test builds policies."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.engine import Context, Policies, Policy, PolicyKind, Principal, Request, load

HOME, AWAY = "111122223333", "444455556666"

CAST: dict[str, Principal | None] = {
    "root": Principal(f"arn:aws:iam::{HOME}:root", HOME, "root", HOME),
    "alice": Principal(f"arn:aws:iam::{HOME}:user/alice", HOME, "user", "AIDAALICEALICEALICE1"),
    "bob": Principal(f"arn:aws:iam::{HOME}:user/bob", HOME, "user", "AIDABOBBOBBOBBOBBOB1"),
    "eve": Principal(f"arn:aws:iam::{AWAY}:user/eve", AWAY, "user", "AIDAEVEEVEEVEEVEEVE1"),
    "auditor": Principal(
        f"arn:aws:sts::{HOME}:assumed-role/Auditor/alice",
        HOME,
        "role",
        "AROAAUDITORAUDITOR12:alice",
        f"arn:aws:iam::{HOME}:role/Auditor",
    ),
    # A role session of which no more than the role's id is known.
    "clerk": Principal(
        f"arn:aws:sts::{HOME}:assumed-role/Clerk/bob",
        HOME,
        "role",
        "AROACLERKCLERKCLERK1",
        f"arn:aws:iam::{HOME}:role/Clerk",
    ),
    "visitor": Principal(
        f"arn:aws:sts::{AWAY}:assumed-role/Visitor/eve",
        AWAY,
        "role",
        "AROAVISITORVISITOR12:eve",
        f"arn:aws:iam::{AWAY}:role/Visitor",
    ),
    "federated": Principal(
        f"arn:aws:sts::{HOME}:federated-user/carol", HOME, "federated", f"{HOME}:carol"
    ),
    "provider": Principal(f"arn:aws:iam::{HOME}:oidc-provider/id.example.org", HOME, "federated"),
    "ec2": Principal("ec2.amazonaws.com", "", "service"),
    "anonymous": Principal("", "", "anonymous"),
    "nobody": None,
}

OBJECT = "arn:aws:s3:::reports/2026/june.csv"


def text(statements: Any, version: str | None = "2012-10-17") -> str:
    policy: dict[str, Any] = {"Version": version} if version else {}
    return json.dumps(policy | {"Statement": statements})


def policy(
    statements: Any,
    kind: PolicyKind = PolicyKind.IDENTITY,
    version: str | None = "2012-10-17",
    name: str = "policy",
    arn: str | None = None,
) -> Policy:
    return Policy(load(text(statements, version), kind), name, arn)


def policies(*statements: Mapping[str, Any], boundary: Any = None) -> Policies:
    """One identity-based policy of these statements, and perhaps a boundary."""
    return Policies(
        identity=(policy(list(statements)),),
        boundary=None if boundary is None else policy(boundary, name="boundary"),
    )


def request(
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    context: Mapping[str, str | Sequence[str]] | None = None,
    who: str = "alice",
    owner: str | None = None,
) -> Request:
    return Request(action, resource, Context(context or {}), CAST[who], owner)


def allow(action: Any = "s3:GetObject", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return _statement({"Effect": "Allow", "Action": action, "Resource": resource, **elements})


def deny(action: Any = "s3:GetObject", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return _statement({"Effect": "Deny", "Action": action, "Resource": resource, **elements})


def _statement(elements: dict[str, Any]) -> dict[str, Any]:
    """The statement without what a test left out by None."""
    return {name: value for name, value in elements.items() if value is not None}
