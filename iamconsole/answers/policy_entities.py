"""Answers about who uses a managed policy."""

from __future__ import annotations

from accounts.actions.policy_entities import Entities
from iamconsole.answers.members import Answer, Members


def _entities(found: Entities) -> Members:
    return {
        "PolicyGroups": [
            {"GroupName": each.name, "GroupId": each.unique_id} for each in found.groups
        ],
        "PolicyUsers": [{"UserName": each.name, "UserId": each.unique_id} for each in found.users],
        "PolicyRoles": [{"RoleName": each.name, "RoleId": each.unique_id} for each in found.roles],
        "IsTruncated": found.is_truncated,
        "Marker": found.marker,
    }


ANSWERS: dict[str, Answer] = {"iam:ListEntitiesForPolicy": _entities}
