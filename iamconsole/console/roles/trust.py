"""Trust policies as the console builds them, and who a trust policy names, in a few words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

#: Service principal to label; the first two are the console's commonly used ones.
SERVICES = {
    "ec2.amazonaws.com": "EC2",
    "lambda.amazonaws.com": "Lambda",
    "apigateway.amazonaws.com": "API Gateway",
    "cloudformation.amazonaws.com": "CloudFormation",
    "codebuild.amazonaws.com": "CodeBuild",
    "ecs-tasks.amazonaws.com": "Elastic Container Service Task",
    "events.amazonaws.com": "EventBridge",
    "glue.amazonaws.com": "Glue",
    "rds.amazonaws.com": "RDS",
    "s3.amazonaws.com": "S3",
    "ssm.amazonaws.com": "Systems Manager",
    "states.amazonaws.com": "Step Functions",
}

EC2 = "ec2.amazonaws.com"


def of_service(service: str) -> str:
    """The document that lets a service assume the role."""
    return _document({"Service": service}, {})


def of_account(account_id: str, *, require_mfa: bool) -> str:
    """The document that lets an account's identities assume the role, if their policies do."""
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}} if require_mfa else {}
    return _document({"AWS": f"arn:aws:iam::{account_id}:root"}, condition)


def trusted_entities(document: str, path: str = "/") -> str:
    """Whom a trust policy lets in: "AWS Service: ec2, Account: 111122223333", or nothing.

    `path` is the role's: below /aws-service-role/ lie the service-linked ones.
    """
    linked = " (Service-Linked Role)" if path.startswith("/aws-service-role/") else ""
    named = {
        _words(kind, name, linked)
        for statement in _statements(document)
        if statement.get("Effect") == "Allow"
        for kind, name in _principals(statement.get("Principal"))
    }
    return ", ".join(sorted(named))


def _document(principal: dict[str, str], condition: dict[str, Any]) -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "sts:AssumeRole",
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def _statements(document: str) -> list[dict[str, Any]]:
    found = json.loads(document).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _principals(element: Any) -> Iterator[tuple[str, str]]:
    if isinstance(element, str):
        yield "AWS", element
    elif isinstance(element, dict):
        for kind, names in element.items():
            for name in [names] if isinstance(names, str) else names:
                yield kind, name


def _words(kind: str, name: str, linked: str) -> str:
    if kind == "Service":
        return f"AWS Service: {name.partition('.')[0]}{linked}"
    if kind == "Federated":
        return f"Identity Provider: {name}"
    if kind == "AWS" and name != "*":
        # An ARN's fifth part is its account; a bare number is one, and a deleted user's id stays.
        return f"Account: {name.split(':')[4]}" if name.startswith("arn:") else f"Account: {name}"
    return f"{kind}: {name}"
