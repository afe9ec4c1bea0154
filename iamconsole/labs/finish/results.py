"""What the end of a lab shows: the learner's policies beside the author's, and a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.errors import NoSuchEntity
from iamconsole.labs.checks import least_privilege
from iamconsole.labs.checks.least_privilege import Score
from iamconsole.labs.checks.world import World
from iamconsole.labs.finish import comparison
from iamconsole.labs.finish.comparison import Compared
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.format.values import fill
from iamconsole.labs.models import Run
from iamconsole.labs.runs import judging


@dataclass(frozen=True, slots=True)
class Results:
    """The policies of the lab's accounts as they are now."""

    compared: Sequence[Compared] = ()
    #: Whose score it is: "user ana". Nothing where the lab asks for none.
    scored: str = ""
    #: Nothing where that principal is gone, or has more policies than can be counted.
    score: Score | None = None


def of_run(run: Run, lab: Lab) -> Results:
    """The results of a run; none where its accounts are not there."""
    if not (lab.compare or lab.least_privilege) or run.state != Run.State.READY:
        return Results()
    try:
        world = judging.world_of(run, lab, None)
    except NoSuchEntity:
        return Results()
    asked = lab.least_privilege
    return Results(
        compared=[comparison.compare(world, each) for each in lab.compare],
        scored=fill(asked.principal, world.values).replace("/", " ", 1) if asked else "",
        score=_score(world, lab),
    )


def percent_of(run: Run, lab: Lab) -> int | None:
    """The score alone, in percent; nothing where there is none."""
    if lab.least_privilege is None:
        return None
    found = of_run(run, lab).score
    return found.percent if found else None


def _score(world: World, lab: Lab) -> Score | None:
    asked = lab.least_privilege
    if asked is None:
        return None
    account = next(iter(world.accounts.values()))
    policies = comparison.policies_of(account, fill(asked.principal, world.values))
    if policies is None:
        return None
    try:
        return least_privilege.score(policies, fill(asked.needed, world.values))
    except least_privilege.TooMany:
        return None
