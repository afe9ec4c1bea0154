"""Virtual MFA devices, by the SDK of AWS."""

from __future__ import annotations

import io
import time
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
import zxingcpp
from PIL import Image

from accounts.models import MFADevice
from tests.api.refusals import refused
from tests.cast import arn

PHONE = arn("mfa/phone")


@pytest.fixture
def phone(iam: Any) -> dict[str, Any]:
    """A device that nobody uses yet."""
    device: dict[str, Any] = iam.create_virtual_mfa_device(
        VirtualMFADeviceName="phone", Tags=[{"Key": "team", "Value": "dev"}]
    )["VirtualMFADevice"]
    return device


def codes(device: dict[str, Any], steps: tuple[int, int] = (-1, 0)) -> dict[str, str]:
    """Two codes, this many steps from now."""
    totp, now = pyotp.TOTP(device["Base32StringSeed"].decode()), time.time()
    first, second = (totp.at(now + 30 * step) for step in steps)
    return {"AuthenticationCode1": first, "AuthenticationCode2": second}


@pytest.fixture
def enabled(iam: Any, phone: dict[str, Any]) -> dict[str, Any]:
    """The same, used by ram."""
    iam.create_user(UserName="ram", Tags=[{"Key": "a", "Value": "b"}])
    iam.enable_mfa_device(UserName="ram", SerialNumber=PHONE, **codes(phone))
    return phone


def test_a_new_device_comes_with_its_seed_and_a_code_that_phones_read(iam, phone):
    assert (phone["SerialNumber"], phone["Tags"]) == (PHONE, [{"Key": "team", "Value": "dev"}])
    seed = phone["Base32StringSeed"].decode()
    assert len(seed) == 64
    with Image.open(io.BytesIO(phone["QRCodePNG"])) as image:
        assert image.format == "PNG"
        (read,) = zxingcpp.read_barcodes(image)
    url = urlsplit(read.text)
    assert (url.scheme, url.netloc) == ("otpauth", "totp")
    assert parse_qs(url.query)["secret"] == [seed]
    assert unquote(url.path).endswith(":phone@111122223333")
    assert phone.keys() == {"SerialNumber", "Base32StringSeed", "QRCodePNG", "Tags"}


def test_a_list_of_virtual_devices_never_shows_seeds_or_tags(iam, enabled):
    iam.create_virtual_mfa_device(VirtualMFADeviceName="spare", Path="/dev/")
    answer = iam.list_virtual_mfa_devices()
    spare, used = answer["VirtualMFADevices"]
    assert spare == {"SerialNumber": arn("mfa/dev/spare")}
    assert used.keys() == {"SerialNumber", "User", "EnableDate"}
    user = iam.get_user(UserName="ram")["User"]
    del user["Tags"]
    assert used["User"] == user
    assert answer["IsTruncated"] is False
    for status, serials in (("Assigned", [PHONE]), ("Unassigned", [arn("mfa/dev/spare")])):
        listed = iam.list_virtual_mfa_devices(AssignmentStatus=status)["VirtualMFADevices"]
        assert [each["SerialNumber"] for each in listed] == serials


def test_the_devices_of_a_user_are_listed_and_shown(iam, enabled):
    (listed,) = iam.list_mfa_devices(UserName="ram")["MFADevices"]
    assert (listed["UserName"], listed["SerialNumber"]) == ("ram", PHONE)
    found = iam.get_mfa_device(SerialNumber=PHONE, UserName="ram")
    del found["ResponseMetadata"]
    assert found == listed
    iam.create_user(UserName="sita")
    assert iam.list_mfa_devices(UserName="sita")["MFADevices"] == []


def test_the_device_of_the_root_user_is_shown_with_the_root_user(iam, account, phone):
    MFADevice.objects.update(is_root=True, slot=1, enabled_at=account.created_at)
    (listed,) = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert listed["User"]["Arn"] == arn("root")
    assert listed["User"]["UserId"] == account.id


def test_wrong_codes_enable_nothing(iam, phone):
    iam.create_user(UserName="ram")
    message = "Authentication code for device is not valid."
    with refused("InvalidAuthenticationCode", message, status=403):
        iam.enable_mfa_device(
            UserName="ram",
            SerialNumber=PHONE,
            AuthenticationCode1="000000",
            AuthenticationCode2="000000",
        )
    assert iam.list_mfa_devices(UserName="ram")["MFADevices"] == []


def test_a_device_is_somebodys_only_once(iam, enabled):
    iam.create_user(UserName="sita")
    with refused("EntityAlreadyExists", f"Device {PHONE} already exists.", status=409):
        iam.enable_mfa_device(UserName="sita", SerialNumber=PHONE, **codes(enabled, (1, 2)))


def test_a_device_is_resynchronised_with_codes_that_were_not_used_yet(iam, enabled):
    with refused("InvalidAuthenticationCode", status=403):
        iam.resync_mfa_device(UserName="ram", SerialNumber=PHONE, **codes(enabled))
    iam.resync_mfa_device(UserName="ram", SerialNumber=PHONE, **codes(enabled, (2, 3)))


def test_a_device_goes_once_nobody_uses_it(iam, enabled):
    message = "MFA VirtualDevice in use. Must deactivate first."
    with refused("DeleteConflict", message, status=409):
        iam.delete_virtual_mfa_device(SerialNumber=PHONE)
    iam.deactivate_mfa_device(UserName="ram", SerialNumber=PHONE)
    with refused("NoSuchEntity", status=404):
        iam.deactivate_mfa_device(UserName="ram", SerialNumber=PHONE)
    iam.delete_virtual_mfa_device(SerialNumber=PHONE)
    assert not MFADevice.objects.exists()


def test_a_name_is_taken(iam, phone):
    message = "MFADevice entity at the same path and name already exists."
    with refused("EntityAlreadyExists", message, status=409):
        iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")


def test_a_device_that_is_not_there_does_not_exist(iam):
    serial = arn("mfa/none")
    message = f"VirtualMFADevice with serial number {serial} doesn't exist."
    iam.create_user(UserName="ram")
    for name, more in (
        ("delete_virtual_mfa_device", {}),
        ("list_mfa_device_tags", {}),
        ("tag_mfa_device", {"Tags": [{"Key": "a", "Value": ""}]}),
        ("untag_mfa_device", {"TagKeys": ["a"]}),
        (
            "enable_mfa_device",
            {"UserName": "ram", "AuthenticationCode1": "1" * 6, "AuthenticationCode2": "2" * 6},
        ),
    ):
        with refused("NoSuchEntity", message, status=404):
            getattr(iam, name)(SerialNumber=serial, **more)


def test_tags_are_set_listed_and_dropped(iam, phone):
    iam.tag_mfa_device(SerialNumber=PHONE, Tags=[{"Key": "a", "Value": "1"}])
    answer = iam.list_mfa_device_tags(SerialNumber=PHONE)
    assert [tag["Key"] for tag in answer["Tags"]] == ["a", "team"]
    iam.untag_mfa_device(SerialNumber=PHONE, TagKeys=["a", "team"])
    assert iam.list_mfa_device_tags(SerialNumber=PHONE)["Tags"] == []


def test_a_user_has_eight_devices_at_most(iam, enabled):
    for number in range(8):
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"d{number}")
        given = {
            "UserName": "ram",
            "SerialNumber": device["VirtualMFADevice"]["SerialNumber"],
            **codes(device["VirtualMFADevice"]),
        }
        if number < 7:
            iam.enable_mfa_device(**given)
    with refused("LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8", status=409):
        iam.enable_mfa_device(**given)


def test_only_whoever_may_and_only_in_their_own_account(nobody, stranger, phone):
    for name in ("list_virtual_mfa_devices", "list_mfa_devices"):
        with refused("AccessDenied", status=403):
            getattr(nobody, name)()
    assert stranger.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    with refused("NoSuchEntity", status=404):
        stranger.delete_virtual_mfa_device(SerialNumber=PHONE)
    assert MFADevice.objects.count() == 1
