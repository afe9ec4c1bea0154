"""MFA codes: each accepted once, one step either side, and what is learnt of a device's clock."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from accounts import caller as callers
from accounts.actions import mfa, users
from accounts.caller import Caller, Face
from accounts.errors import InvalidAuthenticationCode
from accounts.models import Account, MFADevice
from tests.accounts.devices import SEED, code, enable, later, make
from tests.cast import new_user


@pytest.fixture
def carol(root: Caller) -> Any:
    """A user without a device."""
    return users.create_user(root, user_name="carol")


@pytest.fixture
def device(root: Caller, carol: Any) -> MFADevice:
    """Carol's device."""
    made = make(root, seed=SEED)
    enable(root, made)
    made.refresh_from_db()
    return made


# --- Codes ---------------------------------------------------------------------------------------


def use(caller: Caller, device: MFADevice, steps: int = 0, *, seed: str = SEED) -> None:
    mfa.use_code(MFADevice.objects.get(pk=device.pk), code(seed, caller.now, steps), caller)


def test_a_code_is_accepted_once(root: Caller, device: MFADevice):
    soon = later(root, 2)
    use(soon, device)
    for steps in (0, -1):
        with pytest.raises(InvalidAuthenticationCode) as refused:
            use(soon, device, steps)
        assert refused.value.reason == "used"
    use(soon, device, 1)
    with pytest.raises(InvalidAuthenticationCode):
        use(soon, device)


def test_one_step_either_side_is_accepted_and_no_more(root: Caller, device: MFADevice):
    soon = later(root, 10)
    for steps in (-2, 2):
        with pytest.raises(InvalidAuthenticationCode) as refused:
            use(soon, device, steps)
        assert refused.value.reason == "late"
    for steps in (-1, 0, 1):
        use(soon, device, steps)


def test_the_codes_of_enrolment_are_used_up(root: Caller, device: MFADevice):
    for steps in (-1, 0):
        with pytest.raises(InvalidAuthenticationCode) as refused:
            use(root, device, steps)
        assert refused.value.reason == "used"


def test_the_drift_of_enrolment_is_remembered(root: Caller, carol: Any):
    made = make(root, seed=SEED)
    enable(root, made, steps=6)
    made.refresh_from_db()
    assert made.drift == 6
    soon = later(root, 3)
    use(soon, made, 6)
    with pytest.raises(InvalidAuthenticationCode):
        use(later(root, 6), made, 0)


@pytest.mark.django_db(transaction=True)
def test_of_parallel_posts_of_one_code_one_is_accepted(now: datetime):
    account = Account.objects.create(
        id="111122223333", name="Example", root_email="root@example.com", created_at=now
    )
    root = callers.root(account, face=Face.API, now=now, request_id="r")
    new_user(account, "carol")
    made = make(root, seed=SEED)
    enable(root, made)
    soon = later(root, 4)
    answers: list[str] = []
    ready = threading.Barrier(5)

    def post() -> None:
        try:
            mine = MFADevice.objects.get(pk=made.pk)
            ready.wait(10)
            try:
                mfa.use_code(mine, code(SEED, soon.now), soon)
                answers.append("accepted")
            except InvalidAuthenticationCode as error:
                answers.append(error.reason)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["accepted", "used", "used", "used", "used"]


# --- Resynchronising and deactivating ------------------------------------------------------------


def resync(caller: Caller, device: MFADevice, steps: int) -> None:
    mfa.resync_mfa_device(
        caller,
        user_name="carol",
        serial_number=device.serial_number,
        authentication_code1=code(SEED, caller.now, steps - 1),
        authentication_code2=code(SEED, caller.now, steps),
    )


def test_a_clock_that_went_wrong_is_learnt_anew(root: Caller, device: MFADevice):
    soon = later(root, 50)
    with pytest.raises(InvalidAuthenticationCode):
        use(soon, device, 9)
    resync(soon, device, 9)
    device.refresh_from_db()
    assert device.drift == 9
    use(later(root, 52), device, 9)
    assert device.user is not None


def test_codes_that_were_used_resynchronise_nothing(root: Caller, device: MFADevice):
    soon = later(root, 50)
    resync(soon, device, 0)
    for steps in (0, -3):
        with pytest.raises(InvalidAuthenticationCode) as refused:
            resync(soon, device, steps)
        assert refused.value.reason == "used"


def test_a_clock_that_is_too_far_off_is_not_believed(root: Caller, device: MFADevice):
    soon = later(root, 500)
    for steps in (30, -30):
        with pytest.raises(InvalidAuthenticationCode):
            resync(soon, device, steps)
