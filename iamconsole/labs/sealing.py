"""The values of a run as its row holds them: sealed, since passwords and keys are among them."""

from __future__ import annotations

import json

from accounts import vault
from iamconsole.labs.models import Run

#: What stands before the name of a value that no text and no operation can name.
HIDDEN = "initial:"


def place(run: Run) -> str:
    """Where the values of a run are sealed to."""
    return vault.lab_run_place(str(run.pk))


def stored(run: Run) -> dict[str, str]:
    """All values, with those that nothing can name. Raises Unopened where their key is gone."""
    named: dict[str, str] = json.loads(vault.unseal(run.values, place(run)))
    return named


def opens(run: Run) -> bool:
    """Whether its values can be read still: the installation's keys may have been lost."""
    try:
        stored(run)
    except vault.Unopened:
        return False
    return True


def sealed(run: Run, named: dict[str, str]) -> str:
    """Values as a run holds them."""
    return vault.seal(json.dumps(named), place(run))
