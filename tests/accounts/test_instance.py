"""An installation: what it takes to work, and when it counts as new."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts import events, instance, vault
from accounts.actions import lifecycle
from accounts.caller import CallerKind, Face
from accounts.models import Account, Event


def make() -> Account:
    return lifecycle.create_account(
        instance.operator(), name="Example", root_email="root@example.com"
    ).account


def test_it_is_untouched_until_the_first_account_and_never_again(db: None):
    assert instance.is_untouched()
    account = make()
    assert not instance.is_untouched()
    lifecycle.delete_account(instance.operator(), account_id=account.id)
    assert not Account.objects.exists()
    assert not instance.is_untouched(), "no demo account comes back after it was deleted"


def test_every_migration_of_a_working_database_is_applied(db: None):
    assert instance.unapplied_migrations() == []


def test_preparing_again_changes_nothing(db: None, settings: Any, tmp_path: Path):
    settings.KEY_FILE = tmp_path / "keys.json"
    instance.prepare()
    before = settings.KEY_FILE.read_bytes()
    make()
    instance.prepare()
    assert settings.KEY_FILE.read_bytes() == before


def test_new_keys_are_not_made_where_old_ones_are_lost(
    account: Account, settings: Any, tmp_path: Path
):
    settings.KEY_FILE = tmp_path / "keys.json"
    with pytest.raises(ImproperlyConfigured, match="Restore it from your backup"):
        instance.prepare()
    assert not settings.KEY_FILE.exists()


def test_the_operator_and_root_of_the_shell_say_so(account: Account):
    operator, root = instance.operator(account), instance.root(account)
    assert (operator.kind, operator.face) == (CallerKind.OPERATOR, Face.SHELL)
    assert (root.kind, root.face) == (CallerKind.ROOT, Face.SHELL)
    assert operator.request_id != root.request_id


def test_people_sign_in_at_the_alias_or_the_id(account: Account, settings: Any):
    for alias, name in ((None, account.id), ("example", "example")):
        account.alias = alias
        found = instance.signin_url(account.signin_name)
        assert found == f"{settings.BASE_URL}/signin/{name}/"


def test_what_the_operator_does_is_in_the_instances_own_chain(db: None):
    make()
    event = Event.objects.get()
    assert event.account is None
    assert (event.action, event.principal_kind) == ("account:CreateAccount", "operator")
    assert event.chain == vault.chain_hmac("", events.content(event))
