"""Files that a page hands out: comma-separated values, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_TYPE = "text/csv; charset=utf-8; header=present"


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
    response = HttpResponse(text.getvalue(), content_type=_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def csv_stream(
    name: str, header: Sequence[str], parts: Iterable[Iterable[Sequence[object]]]
) -> StreamingHttpResponse:
    """The same for a long file: some rows are sent while the next are still to be found.

    The first are found before the answer begins, so that a refusal of them is a page of its own.
    """
    rest = iter(parts)
    first = next(rest, ())
    response = StreamingHttpResponse(_texts(chain([[header], first], rest)), content_type=_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _texts(parts: Iterable[Iterable[Sequence[object]]]) -> Iterator[str]:
    for part in parts:
        text = StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerows([plain(cell) for cell in row] for row in part)
        yield text.getvalue()


def plain(cell: object) -> str:
    """A cell's text, with an apostrophe before what looks like a formula."""
    text = str(cell)
    return f"'{text}" if _FORMULA.match(text) else text
