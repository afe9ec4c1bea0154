"""Small changes in a JSON text, in its author's style: all the rest stays, byte for byte.

A `Source` is a well-formed text with the places of its values. Every function answers with the
changed text, in which new values are laid out as the author lays out theirs: over several lines or
on one, with the same indentation, line breaks and spaces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from accounts.engine.jsontext import Lines, Number, Path, Place, decode, places

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_COLON = re.compile(r'"([ \t\r\n]*:[ \t\r\n]*)')
# What a document may hold only as an escape.
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\xff]")

_INDENT = "    "


class Splice(NamedTuple):
    """What comes in place of the characters from `start` to before `end`."""

    start: int
    end: int
    text: str


class Source:
    """A JSON text. Raises MalformedPolicy, with line and column, for what is none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.value = decode(text)
        self.places: dict[Path, Place] = places(text)

    def at(self, path: Path) -> Any:
        """The value at a path, or None where there is none."""
        value = self.value
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def raw(self, path: Path) -> str:
        """The value at a path as its author wrote it."""
        place = self.places[path]
        return self.text[place.start : place.end]

    def line(self, path: Path) -> int:
        """The line where the value at a path, or its name, begins; counted from 1."""
        return self.lines.at(self.places[path].name)[0]

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    @cached_property
    def line_break(self) -> str:
        """How lines end here; empty where everything stands on one line."""
        for each in ("\r\n", "\n", "\r"):
            if each in self.text.strip():
                return each
        return ""

    @cached_property
    def indent(self) -> str:
        """By how much the document's members stand further right than its brace."""
        first = next(iter(self.value), None) if isinstance(self.value, dict) else None
        if first is None:
            return _INDENT
        root = self.places[()].start
        lead = self.text[root + 1 : self.places[(first,)].name]
        own = self.margin(root)
        found = re.split(r"[\r\n]", lead)[-1].removeprefix(own)
        return found if found and re.search(r"[\r\n]", lead) else _INDENT

    @cached_property
    def colon(self) -> str:
        """What stands between a name and its value, on one line."""
        found = _COLON.search(self.text)
        return re.sub(r"[ \t]*[\r\n][ \t\r\n]*", " ", found[1]) if found else ": "

    @cached_property
    def comma(self) -> str:
        """What stands between two values on one line."""
        return "," if re.search(r',["{\[]', self.text) and ", " not in self.text else ", "

    def margin(self, offset: int) -> str:
        """The white space with which the line of this place begins."""
        start = max(self.text.rfind(mark, 0, offset) for mark in "\r\n") + 1
        found = re.compile(r"[ \t]*").match(self.text, start, offset)
        return found[0] if found else ""

    def spans(self, path: Path) -> list[tuple[int, int]]:
        """From where to where the members of an object or a list stand, names included."""
        value = self.at(path)
        steps: Iterable[str | int] = value if isinstance(value, dict) else range(len(value))
        found = [self.places[(*path, step)] for step in steps]
        return [(place.name, place.end) for place in found]

    def changed(self, splices: Iterable[Splice]) -> str:
        """The text after changes that do not overlap."""
        pieces, done = [], 0
        for splice in sorted(splices):
            pieces += [self.text[done : splice.start], splice.text]
            done = splice.end
        return "".join([*pieces, self.text[done:]])


def written(source: Source, value: Any, margin: str | None) -> str:
    """A value as JSON in the source's style.

    `margin` is the indentation of its first line; None writes all of it on one line.
    """
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return _UNWRITABLE.sub(_escape, json.dumps(value, ensure_ascii=False))
    if isinstance(value, list):
        return _bracketed(
            source, "[]", [written(source, each, deeper(source, margin)) for each in value], margin
        )
    if isinstance(value, dict):
        members = [_member(source, *each, deeper(source, margin)) for each in value.items()]
        return _bracketed(source, "{}", members, margin)
    return json.dumps(value)


def replace(source: Source, path: Path, value: Any) -> str:
    """The text with another value at `path`."""
    place = source.places[path]
    text = written(source, value, standing(source, path))
    return source.changed([Splice(place.start, place.end, text)])


def rename(source: Source, path: Path, name: str) -> str:
    """The text with another name for the member at `path`."""
    start = source.places[path].name
    old = _STRING.findall(source.text, start, source.places[path].end)[0]
    return source.changed([Splice(start, start + len(old), written(source, name, None))])


def remove(source: Source, parent: Path, steps: Collection[str | int]) -> str:
    """The text without some members of the object or list at `parent`, and without their commas."""
    value = source.at(parent)
    names = list(value) if isinstance(value, dict) else list(range(len(value)))
    return source.changed(_removals(source, parent, {names.index(step) for step in steps}))


def add_members(source: Source, parent: Path, members: Mapping[str, Any]) -> str:
    """The text with more members at the end of the object at `parent`."""
    margin = _inner_margin(source, parent)
    return source.changed(
        _insertions(
            source,
            parent,
            len(source.at(parent)),
            [_member(source, *each, margin) for each in members.items()],
        )
    )


def edit_list(
    source: Source,
    path: Path,
    *,
    replaced: Mapping[int, Any] | None = None,
    removed: Collection[int] = (),
    inserted: Mapping[int, Sequence[Any]] | None = None,
) -> str:
    """The text with some values of a list changed, all counted as they stood before.

    What is inserted comes before the value of that number. The same works on a single value that
    stands for a list of one: it becomes a list only where it must.
    """
    replaced, inserted = replaced or {}, inserted or {}
    if not (replaced or removed or inserted):
        return source.text
    if not isinstance(source.at(path), list):
        return _edit_single(source, path, replaced, removed, inserted)
    spans = source.spans(path)
    margin = _inner_margin(source, path)
    splices = _removals(source, path, set(removed))
    for index, value in replaced.items():
        if index not in removed:
            splices.append(Splice(*spans[index], written(source, value, margin)))
    if len(set(removed)) == len(spans):
        # Nothing is left to put the new ones beside.
        new = [value for index in sorted(inserted) for value in inserted[index]]
        return replace(source, path, new)
    for index, values in inserted.items():
        texts = [written(source, value, margin) for value in values]
        splices += _insertions(source, path, index, texts)
    return source.changed(splices)


def copy_after(source: Source, parent: Path, index: int) -> str:
    """The text with the value of this number in the list at `parent` there twice."""
    return source.changed(_insertions(source, parent, index + 1, [source.raw((*parent, index))]))


def wrap(source: Source, path: Path, more: Sequence[str]) -> str:
    """The text with a list in place of the single value at `path`: that value, and more texts."""
    place = source.places[path]
    text = _bracketed(source, "[]", [source.raw(path), *more], standing(source, path))
    return source.changed([Splice(place.start, place.end, text)])


def _edit_single(
    source: Source,
    path: Path,
    replaced: Mapping[int, Any],
    removed: Collection[int],
    inserted: Mapping[int, Sequence[Any]],
) -> str:
    margin = standing(source, path)
    own = [] if 0 in removed else [source.raw(path)]
    if own and 0 in replaced:
        own = [written(source, replaced[0], margin)]
    before = [written(source, each, margin) for each in inserted.get(0, ())]
    after = [written(source, each, margin) for each in inserted.get(1, ())]
    items = [*before, *own, *after]
    text = items[0] if len(items) == 1 else _bracketed(source, "[]", items, margin)
    place = source.places[path]
    return source.changed([Splice(place.start, place.end, text)])


def _removals(source: Source, parent: Path, unwanted: set[int]) -> list[Splice]:
    spans, place = source.spans(parent), source.places[parent]
    if unwanted and len(unwanted) == len(spans):
        return [Splice(place.start + 1, place.end - 1, "")]
    splices, kept = [], False
    for index, (start, end) in enumerate(spans):
        if index not in unwanted:
            kept = True
        elif kept:
            splices.append(Splice(spans[index - 1][1], end, ""))
        else:
            splices.append(Splice(start, spans[index + 1][0], ""))
    return splices


def _insertions(source: Source, parent: Path, index: int, texts: Sequence[str]) -> list[Splice]:
    """New values before the one of that number; at the end, if there is none."""
    if not texts:
        return []
    spans, place = source.spans(parent), source.places[parent]
    if not spans:
        brackets = source.text[place.start] + source.text[place.end - 1]
        text = _bracketed(source, brackets, list(texts), standing(source, parent))
        return [Splice(place.start, place.end, text)]
    between = _between(source, parent)
    if index < len(spans):
        start = spans[index][0]
        return [Splice(start, start, "".join(text + between for text in texts))]
    end = spans[-1][1]
    return [Splice(end, end, "".join(between + text for text in texts))]


def _between(source: Source, parent: Path) -> str:
    """What separates the last two members, or would."""
    spans = source.spans(parent)
    if len(spans) > 1:
        return source.text[spans[-2][1] : spans[-1][0]]
    lead = source.text[source.places[parent].start + 1 : spans[0][0]]
    return "," + lead if re.search(r"[\r\n]", lead) else source.comma


def standing(source: Source, path: Path) -> str | None:
    """The indentation of the line on which the value at `path` begins; None among others on one."""
    if not path:
        return "" if source.line_break else None
    return _inner_margin(source, path[:-1])


def deeper(source: Source, margin: str | None) -> str | None:
    """The indentation one step further in."""
    return None if margin is None else margin + source.indent


def _inner_margin(source: Source, path: Path) -> str | None:
    """The indentation of the members of the object or list at `path`, or what it would be."""
    spans = source.spans(path)
    if not spans:
        return deeper(source, standing(source, path))
    lead = source.text[source.places[path].start : spans[0][0]]
    return source.margin(spans[-1][0]) if re.search(r"[\r\n]", lead) else None


def _bracketed(source: Source, brackets: str, items: Sequence[str], margin: str | None) -> str:
    opening, closing = brackets[0], brackets[1]
    if not items:
        return brackets
    if margin is None:
        return opening + source.comma.join(items) + closing
    line = source.line_break + margin
    return opening + ",".join(line + source.indent + item for item in items) + line + closing


def _member(source: Source, name: str, value: Any, margin: str | None) -> str:
    return written(source, name, None) + source.colon + written(source, value, margin)


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
