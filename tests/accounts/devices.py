"""Authenticators of the tests: their codes, and devices made and enabled with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyotp

from accounts.actions import mfa
from accounts.caller import Caller
from accounts.models import MFADevice

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(seed: str, now: datetime, steps: int = 0) -> str:
    """What an authenticator shows so many steps from now."""
    return pyotp.TOTP(seed).at(now + timedelta(seconds=30 * steps))


def later(caller: Caller, steps: float) -> Caller:
    """The same caller, some steps of 30 seconds later."""
    return replace(caller, now=caller.now + timedelta(seconds=30 * steps))


def make(caller: Caller, name: str = "phone", **more: Any) -> MFADevice:
    return mfa.create_virtual_mfa_device(caller, virtual_mfa_device_name=name, **more)


def enable(caller: Caller, device: MFADevice, user_name: str = "carol", *, steps: int = 0) -> None:
    """Enable a device with the code of now and the one after it, on a clock so many steps off."""
    seed = mfa.seed_of(device)
    mfa.enable_mfa_device(
        caller,
        user_name=user_name,
        serial_number=device.serial_number,
        authentication_code1=code(seed, caller.now, steps - 1),
        authentication_code2=code(seed, caller.now, steps),
    )
