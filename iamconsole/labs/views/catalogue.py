"""The labs there are with how far the learner is in each, and one lab's own page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from iamconsole.console.request import ConsoleRequest
from iamconsole.labs import catalogue, found
from iamconsole.labs.format import texts
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.models import Run
from iamconsole.labs.runs import contents
from iamconsole.labs.standing import Standing, State, standing

LEVELS = {"beginner": "Beginner", "intermediate": "Intermediate", "advanced": "Advanced"}
STATES: Mapping[str, str] = {
    State.NEW: "Not started",
    State.UNDER_WAY: "Under way",
    State.FINISHED: "Finished",
}
#: What stands for a value that is drawn when the lab starts.
_LATER = "…"


@dataclass(frozen=True, slots=True)
class Required:
    """A lab that is to be done before another one."""

    id: str
    title: str
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A lab in the catalogue. Its number is its place there; one that is gone has none."""

    number: int | None
    standing: Standing
    requires: Sequence[Required]

    @property
    def lab(self) -> Lab:
        """The lab, as it was begun."""
        return self.standing.lab

    @property
    def level(self) -> str:
        """Its level in words."""
        return LEVELS.get(self.lab.level, self.lab.level)


class Choice(NamedTuple):
    """A link of a filter."""

    label: str
    url: str
    current: bool


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """Every lab; `?level=` and `?progress=` show some of them."""
    learner = found.learner_of(request.person)
    runs = found.runs_of(learner) if learner else {}
    cards = _cards(catalogue.offered(), runs)
    level, progress = (
        value if (value := request.GET.get(name, "")) in known else ""
        for name, known in (("level", LEVELS), ("progress", STATES))
    )
    page = {
        "learner": learner,
        "cards": [each for each in cards if _fits(each, level, progress)],
        "total": len(cards),
        "resume": _last_seen(cards),
        "levels": _choices("level", LEVELS, level, {"progress": progress}),
        "states": _choices("progress", STATES, progress, {"level": level}) if learner else [],
    }
    return render(request, "labs/catalogue.html", page)


@require_safe
def show(request: ConsoleRequest, lab: str) -> HttpResponse:
    """One lab: what it is about, how far the learner is, start and go on."""
    learner = found.learner_of(request.person)
    runs = found.runs_of(learner) if learner else {}
    run, offered = runs.get(lab), catalogue.find(lab)
    begun = catalogue.of_run(run) if run else offered
    if begun is None:
        raise Http404
    values = found.values_of(run) if run else _before(begun)
    page = {
        "learner": learner,
        "lab": begun,
        "level": LEVELS.get(begun.level, begun.level),
        "standing": standing(begun, run),
        "intro": texts.html(begun.intro, values, top=2),
        "requires": _required(begun, catalogue.offered(), runs),
        "offered": offered,
        "is_old": offered is not None and offered.digest != begun.digest,
        "going": contents.going(run) if run else {},
    }
    return render(request, "labs/lab.html", page)


def _cards(offered: Sequence[Lab], runs: Mapping[str, Run]) -> list[Card]:
    """Those that are offered, then those that were begun and are offered no more."""
    there = {each.id for each in offered}
    gone = [catalogue.of_run(run) for lab, run in sorted(runs.items()) if lab not in there]
    cards = []
    for place, each in enumerate([*offered, *gone], 1):
        run = runs.get(each.id)
        begun = catalogue.of_run(run) if run else each
        requires = _required(each, offered, runs)
        cards.append(Card(place if each.id in there else None, standing(begun, run), requires))
    return cards


def _required(lab: Lab, offered: Sequence[Lab], runs: Mapping[str, Run]) -> list[Required]:
    titles = {each.id: each.title for each in offered}
    return [
        Required(each, titles[each], each in runs and runs[each].finished_at is not None)
        for each in lab.requires
        if each in titles
    ]


def _fits(card: Card, level: str, progress: str) -> bool:
    return level in ("", card.lab.level) and progress in ("", card.standing.state)


def _last_seen(cards: Sequence[Card]) -> Card | None:
    """The lab to go on with: of those under way the one that was worked on last."""
    under_way = [
        (each.standing.last_seen, each)
        for each in cards
        if each.standing.state is State.UNDER_WAY and each.standing.last_seen
    ]
    return max(under_way, key=lambda each: each[0])[1] if under_way else None


def _choices(
    name: str, known: Mapping[str, str], chosen: str, others: Mapping[str, str]
) -> list[Choice]:
    kept = {key: value for key, value in others.items() if value}
    return [
        Choice(label, f"?{urlencode(kept | ({name: value} if value else {}))}", value == chosen)
        for value, label in {"": "All", **known}.items()
    ]


def _before(lab: Lab) -> dict[str, str]:
    """The values that are the same for everybody; of the others nobody knows yet."""
    return {
        name: described if isinstance(described, str) else _LATER
        for name, described in lab.values.items()
    }
