"""Topic policies: what a topic has without one, how they are checked, kept, shown and evaluated.

SNS Developer Guide, "Overview of managing access in Amazon SNS" and "Amazon SNS API permissions:
Actions and resources reference", which has the quotas.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from accounts import engine
from accounts.actions import trust_principals
from accounts.engine import PolicyKind
from accounts.engine.match import matches
from accounts.errors import MalformedPolicyDocument
from iamconsole.sandbox import resource_policies
from iamconsole.sandbox.models import Topic
from iamconsole.sandbox.sns_errors import InvalidParameter

_NAME = "TopicPolicy"
#: Bytes, white space included; statements; names in one statement's Principal.
LARGEST = 30_720
MOST_STATEMENTS = 100
MOST_PRINCIPALS = 200
#: What AWS's default policy speaks about, and AddPermission can allow.
OPERATIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)
#: All that a topic policy may speak about.
_IN_SCOPE = tuple(
    f"sns:{operation.lower()}"
    for operation in (
        *OPERATIONS,
        "GetDataProtectionPolicy",
        "PutDataProtectionPolicy",
        "ListTagsForResource",
    )
)
#: Of whom nothing is known, and whether there is such a topic at all.
NOBODY = resource_policies.without_statements(_NAME)


def default(topic_arn: str, account: str) -> str:
    """The policy that AWS gives to a topic that is made without one."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{operation}" for operation in OPERATIONS],
        "Resource": topic_arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    }
    document = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    return json.dumps(document, separators=(",", ":"))


def compiled(topic: Topic | None) -> engine.Policy:
    """A topic's policy as it is evaluated.

    AWS's default one lets nobody in who signs a request: it asks for AWS:SourceOwner, a key that
    only AWS's own services bring along. So where there is no other, it need not be looked at.
    """
    if topic is None or not topic.policy:
        return NOBODY
    return resource_policies.compiled(topic.policy, _NAME)


def shown(topic: Topic) -> str:
    """The policy as clients see it: with ARNs, and AWS's default where there is no other."""
    if not topic.policy:
        return default(topic.arn, topic.account_id)
    return trust_principals.with_arns(topic.policy)


def stored(topic_arn: str, account: str, text: str, argument: str) -> str:
    """A policy as it is kept; nothing for AWS's default. Raise InvalidParameter for a wrong one."""
    check(text, argument)
    if json.loads(text) == json.loads(default(topic_arn, account)):
        return ""
    for statement in engine.parse(text, PolicyKind.RESOURCE).statements:
        if not all(matches(resource, topic_arn) for resource in statement.resources):
            raise InvalidParameter("Policy statement must apply to this topic", argument=argument)
    try:
        return trust_principals.stored(account, text, argument)
    except MalformedPolicyDocument:
        raise InvalidParameter("Policy Error: PrincipalNotFound", argument=argument) from None


def check(text: str, argument: str = "attribute_value") -> None:
    """Raise InvalidParameter unless the text may be a topic policy, whatever topic's."""
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise InvalidParameter(
            "Policy", f"a topic policy has {LARGEST} bytes at most", argument=argument
        )
    try:
        found = engine.parse(text, PolicyKind.RESOURCE)
    except engine.MalformedPolicy as error:
        raise InvalidParameter("Policy Error", error.message, argument=argument) from None
    if len(found.statements) > MOST_STATEMENTS:
        raise InvalidParameter(
            "Policy", f"a topic policy has {MOST_STATEMENTS} statements at most", argument=argument
        )
    for statement in found.statements:
        _check_statement(statement, argument)


def _check_statement(statement: engine.Statement, argument: str) -> None:
    if not all(map(_in_scope, (*statement.actions, *statement.not_actions))):
        raise InvalidParameter("Policy statement action out of service scope!", argument=argument)
    if len(statement.resources) != 1:
        raise InvalidParameter(
            "Policy statement must apply to a single resource!", argument=argument
        )
    if len((*statement.principals, *statement.not_principals)) > MOST_PRINCIPALS:
        raise InvalidParameter(
            "Policy", f"a statement has {MOST_PRINCIPALS} principals at most", argument=argument
        )


def with_statement(
    text: str, label: str, topic_arn: str, principals: Sequence[str], operations: Sequence[str]
) -> str:
    """The policy with one more statement, which lets principals call operations."""
    document = json.loads(text)
    actions = [f"SNS:{operation}" for operation in operations]
    statement = {
        "Sid": label,
        "Effect": "Allow",
        "Principal": {"AWS": principals[0] if len(principals) == 1 else [*principals]},
        "Action": actions[0] if len(actions) == 1 else actions,
        "Resource": topic_arn,
    }
    document["Statement"] = [*_statements(document), statement]
    return json.dumps(document)


def open_to(topic_arn: str, account: str, principals: Sequence[str]) -> str:
    """AWS's default policy and a statement, labelled as AWS's console does, that lets publish."""
    given = default(topic_arn, account)
    return with_statement(given, "__console_pub_0", topic_arn, principals, ("Publish",))


def without_statement(text: str, label: str) -> str:
    """The policy without the statements of that label; nothing where none is left."""
    document = json.loads(text)
    kept = [each for each in _statements(document) if each.get("Sid") != label]
    document["Statement"] = kept
    return json.dumps(document) if kept else ""


def labels(text: str) -> set[str]:
    """The labels of a policy's statements."""
    return {each["Sid"] for each in _statements(json.loads(text)) if "Sid" in each}


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def _in_scope(action: str) -> bool:
    """Whether a topic policy may speak about it: a pattern must mean something that it may."""
    return any(matches(action.lower(), operation) for operation in _IN_SCOPE)
