"""MFA devices, one's own and a user's: resynchronised, removed, and who may do any of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts import totp
from accounts.caller import Caller
from accounts.models import Account, MFADevice
from tests.cast import allow, caller_of, deny, new_user
from tests.console.reading import queries_of, text_of
from tests.console.things import new_device
from tests.console.wizards import OWN, SERIAL, Wizard, code, events, pair, real_device

VERBS = ("assign", "set-up", "resync", "remove")


# --- Resync and remove ---------------------------------------------------------------------------


@pytest.fixture
def owned(mfa_wizard: Wizard, account: Account, request) -> tuple[Wizard, MFADevice, str]:
    """A mfa_wizard, and a device of the one whom it is about."""
    who = mfa_wizard.browser.get(mfa_wizard.url("assign")).wsgi_request.caller  # type: ignore[attr-defined]
    if mfa_wizard.of == "bob":
        device, seed = real_device(request.getfixturevalue("bob_caller"))
    else:
        device, seed = real_device(who)
    return mfa_wizard, device, seed


@pytest.fixture
def bob_caller(account: Account, root: Caller) -> Caller:
    """bob, whom the administrator's wizard made."""
    return caller_of(account.users.get(name="bob"))


def test_resync_learns_the_drift_from_two_codes(owned):
    wizard, device, seed = owned
    form = dict(zip(("authentication_code1", "authentication_code2"), pair(seed, -6), strict=True))
    page = wizard.browser.post(wizard.url("resync"), form | {"serial": device.serial_number})
    assert page.status_code == 302
    device.refresh_from_db()
    assert device.drift in (-6, -7)
    # The codes are used up.
    page = wizard.browser.post(wizard.url("resync"), form | {"serial": device.serial_number})
    assert page.status_code == 422
    assert "was used already" in text_of(page)


def test_resync_refuses_codes_that_are_no_pair_and_changes_nothing(owned):
    wizard, device, seed = owned
    form = {"authentication_code1": code(seed), "authentication_code2": code(seed)}
    page = wizard.browser.post(wizard.url("resync"), form | {"serial": device.serial_number})
    assert page.status_code == 422
    assert "s time is" in text_of(page)
    assert device.serial_number in page.content.decode()
    device.refresh_from_db()
    assert (device.drift, device.last_step) == (0, 0)


def test_remove_asks_first_and_then_deletes_the_device(owned):
    wizard, device, _ = owned
    url = f"{wizard.url('remove')}?serial={device.serial_number}"
    page = wizard.browser.get(url)
    assert "Remove MFA device?" in text_of(page)
    assert MFADevice.objects.exists()
    page = wizard.browser.post(url, {"serial": device.serial_number}, follow=True)
    assert "MFA device phone removed." in text_of(page)
    assert not MFADevice.objects.exists()


def test_a_removed_device_that_may_not_be_deleted_stays_unassigned_and_the_page_says_so(
    sign_in, caller_with
):
    who = caller_with(allow("iam:*"), deny("iam:DeleteVirtualMFADevice"))
    device, _ = real_device(who)
    url = reverse("console:mfa-remove")
    page = sign_in(who).post(url, {"serial": device.serial_number}, follow=True)
    assert "the unassigned device stays" in text_of(page)
    device.refresh_from_db()
    assert not device.is_assigned


@pytest.mark.parametrize("serial", ["", "phone", "arn:aws:iam::111122223333:mfa/<b>", "x" * 3000])
def test_a_serial_number_that_is_nobodys_is_not_found(mfa_wizard, serial):
    for verb in ("resync", "remove"):
        url = mfa_wizard.url(verb)
        assert mfa_wizard.browser.get(url, {"serial": serial}).status_code == 404
        assert mfa_wizard.browser.post(url, {"serial": serial}).status_code == 404


def test_nobody_elses_device_is_reached(mfa_wizard, account, eve):
    dans = new_device(new_user(account, "dan"), "dans")
    hers = new_device(eve.user, "hers")
    for device in (dans, hers):
        for verb in ("resync", "remove"):
            form = {"serial": device.serial_number, "authentication_code1": "123456"}
            assert mfa_wizard.browser.post(mfa_wizard.url(verb), form).status_code == 404
    assert MFADevice.objects.filter(slot=1).count() == 2


def test_the_pages_of_a_user_who_is_not_there_are_not_there(sign_in, admin, eve):
    browser = sign_in(admin)
    for name in ("nobody", "eve", "=1+1"):
        for verb in VERBS:
            url = Wizard(browser, name).url(verb)
            page = browser.get(url, {"serial": SERIAL}, follow=True)
            assert page.status_code == 404, (name, verb)
            assert (
                browser.post(url, {"virtual_mfa_device_name": "x"}, follow=True).status_code == 404
            )


# --- Who may -------------------------------------------------------------------------------------


def test_without_permission_there_is_neither_a_form_nor_news_of_who_exists(sign_in, alice, bob):
    browser = sign_in(alice)
    for of in ("own", "bob", "nobody"):
        wizard = Wizard(browser, of)
        for verb in ("assign", "resync", "remove"):
            for page in (
                browser.get(wizard.url(verb), {"serial": SERIAL}),
                browser.post(wizard.url(verb), {"serial": SERIAL}),
            ):
                assert page.status_code == 403, (of, verb)
                assert "Access denied" in text_of(page)
    assert not MFADevice.objects.exists()


def test_a_user_who_manages_his_own_devices_manages_nobody_elses(sign_in, self_service, bob):
    device, _ = real_device(bob)
    browser = sign_in(self_service)
    for verb in ("assign", "resync", "remove"):
        url = Wizard(browser, "bob").url(verb)
        assert browser.post(url, {"serial": device.serial_number}).status_code == 403
    device.refresh_from_db()
    assert device.is_assigned


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        ("iam:EnableMFADevice", "assign"),
        ("iam:CreateVirtualMFADevice", "assign"),
        ("iam:ResyncMFADevice", "resync"),
        ("iam:DeactivateMFADevice", "remove"),
        ("iam:ListMFADevices", "remove"),
    ],
)
def test_each_step_needs_its_own_action(sign_in, caller_with, action, verb):
    who = caller_with(allow("iam:*"), deny(action))
    device, seed = real_device(who, "old")
    form = dict(zip(("authentication_code1", "authentication_code2"), pair(seed), strict=True))
    form |= {"serial": device.serial_number, "virtual_mfa_device_name": "phone"}
    page = sign_in(who).post(reverse(f"console:mfa-{verb}"), form)
    assert page.status_code == 403
    assert action in text_of(page)
    device.refresh_from_db()
    assert (device.is_assigned, device.drift, device.last_step) == (True, 0, 0)
    assert MFADevice.objects.count() == 1


def test_a_permission_that_names_the_device_is_asked_for_by_its_name(sign_in, caller_with):
    who = caller_with(
        allow("iam:*", on=OWN), allow("iam:*", on="arn:aws:iam::*:mfa/${aws:username}")
    )
    wizard = Wizard(sign_in(who))
    assert wizard.name("phone").status_code == 403
    assert wizard.enrol("alice").status_code == 302


def test_a_permission_that_goes_between_the_pages_leaves_no_device(
    sign_in, self_service, caller_with
):
    wizard = Wizard(sign_in(self_service))
    wizard.name()
    seed = wizard.seed()
    caller_with(allow("iam:*"), deny("iam:EnableMFADevice"))
    assert wizard.codes(*pair(seed)).status_code == 403
    assert events("iam:EnableMFADevice") == ["denied"]
    assert not MFADevice.objects.exists()


def test_who_may_not_delete_devices_still_gets_his_enabled_by_the_next_codes(sign_in, caller_with):
    who = caller_with(
        allow("iam:EnableMFADevice", "iam:ListMFADevices", on=OWN),
        allow("iam:CreateVirtualMFADevice", on="arn:aws:iam::*:mfa/*"),
    )
    wizard = Wizard(sign_in(who))
    wizard.name()
    seed = wizard.seed()
    page = wizard.codes(*pair(totp.new_seed()))
    assert page.status_code == 422
    assert "You need iam:DeleteVirtualMFADevice" in text_of(page)
    assert wizard.codes(*pair(seed)).status_code == 302
    assert events("iam:CreateVirtualMFADevice") == ["success"]
    device = MFADevice.objects.get()
    assert device.user == who.user


def test_the_pages_take_a_fixed_number_of_queries(sign_in, self_service, account):
    wizard = Wizard(sign_in(self_service))
    wizard.name()
    few = [queries_of(wizard.browser, wizard.url(verb)) for verb in ("assign", "set-up")]
    for number in range(50):
        new_device(new_user(account, f"u{number}"), f"phone-{number}")
    assert [queries_of(wizard.browser, wizard.url(verb)) for verb in ("assign", "set-up")] == few
    assert max(few) <= 10
