"""A list as a file: exactly its columns and rows, of all pages."""

from __future__ import annotations

from django.http import HttpResponse

from iamconsole.console.components.downloads import csv_file
from iamconsole.console.components.tables import Table


def csv_of(table: Table, name: str) -> HttpResponse:
    """The rows, each of which has `texts`, as comma-separated values. Raise the list's refusal."""
    if table.error is not None:
        raise table.error
    header = [column.label for column in table.columns]
    return csv_file(name, header, (row.texts for row in table.rows))
