"""Answers about service-linked roles."""

from __future__ import annotations

from accounts.actions.service_linked_roles import DeletionStatus
from accounts.models import Role
from iamconsole.answers import roles
from iamconsole.answers.members import Answer, Members


def _new(made: Role) -> Members:
    return {"Role": roles.bare_role(made)}


def _deletion(task_id: str) -> Members:
    return {"DeletionTaskId": task_id}


def _status(found: DeletionStatus) -> Members:
    reason = {"Reason": found.reason, "RoleUsageList": []} if found.reason else None
    return {"Status": found.status, "Reason": reason}


ANSWERS: dict[str, Answer] = {
    "iam:CreateServiceLinkedRole": _new,
    "iam:DeleteServiceLinkedRole": _deletion,
    "iam:GetServiceLinkedRoleDeletionStatus": _status,
}
