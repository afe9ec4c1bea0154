"""Commands that set up the accounts of a learner's run: start, reset, skip.

What takes long is done before their transaction, with the run claimed for as long as it takes.
"""

from __future__ import annotations

from random import Random
from typing import Any

from accounts.actions.registry import FROM_PREPARE, command
from accounts.caller import Caller
from iamconsole.labs import found
from iamconsole.labs.actions.progress import LEARNERS, ended
from iamconsole.labs.checks.finding import as_record
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.pack import Lab
from iamconsole.labs.problem import Problem
from iamconsole.labs.runs import building, looking
from iamconsole.labs.runs.building import Marks
from iamconsole.labs.runs.operations import NotPerformed, Stage
