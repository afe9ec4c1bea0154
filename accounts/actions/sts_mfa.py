"""The MFA code that goes with a call for temporary credentials."""

from __future__ import annotations

from django.db import transaction

from accounts import throttle
from accounts.actions import mfa
from accounts.caller import Caller
from accounts.errors import AccessDenied, InvalidAuthenticationCode
from accounts.models import MFADevice

_FAILED = "MultiFactorAuthentication failed"


def check_code(caller: Caller, serial_number: str | None, code: str | None, action: str) -> None:
    """Raise AccessDenied unless it is the code of a device of the caller's own, not yet used."""
    device = _device(caller, serial_number, code, action)
    counters = throttle.code_counters(caller.unique_id, caller.source_address)
    admitted = throttle.admit(counters, caller.now)
    right = False
    try:
        mfa.matching_step(device, code or "", caller)
        right = True
    except InvalidAuthenticationCode:
        pass
    throttle.settle(counters, caller.now, admitted=admitted, right=right)
    if not (admitted and right):
        raise _wrong_code(action)


def use_code(caller: Caller, serial_number: str | None, code: str | None, action: str) -> None:
    """Use up a code that was checked: of two calls at the same moment, one gets it."""
    try:
        with transaction.atomic():
            mfa.use_code(_device(caller, serial_number, code, action), code or "", caller)
    except InvalidAuthenticationCode:
        raise _wrong_code(action) from None


def _device(caller: Caller, serial_number: str | None, code: str | None, action: str) -> MFADevice:
    if serial_number is None or code is None:
        raise AccessDenied(
            f"{_FAILED}, must provide both MFA serial number and one time pass code.",
            action=action,
        )
    own = MFADevice.objects.filter(account=caller.home, serial_number=serial_number)
    found = None
    if caller.user is not None:
        found = own.filter(user=caller.user).first()
    elif caller.is_root:
        found = own.filter(is_root=True).first()
    if found is None:
        raise AccessDenied(
            f"{_FAILED}, unable to validate MFA code.  Please verify your MFA serial number "
            "is valid and associated with this user.",
            action=action,
        )
    return found


def _wrong_code(action: str) -> AccessDenied:
    return AccessDenied(f"{_FAILED} with invalid MFA one time pass code. ", action=action)
