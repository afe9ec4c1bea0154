"""Who does labs in the tests, and the run that is done."""

from __future__ import annotations

import pytest

from accounts.caller import Caller
from iamconsole.labs.models import Run
from tests.labs import doing, small


@pytest.fixture
def run(alice: Caller) -> Run:
    """Alice's run of the small lab, at its start."""
    return doing.start(small.now(alice), small.lab())
