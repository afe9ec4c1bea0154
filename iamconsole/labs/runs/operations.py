"""Performing a pack's operations: calls of the ordinary actions, as a person or program makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Account

from ..pack import Operation


@dataclass
class Stage:
    """Where operations are performed: a run's accounts and values, which `save` adds to."""

    accounts: Mapping[str, Account]
    values: dict[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    #: The time of the last call: no two are at the same moment.
    last: datetime | None = None


class NotPerformed(Exception):
    """An operation did not go as the pack says; `place` is where it stands."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


def perform(stage: Stage, operation: Operation) -> None:
    """Perform one operation; raise NotPerformed where it did not go as the pack says."""
    raise NotImplementedError
