"""A policy's statements as blocks of the visual editor, and what a block cannot show.

What cannot be shown is named in a block's `kept`, with the author's own text, and no form field
stands for it: it stays as it is. Reading changes nothing and never fails on well-formed JSON.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from accounts.engine.conditions import BadCondition, split_operator
from accounts.engine.grammar import VERSION_2012, VERSIONS, condition_values
from accounts.engine.jsontext import Number, Path
from iamconsole.console.policies.visual_text import Source

#: As many fields as Django takes in one form, less what the rest of the page needs.
MAX_RESOURCES = 200
MAX_CONDITIONS = 50
MAX_VALUES = 500

_KNOWN = ("Sid", "Effect", "Action", "Resource", "Condition")
_NOT_SHOWN = {
    "NotAction": "every action except the listed ones",
    "NotResource": "every resource except the listed ones",
    "Principal": "who the statement is about",
    "NotPrincipal": "everybody except the listed ones",
}
# Browsers change these in a text field.
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that the visual editor does not show and does not touch.

    `line` is where it begins, `raw` the author's text.
    """

    name: str
    reason: str
    line: int
    raw: str


@dataclass(frozen=True, slots=True)
class Row:
    """One condition: operator, key and values. Where there is a `reason`, it is only to be read."""

    number: int
    written_operator: str
    key: str
    values: tuple[str, ...]
    qualifier: str = ""
    operator: str = ""
    if_exists: bool = False
    reason: str = ""
    path: Path = ()
    raw: str = ""

    @property
    def lines(self) -> str:
        """The values, one on each line."""
        return "\n".join(self.values)


@dataclass(frozen=True, slots=True)
class Block:
    """One statement. `fields` names the elements that the form may change.

    `resources` and `actions` are all texts in their order; numbers in form fields count by them.
    """

    index: int
    path: Path
    line: int
    sid: str
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Row, ...]
    kept: tuple[Kept, ...]
    fields: frozenset[str]
    raw: str

    @property
    def number(self) -> int:
        """The statement's number for people."""
        return self.index + 1

    @property
    def is_statement(self) -> bool:
        return "Effect" in self.fields or bool(self.fields)

    @property
    def all_resources(self) -> bool:
        return self.resources == ("*",)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The services that the actions name, in the order of their first action."""
        found = (action.partition(":")[0].lower() for action in self.actions if ":" in action)
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Blocks:
    """A document: its statements, and what stands beside them."""

    version: str
    blocks: tuple[Block, ...]
    kept: tuple[Kept, ...]
    alone: bool
    """Whether the one statement stands in no list."""

    @property
    def old_version(self) -> bool:
        """Whether `${...}` is plain text in it."""
        return self.version != VERSION_2012


def read(source: Source) -> Blocks | None:
    """The blocks of a document; None for a text that is no object."""
    policy = source.value
    if not isinstance(policy, dict):
        return None
    statements = policy.get("Statement")
    alone = isinstance(statements, dict)
    paths: list[Path] = [("Statement",)] if alone else []
    if isinstance(statements, list):
        paths = [("Statement", index) for index in range(len(statements))]
    version = policy.get("Version")
    return Blocks(
        version=version if isinstance(version, str) else "",
        blocks=tuple(_block(source, index, path) for index, path in enumerate(paths)),
        kept=tuple(_kept_of_document(source, policy)),
        alone=alone,
    )


def _kept_of_document(source: Source, policy: dict[str, Any]) -> list[Kept]:
    found = []
    for name, value in policy.items():
        if name == "Id":
            reason = "The policy's Id is kept."
        elif name == "Version":
            if value in VERSIONS:
                continue
            reason = "This is no version of the policy language."
        elif name == "Statement":
            if isinstance(value, dict | list):
                continue
            reason = "This is neither a statement nor a list of statements."
        else:
            reason = f"{name} is no element of a policy."
        found.append(_keep(source, (name,), name, reason))
    return found


def _block(source: Source, index: int, path: Path) -> Block:
    statement = source.at(path)
    raw, line = source.raw(path), source.line(path)
    if not isinstance(statement, dict):
        kept = _keep(source, path, "Statement", "This is no statement, so nothing of it is shown.")
        return Block(index, path, line, "", "", (), (), (), (kept,), frozenset(), raw)
    fields = set()
    found: list[Kept] = []
    for name in _KNOWN:
        reason = _why_not(statement, name)
        if not reason:
            fields.add(name)
        elif name in statement:
            found.append(_keep(source, (*path, name), name, reason))
    for name in statement:
        if name in _KNOWN:
            continue
        what = _NOT_SHOWN.get(name)
        reason = (
            f"{name} means {what}. The visual editor has no form for it."
            if what
            else f"{name} is no element of a statement."
        )
        found.append(_keep(source, (*path, name), name, reason))
    return Block(
        index=index,
        path=path,
        line=line,
        sid=statement.get("Sid", "") if "Sid" in fields else "",
        effect=statement.get("Effect", "") if "Effect" in fields else "",
        actions=_texts(statement.get("Action")) if "Action" in fields else (),
        resources=_texts(statement.get("Resource")) if "Resource" in fields else (),
        conditions=_rows(source, (*path, "Condition")) if "Condition" in fields else (),
        kept=tuple(sorted(found, key=lambda each: each.line)),
        fields=frozenset(fields),
        raw=raw,
    )


def _why_not(statement: dict[str, Any], name: str) -> str:
    """Why no form field can stand for an element; empty where one can."""
    value = statement.get(name)
    if name in ("Action", "Resource"):
        other = f"Not{name}"
        if other in statement:
            return f"It stands beside {other}, which the visual editor has no form for."
        if value is not None and not _is_texts(value):
            return f"{name} is neither a text nor a list of texts."
    elif name == "Effect" and value not in ("Allow", "Deny", None):
        return "Effect is neither Allow nor Deny."
    elif name == "Sid" and name in statement and not (_is_text(value) and fits(str(value))):
        return "The Sid is no plain text."
    elif name == "Condition" and name in statement and not isinstance(value, dict):
        return "Condition is no object."
    if name in statement and value is None:
        return f"{name} is null."
    return ""


def _rows(source: Source, path: Path) -> tuple[Row, ...]:
    rows: list[Row] = []
    for operator, keys in (source.at(path) or {}).items():
        if not isinstance(keys, dict):
            # Shown as it is written, with no key of its own.
            raw = source.raw((*path, operator))
            reason = "The operator is not followed by an object."
            rows.append(
                Row(len(rows), operator, "", (), reason=reason, path=(*path, operator), raw=raw)
            )
            continue
        for key, given in keys.items():
            rows.append(_row(source, len(rows), (*path, operator, key), given))
    return tuple(rows)


def _row(source: Source, number: int, path: Path, given: Any) -> Row:
    name, key = str(path[-2]), str(path[-1])
    raw = source.raw(path)
    try:
        qualifier, operator, if_exists = split_operator(name)
    except BadCondition:
        reason = "This is no condition operator."
        return Row(number, name, key, (), reason=reason, path=path, raw=raw)
    listed = given if isinstance(given, list) else [given]
    reason = ""
    if number >= MAX_CONDITIONS or len(listed) > MAX_VALUES:
        reason = "There are too many to show as fields."
    elif not all(isinstance(value, str | bool) for value in listed):
        reason = "A value is neither text, a number, true nor false."
    elif not all(fits(value) for value in (key, *condition_values(given))):
        reason = "There are characters in it that a form field can't hold."
    values = () if reason else condition_values(given)
    return Row(
        number, name, key, values, qualifier or "", operator.name, if_exists, reason, path, raw
    )


def fits(text: str) -> bool:
    """Whether a text comes back from a form field as it was put there."""
    return not _CONTROL.search(text)


def _keep(source: Source, path: Path, name: str, reason: str) -> Kept:
    return Kept(name, reason, source.line(path), source.raw(path))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def _is_texts(value: Any) -> bool:
    return all(map(_is_text, value)) if isinstance(value, list) else _is_text(value)


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)
