"""Starting a run: accounts of its own, filled by the operations of the pack."""

from __future__ import annotations

from random import Random, SystemRandom

from accounts.caller import Caller
from iamconsole.labs.actions import preparing
from iamconsole.labs.models import Run
from iamconsole.labs.pack import Lab


def start(learner: Caller, lab: Lab, random: Random | None = None) -> Run:
    """Start a run of the lab for the learner; one that there is starts anew.

    Raises NotPerformed where the pack does not work, and then nothing is left; and
    ConcurrentModification where the learner starts it elsewhere at this moment.
    """
    return preparing.start_lab(learner, lab=lab.id, pack=lab, random=random or SystemRandom())
