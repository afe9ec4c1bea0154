"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}` `${?}` `${$}`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .match import Token, tokens

Entries = Mapping[str, str | tuple[str, ...]]
"""A request context: lower-case key to its value, or to its values."""


class BadVariable(ValueError):
    """A `${` that no variable follows; its text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A context key (as written, and in lower case) and the value to take where it is absent."""

    name: str
    key: str
    default: str | None = None


Template = tuple[Token | Variable, ...]

_VARIABLE = re.compile(r"\$\{([^${}',\s]+)(?:,[ ]*'([^'{}]*)')?\}")
_ESCAPES = {"${*}": "*", "${?}": "?", "${$}": "$"}


def has_variable(text: str) -> bool:
    return "${" in text


def template(text: str, wildcards: bool = True) -> Template:
    """`text` cut into literal text, wildcards and variables. Raises BadVariable.

    With `wildcards` false, `*` and `?` are ordinary characters, as in StringEquals.
    """
    parts: list[Token | Variable] = []
    at = 0
    while (start := text.find("${", at)) >= 0:
        parts += _plain(text[at:start], wildcards)
        if text[start : start + 4] in _ESCAPES:
            parts.append(_ESCAPES[text[start : start + 4]])
            at = start + 4
            continue
        found = _VARIABLE.match(text, start)
        if found is None:
            raise BadVariable(_what_is_wrong(text[start:]))
        parts.append(Variable(found[1], found[1].lower(), found[2]))
        at = found.end()
    return (*parts, *_plain(text[at:], wildcards))


def plain_template(text: str, wildcards: bool = True) -> Template:
    """`text` without variables, as Version 2008-10-17 reads it."""
    return _plain(text, wildcards)


def variables(parts: Template) -> tuple[Variable, ...]:
    return tuple(part for part in parts if isinstance(part, Variable))


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


def fill_all(templates: Iterable[Template], entries: Entries) -> list[tuple[Token, ...]]:
    """The patterns of all templates whose variables have values; the others match nothing."""
    filled = (fill(parts, entries) for parts in templates)
    return [pattern for pattern in filled if pattern is not None]


def show(text: str, entries: Entries) -> str:
    """`text` as it reads with its variables replaced; one without a value stays as it is."""
    try:
        filled = fill(template(text), entries)
    except BadVariable:
        return text
    if filled is None:
        return text
    return "".join(part if isinstance(part, str) else part.value for part in filled)


def fixed(parts: Template) -> tuple[Token, ...]:
    """A template without variables, as the pattern it is."""
    return tuple(part for part in parts if not isinstance(part, Variable))


def _plain(text: str, wildcards: bool) -> tuple[Token, ...]:
    if wildcards:
        return tokens(text)
    return (text,) if text else ()


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
