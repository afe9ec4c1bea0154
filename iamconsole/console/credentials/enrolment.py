"""Giving somebody an MFA device: whose it will be, and what the wizard keeps between its pages.

The seed that a page shows lies sealed in the session and never comes back from the browser. Only
when two codes arrive is the device made and enabled, so that a wizard that is left leaves nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from types import ModuleType

from django.http import HttpRequest

from accounts import totp
from accounts.actions import mfa, root, shared
from accounts.actions.registry import foresee
from accounts.caller import Caller
from accounts.errors import NoSuchEntity, ServiceError
from accounts.models import MFADevice
from iamconsole.console.credentials import kept_secrets
from iamconsole.console.credentials.owner import Owner

_KEPT = "mfa-device"
#: Stands for a device that is not there yet: the action is decided on its user alone.
_ANY_DEVICE = {
    "serial_number": "arn:aws:iam::000000000000:mfa/any",
    "authentication_code1": "000000",
    "authentication_code2": "000000",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A device that is about to be made. `owner` is a user's name, or empty for the root user."""

    owner: str
    name: str
    seed: str
    #: The serial number, where the device was made but neither enabled nor deleted again.
    serial_number: str = ""


def actions_for(owner: Owner) -> ModuleType:
    """Where the actions for this owner's devices are: root has commands of the same names."""
    return root if owner.is_root else mfa


def devices_of(caller: Caller, owner: Owner) -> list[MFADevice]:
    """The devices of an owner."""
    return list(mfa.list_mfa_devices(caller, **owner.named).items)


def device_of(caller: Caller, owner: Owner, serial_number: str) -> MFADevice:
    """One of an owner's devices; raise NoSuchEntity for anybody else's."""
    for device in devices_of(caller, owner):
        if device.serial_number == serial_number:
            return device
    raise NoSuchEntity("There is no such MFA device here.", argument="serial_number")


def ask(caller: Caller, owner: Owner) -> None:
    """Raise AccessDenied, before anything is typed, where the last step would."""
    if owner.user_name is not None:
        foresee(caller, "iam:EnableMFADevice", **owner.named, **_ANY_DEVICE)
        shared.find_user(caller, owner.user_name)


def begin(request: HttpRequest, caller: Caller, owner: Owner, name: str) -> None:
    """Keep a new seed for a device of this name; the one of another tab is forgotten.

    Raises what making the device would raise: nobody shall scan a QR code in vain.
    """
    foresee(caller, "iam:CreateVirtualMFADevice", virtual_mfa_device_name=name)
    user = shared.find_user(caller, owner.user_name) if owner.user_name else None
    mfa.foresee(caller, user, name)
    _keep(request, caller, Draft(owner.user_name or "", name, totp.new_seed()))


def draft_of(request: HttpRequest, caller: Caller, owner: Owner) -> Draft | None:
    """The device that is about to be made for this owner, if its QR code is still young."""
    kept = kept_secrets.look(request, _KEPT, caller.now)
    if kept is None or kept["owner"] != (owner.user_name or ""):
        return None
    return Draft(**kept)


def finish(
    request: HttpRequest, caller: Caller, owner: Owner, draft: Draft, codes: dict[str, str]
) -> None:
    """Make the device and enable it with two codes. Raises why not, and then takes it back."""
    made = draft
    if not draft.serial_number:
        device = mfa.create_virtual_mfa_device(
            caller, virtual_mfa_device_name=draft.name, seed=draft.seed
        )
        made = replace(draft, serial_number=device.serial_number)
    try:
        actions_for(owner).enable_mfa_device(
            caller, **owner.named, serial_number=made.serial_number, **codes
        )
    except ServiceError:
        _take_back(request, caller, made)
        raise
    kept_secrets.drop(request, _KEPT)


def _take_back(request: HttpRequest, caller: Caller, made: Draft) -> None:
    try:
        mfa.delete_virtual_mfa_device(caller, serial_number=made.serial_number)
    except ServiceError:
        # Many policies let people create a device but not delete it. The next two codes are then
        # tried on this one.
        _keep(request, caller, made)
    else:
        _keep(request, caller, replace(made, serial_number=""))


def _keep(request: HttpRequest, caller: Caller, draft: Draft) -> None:
    kept_secrets.keep(request, _KEPT, asdict(draft), caller.now)
