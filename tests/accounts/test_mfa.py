"""Virtual MFA devices: two codes to enable, one code once, eight devices, AWS's errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import totp
from accounts.actions import account as account_actions
from accounts.actions import mfa, users
from accounts.caller import Caller
from accounts.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidAuthenticationCode,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import Account, Event, MFADevice
from accounts.types import Tag
from tests.accounts.devices import SEED, code, enable, later, make
from tests.cast import arn


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


# --- Creating and deleting -----------------------------------------------------------------------


def test_a_new_device_belongs_to_nobody_and_its_serial_number_is_its_arn(root: Caller):
    made = make(root, "phone", path="/team/", tags=[Tag("owner", "carol")])
    assert made.serial_number == made.arn == arn("mfa/team/phone")
    assert not made.is_assigned
    assert made.enabled_at is None
    assert made.tags == {"owner": "carol"}


def test_a_seed_is_random_and_sealed_and_in_no_event(root: Caller):
    first, second = mfa.seed_of(make(root, "one")), mfa.seed_of(make(root, "two"))
    assert first != second
    assert len(first) == 64
    given = make(root, "three", seed=SEED)
    assert mfa.seed_of(given) == SEED
    for stored in (str(list(MFADevice.objects.values())), str(list(Event.objects.values()))):
        for seed in (first, second, SEED):
            assert seed not in stored


@pytest.mark.parametrize("seed", ["short", SEED.lower(), SEED[:-1] + "1", SEED + "=", "A" * 129])
def test_a_seed_that_is_none_is_refused(root: Caller, seed: str):
    with pytest.raises(InvalidInput):
        make(root, seed=seed)
    assert not MFADevice.objects.exists()


@pytest.mark.parametrize("name", ["", "two words", "a/b", "a:b", "\u0430phone", "a\n", "x" * 227])
def test_a_device_name_keeps_awss_alphabet_and_length(root: Caller, name: str):
    with pytest.raises(ValidationError) as refused:
        make(root, name)
    assert refused.value.argument == "virtual_mfa_device_name"
    assert not MFADevice.objects.exists()


def test_the_longest_name_makes_the_longest_serial_number(root: Caller):
    longest = "x" * 226
    assert len(make(root, longest).serial_number) == 256
    with pytest.raises(ValidationError, match="length less than or equal to 226"):
        make(root, "y" * 227)


def test_a_path_that_is_too_long_is_blamed_itself(root: Caller):
    with pytest.raises(ValidationError) as refused:
        make(root, "phone", path="/" + "p" * 300 + "/")
    assert refused.value.argument == "path"
    longest = int(refused.value.message.split()[-1])
    assert len(make(root, "phone", path="/" + "p" * (longest - 2) + "/").serial_number) == 256


@pytest.mark.parametrize("path", ["/<b>/", "/a b/", "/a;b/", "/a(b)/"])
def test_no_device_is_made_that_no_other_operation_could_name(root: Caller, path: str):
    with pytest.raises((InvalidInput, ValidationError)) as refused:
        make(root, "phone", path=path)
    assert refused.value.argument == "path"
    assert not MFADevice.objects.exists()


def test_a_name_is_taken_whatever_its_case(root: Caller):
    make(root, "phone")
    with pytest.raises(EntityAlreadyExists) as refused:
        make(root, "PHONE")
    assert refused.value.message == "MFADevice entity at the same path and name already exists."


def test_two_accounts_may_use_the_same_name(root: Caller, eve: Caller):
    make(root, "phone")
    assert make(eve, "phone").serial_number == arn("mfa/phone", eve.home.id)


def test_a_device_in_use_is_not_deleted_and_an_orphan_is(root: Caller, device: MFADevice):
    with pytest.raises(DeleteConflict) as refused:
        mfa.delete_virtual_mfa_device(root, serial_number=device.serial_number)
    assert refused.value.message == "MFA VirtualDevice in use. Must deactivate first."
    mfa.deactivate_mfa_device(root, user_name="carol", serial_number=device.serial_number)
    mfa.delete_virtual_mfa_device(root, serial_number=device.serial_number)
    assert not MFADevice.objects.exists()
    with pytest.raises(NoSuchEntity) as gone:
        mfa.delete_virtual_mfa_device(root, serial_number=device.serial_number)
    assert gone.value.message == (
        f"VirtualMFADevice with serial number {device.serial_number} doesn't exist."
    )


# --- Enabling ------------------------------------------------------------------------------------


def test_two_consecutive_codes_give_a_device_to_a_user(root: Caller, device: MFADevice, carol: Any):
    assert device.user == carol
    assert device.enabled_at == root.now
    assert (device.slot, device.drift) == (1, 0)
    assert device.last_step == totp.step_at(root.now)
    assert [one.serial_number for one in mfa.list_mfa_devices(root, user_name="carol").items] == [
        device.serial_number
    ]


@pytest.mark.parametrize(
    ("steps", "reason"),
    [((0, 0), "order"), ((1, 0), "order"), ((0, 2), "order"), ((200, 201), "wrong")],
)
def test_any_other_two_codes_do_not(root: Caller, carol: Any, steps: Any, reason: str):
    made = make(root, seed=SEED)
    first, second = (code(SEED, root.now, step) for step in steps)
    with pytest.raises(InvalidAuthenticationCode) as refused:
        mfa.enable_mfa_device(
            root,
            user_name="carol",
            serial_number=made.serial_number,
            authentication_code1=first,
            authentication_code2=second,
        )
    error = refused.value
    assert (error.code, error.status) == ("InvalidAuthenticationCode", 403)
    assert error.message == "Authentication code for device is not valid."
    assert error.reason == reason
    made.refresh_from_db()
    assert not made.is_assigned


@pytest.mark.parametrize(
    "bad", ["12345", "1234567", "12345a", "\uff11\uff12\uff13\uff14\uff15\uff16"]
)
def test_what_is_no_code_is_refused_before_anything_else(root: Caller, carol: Any, bad: str):
    made = make(root)
    with pytest.raises(ValidationError) as refused:
        mfa.enable_mfa_device(
            root,
            user_name="carol",
            serial_number=made.serial_number,
            authentication_code1=bad,
            authentication_code2="123456",
        )
    assert refused.value.argument == "authentication_code1"
    assert bad not in refused.value.message


def test_a_device_that_somebody_has_is_given_to_nobody_else(root: Caller, device: MFADevice):
    users.create_user(root, user_name="dave")
    with pytest.raises(EntityAlreadyExists, match="already exists"):
        enable(later(root, 5), device, "dave")


def test_a_device_keeps_its_used_codes_when_it_changes_hands(root: Caller, device: MFADevice):
    users.create_user(root, user_name="dave")
    mfa.deactivate_mfa_device(root, user_name="carol", serial_number=device.serial_number)
    with pytest.raises(InvalidAuthenticationCode) as refused:
        enable(root, device, "dave")
    assert refused.value.reason == "used"
    enable(later(root, 2), device, "dave")


def test_a_user_has_eight_devices_at_most(root: Caller, carol: Any):
    for number in range(8):
        enable(root, make(root, f"d{number}"))
    assert set(MFADevice.objects.values_list("slot", flat=True)) == set(range(1, 9))
    ninth = make(root, "d8")
    with pytest.raises(LimitExceeded) as refused:
        enable(root, ninth)
    assert refused.value.message == "Cannot exceed quota for MFADevicesPerUser: 8"
    third = MFADevice.objects.get(name="d3")
    mfa.deactivate_mfa_device(root, user_name="carol", serial_number=third.serial_number)
    enable(root, ninth)


def test_the_database_itself_holds_the_limit(root: Caller, device: MFADevice, carol: Any):
    other = make(root, "other")
    for slot in (1, 0, 9):
        other.user, other.slot = carol, slot
        with pytest.raises(IntegrityError), transaction.atomic():
            other.save()


def test_a_page_can_foresee_what_creating_would_refuse(root: Caller, device: MFADevice, carol: Any):
    mfa.foresee(root, carol, "tablet")
    for name, error in (
        ("phone", EntityAlreadyExists),
        ("x" * 227, ValidationError),
    ):
        with pytest.raises(error):
            mfa.foresee(root, carol, name)
    for number in range(7):
        enable(root, make(root, f"d{number}"))
    with pytest.raises(LimitExceeded):
        mfa.foresee(root, carol, "tablet")


# --- Deactivating --------------------------------------------------------------------------------


def test_a_deactivated_device_is_there_but_nobodys(root: Caller, device: MFADevice):
    mfa.deactivate_mfa_device(root, user_name="carol", serial_number=device.serial_number)
    device.refresh_from_db()
    assert not device.is_assigned
    assert device.user is None
    assert device.enabled_at is None
    assert mfa.list_mfa_devices(root, user_name="carol").items == []
    with pytest.raises(NoSuchEntity):
        mfa.deactivate_mfa_device(root, user_name="carol", serial_number=device.serial_number)


def test_only_the_users_own_device_is_resynchronised_shown_or_deactivated(
    root: Caller, device: MFADevice
):
    users.create_user(root, user_name="dave")
    named = {"user_name": "dave", "serial_number": device.serial_number}
    codes = {"authentication_code1": "123456", "authentication_code2": "654321"}
    for ask in (
        lambda: mfa.deactivate_mfa_device(root, **named),
        lambda: mfa.get_mfa_device(root, **named),
        lambda: mfa.resync_mfa_device(root, **named, **codes),
    ):
        with pytest.raises(NoSuchEntity):
            ask()
    device.refresh_from_db()
    assert device.is_assigned


def test_without_a_name_ones_own_devices_are_meant(admin: Caller, root: Caller, account: Account):
    made = make(admin, seed=SEED)
    enable(admin, made, "admin")
    assert mfa.get_mfa_device(admin, serial_number=made.serial_number) == made
    assert list(mfa.list_mfa_devices(admin).items) == [made]
    assert mfa.list_mfa_devices(root).items == []
    mfa.deactivate_mfa_device(admin, serial_number=made.serial_number)
    with pytest.raises(ValidationError, match="Must specify userName when calling with non-User"):
        mfa.deactivate_mfa_device(root, serial_number=made.serial_number)


# --- Listing and tags ----------------------------------------------------------------------------


def test_devices_are_listed_by_whether_somebody_has_them(root: Caller, device: MFADevice):
    make(root, "spare")
    listed = {
        status: [
            one.name for one in mfa.list_virtual_mfa_devices(root, assignment_status=status).items
        ]
        for status in ("Any", "Assigned", "Unassigned")
    }
    assert listed == {"Any": ["phone", "spare"], "Assigned": ["phone"], "Unassigned": ["spare"]}
    with pytest.raises(ValidationError, match="enum value set"):
        mfa.list_virtual_mfa_devices(root, assignment_status="Lost")


def test_listing_devices_takes_one_query_however_many_there_are(
    root: Caller, carol: Any, django_assert_num_queries: Any
):
    journal: list[Any] = []
    reader = replace(root, journal=journal)
    for number in range(6):
        enable(root, make(root, f"d{number}"))
    with django_assert_num_queries(1):
        assert {str(one.user) for one in mfa.list_virtual_mfa_devices(reader).items} == {"carol"}


def test_tags_of_a_device_are_set_listed_and_removed(root: Caller, device: MFADevice):
    serial = device.serial_number
    mfa.tag_mfa_device(root, serial_number=serial, tags=[Tag("b", "1"), Tag("a", "2")])
    mfa.tag_mfa_device(root, serial_number=serial, tags=[Tag("B", "3")])
    listed = mfa.list_mfa_device_tags(root, serial_number=serial)
    assert list(listed.items) == [Tag("B", "3"), Tag("a", "2")]
    mfa.untag_mfa_device(root, serial_number=serial, tag_keys=["A", "unknown"])
    assert list(mfa.list_mfa_device_tags(root, serial_number=serial).items) == [Tag("B", "3")]
    with pytest.raises(NoSuchEntity, match="doesn't exist"):
        mfa.tag_mfa_device(root, serial_number=arn("mfa/none"), tags=[])
    with pytest.raises(NoSuchEntity, match="doesn't exist"):
        mfa.list_mfa_device_tags(root, serial_number=arn("mfa/none"))


def test_a_stranger_reaches_no_device(device: MFADevice, eve: Caller, alice: Caller):
    serial: dict[str, Any] = {"serial_number": device.serial_number}
    codes = {"authentication_code1": "123456", "authentication_code2": "654321"}
    strangers: tuple[Callable[[Any], Any], ...] = (
        lambda who: mfa.delete_virtual_mfa_device(who, **serial),
        lambda who: mfa.deactivate_mfa_device(who, user_name="carol", **serial),
        lambda who: mfa.enable_mfa_device(who, user_name=who.user.name, **serial, **codes),
        lambda who: mfa.get_mfa_device(who, user_name="carol", **serial),
        lambda who: mfa.tag_mfa_device(who, tags=[Tag("mine", "")], **serial),
        lambda who: mfa.list_mfa_device_tags(who, **serial),
    )
    for ask in strangers:
        with pytest.raises(NoSuchEntity):
            ask(eve)
    powerless: tuple[Callable[[Any], Any], ...] = (
        lambda who: mfa.deactivate_mfa_device(who, user_name="carol", **serial),
        lambda who: mfa.list_virtual_mfa_devices(who),
        lambda who: make(who, "mine"),
    )
    for ask in powerless:
        with pytest.raises(AccessDenied):
            ask(alice)
    assert [one.serial_number for one in mfa.list_virtual_mfa_devices(eve).items] == []
    device.refresh_from_db()
    assert device.is_assigned
    assert device.tags == {}


# --- The QR code ---------------------------------------------------------------------------------


def test_the_qr_code_says_who_where_and_the_seed(account: Account, root: Caller):
    for alias, shown in ((None, account.id), ("example-corp", "example-corp")):
        if alias:
            account_actions.create_account_alias(root, account_alias=alias)
        uri = urlsplit(mfa.otpauth_uri(root.home, "a+b@c=d,e", SEED))
        assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
        issuer = settings.PRODUCT_NAME.replace(" ", "%20")
        assert uri.path == f"/{issuer}:a%2Bb@c%3Dd%2Ce@{shown}"
        assert parse_qs(uri.query) == {"secret": [SEED], "issuer": [settings.PRODUCT_NAME]}
        assert "+" not in uri.query
