"""What a check found: whether it holds, and what people are told about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one check. Whole sentences, for the learner."""

    holds: bool
    #: What was asked: "ana may call s3:GetObject on arn:aws:s3:::reports-x1/q1.csv."
    asked: str
    #: What is the case: "Nothing allows it." or "It is allowed."
    found: str
    #: What should be: "It is allowed."
    expected: str
    #: The policies that decided, or through which something reaches somebody, as people name them:
    #: "AmazonS3FullAccess attached to group Staff".
    through: tuple[str, ...] = ()
    #: The author's sentence where it does not hold, filled in.
    message: str = ""


def as_record(finding: Finding) -> dict[str, Any]:
    """The finding as JSON, for a step's report."""
    return {
        "holds": finding.holds,
        "asked": finding.asked,
        "found": finding.found,
        "expected": finding.expected,
        "through": list(finding.through),
        "message": finding.message,
    }


def of_record(record: Mapping[str, Any]) -> Finding:
    """The finding that a step's report holds."""
    return Finding(**{**record, "through": tuple(record["through"])})
