"""Topics of the tests: their ARNs, and policies for them."""

from __future__ import annotations

import json
from typing import Any

from tests.cast import ACCOUNT_ID


def arn_of(name: str, account: str = ACCOUNT_ID, region: str = "us-east-1") -> str:
    """A topic's ARN."""
    return f"arn:aws:sns:{region}:{account}:{name}"


def policy_of(*statements: dict[str, Any]) -> str:
    """A topic policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
