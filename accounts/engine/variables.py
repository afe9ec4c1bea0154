"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}` `${?}` `${$}`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from .match import Token, tokens

Entries = Mapping[str, str | tuple[str, ...]]
"""A request context: lower-case key to its value, or to its values."""


class BadVariable(ValueError):
    """A `${` that no variable follows; its text says what is wrong."""


class Variable(NamedTuple):
    """A context key (as written, and in lower case) and the value to take where it is absent."""

    name: str
    key: str
    default: str | None = None


Template = tuple[Token | Variable, ...]

_VARIABLE = re.compile(r"\$\{(?:([*?$])|([^${}',\s]+)(?:,[ ]*'([^'{}]*)')?)\}")


def has_variable(text: str) -> bool:
    return "${" in text


def template(text: str, wildcards: bool = True) -> Template:
    """`text` cut into literal text, wildcards and variables. Raises BadVariable.

    With `wildcards` false, `*` and `?` are ordinary characters, as in StringEquals.
    """
    parts: list[Token | Variable] = []
    at = 0
    for found in _VARIABLE.finditer(text):
        parts += _plain(_without_variable(text[at : found.start()]), wildcards)
        escaped, name, default = found.groups()
        parts.append(escaped or Variable(name, name.lower(), default))
        at = found.end()
    return (*parts, *_plain(_without_variable(text[at:]), wildcards))


def plain_template(text: str, wildcards: bool = True) -> Template:
    """`text` without variables, as Version 2008-10-17 reads it."""
    return _plain(text, wildcards)


def variables(parts: Template) -> tuple[Variable, ...]:
    return tuple([part for part in parts if isinstance(part, Variable)])


def fill(parts: Template, entries: Entries) -> tuple[Token, ...] | None:
    """The pattern with every variable replaced, or None when one has no value.

    A value's own `*` and `?` stay ordinary characters: a user named `*` is not every user. A key
    with several values has no value here.
    """
    filled: list[Token] = []
    for part in parts:
        if not isinstance(part, Variable):
            filled.append(part)
            continue
        value = entries.get(part.key, part.default)
        if isinstance(value, tuple):
            value = value[0] if len(value) == 1 else None
        if value is None:
            return None
        filled.append(value)
    return tuple(filled)


def fill_all(templates: Iterable[Template], entries: Entries) -> Iterator[tuple[Token, ...]]:
    """The patterns of all templates whose variables have values; the others match nothing."""
    filled = (fill(parts, entries) for parts in templates)
    return (pattern for pattern in filled if pattern is not None)


def lower(parts: Template) -> Template:
    """The template in lower case, for comparing without case; see `lower_values`."""
    return tuple(
        part._replace(default=part.default and part.default.lower())
        if isinstance(part, Variable)
        else part.lower()
        if isinstance(part, str)
        else part
        for part in parts
    )


def lower_values(templates: Iterable[Template], entries: Entries) -> Entries:
    """What the templates' variables stand for, in lower case, each read once."""
    keys = {each.key for parts in templates for each in variables(parts)} & entries.keys()
    return {
        key: value.lower() if isinstance(value, str) else tuple(each.lower() for each in value)
        for key in keys
        for value in [entries[key]]
    }


def show(text: str, entries: Entries) -> str:
    """`text` as it reads with its variables replaced; one without a value stays as it is."""
    try:
        filled = fill(template(text), entries)
    except BadVariable:
        return text
    if filled is None:
        return text
    return "".join(part if isinstance(part, str) else part.value for part in filled)


def sort_out(templates: Iterable[Template]) -> tuple[list[tuple[Token, ...]], list[Template]]:
    """The templates without variables, as the patterns they are, and those with variables."""
    patterns, varying = [], []
    for parts in templates:
        tokens_of = tuple([part for part in parts if not isinstance(part, Variable)])
        if len(tokens_of) == len(parts):
            patterns.append(tokens_of)
        else:
            varying.append(parts)
    return patterns, varying


def _plain(text: str, wildcards: bool) -> tuple[Token, ...]:
    if wildcards:
        return tokens(text)
    return (text,) if text else ()


def _without_variable(text: str) -> str:
    """The text between two variables. Raises BadVariable where another should begin in it."""
    start = text.find("${")
    if start >= 0:
        raise BadVariable(_what_is_wrong(text[start:]))
    return text


def _what_is_wrong(text: str) -> str:
    inside, brace, _ = text[2:].partition("}")
    if not brace:
        return "a variable is not closed with }"
    if not inside:
        return "a variable has no name"
    if "'" in inside:
        return "a variable's default value is not written as ${key, 'value'}"
    if re.search(r"\s", inside):
        return "a variable's name holds a space"
    return f"${{{inside}}} is not a variable"
