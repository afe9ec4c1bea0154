"""Queries that are compiled once give what Django's own would."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts import ids
from accounts.models import Account, Policy, User, prepared
from accounts.models.prepared import Prepared
from tests.cast import new_user

USERS = Prepared(
    lambda account, name: User.objects.select_related("account", "boundary").filter(
        account=account, folded_name=name
    ),
    values=2,
)


def columns(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def carol(account: Account) -> User:
    boundary = Policy.objects.create(
        account=account,
        name="most",
        unique_id=ids.unique_id(ids.POLICY),
        created_at=account.created_at,
        updated_at=account.created_at,
    )
    user = new_user(account, "Carol")
    user.tags, user.boundary = {"é": "1", "a": ""}, boundary
    user.save()
    return user


def test_a_row_comes_with_what_it_is_joined_with(account, carol, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(1):
            found = USERS.first(account.pk, "carol")
            assert found is not None
            assert (found.account, found.boundary) == (account, carol.boundary)
        assert columns(found) == columns(User.objects.get(pk=carol.pk))
        assert columns(found.account) == columns(Account.objects.get(pk=account.pk))
    new_user(account, "dan")
    plain = USERS.first(account.pk, "dan")
    assert plain is not None
    assert plain.boundary is None


@pytest.mark.parametrize("name", ["nobody", "", "' OR ''='", "%", "%s", "\x000\x00x"])
def test_a_value_is_only_ever_a_value(account, carol, name):
    if "\x00" in name and connection.vendor == "postgresql":
        pytest.skip("PostgreSQL takes no such text, and no caller passes it")
    assert USERS.first(account.pk, name) is None


def test_tuples_are_converted_as_well(account, carol):
    tags = Prepared(lambda name: User.objects.filter(folded_name=name).values_list("name", "tags"))
    assert tags.first("carol") == ("Carol", {"é": "1", "a": ""})
    assert tags.first("nobody") is None


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_share_what_knows_their_connection(transactional_db, account, carol):
    def names(_: int) -> str:
        try:
            found = USERS.first(account.pk, "carol")
            return found.name if found else ""
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as several:
        assert set(several.map(names, range(12))) == {"Carol"}


def test_what_is_inserted_and_changed_is_what_django_reads(account, carol):
    user = User(
        account=account,
        name="dan",
        folded_name="dan",
        unique_id=ids.unique_id(ids.USER),
        created_at=account.created_at,
        tags={"a": ["é"]},
        pk=4711,
    )
    prepared.insert([user])
    assert columns(User.objects.get(pk=4711)) == columns(user)
    with pytest.raises(IntegrityError), transaction.atomic():
        prepared.insert([user])
    prepared.update(User, 4711, tags={"b": "2"}, password_last_used=account.created_at)
    found = User.objects.get(pk=4711)
    assert (found.tags, found.password_last_used) == ({"b": "2"}, account.created_at)
