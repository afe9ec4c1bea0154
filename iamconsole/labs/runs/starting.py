"""Starting a run: accounts of its own, filled by the operations of the pack."""

from __future__ import annotations

from random import Random

from accounts.caller import Caller

from ..models import Run
from ..pack import Lab


def start(learner: Caller, lab: Lab, random: Random | None = None) -> Run:
    """Start a run of the lab for the learner; one that there is starts anew."""
    raise NotImplementedError
