"""What a list page reads from its query string, and the links that its table is drawn with.

Search, filters, sorting and page number all stand in the address, so that a view can be shared and
works without scripts. What makes no sense in the address is ignored, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.safestring import SafeString

from accounts.actions import filters as asking
from accounts.actions.filters import Property
from accounts.errors import ServiceError
from accounts.paging import Page
from iamconsole.console.components import filters as property_filters
from iamconsole.console.components.filters import Chip
from iamconsole.console.components.preferences import PAGE_SIZE, Preferences, size_or_nothing

__all__ = ["PAGE_SIZE", "Column", "Filter", "Table"]

#: Rows of a file: more than an account can have of anything.
EXPORT_SIZE = 10_000
#: No name, path or ARN that could be searched for is longer than an ARN's 2,048 characters.
LONGEST_SEARCH = 2048


#: The fields of the form that adds a property filter; their values one after another are one.
_PARTS = ("property", "operator", "value")


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `name` is what the address and the action's `sort` argument call it.

    `text` gives a row's value for a file, and for the page where `cell` doesn't make the cell.
    """

    name: str
    label: str
    sortable: bool = True
    numeric: bool = False
    #: Whether it is there unless somebody chose otherwise.
    shown: bool = True
    #: Whether the caller may read it of every row. Else nobody sorts or filters by it: that tells.
    readable: bool = True
    #: The actions without which a row's value is not shown.
    needs: tuple[str, ...] = ()
    #: Rows whose value the list itself tells, whatever it needs of others.
    told: Callable[[Any], bool] | None = None
    text: Callable[[Any], str] | None = None
    cell: Callable[[Any], SafeString] | None = None


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
        properties: Mapping[str, Property] | None = None,
        preferences: Preferences | None = None,
    ) -> None:
        self.key = key
        self.query = query
        self.all_columns = tuple(columns)
        self.preferences = preferences
        labels = {column.name: column.label for column in columns if column.readable}
        #: What can be filtered by, each with its label.
        self.labels = {name: labels[name] for name in labels if name in (properties or {})}
        self.properties = {name: (properties or {})[name] for name in self.labels}
        self._add_filter()
        self.asked, self.left_out = self._asked()
        self.columns = self._visible()
        #: Whether a file is asked for instead of the page.
        self.exporting = preferences is not None and query.get(self.name_of("format")) == "csv"
        self.size = self._size(size)
        # PostgreSQL takes no text with a NUL in it.
        asked = query.get(self.name_of("search"), "").replace("\0", "")
        self.search = asked.strip()[:LONGEST_SEARCH]
        self.number = 1 if self.exporting else self._page_number()
        #: Where a list that is paged by markers goes on; such a list has no numbered pages.
        self.after = query.get(self.name_of("after"), "").replace("\0", "")
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
    def query_of_action(self) -> dict[str, Any]:
        """What the address asks for, as the arguments of the listing actions."""
        return {
            "search": self.search,
            "sort": self.order,
            "page": self.number,
            "page_size": self.size,
            "filters": tuple(self.asked),
        }

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
        return bool(self.search or self.asked) or any(
            self.filtered[each.name] != each.choices[0][0] for each in self.filters
        )

    @property
    def menus(self) -> list[tuple[str, Filter, str]]:
        """The filters as drawn: parameter, filter, chosen value."""
        return [(self.name_of(each.name), each, self.filtered[each.name]) for each in self.filters]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new search must not lose: the sorting, and what other parts of the page use."""
        own = {self.name_of(name) for name in ("search", "page", "after", "format", *self.filtered)}
        return [
            (name, value) for name, values in self.query.lists() if name not in own
            for value in values
        ]  # fmt: skip

    @property
    def plain_url(self) -> str:
        """This list without search and filters."""
        gone = ("search", "page", "after", "filter", *self.filtered)
        return self._url(**dict.fromkeys(gone))

    @property
    def chips(self) -> list[Chip]:
        """The property filters as drawn."""
        return [
            Chip(property_filters.in_words(each, self.labels[each.name]), self._without(each))
            for each in self.asked
        ]

    @property
    def filter_choices(self) -> Sequence[property_filters.Choice]:
        """What the form for a property filter offers."""
        return property_filters.choices(self.labels, self.properties)

    @property
    def operators(self) -> list[tuple[str, str]]:
        """The operators that it offers, each with its words."""
        return property_filters.operators(self.properties)

    @property
    def kept_by_filters(self) -> list[tuple[str, str]]:
        """What another property filter must not lose: all but the page."""
        gone = {self.name_of(name) for name in ("page", "after", "format", *_PARTS)}
        return [(name, value) for name, values in self.query.lists() if name not in gone
                for value in values]  # fmt: skip

    @property
    def view(self) -> str:
        """This page's query string, by which the preferences lead back to it."""
        return self._url().removeprefix("?")

    @property
    def property_name(self) -> str:
        """What the address calls the property of a filter to add."""
        return self.name_of("property")

    @property
    def operator_name(self) -> str:
        """The same for its operator."""
        return self.name_of("operator")

    @property
    def value_name(self) -> str:
        """The same for its value."""
        return self.name_of("value")

    @property
    def export_url(self) -> str:
        """The file of exactly these rows, of all pages."""
        return self._url(format="csv", page=None)

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

    @property
    def first_url(self) -> str:
        """The beginning of a list that is paged by markers, or nothing where this is it."""
        return self._url(after=None) if self.after else ""

    @property
    def after_url(self) -> str:
        """What comes after this page of such a list, or nothing."""
        return self._url(after=self.page.marker) if self.page.marker else ""

    def _page_number(self) -> int:
        text = self.query.get(self.name_of("page"), "")
        return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else 1

    def _sorting(self, sort: str, descending: bool) -> tuple[str, bool]:
        asked = self.query.get(self.name_of("sort"), "")
        known = {each.name for each in self.all_columns if each.sortable and each.readable}
        if asked.removeprefix("-") in known:
            return asked.removeprefix("-"), asked.startswith("-")
        return sort, descending

    def _chosen(self, each: Filter) -> str:
        value = self.query.get(self.name_of(each.name), "")
        known = [choice for choice, _label in each.choices]
        return value if value in known else known[0]

    def _heading(self, column: Column) -> Heading:
        if not (column.sortable and column.readable):
            return Heading(column.label, "", "", column.numeric)
        here = column.name == self.sort
        turned = f"-{column.name}" if here and not self.descending else column.name
        direction = ("descending" if self.descending else "ascending") if here else ""
        url = self._url(sort=turned, page=None)
        return Heading(column.label, url, direction, column.numeric)

    def _size(self, size: int) -> int:
        if self.exporting:
            return EXPORT_SIZE
        if self.preferences is None:
            return size
        return size_or_nothing(self.query.get(self.name_of("size"))) or self.preferences.size

    def _visible(self) -> tuple[Column, ...]:
        """The columns that are drawn: the address says which, else the preferences, else itself.

        The first is always there: it names the row and leads to its page.
        """
        if self.preferences is None:
            return self.all_columns
        written = self.query.get(self.name_of("columns"), "").split(",")
        known = {column.name: column for column in self.all_columns}
        first = self.all_columns[0]
        for wanted in (written, self.preferences.columns):
            found = [known[name] for name in dict.fromkeys(wanted) if name in known]
            if found:
                return (first, *(column for column in found if column is not first))
        return tuple(column for column in self.all_columns if column.shown)

    def _without(self, gone: asking.Filter) -> str:
        left = [property_filters.written(each) for each in self.asked if each != gone]
        return self._url(filter=left, page=None)

    def _add_filter(self) -> None:
        """Take the form's three fields for the one parameter that they become."""
        parts = [self.query.get(self.name_of(name), "") for name in _PARTS]
        if not self.properties or not parts[0]:
            return
        query = self.query.copy()
        for name in _PARTS:
            query.pop(self.name_of(name), None)
        query.appendlist(self.name_of("filter"), "".join(parts))
        self.query = query

    def _asked(self) -> tuple[list[asking.Filter], list[str]]:
        """The property filters of the address, and those that make no sense."""
        texts = list(dict.fromkeys(self.query.getlist(self.name_of("filter"))))
        read = [(text, property_filters.read(text, self.properties)) for text in texts]
        found = [asked for _text, asked in read if asked is not None][: property_filters.MOST]
        return found, [text for text, asked in read if asked is None] if self.properties else []

    def _url(self, **changes: str | list[str] | None) -> str:
        """This page's query string with some of this table's parameters replaced or taken out."""
        query = self.query.copy()
        # A file is asked for by one link only.
        query.pop(self.name_of("format"), None)
        for parameter, value in changes.items():
            if value is None:
                query.pop(self.name_of(parameter), None)
            elif isinstance(value, list):
                query.setlist(self.name_of(parameter), value)
            else:
                query[self.name_of(parameter)] = value
        return f"?{query.urlencode()}"
