"""The rows of a list whose columns can be chosen: one row's cells in the order of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from accounts.paging import Page
from iamconsole.console.components.tables import Column, Table
from iamconsole.console.components.verdicts import Verdicts
from iamconsole.console.templatetags import ui


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of a list. What the caller may not read of it is not in its cells."""

    item: Any
    columns: tuple[Column, ...]
    verdicts: Verdicts

    @property
    def name(self) -> str:
        """The thing's name."""
        return str(self.item.name)

    @property
    def cells(self) -> list[SafeString]:
        """The cells as drawn."""
        return [self._cell(column) for column in self.columns]

    @property
    def texts(self) -> list[str]:
        """The same as text for a file, where nothing is nothing."""
        return [self._text(column) for column in self.columns]

    def _need(self, column: Column) -> str:
        if not column.needs or (column.told is not None and column.told(self.item)):
            return ""
        return self.verdicts.missing(column.needs, self.item)

    def _cell(self, column: Column) -> SafeString:
        if need := self._need(column):
            return ui.denied_cell(need)
        if column.cell is not None:
            return column.cell(self.item)
        text = column.text(self.item) if column.text else ""
        return ui.number_cell(text) if column.numeric else ui.cell(text)

    def _text(self, column: Column) -> str:
        if need := self._need(column):
            return f"(needs {need})"
        return column.text(self.item) if column.text else ""


def show(table: Table, page: Page[Any], verdicts: Verdicts) -> None:
    """Have a table show what an action returned. No queries: the items carry what is shown."""
    rows = [Row(item, table.columns, verdicts) for item in page.items]
    table.show(Page(rows, total=page.total, number=page.number, pages=page.pages))
