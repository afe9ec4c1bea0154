"""The operations that are the labs' own: what people do in the console and AWS has no call for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp

from accounts import signin, totp
from accounts.actions import login_profiles, mfa, root
from accounts.caller import Caller
from accounts.errors import InvalidInput
from accounts.models import Account, Login, MFADevice
from accounts.signin import State


def sign_in(account: Account, stranger: Caller, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Go through the steps of a sign-in. Raises what a step raises, InvalidInput where it ends
    before the console: a code or a new password is asked for that the pack does not give.
    """
    login = _password_given(account, stranger, given)
    mfa_at = None
    while True:
        who = signin.proved(stranger, login, mfa_at=mfa_at)
        match signin.state_after(login, who.now, mfa_given=mfa_at is not None):
            case State.PASSWORD_GIVEN:
                if not given.get("MFA"):
                    raise InvalidInput("The sign-in asks for an MFA code: say MFA: true.")
                stranger = give_code(who, signin.devices_of(login).first())
                mfa_at = stranger.now
            case State.MUST_CHANGE_PASSWORD:
                login = _changed(login, who, given)
            case _:
                signin.enter_console(who)
                return {}


def _password_given(account: Account, stranger: Caller, given: Mapping[str, Any]) -> Login:
    password = str(given["Password"])
    if user := given.get("User"):
        return signin.sign_in_user(stranger, account.id, str(user), password)
    return signin.sign_in_root(stranger, account.root_email, password)


def _changed(login: Login, who: Caller, given: Mapping[str, Any]) -> Login:
    new = given.get("NewPassword")
    if not new:
        raise InvalidInput("The sign-in asks for a new password: say NewPassword.")
    change = root.change_password if login.is_root else login_profiles.change_password
    return change(who, old_password=str(given["Password"]), new_password=str(new))


def give_code(who: Caller, device: MFADevice) -> Caller:
    """Give a code of the device that was not given yet; the caller, at the time of its step."""
    expected = totp.step_at(who.now) + device.drift
    step = max(expected - totp.WINDOW, device.last_step + 1)
    if step > expected + totp.WINDOW:
        # People wait for the next code, too.
        late = (step - totp.WINDOW - expected) * totp.STEP
        who = replace(who, now=who.now + timedelta(seconds=late))
    code = pyotp.TOTP(mfa.seed_of(device)).generate_otp(step)
    signin.check_mfa(who, serial_number=device.serial_number, authentication_code=code)
    return who


def enrol_mfa(caller: Caller, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make a virtual device and enable it, as the console's wizard does."""
    user = str(given.get("User") or "")
    name = str(given.get("Name") or user or "root-account-mfa-device")
    device = mfa.create_virtual_mfa_device(caller, virtual_mfa_device_name=name)
    seed = mfa.seed_of(device)
    # Codes of a moment ago: a sign-in that follows has one that was not given yet.
    first = totp.step_at(caller.now) - 2
    codes = {
        "authentication_code1": pyotp.TOTP(seed).generate_otp(first),
        "authentication_code2": pyotp.TOTP(seed).generate_otp(first + 1),
    }
    serial = device.serial_number
    if user:
        mfa.enable_mfa_device(caller, user_name=user, serial_number=serial, **codes)
    else:
        root.enable_mfa_device(caller, serial_number=serial, **codes)
    return {"SerialNumber": serial, "Base32StringSeed": seed}
