"""Statements of a topic policy by their labels, for those who would not write the policy itself."""

from __future__ import annotations

import re

from accounts.actions.registry import action
from accounts.caller import Caller
from iamconsole.sandbox import topic_policies, topics
from iamconsole.sandbox.models import Topic
from iamconsole.sandbox.sns_arguments import Arn, Name, Texts
from iamconsole.sandbox.sns_errors import InvalidParameter

_LABEL = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)


@action("sns:AddPermission", resource=topics.of_arn, raises_epoch=False)
def add_permission(
    caller: Caller,
    /,
    *,
    topic_arn: Arn,
    label: Name,
    aws_account_id: Texts,
    action_name: Texts,
) -> None:
    """Let accounts call operations on a topic, by a statement of that label in its policy."""
    topic = topics.locked(caller, topic_arn)
    if _LABEL.fullmatch(label) is None:
        raise InvalidParameter("Label", argument="label")
    if not aws_account_id or not all(map(_ACCOUNT.fullmatch, aws_account_id)):
        raise InvalidParameter("AWSAccountId", argument="aws_account_id")
    if not action_name or not set(action_name) <= set(topic_policies.OPERATIONS):
        raise InvalidParameter(
            "Policy statement action out of service scope!", argument="action_name"
        )
    policy = topic_policies.shown(topic)
    if label in topic_policies.labels(policy):
        raise InvalidParameter("Statement already exists", argument="label")
    accounts = [f"arn:aws:iam::{each}:root" for each in aws_account_id]
    _keep(topic, topic_policies.with_statement(policy, label, topic.arn, accounts, action_name))


@action("sns:RemovePermission", resource=topics.of_arn, raises_epoch=False)
def remove_permission(caller: Caller, /, *, topic_arn: Arn, label: Name) -> None:
    """Take the statement of that label out of a topic's policy; nothing where there is none."""
    topic = topics.locked(caller, topic_arn)
    policy = topic_policies.shown(topic)
    if label in topic_policies.labels(policy):
        _keep(topic, topic_policies.without_statement(policy, label))


def _keep(topic: Topic, policy: str) -> None:
    if policy:
        policy = topic_policies.stored(topic.arn, topic.account_id, policy, "label")
    topic.policy = policy
    topic.save(update_fields=["policy"])
