"""The sign-in's own functions: who is found, which state comes next, and codes that race."""

import threading
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from django.contrib.auth.hashers import identify_hasher
from django.db import connection
from django.utils import timezone

from accounts import caller as callers
from accounts import passwords, signin, totp, vault
from accounts.caller import Caller, CallerKind, Face
from accounts.errors import (
    AccessDenied,
    InvalidAuthenticationCode,
    PasswordExpired,
    SignInRefused,
)
from accounts.models import Account, Event, Login, MFADevice, PasswordPolicy
from accounts.signin import State

PASSWORD = "Correct-horse-7"
SEED = "JBSWY3DPEHPK3PXP" * 2


def stranger() -> Caller:
    return callers.anonymous(
        None,
        face=Face.CONSOLE,
        now=timezone.now(),
        request_id="of-a-stranger",
        source_address="192.0.2.1",
        user_agent="Test",
    )


def give_password(who: Caller, **columns: object) -> Login:
    new = passwords.hashed(PASSWORD, passwords.new_history_salt())
    login = passwords.new_login(who.home, who.user, new, timezone.now())
    Login.objects.filter(pk=login.pk).update(**columns)
    return Login.objects.select_related("account", "user__account").get(pk=login.pk)


def give_device(who: Caller) -> MFADevice:
    serial = f"arn:aws:iam::{who.home.id}:mfa/phone"
    return MFADevice.objects.create(
        account=who.home,
        name="phone",
        serial_number=serial,
        sealed_seed=vault.seal(SEED, vault.seed_place(who.home.id, serial)),
        created_at=timezone.now(),
        user=who.user,
        is_root=who.is_root,
        slot=1,
    )


def half_way(login: Login) -> Caller:
    return signin.proved(stranger(), login, mfa_at=None)


def code(steps: int = 0) -> str:
    return str(pyotp.TOTP(SEED).generate_otp(totp.step_at(timezone.now()) + steps))


def test_an_account_is_found_by_id_and_alias_as_people_type_them(account):
    Account.objects.update(alias="class-one")
    for typed in ("111122223333", "1111-2222-3333", " 1111 2222 3333 ", "class-one", "Class-One "):
        assert signin.find_account(typed) == account, typed
    for typed in ("", "11112222333", "class", "class-on", "%", "1111222233334"):
        assert signin.find_account(typed) is None, typed


def test_only_the_right_password_of_the_right_account_signs_in(alice, eve):
    login = give_password(alice)
    assert signin.sign_in_user(stranger(), alice.home.id, "alice", PASSWORD) == login
    for account, name, password in (
        (alice.home.id, "alice", PASSWORD + " "),
        (alice.home.id, "alice", PASSWORD.lower()),
        (alice.home.id, "alice", ""),
        (eve.home.id, "alice", PASSWORD),
        (alice.home.id, "alic", PASSWORD),
    ):
        with pytest.raises(SignInRefused):
            signin.sign_in_user(stranger(), account, name, password)


def test_the_root_user_is_no_iam_user(root, alice):
    login = give_password(root)
    give_password(alice)
    assert signin.sign_in_root(stranger(), " ROOT@example.com ", PASSWORD) == login
    with pytest.raises(SignInRefused):
        signin.sign_in_root(stranger(), "alice", PASSWORD)
    for name in ("root", "root@example.com", ""):
        with pytest.raises(SignInRefused):
            signin.sign_in_user(stranger(), root.home.id, name, PASSWORD)


def test_somebody_who_proved_himself_keeps_where_he_came_from(alice):
    login = give_password(alice)
    came = stranger()
    who = signin.proved(came, login, mfa_at=came.now)
    assert (who.kind, who.arn, who.unique_id) == (CallerKind.USER, alice.arn, alice.unique_id)
    assert (who.mfa_at, who.issued_at) == (came.now, came.now)
    kept = replace(
        who, kind=came.kind, account=None, user=None, arn="", unique_id="", issued_at=None,
        mfa_at=None,
    )  # fmt: skip
    assert kept == came


def test_somebody_signed_in_does_not_sign_in_again(alice):
    give_password(alice)
    with pytest.raises(AccessDenied):
        signin.sign_in_user(alice, alice.home.id, "alice", PASSWORD)


def test_each_state_comes_in_its_turn(alice, root):
    now = timezone.now()
    login = give_password(alice)
    assert signin.state_after(login, now, mfa_given=False) is State.SIGNED_IN
    login.password_reset_required = True
    assert signin.state_after(login, now, mfa_given=False) is State.MUST_CHANGE_PASSWORD
    give_device(alice)
    assert signin.state_after(login, now, mfa_given=False) is State.PASSWORD_GIVEN
    assert signin.state_after(login, now, mfa_given=True) is State.MUST_CHANGE_PASSWORD
    login.password_reset_required = False
    assert signin.state_after(login, now, mfa_given=True) is State.SIGNED_IN
    # A user's device is not the root user's.
    assert signin.state_after(give_password(root), now, mfa_given=False) is State.SIGNED_IN


@pytest.mark.parametrize(
    ("age", "state"),
    [(29, State.SIGNED_IN), (30, State.MUST_CHANGE_PASSWORD), (400, State.MUST_CHANGE_PASSWORD)],
)
def test_a_password_expires_on_its_day_and_the_root_users_never(alice, root, age, state):
    PasswordPolicy.objects.create(account=alice.home, max_password_age=30)
    now = timezone.now()
    since = now - timedelta(days=age)
    login = give_password(alice, password_changed_at=since)
    assert signin.state_after(login, now, mfa_given=False) is state
    login = give_password(root, password_changed_at=since)
    assert signin.state_after(login, now, mfa_given=False) is State.SIGNED_IN


def test_hard_expiry_is_told_to_the_right_password_only(alice):
    since = timezone.now() - timedelta(days=31)
    give_password(alice, password_changed_at=since)
    PasswordPolicy.objects.create(account=alice.home, max_password_age=30, hard_expiry=True)
    with pytest.raises(PasswordExpired, match="administrator"):
        signin.sign_in_user(stranger(), alice.home.id, "alice", PASSWORD)
    with pytest.raises(SignInRefused):
        signin.sign_in_user(stranger(), alice.home.id, "alice", "wrong")


def test_failures_of_no_account_are_recorded_in_the_instances_own_chain(alice, account):
    with pytest.raises(SignInRefused):
        signin.sign_in_user(stranger(), "no-such-class", "alice", PASSWORD)
    with pytest.raises(SignInRefused):
        signin.sign_in_user(stranger(), account.id, "s3cret-typed-as-name", PASSWORD)
    nowhere = Event.objects.get(account=None)
    here = Event.objects.get(account=account)
    for event in (nowhere, here):
        assert event.outcome == "error"
        assert event.source_address == "192.0.2.1"
        assert "HIDDEN_DUE_TO_SECURITY_REASONS" in event.resources[0]
        assert "s3cret" not in f"{event.parameters} {event.resources} {event.error_message}"


def test_the_recorded_failure_of_a_known_user_names_him(alice):
    give_password(alice)
    with pytest.raises(SignInRefused):
        signin.sign_in_user(stranger(), alice.home.id, "alice", "wrong")
    assert Event.objects.get().resources == [alice.arn]


def test_a_code_works_once_and_only_ones_own_device_counts(alice, bob):
    login, foreign = give_password(alice), give_password(bob)
    device = give_device(alice)
    who, now = half_way(login), code()
    with pytest.raises(InvalidAuthenticationCode):
        signin.check_mfa(
            half_way(foreign), serial_number=device.serial_number, authentication_code=now
        )
    signin.check_mfa(who, serial_number=device.serial_number, authentication_code=now)
    with pytest.raises(InvalidAuthenticationCode) as caught:
        signin.check_mfa(who, serial_number=device.serial_number, authentication_code=now)
    assert caught.value.reason == "used"
    event = Event.objects.filter(action="signin:CheckMfa", outcome="success").get()
    assert now not in str(event.parameters)


def test_a_stranger_has_no_codes_to_give(alice):
    device = give_device(alice)
    nobody = replace(stranger(), account=alice.home)
    with pytest.raises(AccessDenied):
        signin.check_mfa(nobody, serial_number=device.serial_number, authentication_code=code())
    for call in (signin.enter_console, signin.sign_out):
        with pytest.raises(AccessDenied):
            call(nobody)
    device.refresh_from_db()
    assert device.last_step == 0


@pytest.mark.django_db(transaction=True)
def test_of_parallel_posts_of_one_code_exactly_one_is_accepted(alice):
    login = give_password(alice)
    device, now = give_device(alice), code()
    who, outcomes = half_way(login), []
    barrier = threading.Barrier(4)

    def post() -> None:
        barrier.wait()
        try:
            signin.check_mfa(who, serial_number=device.serial_number, authentication_code=now)
            outcomes.append("accepted")
        except InvalidAuthenticationCode as error:
            outcomes.append(error.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["accepted", "used", "used", "used"]


def test_nobodys_password_costs_as_much_as_anybodys_and_fits_nothing():
    encoded = signin._nobodys_password()
    hasher = identify_hasher(encoded)
    known = hasher.decode(passwords.hashed("x", passwords.new_history_salt()).encoded)
    nobody = hasher.decode(encoded)
    for cost in ("memory_cost", "time_cost", "parallelism", "version", "variety"):
        assert nobody[cost] == known[cost]
    for guess in ("", "nobody", "x" * 128):
        assert not hasher.verify(guess, encoded)
