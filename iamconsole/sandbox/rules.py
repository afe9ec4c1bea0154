"""Rules of arguments that neither IAM nor STS has: maps, and bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.types import Problems, Rule, Text


@dataclass(frozen=True, slots=True)
class Entries:
    """A map from texts to values that all keep one rule."""

    of: Rule
    max: int | None = None

    def problems(self, value: Any, at: str) -> Problems:
        """No map, too many entries, and every problem of keys and values."""
        if not isinstance(value, Mapping):
            return [_constraint(at, "be a map")]
        if self.max is not None and len(value) > self.max:
            return [_constraint(at, f"have length less than or equal to {self.max}")]
        found: Problems = []
        for number, (name, member) in enumerate(value.items(), start=1):
            found += Text().problems(name, f"{at}.{number}.key")
            found += self.of.problems(member, f"{at}.{number}.value")
        return found


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes."""

    def problems(self, value: Any, at: str) -> Problems:
        """Anything else."""
        return [] if isinstance(value, bytes) else [_constraint(at, "be binary")]


def _constraint(at: str, rule: str) -> tuple[str, str]:
    return at, f"Value at '{at}' failed to satisfy constraint: Member must {rule}"
