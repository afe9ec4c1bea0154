"""What a list page reads from its query string, and the links that its table is drawn with.

Search, filters, sorting and page number all stand in the address, so that a view can be shared and
works without scripts. What makes no sense in the address is ignored, never an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import QueryDict

from accounts.errors import ServiceError
from accounts.paging import Page

#: Rows of a page, as in the real console's tables.
PAGE_SIZE = 20
#: No name, path or ARN that could be searched for is longer than an ARN's 2,048 characters.
LONGEST_SEARCH = 2048


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `name` is what the address and the action's `sort` argument call it."""

    name: str
    label: str
    sortable: bool = True
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A menu beside the search box. The first choice is what holds when none is chosen."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]


class Heading(NamedTuple):
    """A column's heading as drawn: `url` sorts by it; `sorted` is for aria-sort, empty or not."""

    label: str
    url: str
    sorted: str
    numeric: bool


class PageLink(NamedTuple):
    """A page number of the pager; a gap between numbers has neither number nor url."""

    number: int
    url: str
    current: bool


class Table:
    """One list: first what the address asks for, then, after `show`, what there is to see.

    `key` tells two tables of one page apart: it begins the element's id and every parameter of all
    but a page's only table (`key=""` leaves parameters bare).
    """

    def __init__(
        self,
        query: QueryDict,
        columns: Sequence[Column],
        *,
        key: str = "",
        sort: str = "",
        descending: bool = False,
        filters: Sequence[Filter] = (),
        size: int = PAGE_SIZE,
    ) -> None:
        self.query = query
        self.columns = tuple(columns)
        self.key = key
        self.size = size
        # PostgreSQL takes no text with a NUL in it.
        asked = query.get(self.name_of("search"), "").replace("\0", "")
        self.search = asked.strip()[:LONGEST_SEARCH]
        self.number = self._page_number()
        self.sort, self.descending = self._sorting(sort, descending)
        self.filters = tuple(filters)
        self.filtered = {each.name: self._chosen(each) for each in self.filters}
        self.page: Page[Any] = Page(())
        self.error: ServiceError | None = None

    def show(self, page: Page[Any]) -> None:
        """Take the rows that the action returned."""
        self.page = page
        self.number = page.number

    def refuse(self, error: ServiceError) -> None:
        """Take the action's refusal instead: the table shows it in place of rows."""
        self.error = error

    def name_of(self, parameter: str) -> str:
        """What the address calls `search`, `sort`, `page` or a filter of this table."""
        return f"{self.key}-{parameter}" if self.key else parameter

    @property
    def order(self) -> str:
        """The sorting as one word: the column's name, with a minus where descending."""
        return f"-{self.sort}" if self.descending and self.sort else self.sort

    @property
    def element_id(self) -> str:
        """The id of the element that holds tools and rows."""
        return f"{self.key}-table" if self.key else "table"

    @property
    def rows(self) -> Sequence[Any]:
        """The rows of this page."""
        return self.page.items

    @property
    def total(self) -> int:
        """How many rows there are on all pages, after search and filters."""
        return len(self.page.items) if self.page.total is None else self.page.total

    @property
    def narrowed(self) -> bool:
        """Whether a search or a filter leaves rows out."""
        return bool(self.search) or any(
            self.filtered[each.name] != each.choices[0][0] for each in self.filters
        )

    @property
    def menus(self) -> list[tuple[str, Filter, str]]:
        """The filters as drawn: parameter, filter, chosen value."""
        return [(self.name_of(each.name), each, self.filtered[each.name]) for each in self.filters]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new search must not lose: the sorting, and what other parts of the page use."""
        own = {self.name_of(name) for name in ("search", "page", *self.filtered)}
        return [
            (name, value) for name, values in self.query.lists() if name not in own
            for value in values
        ]  # fmt: skip

    @property
    def plain_url(self) -> str:
        """This list without search and filters."""
        return self._url(**{"search": None, "page": None, **dict.fromkeys(self.filtered)})

    @property
    def headings(self) -> list[Heading]:
        """The columns' headings. A click sorts ascending first, then turns round."""
        return [self._heading(column) for column in self.columns]

    @property
    def page_links(self) -> list[PageLink]:
        """First, last and the neighbours of this page; number 0 stands for a gap."""
        last, links, previous = self.page.pages, [], 0
        for number in range(1, last + 1):
            if number not in (1, last) and abs(number - self.number) > 1:
                continue
            if number - previous > 1:
                links.append(PageLink(0, "", False))
            links.append(PageLink(number, self._url(page=str(number)), number == self.number))
            previous = number
        return links

    @property
    def previous_url(self) -> str:
        """The page before this one, or nothing."""
        return self._url(page=str(self.number - 1)) if self.number > 1 else ""

    @property
    def next_url(self) -> str:
        """The page after this one, or nothing."""
        return self._url(page=str(self.number + 1)) if self.number < self.page.pages else ""

    def _page_number(self) -> int:
        text = self.query.get(self.name_of("page"), "")
        return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1

    def _sorting(self, sort: str, descending: bool) -> tuple[str, bool]:
        asked = self.query.get(self.name_of("sort"), "")
        if asked.removeprefix("-") in {column.name for column in self.columns if column.sortable}:
            return asked.removeprefix("-"), asked.startswith("-")
        return sort, descending

    def _chosen(self, each: Filter) -> str:
        value = self.query.get(self.name_of(each.name), "")
        known = [choice for choice, _label in each.choices]
        return value if value in known else known[0]

    def _heading(self, column: Column) -> Heading:
        if not column.sortable:
            return Heading(column.label, "", "", column.numeric)
        here = column.name == self.sort
        turned = f"-{column.name}" if here and not self.descending else column.name
        direction = ("descending" if self.descending else "ascending") if here else ""
        url = self._url(sort=turned, page=None)
        return Heading(column.label, url, direction, column.numeric)

    def _url(self, **changes: str | None) -> str:
        """This page's query string with some of this table's parameters replaced or taken out."""
        query = self.query.copy()
        for parameter, value in changes.items():
            if value is None:
                query.pop(self.name_of(parameter), None)
            else:
                query[self.name_of(parameter)] = value
        return f"?{query.urlencode()}"
