"""Files that pages hand out."""

from __future__ import annotations

import csv
import io

import pytest

from iamconsole.console.components.downloads import csv_file, plain


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_takes_for_a_formula_is_disarmed(cell):
    assert plain(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["alice", "a=1", "", "'=1", "1", "user@example.com"])
def test_everything_else_stays_as_it_is(cell):
    assert plain(cell) == cell


def test_a_file_follows_rfc_4180():
    rows = [("a,b", 'say "x"'), ("two\nlines", 7)]
    response = csv_file("n.csv", ("Name", "Value"), rows)
    text = response.content.decode()
    assert text == 'Name,Value\r\n"a,b","say ""x"""\r\n"two\nlines",7\r\n'
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [
        ["a,b", 'say "x"'],
        ["two\nlines", "7"],
    ]


def test_exact_columns_are_left_alone():
    response = csv_file("n.csv", ("Name", "Secret"), [("=n", "=s")], exact=("Secret",))
    assert response.content.decode() == "Name,Secret\r\n'=n,=s\r\n"


def test_the_file_is_an_attachment_whatever_its_name():
    response = csv_file('a"b;c\r\nX: 1.csv', ("Name",), [])
    assert response["Content-Disposition"].startswith("attachment")
    assert "\n" not in response["Content-Disposition"]
    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
