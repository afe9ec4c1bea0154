"""Identifiers: AWS's formats, and what is read out of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import ids

TWELVE_DIGITS = st.from_regex(r"[0-9]{12}", fullmatch=True)


def test_account_ids_have_twelve_digits_and_never_begin_with_000(monkeypatch):
    drawn = iter([999_999_999, 0, 111_122_223_333])
    monkeypatch.setattr("secrets.randbelow", lambda below: next(drawn))
    assert ids.account_id() == "111122223333"


@pytest.mark.parametrize(
    "prefix", [ids.USER, ids.GROUP, ids.ROLE, ids.POLICY, ids.INSTANCE_PROFILE]
)
def test_unique_ids_tell_the_kind_and_have_21_characters(prefix):
    assert re.fullmatch(prefix + "[A-Z0-9]{17}", ids.unique_id(prefix))
    assert ids.unique_id(prefix) != ids.unique_id(prefix)


@given(TWELVE_DIGITS)
def test_an_access_key_id_carries_its_account(account):
    for prefix in (ids.ACCESS_KEY, ids.TEMPORARY_KEY):
        key = ids.access_key_id(account, prefix)
        assert re.fullmatch(prefix + "[A-Z2-7]{16}", key)
        assert ids.account_of_key(key) == account


def test_the_account_is_where_awss_own_clients_look_for_it():
    # A key that AWS itself gave out, and the account that it belongs to, from public write-ups of
    # how to read one out of the other.
    assert ids.account_of_key("ASIAQNZGKIQY56JQ7WML") == "029608264753"


def test_secrets_have_forty_characters_and_differ():
    secrets = {ids.secret_access_key() for _ in range(20)}
    assert len(secrets) == 20
    assert all(re.fullmatch("[A-Za-z0-9+/]{40}", secret) for secret in secrets)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("111122223333", "111122223333"),
        ("1111-2222-3333", "111122223333"),
        (" 1111 2222 3333 ", "111122223333"),
        ("1111\u00a02222\u00a03333", "111122223333"),
        ("Example-Corp", "example-corp"),
        ("  example-corp\n", "example-corp"),
        ("1111-2222-333", "1111-2222-333"),
        ("\uff11" * 12, "\uff11" * 12),
        ("", ""),
    ],
)
def test_an_account_id_is_understood_as_people_write_it(typed, meant):
    assert ids.plain_account_id(typed) == meant
    assert ids.is_account_id(typed) == (meant == "111122223333")


@given(TWELVE_DIGITS)
def test_grouping_and_reading_an_account_id_are_inverse(account):
    assert ids.plain_account_id(ids.grouped_account_id(account)) == account
