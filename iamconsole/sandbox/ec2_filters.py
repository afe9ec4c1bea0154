"""Filters and pages of EC2's lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from accounts import paging
from accounts.engine.match import PatternSet
from accounts.errors import ValidationError
from accounts.paging import Page
from iamconsole.sandbox.ec2_arguments import Filter
from iamconsole.sandbox.ec2_errors import InvalidParameterValue

Item = TypeVar("Item")
#: What an item has under a filter's name: one text, or several of which one must match.
Property = Callable[[Item], str | Iterable[str]]

_ALL = 1000


def matching(
    items: Iterable[Item],
    filters: Sequence[Filter],
    properties: Mapping[str, Property[Item]],
    *,
    tags: Callable[[Item], Mapping[str, str]] | None = None,
) -> list[Item]:
    """The items that fit every filter. Raise InvalidParameterValue for one that is not known."""
    tests = [_test(each, properties, tags) for each in filters]
    return [item for item in items if all(test(item) for test in tests)]


def page_of(
    items: Sequence[Item],
    key: Callable[[Item], str],
    next_token: str | None,
    max_results: int | None,
) -> Page[Item]:
    """One page of a list that is sorted by `key`; all of it where nobody asks for pages."""
    try:
        return paging.slice_after_marker(items, key, next_token, max_results or _ALL)
    except ValidationError:
        raise InvalidParameterValue(
            "The token given for NextToken is invalid.", argument="next_token"
        ) from None


def _test(
    wanted: Filter,
    properties: Mapping[str, Property[Item]],
    tags: Callable[[Item], Mapping[str, str]] | None,
) -> Callable[[Item], bool]:
    name, patterns = wanted.name, PatternSet(wanted.values)
    if tags is not None and name.startswith("tag:"):
        of, key = tags, name.removeprefix("tag:")
        return lambda item: key in of(item) and of(item)[key] in patterns
    if tags is not None and name == "tag-key":
        of = tags
        return lambda item: any(each in patterns for each in of(item))
    if name not in properties:
        raise InvalidParameterValue(f"The filter '{name}' is invalid", argument="filters")
    found = properties[name]

    def test(item: Item) -> bool:
        value = found(item)
        values = (value,) if isinstance(value, str) else value
        return any(each in patterns for each in values)

    return test
