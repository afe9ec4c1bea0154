"""Access keys."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from django.db import connection

from accounts import ids, vault
from accounts.actions import access_keys
from accounts.errors import (
    AccessDenied,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import AccessKey, Event
from tests.cast import ACCOUNT_ID, allow, arn, caller_of, deny, new_administrator, new_user


def listed(page):
    return [key.access_key_id for key in page.items]


def test_a_new_key_carries_the_account_and_its_secret_comes_back_from_the_vault(root, alice):
    made = access_keys.create_access_key(root, user_name="alice")
    key = AccessKey.objects.get()
    assert (made.key, key.user, key.status) == (key, alice.user, "Active")
    assert key.access_key_id.startswith("AKIA")
    assert ids.account_of_key(key.access_key_id) == ACCOUNT_ID
    assert len(made.secret) == 40
    place = vault.key_place(ACCOUNT_ID, key.access_key_id)
    assert vault.unseal(key.sealed_secret, place) == made.secret


def test_the_secret_stands_in_no_table(root, alice):
    secret = access_keys.create_access_key(root, user_name="alice").secret
    assert secret not in AccessKey.objects.get().sealed_secret
    for event in Event.objects.values():
        assert secret not in repr(event)


def test_a_secret_moved_to_another_key_does_not_open(root, alice):
    first = access_keys.create_access_key(root, user_name="alice").key
    second = access_keys.create_access_key(root, user_name="alice").key
    with pytest.raises(vault.Unopened):
        vault.unseal(first.sealed_secret, vault.key_place(ACCOUNT_ID, second.access_key_id))


def test_two_keys_are_the_most_and_inactive_ones_count(root, alice):
    first = access_keys.create_access_key(root, user_name="alice").key
    access_keys.create_access_key(root, user_name="alice")
    named = {"user_name": "alice", "access_key_id": first.access_key_id}
    access_keys.update_access_key(root, **named, status="Inactive")
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for AccessKeysPerUser: 2$"):
        access_keys.create_access_key(root, user_name="alice")
    access_keys.delete_access_key(root, **named)
    third = access_keys.create_access_key(root, user_name="alice").key
    assert AccessKey.objects.count() == 2
    assert third.access_key_id != first.access_key_id


def test_no_user_name_means_oneself_and_for_the_root_user_roots_keys(root, caller_with):
    alice = caller_with(allow("iam:*AccessKey*", on=arn("user/${aws:username}")))
    own = access_keys.create_access_key(alice).key
    roots = access_keys.create_access_key(root).key
    assert (own.user, roots.user) == (alice.user, None)
    assert listed(access_keys.list_access_keys(alice)) == [own.access_key_id]
    assert listed(access_keys.list_access_keys(root)) == [roots.access_key_id]
    access_keys.update_access_key(alice, access_key_id=own.access_key_id, status="Inactive")
    access_keys.delete_access_key(root, access_key_id=roots.access_key_id)
    assert AccessKey.objects.get().status == "Inactive"
    with pytest.raises(AccessDenied):
        access_keys.create_access_key(alice, user_name="bob")


def test_root_has_two_keys_at_most(root):
    for _ in range(2):
        access_keys.create_access_key(root)
    with pytest.raises(LimitExceeded):
        access_keys.create_access_key(root)


def test_an_administrator_cannot_reach_roots_keys(root, admin):
    roots = access_keys.create_access_key(root).key
    for named in ({}, {"user_name": "root"}, {"user_name": "admin"}):
        with pytest.raises(NoSuchEntity):
            access_keys.delete_access_key(admin, access_key_id=roots.access_key_id, **named)
    assert listed(access_keys.list_access_keys(admin)) == []


def test_a_key_is_switched_off_and_on_again(root, alice):
    key = access_keys.create_access_key(root, user_name="alice").key
    named = {"user_name": "alice", "access_key_id": key.access_key_id}
    for status in ("Inactive", "Active"):
        access_keys.update_access_key(root, **named, status=status)
        assert AccessKey.objects.get().status == status
    with pytest.raises(ValidationError, match="enum value set"):
        access_keys.update_access_key(root, **named, status="active")
    with pytest.raises(InvalidInput):
        access_keys.update_access_key(root, **named, status="Expired")
    assert AccessKey.objects.get().is_active


def test_a_key_is_found_under_its_owner_only(root, alice, bob):
    key = access_keys.create_access_key(root, user_name="alice").key
    wording = f"^The Access Key with id {key.access_key_id} cannot be found.$"
    for named in ({"user_name": "bob"}, {}):
        with pytest.raises(NoSuchEntity, match=wording):
            access_keys.delete_access_key(root, access_key_id=key.access_key_id, **named)
    with pytest.raises(NoSuchEntity, match=r"^The user with name nobody cannot be found\.$"):
        access_keys.create_access_key(root, user_name="nobody")


@pytest.mark.parametrize(
    "key_id", ["AKIA", "A" * 129, "AKIA IOSFODNN7EXAMPLE", "AKIA" + "\x00" * 16]
)
def test_what_is_no_key_id_is_refused(root, key_id):
    for ask in (access_keys.delete_access_key, access_keys.get_access_key_last_used):
        with pytest.raises(ValidationError):
            ask(root, access_key_id=key_id)


def test_keys_are_listed_the_oldest_first_and_in_pages(root, alice, now):
    later = dataclasses.replace(root, now=now.replace(year=2027))
    second = access_keys.create_access_key(later, user_name="alice").key
    first = access_keys.create_access_key(root, user_name="alice").key
    page = access_keys.list_access_keys(root, user_name="alice", max_items=1)
    rest = access_keys.list_access_keys(root, user_name="alice", marker=page.marker)
    assert [*listed(page), *listed(rest)] == [first.access_key_id, second.access_key_id]


def test_the_last_use_of_a_key_is_asked_on_its_owner(root, caller_with, bob, now):
    key = access_keys.create_access_key(root, user_name="bob").key
    roots = access_keys.create_access_key(root).key
    AccessKey.objects.filter(pk=key.pk).update(
        last_used_at=now, last_used_service="s3", last_used_region="us-east-1"
    )
    alice = caller_with(allow("iam:GetAccessKeyLastUsed"), deny("*", on=arn("root")))
    found = access_keys.get_access_key_last_used(alice, access_key_id=key.access_key_id)
    assert (found.user, found.last_used_service, found.last_used_at) == (bob.user, "s3", now)
    with pytest.raises(AccessDenied):
        access_keys.get_access_key_last_used(alice, access_key_id=roots.access_key_id)


def test_a_key_of_another_account_is_denied_like_one_that_is_not_there(root, eve, alice):
    key = access_keys.create_access_key(root, user_name="alice").key
    for key_id in (key.access_key_id, "AKIAIOSFODNN7EXAMPLE"):
        with pytest.raises(AccessDenied) as refusal:
            access_keys.get_access_key_last_used(eve, access_key_id=key_id)
        assert refusal.value.message == (
            f"User: {eve.arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: "
            f"access key {key_id}"
        )
    for named in ({}, {"user_name": "alice"}):
        with pytest.raises(NoSuchEntity):
            access_keys.delete_access_key(eve, access_key_id=key.access_key_id, **named)
    assert AccessKey.objects.count() == 1


def test_a_denied_call_changes_nothing_but_leaves_an_event(alice):
    with pytest.raises(AccessDenied, match=r"iam:CreateAccessKey on resource: .*:user/alice "):
        access_keys.create_access_key(alice)
    assert not AccessKey.objects.exists()
    assert Event.objects.get().error_code == "AccessDenied"


@pytest.mark.django_db(transaction=True)
def test_twenty_who_ask_at_once_get_two_keys(account):
    new_administrator(account, "admin")
    new_user(account, "alice")
    together, outcomes = threading.Barrier(20), []

    def ask():
        try:
            admin = caller_of(type(account).objects.get().users.get(name="admin"))
            together.wait(30)
            access_keys.create_access_key(admin, user_name="alice")
            outcomes.append("made")
        except LimitExceeded as refusal:
            outcomes.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Cannot exceed quota for AccessKeysPerUser: 2"] * 18 + ["made"] * 2
    assert sorted(AccessKey.objects.values_list("slot", flat=True)) == [1, 2]
    sequence = Event.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(sequence) == list(range(1, 21))
