"""Files that a page hands out: comma-separated values, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from django.http import HttpResponse
from django.utils.http import content_disposition_header

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = re.compile(r"[=+\-@\t\r\n]")


def csv_file(
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    exact: Sequence[str] = (),
) -> HttpResponse:
    """A download after RFC 4180: CRLF, quoted where needed, UTF-8.

    A cell that a spreadsheet would take for a formula is prefixed with an apostrophe. Not so in the
    columns named in `exact`: a password or secret key must be what it is, or it does not work.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(
            cell if column in exact else plain(cell)
            for column, cell in zip(header, row, strict=True)
        )
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8; header=present")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def plain(cell: object) -> str:
    """A cell's text, with an apostrophe before what looks like a formula."""
    text = str(cell)
    return f"'{text}" if _FORMULA.match(text) else text
