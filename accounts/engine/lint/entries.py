"""A decoded document taken apart for checking: statements, their texts and conditions, by path.

Reads whatever is there, right or wrong, and reports nothing; `shape` does that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..conditions import BadCondition, Operator, Qualifier, split_operator
from ..grammar import VERSION_2012, condition_values, statements
from ..jsontext import Number, Path

MAX_ENTRIES = 4_000
"""Actions, resources, principals and condition values looked at in one document, twice what the
longest policy of AWS has. The shape is checked in full."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One action, resource or condition value: its text and where it stands."""

    text: str
    path: Path


@dataclass(frozen=True, slots=True)
class PrincipalEntry:
    """One principal: its type (`*` for the bare star), its name and where it stands."""

    type: str
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class ConditionEntry:
    """One operator with one key. `path` leads to the values; their `raw` form keeps JSON types."""

    written: str
    qualifier: Qualifier | None
    operator: Operator
    if_exists: bool
    key: str
    values: tuple[Entry, ...]
    raw: Any
    path: Path

    @property
    def lower(self) -> str:
        return self.key.lower()

    @property
    def needs_key(self) -> bool:
        """Whether a request without the key fails the condition."""
        if self.operator.name == "Null":
            return all(value.text == "false" for value in self.values)
        if self.qualifier is None:
            return not self.if_exists and not self.operator.negated
        return self.qualifier == "ForAnyValue" and not self.if_exists


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """One statement, whatever of it can be read."""

    path: Path
    raw: dict[str, Any]
    effect: str | None
    actions: tuple[Entry, ...]
    not_actions: tuple[Entry, ...]
    resources: tuple[Entry, ...]
    not_resources: tuple[Entry, ...]
    principals: tuple[PrincipalEntry, ...]
    not_principals: tuple[PrincipalEntry, ...]
    conditions: tuple[ConditionEntry, ...]

    @property
    def allows(self) -> bool:
        return self.effect == "Allow"


@dataclass(slots=True)
class DocumentEntry:
    """A decoded document. `complete` is false when MAX_ENTRIES cut something off."""

    raw: dict[str, Any]
    statements: list[StatementEntry] = field(default_factory=list)
    complete: bool = True

    @property
    def has_variables(self) -> bool:
        return bool(self.raw.get("Version") == VERSION_2012)


class _Reader:
    def __init__(self) -> None:
        self.left = MAX_ENTRIES

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0

    def texts(self, value: Any, path: Path) -> tuple[Entry, ...]:
        return tuple(
            Entry(each, where)
            for where, each in members(value, path)
            if is_text(each) and self.take()
        )

    def principals(self, value: Any, path: Path) -> tuple[PrincipalEntry, ...]:
        if is_text(value):
            return (PrincipalEntry("*", value, path),)
        if not isinstance(value, dict):
            return ()
        return tuple(
            PrincipalEntry(kind, name, where)
            for kind, names in value.items()
            for where, name in members(names, (*path, kind))
            if is_text(name) and self.take()
        )

    def conditions(self, block: Any, path: Path) -> Iterator[ConditionEntry]:
        for written, keys in block.items() if isinstance(block, dict) else ():
            try:
                qualifier, operator, if_exists = split_operator(written)
            except BadCondition:
                continue
            for key, given in keys.items() if isinstance(keys, dict) else ():
                key_path = (*path, written, key)
                values = tuple(
                    Entry(condition_values(each)[0], where)
                    for where, each in members(given, key_path)
                    if isinstance(each, str | bool) and self.take()
                )
                yield ConditionEntry(
                    written, qualifier, operator, if_exists, key, values, given, key_path
                )


def read(policy: dict[str, Any]) -> DocumentEntry:
    """Take a decoded document apart."""
    reader = _Reader()
    document = DocumentEntry(policy)
    for path, raw in statements(policy):
        if not isinstance(raw, dict):
            continue
        effect = raw.get("Effect")
        document.statements.append(
            StatementEntry(
                path=path,
                raw=raw,
                effect=effect if effect in ("Allow", "Deny") else None,
                actions=reader.texts(raw.get("Action"), (*path, "Action")),
                not_actions=reader.texts(raw.get("NotAction"), (*path, "NotAction")),
                resources=reader.texts(raw.get("Resource"), (*path, "Resource")),
                not_resources=reader.texts(raw.get("NotResource"), (*path, "NotResource")),
                principals=reader.principals(raw.get("Principal"), (*path, "Principal")),
                not_principals=reader.principals(raw.get("NotPrincipal"), (*path, "NotPrincipal")),
                conditions=tuple(reader.conditions(raw.get("Condition"), (*path, "Condition"))),
            )
        )
    document.complete = reader.left >= 0
    return document


def members(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """A value, or the members of a list of values, with their paths."""
    if isinstance(value, list):
        yield from (((*path, index), each) for index, each in enumerate(value))
    elif value is not None:
        yield path, value


def is_text(value: Any) -> bool:
    """Whether a decoded value was a JSON string; a number is a str here too."""
    return isinstance(value, str) and not isinstance(value, Number)
