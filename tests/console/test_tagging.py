"""Tags that can't be: each is said beside its row, on all pages alike, before anything is done."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.urls import reverse

from accounts.actions.users import list_user_tags
from iamconsole.console.forms.tags import CHARACTERS, DUPLICATE, SYSTEM, posted_tag_rows

BAD = [
    ([("team", "red"), ("aws:team", "red")], 1, SYSTEM),
    ([("AWS:team", "red")], 0, SYSTEM),
    ([("team", "red"), ("cost", "1"), ("Team", "blue")], 2, DUPLICATE),
    ([("<b>", "red")], 0, CHARACTERS),
    ([("team", "red#")], 0, CHARACTERS),
]


def sent(*rows: tuple[str, str]) -> dict[str, str]:
    """The rows as a page sends them."""
    fields = {"tags-TOTAL_FORMS": str(len(rows)), "tags-INITIAL_FORMS": "0"}
    for number, (key, value) in enumerate(rows):
        fields |= {f"tags-{number}-key": key, f"tags-{number}-value": value}
    return fields


def posted(fields: dict[str, str]) -> QueryDict:
    """The same as Django reads it."""
    return QueryDict(urlencode(fields))


@pytest.mark.parametrize(("rows", "wrong", "said"), BAD)
def test_what_is_wrong_with_a_tag_stands_beside_its_row(rows, wrong, said):
    shown = posted_tag_rows(posted(sent(*rows)))
    assert not shown.is_valid()
    for number, form in enumerate(shown.forms):
        told = [each for errors in form.errors.values() for each in errors]
        assert told == ([said] if number == wrong else [])


def test_a_row_that_is_removed_may_hold_anything():
    shown = posted_tag_rows(posted(sent(("aws:team", "red")) | {"tags-0-DELETE": "on"}))
    assert shown.is_valid()
    assert shown.tags == []


@pytest.mark.parametrize(("rows", "wrong", "said"), BAD)
def test_tags_of_a_user_are_changed_all_or_none(sign_in, admin, bob, rows, wrong, said):
    page = sign_in(admin).post(reverse("console:user-edit-tags", args=["bob"]), sent(*rows))
    assert page.status_code == 422
    assert said.replace("'", "&#x27;") in page.content.decode()
    assert not list_user_tags(admin, user_name="bob").items
    assert page.context["rows"].forms[wrong].errors
    assert not page.context["form"].errors
