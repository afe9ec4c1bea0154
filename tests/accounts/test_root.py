"""What the root user does to its own credentials, and the operator's way back to its password."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.db import connection

from accounts import caller as callers
from accounts import instance, passwords
from accounts.actions import mfa
from accounts.actions import root as root_commands
from accounts.caller import Caller, Face
from accounts.errors import (
    AccessDenied,
    EntityAlreadyExists,
    InvalidAuthenticationCode,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    PasswordPolicyViolation,
    ValidationError,
)
from accounts.models import Account, Event, Login, MFADevice, PasswordPolicy, RecoveryLink

FIRST, SECOND, THIRD = "First-1-password", "Second-2-password", "Third-3-password"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_password(account: Account, now: datetime) -> Login:
    new = passwords.hashed(FIRST, passwords.new_history_salt())
    return passwords.new_login(account, None, new, now)


@pytest.fixture
def login(account: Account, now: datetime) -> Login:
    """The root user's login."""
    return give_password(account, now)


@pytest.fixture
def operator(account: Account, now: datetime) -> Caller:
    """Whoever has a shell."""
    return callers.operator(account, now=now, request_id="request-of-operator")


@pytest.fixture
def stranger(account: Account, now: datetime) -> Caller:
    """Whoever follows a recovery link."""
    return callers.anonymous(account, face=Face.CONSOLE, now=now, request_id="request-of-stranger")


def codes(now: datetime, steps: int = 0, *, seed: str = SEED) -> dict[str, str]:
    shown = [pyotp.TOTP(seed).at(now + timedelta(seconds=30 * (steps + n))) for n in (-1, 0)]
    return {"authentication_code1": shown[0], "authentication_code2": shown[1]}


def enable(root: Caller, name: str = "phone") -> MFADevice:
    device = mfa.create_virtual_mfa_device(root, virtual_mfa_device_name=name, seed=SEED)
    root_commands.enable_mfa_device(root, serial_number=device.serial_number, **codes(root.now))
    device.refresh_from_db()
    return device


# --- Password ------------------------------------------------------------------------------------


def test_root_changes_its_password_knowing_the_old_one(root: Caller, login: Login):
    before = login.get_session_auth_hash()
    made = root_commands.change_password(root, old_password=FIRST, new_password=SECOND)
    login.refresh_from_db()
    assert check_password(SECOND, login.password)
    assert login.get_session_auth_hash() == made.get_session_auth_hash() != before


def test_a_wrong_old_password_or_a_weak_new_one_changes_nothing(root: Caller, login: Login):
    with pytest.raises(InvalidInput):
        root_commands.change_password(root, old_password=SECOND, new_password=THIRD)
    for weak in (FIRST, "weak", "root@example.com", "alllowercase"):
        with pytest.raises(PasswordPolicyViolation):
            root_commands.change_password(root, old_password=FIRST, new_password=weak)
    login.refresh_from_db()
    assert check_password(FIRST, login.password)


def test_the_custom_policy_is_not_for_root(root: Caller, login: Login, account: Account):
    PasswordPolicy.objects.create(
        account=account, minimum_password_length=40, password_reuse_prevention=24
    )
    root_commands.change_password(root, old_password=FIRST, new_password=SECOND)
    root_commands.change_password(root, old_password=SECOND, new_password=FIRST)


def test_only_root_calls_roots_commands(
    admin: Caller, eve: Caller, operator: Caller, login: Login, stranger: Caller
):
    device = mfa.create_virtual_mfa_device(admin, virtual_mfa_device_name="phone", seed=SEED)
    serial = {"serial_number": device.serial_number}
    for who in (admin, eve, operator, stranger):
        for ask in (
            lambda who=who: root_commands.change_password(
                who, old_password=FIRST, new_password=SECOND
            ),
            lambda who=who: root_commands.enable_mfa_device(who, **serial, **codes(who.now)),
            lambda who=who: root_commands.deactivate_mfa_device(who, **serial),
            lambda who=who: root_commands.resync_mfa_device(who, **serial, **codes(who.now)),
        ):
            with pytest.raises(AccessDenied):
                ask()
    login.refresh_from_db()
    assert check_password(FIRST, login.password)


# --- MFA -----------------------------------------------------------------------------------------


def test_root_enables_resynchronises_and_removes_a_device(root: Caller):
    device = enable(root)
    assert device.is_root
    assert (device.user, device.slot) == (None, 1)
    assert list(mfa.list_mfa_devices(root).items) == [device]
    soon = replace(root, now=root.now + timedelta(minutes=10))
    serial = {"serial_number": device.serial_number}
    root_commands.resync_mfa_device(soon, **serial, **codes(soon.now, 5))
    device.refresh_from_db()
    assert device.drift == 5
    root_commands.deactivate_mfa_device(root, **serial)
    device.refresh_from_db()
    assert not device.is_assigned
    assert not device.is_root


def test_wrong_or_used_codes_enable_nothing(root: Caller):
    device = mfa.create_virtual_mfa_device(root, virtual_mfa_device_name="phone", seed=SEED)
    serial = {"serial_number": device.serial_number}
    wrong = {"authentication_code1": "000000", "authentication_code2": "000000"}
    with pytest.raises(InvalidAuthenticationCode):
        root_commands.enable_mfa_device(root, **serial, **wrong)
    root_commands.enable_mfa_device(root, **serial, **codes(root.now))
    with pytest.raises(EntityAlreadyExists):
        root_commands.enable_mfa_device(root, **serial, **codes(root.now, 3))
    root_commands.deactivate_mfa_device(root, **serial)
    with pytest.raises(InvalidAuthenticationCode):
        root_commands.enable_mfa_device(root, **serial, **codes(root.now))


def test_root_has_eight_devices_of_its_own_beside_those_of_users(root: Caller, admin: Caller):
    for number in range(8):
        enable(root, f"d{number}")
    with pytest.raises(LimitExceeded):
        enable(root, "d8")
    device = MFADevice.objects.get(name="d8")
    mfa.enable_mfa_device(
        root, user_name="admin", serial_number=device.serial_number, **codes(root.now)
    )


def test_an_administrator_cannot_take_roots_device_away(root: Caller, admin: Caller):
    device = enable(root)
    serial = {"serial_number": device.serial_number}
    with pytest.raises(NoSuchEntity):
        mfa.deactivate_mfa_device(admin, user_name="admin", **serial)
    with pytest.raises(NoSuchEntity):
        mfa.deactivate_mfa_device(admin, **serial)
    with pytest.raises(NoSuchEntity):
        mfa.resync_mfa_device(admin, user_name="admin", **serial, **codes(root.now, 5))
    device.refresh_from_db()
    assert device.is_root


def test_root_touches_users_devices_by_the_users_operations_only(root: Caller, admin: Caller):
    device = mfa.create_virtual_mfa_device(root, virtual_mfa_device_name="theirs", seed=SEED)
    serial = {"serial_number": device.serial_number}
    mfa.enable_mfa_device(root, user_name="admin", **serial, **codes(root.now))
    with pytest.raises(NoSuchEntity, match="is not the root user's"):
        root_commands.deactivate_mfa_device(root, **serial)


# --- Recovery ------------------------------------------------------------------------------------


def recover(who: Caller, token: str, new: str = SECOND) -> None:
    root_commands.recover_password(who, token=token, new_password=new)


def test_a_link_sets_the_password_once_and_ends_every_session(
    operator: Caller, stranger: Caller, login: Login
):
    before = login.get_session_auth_hash()
    token = root_commands.create_recovery_link(operator)
    assert root_commands.account_of_link(token, stranger.now) == operator.account
    recover(stranger, token)
    login.refresh_from_db()
    assert check_password(SECOND, login.password)
    assert login.get_session_auth_hash() != before
    assert login.epoch == 2
    with pytest.raises(NoSuchEntity):
        recover(stranger, token, THIRD)
    with pytest.raises(NoSuchEntity):
        root_commands.account_of_link(token, stranger.now)


def test_a_link_works_for_fifteen_minutes(operator: Caller, stranger: Caller, login: Login):
    token = root_commands.create_recovery_link(operator)
    end = operator.now + timedelta(minutes=15)
    with pytest.raises(NoSuchEntity, match="older than 15 minutes"):
        recover(replace(stranger, now=end), token)
    recover(replace(stranger, now=end - timedelta(seconds=1)), token)


def test_a_new_link_kills_the_one_before(operator: Caller, stranger: Caller, login: Login):
    first = root_commands.create_recovery_link(operator)
    second = root_commands.create_recovery_link(operator)
    with pytest.raises(NoSuchEntity):
        recover(stranger, first)
    recover(stranger, second)


def test_a_weak_password_is_refused_and_does_not_use_the_link_up(
    operator: Caller, stranger: Caller, login: Login
):
    token = root_commands.create_recovery_link(operator)
    for weak in ("short", "alllowercase", ""):
        with pytest.raises((PasswordPolicyViolation, ValidationError)):
            recover(stranger, token, weak)
    recover(stranger, token)


def test_recovery_leaves_mfa_as_it_is(
    root: Caller, operator: Caller, stranger: Caller, login: Login
):
    device = enable(root)
    recover(stranger, root_commands.create_recovery_link(operator))
    device.refresh_from_db()
    assert device.is_root


@pytest.mark.parametrize("token", ["", "x" * 43, "\x00", "\ud800", "../../etc/passwd"])
def test_an_invented_link_opens_nothing_and_costs_no_hash(
    stranger: Caller, login: Login, token: str, monkeypatch: Any
):
    monkeypatch.setattr(passwords, "prepare", lambda *_, **__: pytest.fail("it was hashed"))
    with pytest.raises(NoSuchEntity):
        recover(stranger, token)


def test_a_link_of_one_account_opens_no_other(
    operator: Caller, login: Login, other: Account, now: datetime
):
    give_password(other, now)
    token = root_commands.create_recovery_link(operator)
    elsewhere = callers.anonymous(other, face=Face.CONSOLE, now=now, request_id="r")
    with pytest.raises(NoSuchEntity):
        recover(elsewhere, token)
    assert check_password(FIRST, Login.objects.get(account=other).password)
    assert RecoveryLink.objects.count() == 1


def test_only_the_operator_makes_links_and_only_strangers_follow_them(
    root: Caller, admin: Caller, eve: Caller, stranger: Caller, operator: Caller, login: Login
):
    for who in (root, admin, eve, stranger):
        with pytest.raises(AccessDenied):
            root_commands.create_recovery_link(who)
    token = root_commands.create_recovery_link(operator)
    for who in (root, admin, operator):
        with pytest.raises(AccessDenied):
            recover(who, token)


def test_neither_token_nor_password_is_on_record(
    operator: Caller, stranger: Caller, login: Login, root: Caller
):
    token = root_commands.create_recovery_link(operator)
    recover(stranger, token)
    root_commands.change_password(root, old_password=SECOND, new_password=THIRD)
    recorded = str(list(Event.objects.values())) + str(list(RecoveryLink.objects.values()))
    for secret in (token, FIRST, SECOND, THIRD):
        assert secret not in recorded
    assert Event.objects.filter(action="root:RecoverPassword", outcome="success").count() == 1


def test_only_a_digest_of_the_token_is_stored(operator: Caller, login: Login):
    token = root_commands.create_recovery_link(operator)
    assert len(token) >= 43, "256 bits"
    assert token not in str(RecoveryLink.objects.values().get())


def test_the_command_prints_a_link_to_the_configured_address(
    account: Account, login: Login, capsys: Any, settings: Any
):
    call_command("recoverroot", account.id)
    url = capsys.readouterr().out.strip()
    start = f"{settings.BASE_URL}/session/recover/"
    assert url.startswith(start)
    token = url.removeprefix(start).strip("/")
    assert root_commands.account_of_link(token, instance.operator().now) == account


@pytest.mark.django_db(transaction=True)
def test_of_two_who_follow_one_link_at_once_one_gets_through(now: datetime):
    account = Account.objects.create(
        id="111122223333", name="Example", root_email="root@example.com", created_at=now
    )
    give_password(account, now)
    operator = callers.operator(account, now=now, request_id="r")
    token = root_commands.create_recovery_link(operator)
    answers: list[str] = []

    def follow(number: int) -> None:
        try:
            mine = Account.objects.get()
            who = callers.anonymous(mine, face=Face.CONSOLE, now=now, request_id="r")
            recover(who, token, f"Chosen-{number}-password")
            answers.append("done")
        except NoSuchEntity:
            answers.append("dead")
        finally:
            connection.close()

    threads = [threading.Thread(target=follow, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["dead", "dead", "done"]
