"""Accounts made, reset and deleted: what is refused, what stays, what goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.db import models

from accounts import caller as callers
from accounts import event_chain, instance, passwords, sessions, signin, vault
from accounts.actions import (
    lifecycle,
    login_profiles,
    sts_tokens,
    users,
)
from accounts.actions.access_keys import NewAccessKey
from accounts.actions.account import create_account_alias
from accounts.caller import Caller
from accounts.errors import (
    AccessDenied,
    EntityAlreadyExists,
    InvalidClientTokenId,
    InvalidInput,
    NoSuchEntity,
    ServiceError,
    ServiceFailure,
    ValidationError,
)
from accounts.models import (
    AccessKey,
    Account,
    Attachment,
    Event,
    EventAnchor,
    Instance,
    Login,
    MFADevice,
    PasswordHistory,
    RecoveryLink,
    User,
)
from tests.accounts.full_account import PASSWORD, everything, make
from tests.cast import ACCOUNT_ID


@pytest.fixture
def operator(db: None, now: datetime) -> Caller:
    """Whoever runs the installation."""
    return callers.operator(None, now=now, request_id="request-of-operator")


def rows(*, without: tuple[type[models.Model], ...] = ()) -> dict[str, int]:
    """How many rows every table of the domain has."""
    return {
        model.__name__: model._default_manager.count()
        for model in apps.get_app_config("accounts").get_models()
        if model not in without and model._default_manager.exists()
    }


# --- Making --------------------------------------------------------------------------------------


def test_an_account_has_a_root_user_who_signs_in_and_nothing_else(operator: Caller, now: datetime):
    made = make(operator)
    assert made.root_password is None, "it is known to whoever gave it"
    login = Login.objects.get()
    assert login.is_root
    assert check_password(PASSWORD, login.password)
    assert (made.account.id, made.account.alias) == (ACCOUNT_ID, "example")
    assert made.account.created_at == now
    assert rows() == {
        "Account": 1,
        "Event": 1,
        "Instance": 1,
        "Login": 1,
        "PasswordHistory": 1,
    }


def test_what_is_not_given_is_made_up(operator: Caller):
    made = make(operator, account_id=None, alias=None, root_password=None, access_key=True)
    assert len(made.account.id) == 12
    assert made.account.alias is None
    assert check_password(made.root_password, Login.objects.get().password)
    assert made.access_key is not None
    key = made.access_key.key
    assert key.user is None
    place = vault.key_place(made.account.id, key.access_key_id)
    assert vault.unseal(key.sealed_secret, place) == made.access_key.secret


def test_ids_and_addresses_are_understood_as_people_write_them(operator: Caller):
    made = make(operator, account_id="1111-2222-3333", root_email=" Root@Example.COM ")
    assert made.account.id == ACCOUNT_ID
    assert made.account.root_email == "root@example.com"


@pytest.mark.parametrize(
    ("wrong", "argument"),
    [
        ({"account_id": "123"}, "account_id"),
        ({"account_id": "11112222333a"}, "account_id"),
        ({"account_id": "\uff11" * 12}, "account_id"),
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"root_email": "nobody"}, "root_email"),
        ({"root_email": "a@b"}, "root_email"),
        ({"root_email": "a\nb@example.com"}, "root_email"),
        ({"root_email": "a@" + "x." * 130 + "example"}, "root_email"),
        ({"root_email": "a@ex\udcffample.com"}, "root_email"),
        ({"alias": "No"}, "alias"),
        ({"alias": "444455556666"}, "alias"),
        ({"alias": "4444-5555-6666"}, "alias"),
        ({"root_password": "1234567"}, "root_password"),
        ({"root_password": "x" * 129}, "root_password"),
        ({"root_password": "p\u0105ssw\u00f3rd"}, "root_password"),
    ],
)
def test_a_bad_argument_is_named_and_nothing_is_made(
    operator: Caller, wrong: dict[str, str], argument: str
):
    with pytest.raises((ValidationError, InvalidInput)) as refused:
        make(operator, **wrong)
    assert refused.value.argument == argument
    assert not Account.objects.exists()
    assert not Login.objects.exists()


def test_the_shortest_root_password_has_eight_characters(operator: Caller):
    make(operator, root_password="12345678")


@pytest.mark.parametrize(
    ("taken", "argument"),
    [
        ({"account_id": ACCOUNT_ID}, "account_id"),
        ({"account_id": "1111-2222-3333"}, "account_id"),
        ({"root_email": "ROOT@example.com"}, "root_email"),
        ({"alias": "example"}, "alias"),
    ],
)
def test_what_is_taken_is_named_and_nothing_is_made(
    operator: Caller, taken: dict[str, str], argument: str
):
    make(operator)
    fresh = {"account_id": "444455556666", "root_email": "other@example.com", "alias": "other"}
    with pytest.raises(EntityAlreadyExists) as refused:
        make(operator, **(fresh | taken))
    assert refused.value.argument == argument
    assert Account.objects.count() == Login.objects.count() == 1


def test_only_the_operator_makes_resets_and_deletes_accounts(
    root: Caller, admin: Caller, eve: Caller, now: datetime
):
    stranger = callers.anonymous(root.home, face=root.face, now=now, request_id="r")
    for who in (root, admin, eve, stranger):
        for ask in (
            lambda who=who: lifecycle.create_account(who, name="Mine", root_email="me@mine.org"),
            lambda who=who: lifecycle.reset_account(who),
            lambda who=who: lifecycle.delete_account(who, account_id=root.home.id),
        ):
            with pytest.raises(AccessDenied):
                ask()
    assert Account.objects.count() == 2


def test_passwords_and_keys_are_in_no_event(operator: Caller):
    made = make(operator, access_key=True)
    again = reset(operator, made.account, access_key=True)
    assert made.access_key is not None
    assert again is not None
    recorded = str(list(Event.objects.values()))
    for secret in (PASSWORD, made.access_key.secret, again.secret):
        assert secret
        assert secret not in recorded


# --- Resetting -----------------------------------------------------------------------------------


def reset(operator: Caller, account: Account, **more: Any) -> NewAccessKey | None:
    return lifecycle.reset_account(replace(operator, account=account), **more)


def test_a_reset_keeps_id_name_root_and_events_and_nothing_else(operator: Caller):
    made = everything(operator)
    before = Event.objects.filter(account=made.account).count()
    reset(operator, made.account)
    assert rows(without=(Event, Instance)) == {"Account": 1, "Login": 1, "PasswordHistory": 1}
    kept = Account.objects.get()
    assert (kept.id, kept.name, kept.root_email) == ("1" * 12, "Example", "root@example.com")
    assert kept.alias is made.account.alias is None
    assert check_password(PASSWORD, Login.objects.get().password)
    assert Event.objects.filter(account=kept).count() == before + 1
    assert event_chain.broken_link(kept) is None


def test_a_reset_ends_every_session(operator: Caller):
    made = everything(operator)
    logins = {
        login.is_root: (login.pk, login.get_session_auth_hash()) for login in Login.objects.all()
    }
    reset(operator, made.account)
    pk, proof = logins[True]
    login = signin.Sessions().get_user(pk)
    assert login is not None
    assert login.get_session_auth_hash() != proof
    assert signin.Sessions().get_user(logins[False][0]) is None


def test_a_reset_ends_temporary_credentials_of_the_root_user_too(operator: Caller):
    made = everything(operator)
    known = {"face": callers.Face.API, "now": operator.now, "request_id": "r"}
    root = callers.root(made.account, temporary=False, **known)
    given = [
        sts_tokens.get_session_token(root),
        sts_tokens.get_federation_token(root, name="guest").credentials,
    ]
    tokens = [
        sessions.open_token(each.access_key_id, each.session_token, operator.now) for each in given
    ]
    assert all(sessions.caller_of(token, **known) for token in tokens)
    reset(operator, made.account)
    for token in tokens:
        with pytest.raises(InvalidClientTokenId):
            sessions.caller_of(token, **known)


def test_a_recovery_link_dies_with_a_reset(operator: Caller):
    made = everything(operator)
    assert RecoveryLink.objects.exists()
    reset(operator, made.account)
    assert not RecoveryLink.objects.exists()


def test_a_reset_raises_the_epoch_so_that_nothing_compiled_is_found_again(operator: Caller):
    made = everything(operator)
    before = Account.objects.get().policy_epoch
    reset(operator, made.account)
    assert Account.objects.get().policy_epoch == made.account.policy_epoch == before + 1


def test_root_gets_a_new_key_where_one_is_asked_for(operator: Caller):
    made = everything(operator)
    old = AccessKey.objects.get(user=None).access_key_id
    assert reset(operator, made.account) is None
    assert not AccessKey.objects.exists()
    again = reset(operator, made.account, access_key=True)
    assert again is not None
    assert again.key == AccessKey.objects.get()
    assert AccessKey.objects.get().access_key_id != old
    assert len(again.secret) == 40


def test_another_account_does_not_notice(operator: Caller):
    mine, theirs = everything(operator), everything(operator, suffix="2")

    def of_theirs() -> list[Any]:
        return [
            list(model._default_manager.filter(account=theirs.account).values())
            for model in (User, AccessKey, Attachment, MFADevice, Login, Event)
        ]

    before = of_theirs()
    reset(operator, mine.account)
    lifecycle.delete_account(operator, account_id=mine.account.id)
    assert of_theirs() == before
    assert Account.objects.get() == theirs.account


def test_a_reset_is_all_or_nothing(operator: Caller, registered: list[Any]):
    made = everything(operator)
    before = rows(without=(Event,))

    def fails(account: Account) -> None:
        account.users.all().update(path="/x/")
        raise OSError("the sandbox broke")

    registered.append(fails)
    with pytest.raises(ServiceFailure):
        reset(operator, made.account)
    assert rows(without=(Event,)) == before
    assert not User.objects.filter(path="/x/").exists()


@pytest.fixture
def registered() -> Iterator[list[Any]]:
    """What other apps add to a reset, put back after the test."""
    before = list(lifecycle.ON_RESET)
    yield lifecycle.ON_RESET
    lifecycle.ON_RESET[:] = before


def test_what_other_apps_add_to_a_reset_runs_with_it(operator: Caller, registered: list[Any]):
    made = everything(operator)
    seen: list[Account] = []
    registered.append(seen.append)
    reset(operator, made.account)
    assert seen == [made.account]


def test_an_account_works_after_a_reset_like_a_new_one(operator: Caller):
    made = everything(operator)
    reset(operator, made.account)
    chief = instance.root(made.account)
    carol = users.create_user(chief, user_name="carol")
    assert carol.tags == {}
    login_profiles.create_login_profile(chief, user_name="carol", password="Carol-2-pass")
    create_account_alias(chief, account_alias="example")


# --- Deleting ------------------------------------------------------------------------------------


def test_deleting_takes_everything_and_the_events_too(operator: Caller):
    made = everything(operator)
    lifecycle.delete_account(operator, account_id=made.account.id)
    left = rows()
    assert set(left) == {"Event", "Instance"}
    assert not Event.objects.exclude(account=None).exists()
    assert Event.objects.filter(action="account:DeleteAccount", outcome="success").exists()
    assert event_chain.broken_link(None) is None


def test_its_names_are_free_again(operator: Caller):
    made = everything(operator)
    lifecycle.delete_account(operator, account_id=made.account.id)
    again = make(operator, account_id=made.account.id)
    assert PasswordHistory.objects.count() == 1
    assert again.account.policy_epoch == 1


def test_what_is_not_there_cannot_be_deleted(operator: Caller):
    for wanted in ("999999999999", "nonsense", ""):
        with pytest.raises(NoSuchEntity, match="There is no account"):
            lifecycle.delete_account(operator, account_id=wanted)


def test_what_would_go_is_counted_by_kind(operator: Caller):
    made = everything(operator)
    found = lifecycle.contents(made.account)
    assert found == {
        "users": 1,
        "groups": 1,
        "roles": 1,
        "policies": 1,
        "access keys": 2,
        "MFA devices": 3,
        "events": made.account.events.count(),
    }


def test_every_table_of_an_account_is_emptied_by_a_reset(operator: Caller):
    """A new model that hangs on an account must be thought of here."""
    kept = {"Event", "EventAnchor", "Login"}
    hanging = {
        relation.related_model.__name__
        for relation in Account._meta.related_objects
        if relation.related_model._meta.app_label == "accounts"
    }
    account = everything(operator).account
    EventAnchor.objects.create(account=account, first=1, last=1, pruned_at=operator.now)
    filled = set(rows())
    assert hanging <= filled, "the account of this test has one of each"
    reset(operator, Account.objects.get())
    assert hanging & set(rows()) == kept


def test_errors_of_the_domain_are_all_one_line(operator: Caller):
    made = make(operator)
    for ask in (
        lambda: make(operator),
        lambda: make(operator, account_id="x"),
        lambda: lifecycle.find_account("nobody"),
    ):
        with pytest.raises(ServiceError) as refused:
            ask()
        assert "\n" not in refused.value.message
    assert passwords.policy_of(made.account) is None
