"""What could be better about a lab that can be read."""

from __future__ import annotations

from iamconsole.labs.pack import Lab
from iamconsole.labs.problem import Problem


def problems(lab: Lab) -> list[Problem]:
    """Everything to put right, in the order of the files."""
    raise NotImplementedError
