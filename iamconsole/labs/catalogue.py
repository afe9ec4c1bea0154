"""The labs that there are: those that ship, and those that the operator installed."""

from __future__ import annotations

from collections.abc import Mapping

from iamconsole.labs.models import Run
from iamconsole.labs.pack import Lab


def shipped() -> Mapping[str, Lab]:
    """The labs that ship, by id."""
    raise NotImplementedError


def offered() -> list[Lab]:
    """What learners can start, in the order of the catalogue."""
    raise NotImplementedError


def find(lab_id: str) -> Lab | None:
    """The lab of that id, where it is offered."""
    raise NotImplementedError


def of_run(run: Run) -> Lab:
    """The lab as it was when the run began."""
    raise NotImplementedError
