"""YAML without its surprises: plain values with the lines on which they stand.

Read as YAML 1.2's core schema does: `on`, `no` and dates are text. Tags, anchors, aliases, merge
keys and repeated keys are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from iamconsole.labs.format.contents import shown
from iamconsole.labs.format.problem import PackError, Problem

_DEEPEST = 20
MOST_VALUES = 10_000
#: A number with a zero in front is more likely the id of an account: it stays text.
_WHOLE_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_CONSTANTS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
#: The parser in C where PyYAML was built with it: ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A file's value, and by the path of each part its line, counted from 1."""

    name: str
    value: Any
    lines: dict[Path, int] = field(repr=False)

    def place(self, path: Path = ()) -> str:
        """Where a part stands, or else what it is in: "lab.yaml:31"."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines.get(path, 1)}"


def load(name: str, text: str, most_values: int = MOST_VALUES) -> Tree:
    """What a file of YAML says; raise PackError with the first thing that is wrong."""
    reader = _Reader(name, yaml.parse(text, Loader=_LOADER), most_values)
    try:
        return Tree(name, reader.document(), reader.lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        reason = " ".join((error.problem or error.context or "it can't be read").split())
        raise PackError([Problem(f"{name}:{line}", f"This is no YAML: {reason}.")]) from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())[:200]
        raise PackError([Problem(name, f"This is no YAML: {reason}.")]) from None


class _Reader:
    """Builds the value out of the parser's events, one after another."""

    def __init__(self, name: str, events: Iterator[Any], most_values: int) -> None:
        self.name = name
        self.most_values = most_values
        self.events = events
        self.lines: dict[Path, int] = {}

    def document(self) -> Any:
        """The value of the one document that there must be."""
        next(self.events)
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise self._wrong(event, "The file is empty.")
        if event.tags:
            raise self._wrong(event, "Tags have no place in a pack.")
        value = self._value(next(self.events), ())
        next(self.events)
        event = next(self.events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._wrong(event, "A file holds one document.")
        return value

    def _wrong(self, event: Any, message: str) -> PackError:
        return PackError([Problem(f"{self.name}:{_line(event)}", message)])

    def _value(self, event: Any, path: Path) -> Any:
        # A key's line is noted before its value, and is the better one to name.
        self.lines.setdefault(path, _line(event))
        if len(self.lines) > self.most_values:
            raise self._wrong(event, f"The file has more than {self.most_values} values.")
        if len(path) > _DEEPEST:
            raise self._wrong(event, f"This lies more than {_DEEPEST} levels deep.")
        self._refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            return _plain(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        return self._mapping(path)

    def _refuse_extras(self, event: Any) -> None:
        if event.anchor is not None:
            kind = "Aliases" if isinstance(event, yaml.AliasEvent) else "Anchors"
            raise self._wrong(event, f"{kind} have no place in a pack: {shown(event.anchor)}.")
        if event.tag is not None:
            raise self._wrong(event, f"Tags have no place in a pack: {shown(event.tag)}.")

    def _list(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            self._refuse_extras(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise self._wrong(event, "A key is to be a word.")
            key = event.value
            if key == "<<" and event.implicit[0]:
                raise self._wrong(event, "Merge keys (<<) have no place in a pack.")
            if key in found:
                raise self._wrong(event, f"The key {shown(key)} is here twice.")
            inner = (*path, key)
            self.lines[inner] = _line(event)
            found[key] = None
            found[key] = self._value(next(self.events), inner)
        return found


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _plain(word: str) -> Any:
    """What a word without quotation marks is: nothing, a truth value, a whole number, or text."""
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if _WHOLE_NUMBER.fullmatch(word):
        return int(word)
    return word
