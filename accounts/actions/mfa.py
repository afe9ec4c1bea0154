"""Virtual MFA devices: created, enabled with two codes, resynchronised, removed."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.db.models import Q

from accounts import arns, paging, quotas, totp, vault
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidAuthenticationCode,
    InvalidInput,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Account, MFADevice, User
from accounts.types import (
    AssignmentStatus,
    Code,
    DeviceName,
    ExistingUserName,
    Marker,
    MaxItems,
    Path,
    SerialNumber,
    Tag,
    TagKeys,
    Tags,
    UserName,
    camel_case,
    tag_mapping,
    text_rule,
)

_SEED = re.compile(r"[A-Z2-7]{32,128}")
#: The serial number is the device's ARN, and AWS allows 256 characters of it.
_LONGEST_SERIAL = 256


def _device_arn(caller: Caller, path: str, name: str) -> str:
    return arns.named(caller.home, "mfa", path, name)


def _new_device(
    caller: Caller, *, path: str = "/", virtual_mfa_device_name: str, **_: Any
) -> Resource:
    return Resource(_device_arn(caller, path, virtual_mfa_device_name), caller.home.id)


def _device(caller: Caller, *, serial_number: str, **_: Any) -> Resource:
    def find() -> MFADevice | None:
        return caller.home.mfa_devices.filter(serial_number=serial_number).first()

    found = caller.once(("device", serial_number), find)
    return Resource(serial_number, caller.home.id, found.tags if found else {})


def _owner(
    caller: Caller, *, serial_number: str, user_name: str | None = None, **_: Any
) -> Resource:
    """AWS decides on the user whose device it is, not on the device."""
    return shared.user_resource(caller, user_name=user_name)


@action(
    "iam:CreateVirtualMFADevice",
    resource=_new_device,
    also=shared.tagging("iam:TagMFADevice", _new_device),
    secrets=("seed",),
)
def create_virtual_mfa_device(
    caller: Caller,
    /,
    *,
    path: Path = "/",
    virtual_mfa_device_name: DeviceName,
    tags: Tags = (),
    seed: str | None = None,
) -> MFADevice:
    """Make a device that nobody uses yet. Its seed can be read with `seed_of` only.

    `seed` is the console's alone: the one that its wizard already showed as a QR code.
    """
    serial = _new_serial(caller, path, virtual_mfa_device_name)
    if seed is not None and not _SEED.fullmatch(seed):
        raise InvalidInput("The seed is not base32.", argument="seed")
    quotas.room_for_one(
        caller.home.mfa_devices.all(), "MFADevicesPerAccount", quotas.USERS_PER_ACCOUNT
    )
    device = MFADevice(
        account=caller.home,
        name=virtual_mfa_device_name,
        path=path,
        serial_number=serial,
        sealed_seed=vault.seal(seed or totp.new_seed(), vault.seed_place(caller.home.id, serial)),
        tags=tag_mapping(tags),
        created_at=caller.now,
    )
    shared.save_unless_taken(device, _name_taken())
    return device


@action("iam:DeleteVirtualMFADevice", resource=_device)
def delete_virtual_mfa_device(caller: Caller, /, *, serial_number: SerialNumber) -> None:
    """Delete a device that nobody uses."""
    device = find_device(caller.home, serial_number)
    if device.is_assigned:
        raise DeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
    device.delete()


@action(
    "iam:EnableMFADevice",
    resource=_owner,
    secrets=("authentication_code1", "authentication_code2"),
)
def enable_mfa_device(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName,
    serial_number: SerialNumber,
    authentication_code1: Code,
    authentication_code2: Code,
) -> None:
    """Give a device to a user, who from now on signs in with it. Needs two consecutive codes."""
    user = shared.find_user(caller, user_name)
    device = find_device(caller.home, serial_number)
    assign(device, user, authentication_code1, authentication_code2, caller)


@action("iam:DeactivateMFADevice", resource=_owner)
def deactivate_mfa_device(
    caller: Caller, /, *, user_name: ExistingUserName | None = None, serial_number: SerialNumber
) -> None:
    """Take a device from its user: it is there still, but nobody signs in with it."""
    user = shared.user_meant(caller, user_name)
    release(_assigned(caller, user, serial_number))


@action(
    "iam:ResyncMFADevice",
    resource=_owner,
    secrets=("authentication_code1", "authentication_code2"),
)
def resync_mfa_device(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName,
    serial_number: SerialNumber,
    authentication_code1: Code,
    authentication_code2: Code,
) -> None:
    """Learn the drift of a device's clock anew, from two consecutive codes."""
    device = _assigned(caller, shared.find_user(caller, user_name), serial_number)
    resync(device, authentication_code1, authentication_code2, caller)


@action("iam:ListMFADevices", resource=shared.user_resource, read_only=True)
def list_mfa_devices(
    caller: Caller,
    /,
    *,
    user_name: ExistingUserName | None = None,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[MFADevice]:
    """The devices of a user; of oneself, also of the root user, without a name."""
    user = shared.subject(caller, user_name)
    owner = Q(user=user) if user else Q(is_root=True)
    rows = caller.home.mfa_devices.filter(owner).select_related("user")
    return paging.after_marker(rows, "serial_number", marker, max_items)


@action(
    "iam:ListVirtualMFADevices", resource=arns.of_list("iam:ListVirtualMFADevices"), read_only=True
)
def list_virtual_mfa_devices(
    caller: Caller,
    /,
    *,
    assignment_status: AssignmentStatus = "Any",
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[MFADevice]:
    """The account's virtual devices, assigned or not."""
    rows = caller.home.mfa_devices.select_related("user")
    if assignment_status != "Any":
        rows = rows.filter(slot__isnull=assignment_status == "Unassigned")
    return paging.after_marker(rows, "serial_number", marker, max_items)


@action("iam:GetMFADevice", resource=_owner, read_only=True)
def get_mfa_device(
    caller: Caller, /, *, serial_number: SerialNumber, user_name: UserName | None = None
) -> MFADevice:
    """One device of a user."""
    return _assigned(caller, shared.user_meant(caller, user_name), serial_number)


@action("iam:TagMFADevice", resource=_device)
def tag_mfa_device(caller: Caller, /, *, serial_number: SerialNumber, tags: Tags) -> None:
    """Set tags on a device."""
    shared.set_tags(find_device(caller.home, serial_number), tags)


@action("iam:UntagMFADevice", resource=_device)
def untag_mfa_device(caller: Caller, /, *, serial_number: SerialNumber, tag_keys: TagKeys) -> None:
    """Remove tags from a device."""
    shared.drop_tags(find_device(caller.home, serial_number), tag_keys)


@action("iam:ListMFADeviceTags", resource=_device, read_only=True)
def list_mfa_device_tags(
    caller: Caller,
    /,
    *,
    serial_number: SerialNumber,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Tag]:
    """A device's tags, sorted by key."""
    return shared.tags_page(find_device(caller.home, serial_number), marker, max_items)


# --- What the actions above, the root user's commands and the sign-in share ----------------------


def find_device(account: Account, serial_number: str) -> MFADevice:
    """The device of that serial number, assigned or not."""
    found = account.mfa_devices.select_related("user").filter(serial_number=serial_number).first()
    if found is None:
        raise NoSuchEntity(
            f"VirtualMFADevice with serial number {serial_number} doesn't exist.",
            argument="serial_number",
        )
    return found


def foresee(caller: Caller, user: User | None, name: str) -> None:
    """Raise what creating and enabling a device of this name would, whatever its codes are.

    For a page that shows a QR code: nobody shall scan one in vain. The actions ask again.
    """
    _new_serial(caller, "/", name)
    if caller.home.mfa_devices.filter(folded_name=name.lower()).exists():
        raise _name_taken()
    _new_slot(caller, user)


def assign(device: MFADevice, user: User | None, first: str, second: str, caller: Caller) -> None:
    """Give a device to a user, or to the root user where that is nobody."""
    if device.is_assigned:
        raise EntityAlreadyExists(f"Device {device.serial_number} already exists.")
    learnt = totp.enrolment(seed_of(device), first, second, caller.now, last_step=device.last_step)
    device.user, device.is_root, device.slot = user, user is None, _new_slot(caller, user)
    device.enabled_at = caller.now
    device.last_step, device.drift = learnt.last_step, learnt.drift
    device.save()


def release(device: MFADevice) -> None:
    """Take a device from whoever signs in with it."""
    device.user, device.is_root, device.slot, device.enabled_at = None, False, None, None
    device.save()


def resync(device: MFADevice, first: str, second: str, caller: Caller) -> None:
    """Learn a device's drift anew; the codes are used up, whoever posts them twice."""
    taught = learnt(device, first, second, caller)
    _advance(device, taught.last_step, drift=taught.drift)


def learnt(device: MFADevice, first: str, second: str, caller: Caller) -> totp.Enrolment:
    """What two codes teach of a device, without using them up."""
    return totp.enrolment(seed_of(device), first, second, caller.now, last_step=device.last_step)


def use_code(device: MFADevice, code: str, caller: Caller) -> None:
    """Accept a code once: of two posts at the same moment, one gets it."""
    _advance(device, matching_step(device, code, caller))


def matching_step(device: MFADevice, code: str, caller: Caller) -> int:
    """The time step of a code, without using it up."""
    return totp.matching_step(
        seed_of(device), code, caller.now, drift=device.drift, last_step=device.last_step
    )


def seed_of(device: MFADevice) -> str:
    """The seed in base32: for codes, and for whoever has just created the device."""
    place = vault.seed_place(device.account_id, device.serial_number)
    return vault.unseal(device.sealed_seed, place)


def otpauth_uri(account: Account, device_name: str, seed: str) -> str:
    """What an authenticator app reads from the QR code."""
    return totp.provisioning_uri(
        seed, issuer=settings.PRODUCT_NAME, device=device_name, account=account.signin_name
    )


def _new_serial(caller: Caller, path: str, name: str) -> str:
    """The serial number that the device will have, which other actions must take in turn."""
    serial = _device_arn(caller, path, name)
    if len(serial) > _LONGEST_SERIAL:
        blamed, given = (
            ("path", path) if len(path) > len(name) else ("virtual_mfa_device_name", name)
        )
        longest = len(given) - (len(serial) - _LONGEST_SERIAL)
        raise ValidationError(
            f"1 validation error detected: Value at '{camel_case(blamed)}' failed to satisfy "
            f"constraint: Member must have length less than or equal to {longest}",
            argument=blamed,
        )
    if text_rule(SerialNumber).problems(serial, "serialNumber"):
        raise InvalidInput(
            f"The path {path} has characters that no serial number may have.", argument="path"
        )
    return serial


def _name_taken() -> EntityAlreadyExists:
    return EntityAlreadyExists(
        "MFADevice entity at the same path and name already exists.",
        argument="virtual_mfa_device_name",
    )


def _new_slot(caller: Caller, user: User | None) -> int:
    owner = Q(user=user) if user else Q(is_root=True)
    slot = quotas.free_slot(caller.home.mfa_devices.filter(owner), quotas.DEVICES_PER_OWNER)
    if slot is None:
        raise quotas.exceeded("MFADevicesPerUser", quotas.DEVICES_PER_OWNER)
    return slot


def _advance(device: MFADevice, step: int, **columns: Any) -> None:
    moved = MFADevice.objects.filter(pk=device.pk, last_step__lt=step).update(
        last_step=step, **columns
    )
    if not moved:
        raise InvalidAuthenticationCode(reason="used")


def _assigned(caller: Caller, user: User, serial_number: str) -> MFADevice:
    device = caller.home.mfa_devices.filter(serial_number=serial_number, user=user).first()
    if device is None:
        raise NoSuchEntity(
            f"MFA device {serial_number} does not exist for user {user.name}.",
            argument="serial_number",
        )
    return device
