"""The inline policy by which all sessions of a role that have begun are ended.

IAM User Guide, "Revoke IAM role temporary security credentials".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

POLICY_NAME = "AWSRevokeOlderSessions"
_KEY = "aws:TokenIssueTime"


def document(now: datetime) -> str:
    """What denies everything to sessions that began before `now`."""
    moment = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    statement = {
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThan": {_KEY: moment}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def moment(text: str) -> datetime | None:
    """When sessions were ended by such a policy; nothing where it says something else."""
    try:
        written = json.loads(text)["Statement"][0]["Condition"]["DateLessThan"][_KEY]
        found = datetime.fromisoformat(written)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    # OverflowError: the first or the last day there is, in another zone.
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        return None
