"""Condition operators: what each compares, and what holds for missing, several and odd values.

`OPERATORS` is the table. A condition block is compiled once into one `Check` per operator and key;
`Check.holds` answers for a request context. The rules of the IAM User Guide, page
"reference_policies_elements_condition_operators" and the ones it links to:

* several values in the policy: any one may match; with a negated operator none may;
* key missing: a negated operator holds, any other doesn't; `IfExists` holds; `ForAllValues` holds,
  `ForAnyValue` doesn't, negated or not;
* `ForAllValues` asks that every value of the request pass, `ForAnyValue` that one does; an empty
  text is no value to them;
* `Null` asks whether the key is there; behind `ForAllValues` it always holds, behind `ForAnyValue`
  never.

A request value that the operator cannot read (a word where it wants a number, several values
without `ForAllValues` or `ForAnyValue`) is not understood: the check holds in a Deny and fails in
an Allow.
"""

import operator as compare_by
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from . import values as read
from .match import ANY, PatternSet, Token, places
from .variables import (
    Entries,
    Template,
    Variable,
    fill_all,
    lower,
    lower_values,
    plain_template,
    sort_out,
    template,
    variables,
)

Compare = Callable[[str, Entries], bool | None]
"""Whether a request value equals (or is below, …) any policy value; None if it can't be read."""

Qualifier = Literal["ForAllValues", "ForAnyValue"]


class BadCondition(ValueError):
    """A condition this engine does not understand; its text says why."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One condition operator: how its values are compiled, and whether the answer is turned.

    An operator that takes variables compiles templates, any other compiles texts.
    """

    name: str
    compile: Callable[[Sequence[Any]], Compare]
    negated: bool = False
    takes_variables: bool = False

    @property
    def takes_wildcards(self) -> bool:
        return "Like" in self.name or "Arn" in self.name


def _text(*, like: bool = False, ignore_case: bool = False) -> Callable[..., Compare]:
    """String operators: variables are filled in, wildcards count only in the Like operators."""

    def compile_values(templates: Sequence[Template]) -> Compare:
        if ignore_case:
            templates = [lower(parts) for parts in templates]
        plain, varying = sort_out(templates)
        known = PatternSet(plain) if like else frozenset(map(_joined, plain))

        def compare(value: str, entries: Entries) -> bool:
            if ignore_case:
                value = value.lower()
            if value in known:
                return True
            if ignore_case and varying:
                entries = lower_values(varying, entries)
            return bool(varying) and any(map(places(value).match, fill_all(varying, entries)))

        return compare

    return compile_values


def _joined(parts: Sequence[Token]) -> str:
    return "".join(part for part in parts if isinstance(part, str))


def _arns(templates: Sequence[Template]) -> Compare:
    """ArnEquals and ArnLike are one: six parts, each with wildcards that end at its colons."""
    plain, varying = sort_out(templates)
    patterns = list(map(_arn_pattern, plain))
    if None in patterns:
        raise BadCondition("an ARN operator has a value that is not an ARN")
    known = PatternSet(pattern for pattern in patterns if pattern is not None)

    def compare(value: str, entries: Entries) -> bool | None:
        parts = read.arn(value)
        if parts is None or _PART_END in value:
            return None
        text = _PART_END.join(parts)
        if text in known:
            return True
        filled = map(_arn_pattern, fill_all(varying, entries))
        match = places(text).match
        return any(match(pattern) for pattern in filled if pattern is not None)

    return compare


# Stands for the five colons between the parts of an ARN. Pattern and text have five each, so all
# of the pattern's are needed to meet the text's, and no wildcard can reach across one.
_PART_END = "\0"


def _arn_pattern(pattern: tuple[Token, ...]) -> list[Token] | None:
    """The pattern with its first five colons told apart from colons in the last part.

    A short pattern that ends in `*` leaves the missing parts free. None for any other short one.
    """
    found: list[Token] = []
    colons = 0
    for token in pattern:
        if isinstance(token, str):
            wanted = read.ARN_PARTS - 1 - colons
            colons += min(wanted, token.count(":"))
            token = token.replace(":", _PART_END, wanted)
        found.append(token)
    missing = read.ARN_PARTS - 1 - colons
    if missing and pattern[-1:] != (ANY,):
        return None
    return found + [_PART_END, ANY] * missing


def _typed(
    reader: Callable[[str], Any], what: str, compare: Callable[[Any, Any], bool]
) -> Callable[..., Compare]:
    """Operators whose values are read once: numbers, dates, booleans, base64, addresses."""
    return _typed_apart(reader, reader, what, compare)


def _typed_apart(
    read_given: Callable[[str], Any],
    read_wanted: Callable[[str], Any],
    what: str,
    compare: Callable[[Any, Any], bool],
) -> Callable[..., Compare]:
    def compile_values(values: Sequence[str]) -> Compare:
        wanted = [read_wanted(value) for value in values]
        if None in wanted:
            raise BadCondition(f'"{values[wanted.index(None)]}" is not {what}')

        def compare_any(value: str, entries: Entries) -> bool | None:
            given = read_given(value)
            if given is None:
                return None
            return any(compare(given, each) for each in wanted)

        return compare_any

    return compile_values


def _in_network(given: tuple[int, int], wanted: tuple[int, int, int]) -> bool:
    return given[0] == wanted[0] and given[1] >> wanted[2] == wanted[1]


def _numbers(compare: Callable[[Any, Any], bool]) -> Callable[..., Compare]:
    return _typed(read.number, "a number", compare)


def _dates(compare: Callable[[Any, Any], bool]) -> Callable[..., Compare]:
    return _typed(read.instant, "a date", compare)


_networks = _typed_apart(read.address, read.network, "an IP address or range", _in_network)

_TABLE = (
    Operator("StringEquals", _text(), takes_variables=True),
    Operator("StringNotEquals", _text(), negated=True, takes_variables=True),
    Operator("StringEqualsIgnoreCase", _text(ignore_case=True), takes_variables=True),
    Operator(
        "StringNotEqualsIgnoreCase", _text(ignore_case=True), negated=True, takes_variables=True
    ),
    Operator("StringLike", _text(like=True), takes_variables=True),
    Operator("StringNotLike", _text(like=True), negated=True, takes_variables=True),
    Operator("NumericEquals", _numbers(compare_by.eq)),
    Operator("NumericNotEquals", _numbers(compare_by.eq), negated=True),
    Operator("NumericLessThan", _numbers(compare_by.lt)),
    Operator("NumericLessThanEquals", _numbers(compare_by.le)),
    Operator("NumericGreaterThan", _numbers(compare_by.gt)),
    Operator("NumericGreaterThanEquals", _numbers(compare_by.ge)),
    Operator("DateEquals", _dates(compare_by.eq)),
    Operator("DateNotEquals", _dates(compare_by.eq), negated=True),
    Operator("DateLessThan", _dates(compare_by.lt)),
    Operator("DateLessThanEquals", _dates(compare_by.le)),
    Operator("DateGreaterThan", _dates(compare_by.gt)),
    Operator("DateGreaterThanEquals", _dates(compare_by.ge)),
    Operator("Bool", _typed(read.boolean, "true or false", compare_by.eq)),
    Operator("BinaryEquals", _typed(read.binary, "base64", compare_by.eq)),
    Operator("IpAddress", _networks),
    Operator("NotIpAddress", _networks, negated=True),
    Operator("ArnEquals", _arns, takes_variables=True),
    Operator("ArnNotEquals", _arns, negated=True, takes_variables=True),
    Operator("ArnLike", _arns, takes_variables=True),
    Operator("ArnNotLike", _arns, negated=True, takes_variables=True),
    # Compares nothing: whether the key is there is the whole question (see Check.holds).
    Operator("Null", _typed(read.boolean, "true or false", compare_by.eq)),
)
OPERATORS = {operator.name: operator for operator in _TABLE}
"""Every operator by its name, without prefix and suffix."""

_NAME = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?")


@lru_cache(maxsize=256)
def split_operator(name: str) -> tuple[Qualifier | None, Operator, bool]:
    """`ForAnyValue:StringLikeIfExists` as (qualifier, operator, whether IfExists).

    Raises BadCondition for a name that is none. Null takes no IfExists.
    """
    found = _NAME.fullmatch(name)
    operator = OPERATORS.get(found[2]) if found else None
    if found is None or operator is None or (operator.name == "Null" and found[3]):
        raise BadCondition(f'"{name}" is not a condition operator')
    qualifier: Any = found[1]
    return qualifier, operator, found[3] is not None


class Check:
    """One operator applied to one key, ready to be asked."""

    __slots__ = (
        "_compare",
        "_unreadable",
        "_when_missing",
        "key",
        "name",
        "operator",
        "qualifier",
        "values",
        "variables",
        "written",
    )

    def __init__(
        self, written: str, name: str, values: Sequence[str], *, with_variables: bool, in_deny: bool
    ) -> None:
        """`written` is the operator, `name` the key, both as the author spelt them.

        Raises BadCondition for an operator that is none and for values it cannot read,
        BadVariable for a `${` that no variable follows.
        """
        qualifier, operator, if_exists = split_operator(written)
        self.written = written
        self.operator = operator
        self.qualifier = qualifier
        self.name = name
        self.key = name.lower()
        self.values = tuple(values)
        self._unreadable = in_deny
        self.variables: tuple[Variable, ...] = ()
        if operator.takes_variables:
            cut = template if with_variables else plain_template
            templates = [cut(value, operator.takes_wildcards) for value in values]
            self.variables = tuple(each for parts in templates for each in variables(parts))
            self._compare = operator.compile(templates)
        else:
            self._compare = operator.compile(values)
        if qualifier and not if_exists:
            self._when_missing = qualifier == "ForAllValues"
        elif operator.name == "Null":
            self._when_missing = bool(self._compare("true", {}))
        else:
            self._when_missing = if_exists or operator.negated

    def holds(self, entries: Entries) -> bool:
        """Whether the request context `entries` passes."""
        given = entries.get(self.key)
        if given is None:
            return self._when_missing
        if self.operator.name == "Null":
            return self._when_missing if self.qualifier else bool(self._compare("false", entries))
        if self.qualifier is None:
            if isinstance(given, str):
                return self.passes(given, entries)
            return self.passes(given[0], entries) if len(given) == 1 else self._unreadable
        several = (given,) if isinstance(given, str) else given
        passed = (self.passes(value, entries) for value in several if value != "")
        return any(passed) if self.qualifier == "ForAnyValue" else all(passed)

    def passes(self, value: str, entries: Entries) -> bool:
        """Whether one value of the request passes."""
        equal = self._compare(value, entries)
        return self._unreadable if equal is None else equal != self.operator.negated
