"""What a change of a document gives and takes, as pages list it before anybody confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from accounts import engine
from accounts.engine import Change, Difference

#: Changes that a page lists.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Effect:
    """What is gained and lost. `more` is how much of it is not listed."""

    gained: Sequence[Change]
    lost: Sequence[Change]
    more: int = 0
    #: Whom it concerns, where it is not the document alone.
    names: Sequence[str] = ()

    @property
    def none(self) -> bool:
        """Whether nothing changes."""
        return not (self.gained or self.lost)


@lru_cache(maxsize=64)
def between(before: str, after: str) -> Effect | None:
    """What the second text allows and the first doesn't, and the other way round.

    Nothing where one of them can't be understood.
    """
    try:
        old, new = (engine.load(text) for text in (before, after))
    except engine.MalformedPolicy:
        return None
    return shown(
        engine.difference(
            engine.Policies(identity=(engine.Policy(old, name="before"),)),
            engine.Policies(identity=(engine.Policy(new, name="after"),)),
        )
    )


def shown(difference: Difference, names: Sequence[str] = ()) -> Effect:
    """A difference cut to what a page lists."""
    gained, lost = difference.gained[:SHOWN], difference.lost[:SHOWN]
    more = len(difference.gained) + len(difference.lost) - len(gained) - len(lost)
    return Effect(gained, lost, more, names)
