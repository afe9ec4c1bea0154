"""Findings, and the report that collects them and knows where in the text they belong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ..grammar import PolicyKind
from ..jsontext import Lines, Path, places
from .checks import CHECKS, Check, FindingType

MAX_FINDINGS = 500
"""A report ends here: more would be the same mistake over and over."""

MAX_SUGGESTIONS = 20
"""Misspelt words that get a suggestion; looking for one takes a millisecond."""

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ORDER = list(FindingType)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a policy.

    `path` is how people name the place: `Statement[0].Action[2]`. `start` and `end` are its
    (line, column) counted from 1, `end` being where the next character stands.
    """

    check: Check
    message: str
    path: str
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def type(self) -> FindingType:
        return self.check.type

    @property
    def code(self) -> str:
        return self.check.code


class ReportFull(Exception):
    """Raised to stop looking once MAX_FINDINGS are found."""


class Report:
    """What was found in one document."""

    def __init__(self, text: str, kind: PolicyKind) -> None:
        self.text = text
        self.kind = kind
        self._found: dict[tuple[str, Path, bool, str], None] = {}
        self._suggestions = 0

    def add(self, code: str, message: str, path: Path, *, name: bool = False) -> None:
        """Record a finding at the value that `path` leads to, or, with `name`, at its name."""
        self._found[(code, path, name, message)] = None
        if len(self._found) >= MAX_FINDINGS:
            raise ReportFull

    def error_paths(self) -> set[Path]:
        """The places with an ERROR."""
        return {path for code, path, *_ in self._found if CHECKS[code].type is FindingType.ERROR}

    def suggestion(self, word: str, known: Mapping[str, str] | Iterable[str]) -> str:
        """`Did you mean …?` with a leading space, or nothing.

        `known` are the right words, or a mapping from them to how they are to be shown.
        """
        if self._suggestions >= MAX_SUGGESTIONS or len(word) > 80:
            return ""
        self._suggestions += 1
        shown_as = known if isinstance(known, Mapping) else {each: each for each in known}
        spelled = {
            each.lower(): shown_as[each] for each in shown_as if abs(len(each) - len(word)) <= 4
        }
        # A short word with two letters exchanged is still close.
        cutoff = 0.75 if len(word) > 5 else 0.65
        close = get_close_matches(word.lower(), spelled, n=1, cutoff=cutoff)
        return f" Did you mean {spelled[close[0]]}?" if close else ""

    def findings(self) -> tuple[Finding, ...]:
        """Everything recorded, in document order, the worst first where several meet."""
        if not self._found:
            return ()
        place, lines = places(self.text), Lines(self.text)
        found = []
        for code, path, name, message in self._found:
            where = place[path]
            start, end = where.start, where.end
            if name and (string := _STRING.match(self.text, where.name)):
                start, end = string.span()
            finding = Finding(CHECKS[code], message, written(path), lines.at(start), lines.at(end))
            found.append(finding)
        found.sort(key=lambda each: (each.start, _ORDER.index(each.type), each.code))
        return tuple(found)


def written(path: Path) -> str:
    """`("Statement", 0, "Action")` as `Statement[0].Action`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(text: str, limit: int = 120) -> str:
    """Text of the document for use in a message, cut where it would drown the rest."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def listed(words: Iterable[str], limit: int = 4, last: str = "and") -> str:
    """`a, b and 7 more`, or another word before the `last` one."""
    every = list(words)
    if len(every) > limit + 1:
        return f"{', '.join(every[:limit])} {last} {len(every) - limit} more"
    return f" {last} ".join(filter(None, [", ".join(every[:-1]), every[-1]]))
