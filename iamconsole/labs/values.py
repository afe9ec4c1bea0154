"""The values of a run: drawn once, filled in wherever `{name}` stands."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from iamconsole.labs.pack import Lab


def draw(lab: Lab, random: random.Random) -> dict[str, str]:
    """One value for each that the lab describes."""
    raise NotImplementedError


def fill(thing: Any, values: Mapping[str, str]) -> Any:
    """The same text, list or dict with values in place of their names; unknown names are left."""
    raise NotImplementedError
