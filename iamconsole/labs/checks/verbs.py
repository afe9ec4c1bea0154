"""The closed table of checks: each verb, the arguments it takes, and the function that judges."""

from __future__ import annotations

from iamconsole.labs.checks.arguments import ARGUMENTS

#: Checks that hold other checks: a list of them, or for `not` a single one.
GROUPS = ("any_of", "all_of", "not")

__all__ = ["ARGUMENTS", "GROUPS"]
