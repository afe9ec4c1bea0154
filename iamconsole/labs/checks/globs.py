"""Names in which `*` and `?` may stand. Matching takes steps that grow with the text alone."""

from __future__ import annotations

from functools import lru_cache

from accounts.engine.match import Matcher, matcher

#: More rows of one kind than a check is ever about.
MOST = 100


def is_glob(text: str) -> bool:
    """Whether it may mean several things."""
    return "*" in text or "?" in text


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> Matcher:
    return matcher(pattern)


def fits(pattern: str, text: str) -> bool:
    """Whether the text is as the pattern says, case and all."""
    return _matcher(pattern)(text)


def fits_name(pattern: str, name: str) -> bool:
    """The same of a name that is compared without case."""
    return _matcher(pattern.lower())(name.lower())
