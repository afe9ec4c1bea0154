"""docs/seeds.md names tests: every one of them is there."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

_TESTS = settings.BASE_DIR / "tests"
_DOCUMENT = (settings.BASE_DIR / "docs" / "seeds.md").read_text()


@pytest.mark.parametrize(
    "module", sorted(set(re.findall(r"`((?:tests/\w+/)?test_\w+)`", _DOCUMENT)))
)
def test_a_named_test_or_module_is_there(module: str) -> None:
    path = settings.BASE_DIR / f"{module}.py" if "/" in module else None
    if path is None and (_TESTS / "journeys" / f"{module}.py").exists():
        return
    if path is not None:
        assert path.exists()
    else:
        assert f"def {module}(" in _journeys()


@pytest.mark.parametrize("start", sorted(set(re.findall(r"`(test_\w+_)…`", _DOCUMENT))))
def test_the_beginning_of_a_name_stands_for_one_test(start: str) -> None:
    assert len(re.findall(rf"def {start}\w+\(", _journeys())) == 1


def _journeys() -> str:
    return "".join(path.read_text() for path in (_TESTS / "journeys").glob("test_seed_*.py"))
