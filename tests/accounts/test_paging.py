"""Pages of lists: nothing twice, nothing lost, and no marker that nobody gave out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import paging
from accounts.actions import mfa, users
from accounts.errors import ValidationError
from accounts.models import MFADevice, User
from accounts.types import Marker, Tag, text_rule
from tests.cast import new_user


def walk(ask, limit):
    """All items of a list, page by page."""
    items, marker = [], None
    while True:
        page = ask(marker, limit)
        assert len(page.items) <= limit
        items += page.items
        if not page.is_truncated:
            return items
        assert text_rule(Marker).problems(page.marker, "marker") == [], (
            "clients must be able to send it"
        )
        marker = page.marker


@given(
    st.sets(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)
    ),
    st.integers(1, 7),
)
def test_walking_a_list_in_memory_gives_every_item_once(names, limit):
    items = sorted(names)
    assert walk(lambda at, most: paging.slice_after_marker(items, str, at, most), limit) == items


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_walking_a_table_gives_every_row_once(account, limit):
    names = ["ann", "Bob", "b.ob", "=cmd", "Zo", "z", "_x"]
    for name in names:
        new_user(account, name)
    rows = walk(
        lambda at, most: paging.after_marker(User.objects.all(), "folded_name", at, most), limit
    )
    assert sorted(row.name for row in rows) == sorted(names)


def test_rows_that_come_and_go_between_pages_disturb_no_other(account):
    for name in ("b", "d", "f", "h"):
        new_user(account, name)
    first = paging.after_marker(User.objects.all(), "folded_name", None, 2)
    new_user(account, "a")
    new_user(account, "e")
    User.objects.filter(name="d").delete()  # the very row that the marker names
    second = paging.after_marker(User.objects.all(), "folded_name", first.marker, 10)
    assert [row.name for row in second.items] == ["e", "f", "h"]


def test_a_hundred_items_are_a_page_where_nobody_says_how_many():
    page = paging.slice_after_marker([f"{n:04}" for n in range(250)], str, None, None)
    assert len(page.items) == 100
    assert page.is_truncated


def test_the_last_page_is_not_truncated_when_it_is_just_full():
    assert not paging.slice_after_marker(["a", "b"], str, None, 2).is_truncated


@pytest.mark.parametrize("marker", ['"""', "\u00e9\u00e9", "AAAA\x00", " ", "no marker", "x" * 320])
def test_an_invented_marker_is_refused(root, marker):
    with pytest.raises(ValidationError, match=r"[Mm]arker"):
        users.list_users(root, marker=marker)


def test_the_longest_serial_numbers_can_be_paged(root):
    longest = 256 - len(f"arn:aws:iam::{root.home.id}:mfa/")
    for last in "abc":
        mfa.create_virtual_mfa_device(root, virtual_mfa_device_name="x" * (longest - 1) + last)
    found = walk(lambda at, most: mfa.list_virtual_mfa_devices(root, marker=at, max_items=most), 1)
    assert found == list(MFADevice.objects.order_by("serial_number"))


def test_the_longest_tag_keys_can_be_paged(root):
    new_user(root.home, "carol")
    tags = [Tag("\U00020000" * 127 + last, "") for last in "abc"]
    users.tag_user(root, user_name="carol", tags=tags)
    found = walk(
        lambda at, most: users.list_user_tags(root, user_name="carol", marker=at, max_items=most), 1
    )
    assert found == tags


# --- Numbered pages ------------------------------------------------------------------------------


def test_a_numbered_page_says_how_many_there_are():
    page = paging.numbered_slice(list(range(45)), 2, 20)
    assert (list(page.items), page.number, page.pages, page.total) == (
        list(range(20, 40)),
        2,
        3,
        45,
    )


@pytest.mark.parametrize(("asked", "got"), [(0, 1), (-5, 1), (4, 3), (10**12, 3)])
def test_a_page_past_the_end_is_the_last_one(asked, got):
    assert paging.numbered_slice(list(range(45)), asked, 20).number == got


def test_an_empty_list_has_one_empty_page(db):
    page = paging.numbered(User.objects.order_by("pk"), 3, 20)
    assert (list(page.items), page.number, page.pages, page.total) == ([], 1, 1, 0)


def test_a_numbered_page_takes_two_queries(account, django_assert_num_queries):
    for name in ("a", "b", "c"):
        new_user(account, name)
    with django_assert_num_queries(2):
        paging.numbered(User.objects.order_by("folded_name"), 2, 2)
