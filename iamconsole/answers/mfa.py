"""Answers about virtual MFA devices."""

from __future__ import annotations

from accounts.actions.mfa import otpauth_uri, seed_of
from accounts.models import MFADevice
from accounts.paging import Page
from iamconsole.answers import members, users
from iamconsole.answers.members import Answer, Members
from iamconsole.answers.qr_png import png


def _new(made: MFADevice) -> Members:
    """With the seed, which is shown this once: in base32, and as a QR code."""
    seed = seed_of(made)
    return {
        "VirtualMFADevice": {
            "SerialNumber": made.serial_number,
            "Base32StringSeed": seed.encode(),
            "QRCodePNG": png(otpauth_uri(made.account, made.name, seed)),
            "Tags": members.tags(made.tags),
        }
    }


def _owner(device: MFADevice) -> Members | None:
    if device.user is not None:
        return users.listed_user(device.user)
    return users.root_user(device.account) if device.is_root else None


def _virtual(device: MFADevice) -> Members:
    return {
        "SerialNumber": device.serial_number,
        "User": _owner(device),
        "EnableDate": device.enabled_at,
    }


def _of_owner(device: MFADevice) -> Members:
    owner = _owner(device)
    return {
        "UserName": owner["UserName"] if owner else None,
        "SerialNumber": device.serial_number,
        "EnableDate": device.enabled_at,
    }


def _virtual_list(found: Page[MFADevice]) -> Members:
    return members.page(found, "VirtualMFADevices", _virtual)


def _list(found: Page[MFADevice]) -> Members:
    return members.page(found, "MFADevices", _of_owner)


ANSWERS: dict[str, Answer] = {
    "iam:CreateVirtualMFADevice": _new,
    "iam:GetMFADevice": _of_owner,
    "iam:ListMFADevices": _list,
    "iam:ListMFADeviceTags": members.tags_page,
    "iam:ListVirtualMFADevices": _virtual_list,
}
