"""Every change of a learner's progress; `load` registers all of them."""

from __future__ import annotations

from iamconsole.labs.actions import preparing, progress


def load() -> None:
    """Nothing is left to do: importing this package has registered every command."""
    del_unused = (preparing, progress)
    assert del_unused
