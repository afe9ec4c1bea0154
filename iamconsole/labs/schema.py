"""The form of lab.yaml and of wrong answers, as a JSON Schema."""

from __future__ import annotations

from typing import Any


def schema() -> dict[str, Any]:
    """The schema of lab.yaml, as docs/lab.schema.json publishes it."""
    raise NotImplementedError
