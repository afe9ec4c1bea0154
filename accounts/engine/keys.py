"""Condition keys: which of them a document names, and which values fit a type of key."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import values as read
from .conditions import BadCondition, split_operator
from .document import Document, Statement
from .variables import BadVariable, Variable, template, variables

_READERS: Mapping[str, Callable[[str], Any]] = {
    "numeric": read.number,
    "boolean": read.boolean,
    "ip": read.address,
    "binary": read.binary,
    "date": read.instant,
}


def context_keys(document: Document, *, with_defaults: bool = True) -> tuple[str, ...]:
    """The keys that a document's conditions and variables name, sorted without regard to case.

    Each is listed once, as it is spelt where it stands first. Variables count in resources and in
    the values of operators that take them. Without `with_defaults`, a key that stands only in
    variables with a default value (`${aws:PrincipalTag/team, 'none'}`) is left out: it can be
    missed.
    """
    found: dict[str, str] = {}
    for statement in document.statements:
        for condition in statement.conditions:
            found.setdefault(condition.key.lower(), condition.key)
        for text in _texts_with_variables(statement) if document.has_variables else ():
            for variable in _variables(text):
                if with_defaults or variable.default is None:
                    found.setdefault(variable.key, variable.name)
    return tuple(found[key] for key in sorted(found))


def fits(value: str, kind: str) -> bool:
    """Whether a request could carry the value under a key of this type.

    `kind` is numeric, boolean, ip, binary or date, as the simulator's ContextKeyType has them;
    under any other type, every text fits.
    """
    reader = _READERS.get(kind)
    return reader is None or reader(value) is not None


def _texts_with_variables(statement: Statement) -> Iterator[str]:
    yield from statement.resources
    yield from statement.not_resources
    for condition in statement.conditions:
        try:
            _, operator, _ = split_operator(condition.operator)
        except BadCondition:
            continue
        if operator.takes_variables:
            yield from condition.values


def _variables(text: str) -> tuple[Variable, ...]:
    try:
        return variables(template(text))
    except BadVariable:
        return ()
