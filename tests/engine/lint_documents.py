"""Policy documents as the tests of the findings write them, and the names that stand in them."""

from __future__ import annotations

import json
from typing import Any

from accounts.engine import PolicyKind

IDENTITY, RESOURCE = PolicyKind.IDENTITY, PolicyKind.RESOURCE
TRUST, SCP = PolicyKind.TRUST, PolicyKind.SERVICE_CONTROL
BUCKET = "arn:aws:s3:::reports"
OBJECTS = "arn:aws:s3:::reports/*"
ROLE = "arn:aws:iam::111122223333:role/reader"
GITHUB = "token.actions.githubusercontent.com"
GITHUB_ARN = f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}"
SAML_ARN = "arn:aws:iam::111122223333:saml-provider/corp"


def policy(*statements: dict[str, Any], version: str | None = "2012-10-17", **more: Any) -> str:
    document: dict[str, Any] = {"Version": version, "Statement": list(statements), **more}
    if version is None:
        del document["Version"]
    return json.dumps(document)


def allow(action: Any = "s3:GetObject", resource: Any = OBJECTS, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:GetObject", resource: Any = OBJECTS, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def when(operator: str, key: str, values: Any) -> dict[str, Any]:
    return allow(Condition={operator: {key: values}})


def trust(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def bucket(principal: Any, **more: Any) -> dict[str, Any]:
    return allow(Principal=principal, **more)


def without(statement: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name not in names}


#: Where the findings of a document's only statement are.
STATEMENT = "Statement[0]"
