"""What is wrong with a pack, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to put right: its place, such as "lab.yaml:31", and a sentence."""

    place: str
    message: str

    def __str__(self) -> str:
        """One line, whatever the pack's author wrote that is repeated in it."""
        line = " ".join(f"{self.place}: {self.message}".removeprefix(": ").split())
        return "".join(each if each.isprintable() else "?" for each in line)


class PackError(Exception):
    """A pack that can't be used; `problems` says why."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
