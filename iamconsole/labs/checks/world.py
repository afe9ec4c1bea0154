"""What a check may look at: the accounts of one run, as they are now, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import Account


@dataclass(frozen=True)
class World:
    """The accounts of one run by their names in the pack; the first is the learner's own.

    `values` are the run's. `lab_start` and `step_start` hold for each account's id the sequence
    number after which events count.
    """

    accounts: Mapping[str, Account]
    values: Mapping[str, str]
    now: datetime
    files: Mapping[str, str] = field(default_factory=dict)
    lab_start: Mapping[str, int] = field(default_factory=dict)
    step_start: Mapping[str, int] = field(default_factory=dict)
    #: Rows that several checks of a step look at, looked up once.
    seen: dict[Any, Any] = field(default_factory=dict)
