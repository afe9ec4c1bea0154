"""Whose runs there are, and what a run knows: reading one's own progress, without an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.caller import Caller
from accounts.models import Account, Login

from .models import Run


@dataclass(frozen=True, slots=True)
class Learner:
    """Who learns: an account, and there a user's unique id, or the account's for the root user."""

    home: Account
    unique_id: str


def learner_of(person: Caller) -> Learner | None:
    """The learner behind whoever is signed in; of a run's account, the run's learner."""
    raise NotImplementedError


def caller_of(learner: Learner, **known: Any) -> Caller | None:
    """The learner as a caller of the labs' commands; nothing where that user is gone."""
    raise NotImplementedError


def run_of(learner: Learner, lab_id: str) -> Run | None:
    """The learner's run of a lab."""
    raise NotImplementedError


def runs_of(learner: Learner) -> dict[str, Run]:
    """The learner's runs by lab."""
    raise NotImplementedError


def run_in(account: Account) -> Run | None:
    """The run that an account belongs to."""
    raise NotImplementedError


def values_of(run: Run) -> dict[str, str]:
    """The run's values."""
    raise NotImplementedError


def actor_of(run: Run) -> Login:
    """The login with which the learner is signed in to the run."""
    raise NotImplementedError
