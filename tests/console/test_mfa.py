"""Enrolling an MFA device, for oneself and for a user: QR code, two codes, nothing left behind."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from accounts import totp
from accounts.actions import mfa
from accounts.models import Account, Event, MFADevice
from iamconsole.console.credentials import kept_secrets
from tests.cast import new_user
from tests.console.reading import text_of
from tests.console.things import new_device
from tests.console.wizards import SERIAL, Wizard, code, events, pair

# --- Assign --------------------------------------------------------------------------------------


def test_two_consecutive_codes_assign_the_device(mfa_wizard):
    page = mfa_wizard.name()
    assert page.headers["Location"] == mfa_wizard.url("set-up")
    assert not MFADevice.objects.exists()
    page = mfa_wizard.codes(*pair(mfa_wizard.seed()))
    assert page.status_code == 302
    told = text_of(mfa_wizard.browser.get(page.headers["Location"]))
    assert "MFA device assigned" in told
    device = MFADevice.objects.get()
    assert (device.serial_number, device.slot) == (SERIAL, 1)
    if mfa_wizard.of == "bob":
        assert device.user is not None
        assert device.user.name == "bob"
    else:
        assert "this session counts as one without MFA" in told
        assert device.is_root is (device.user is None)


def test_the_device_makes_the_codes_of_the_seed_that_was_shown(sign_in, root):
    wizard = Wizard(sign_in(root))
    wizard.name()
    seed = wizard.seed()
    assert re.fullmatch("[A-Z2-7]{64}", seed)
    wizard.codes(*pair(seed))
    assert mfa.seed_of(MFADevice.objects.get()) == seed


def test_the_qr_code_of_the_page_is_read_as_the_otpauth_uri(sign_in, root, account):
    Account.objects.filter(pk=account.pk).update(alias="acme-corp")
    wizard = Wizard(sign_in(root))
    wizard.name("a+b=c,d.e@f-g_h")
    page = wizard.browser.get(wizard.url("set-up")).content.decode()
    uri = urlsplit(scanned(page))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/IAM Console Lab:a+b=c,d.e@f-g_h@acme-corp"
    assert "+" not in uri.path
    query = parse_qs(uri.query, strict_parsing=True)
    assert query == {"secret": [wizard.seed()], "issuer": ["IAM Console Lab"]}


def scanned(page: str) -> str:
    """What a phone reads from the page's QR code, whose quiet zone must be in the drawing."""
    drawn = re.search(r'<svg[^>]*class="qr"[^>]*>.*?</svg>', page, re.DOTALL)
    assert drawn
    svg = drawn[0]
    assert "style=" not in svg
    assert "<image" not in svg
    size = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    assert size
    assert '<rect fill="white" x="0" y="0" width="100%" height="100%"' in svg
    picture = Image.new("L", (int(size[1]) * 4,) * 2, 255)
    pen = ImageDraw.Draw(picture)
    modules = [tuple(map(int, at)) for at in re.findall(r"M(\d+),(\d+)H", svg)]
    assert min(min(module) for module in modules) == 4
    assert max(max(module) for module in modules) == int(size[1]) - 5
    for x, y in modules:
        pen.rectangle((x * 4, y * 4, x * 4 + 3, y * 4 + 3), fill=0)
    return str(zxingcpp.read_barcodes(picture)[0].text)


def test_an_abandoned_wizard_leaves_nothing(mfa_wizard):
    mfa_wizard.name()
    mfa_wizard.seed()
    assert not MFADevice.objects.exists()
    assert not Event.objects.filter(action="iam:CreateVirtualMFADevice").exists()


def test_the_seed_is_sealed_in_the_session_and_not_in_any_event(sign_in, root):
    wizard = Wizard(sign_in(root))
    wizard.name()
    seed = wizard.seed()
    assert seed not in str(dict(wizard.browser.session))
    wizard.codes(*pair(seed))
    assert seed not in str(list(Event.objects.values_list("parameters", flat=True)))
    assert not any(name.startswith("kept") for name in dict(wizard.browser.session))


def test_a_seed_that_the_browser_sends_is_ignored(mfa_wizard):
    own = totp.new_seed()
    mfa_wizard.name(seed=own, secret=own)
    seed = mfa_wizard.seed()
    assert seed != own
    assert mfa_wizard.codes(*pair(own), seed=own, secret=own).status_code == 422
    assert not MFADevice.objects.exists()
    assert mfa_wizard.codes(*pair(seed)).status_code == 302


def test_of_two_tabs_the_newer_seed_counts(mfa_wizard):
    mfa_wizard.name("first")
    old = mfa_wizard.seed()
    mfa_wizard.name("second")
    assert mfa_wizard.codes(*pair(old)).status_code == 422
    assert not MFADevice.objects.exists()
    mfa_wizard.codes(*pair(mfa_wizard.seed()))
    assert MFADevice.objects.get().name == "second"


def test_a_wizard_for_one_user_does_not_end_as_another_users(sign_in, admin, account):
    new_user(account, "bob")
    new_user(account, "carol")
    browser = sign_in(admin)
    for_bob, for_carol = Wizard(browser, "bob"), Wizard(browser, "carol")
    for_bob.name()
    seed = for_bob.seed()
    page = for_carol.codes(*pair(seed))
    assert page.headers["Location"] == for_carol.url("assign")
    assert not MFADevice.objects.exists()


def test_a_qr_code_lives_for_ten_minutes(sign_in, root, monkeypatch):
    wizard = Wizard(sign_in(root))
    wizard.name()
    seed = wizard.seed()
    monkeypatch.setattr(kept_secrets, "KEPT", timedelta(0))
    page = wizard.codes(*pair(seed))
    assert page.headers["Location"] == wizard.url("assign")
    assert "no longer valid" in text_of(wizard.browser.get(wizard.url("assign")))
    assert not MFADevice.objects.exists()


def test_the_second_page_without_the_first_leads_back_to_it(mfa_wizard):
    for page in (
        mfa_wizard.browser.get(mfa_wizard.url("set-up")),
        mfa_wizard.codes("123456", "123457"),
    ):
        assert page.headers["Location"] == mfa_wizard.url("assign")


# --- Codes that are refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((0, 0), "not the code that follows"),  # the same code twice
        ((-2, 0), "not the code that follows"),  # not consecutive
        ((0, -1), "not the code that follows"),  # the wrong way round
        ((-100, -99), "is wrong"),  # fifty minutes late
    ],
)
def test_codes_that_are_no_pair_are_told_apart_and_leave_no_device(mfa_wizard, steps, told):
    mfa_wizard.name()
    seed = mfa_wizard.seed()
    page = mfa_wizard.codes(*(code(seed, step) for step in steps))
    assert page.status_code == 422
    text = text_of(page)
    assert told in text
    assert re.search(r"The server&#x27;s time is \d\d:\d\d:\d\d UTC", text)
    assert not MFADevice.objects.exists()
    # The same QR code is still good.
    assert mfa_wizard.seed() == seed
    assert mfa_wizard.codes(*pair(seed)).status_code == 302


def test_a_failed_enable_deletes_the_device_again(sign_in, self_service):
    wizard = Wizard(sign_in(self_service))
    wizard.name()
    wizard.codes(*pair(totp.new_seed()))
    assert events("iam:CreateVirtualMFADevice") == ["success"]
    assert events("iam:EnableMFADevice") == ["error"]
    assert events("iam:DeleteVirtualMFADevice") == ["success"]
    assert not MFADevice.objects.exists()


def test_a_clock_that_is_off_by_minutes_is_learnt(sign_in, root):
    wizard = Wizard(sign_in(root))
    wizard.name()
    assert wizard.codes(*pair(wizard.seed(), steps=-8)).status_code == 302
    assert MFADevice.objects.get().drift in (-8, -9)


@pytest.mark.parametrize(
    "bad",
    ["", "12345", "1234567", "１２３４５６", "+12345", "1e5   ", "12 34 5", "abcdef", "0" * 500],
)
def test_what_is_no_code_is_refused_without_trying(mfa_wizard, bad):
    mfa_wizard.name()
    first, second = pair(mfa_wizard.seed())
    for codes in ((bad, second), (first, bad)):
        page = mfa_wizard.codes(*codes)
        assert page.status_code == 422
    assert not MFADevice.objects.exists()
    assert not events("iam:CreateVirtualMFADevice")


def test_a_space_within_a_code_is_forgiven_and_a_code_sent_twice_is_not(sign_in, root):
    wizard = Wizard(sign_in(root))
    wizard.name()
    first, second = pair(wizard.seed())
    page = wizard.browser.post(
        wizard.url("set-up"),
        {"authentication_code1": [first, first], "authentication_code2": second},
    )
    assert page.status_code == 422
    assert wizard.codes(f" {first[:3]} {first[3:]}", second).status_code == 302


# --- Names and limits ----------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["", "a b", "<b>", "a/b", "ä", "x" * 300, "a\x00b", "a\u202eb"])
def test_a_bad_name_is_refused_before_there_is_a_qr_code(mfa_wizard, bad):
    page = mfa_wizard.name(bad)
    assert page.status_code == 422
    assert page.context["form"].errors["virtual_mfa_device_name"]
    assert b"<b>" not in page.content
    assert mfa_wizard.browser.get(mfa_wizard.url("set-up")).status_code == 302


def test_a_name_that_somebody_else_took_is_refused_before_there_is_a_qr_code(mfa_wizard, account):
    new_device(new_user(account, "dan"), "phone")
    page = mfa_wizard.name("PHONE")
    assert page.status_code == 422
    assert "entity at the same path and name already exists" in text_of(page)
    assert mfa_wizard.browser.get(mfa_wizard.url("set-up")).status_code == 302


def test_the_same_name_in_another_account_is_free(sign_in, root, eve):
    new_device(eve.user, "phone")
    assert Wizard(sign_in(root)).enrol("phone").status_code == 302


def test_a_name_that_was_taken_meanwhile_is_told_and_the_others_device_stays(
    sign_in, root, account
):
    wizard = Wizard(sign_in(root))
    wizard.name()
    seed = wizard.seed()
    device = new_device(new_user(account, "dan"), "phone")
    page = wizard.codes(*pair(seed))
    assert page.status_code == 422
    assert "already exists" in text_of(page)
    device.refresh_from_db()
    assert device.is_assigned


def test_the_longest_name_fits_and_one_more_does_not(sign_in, root):
    wizard = Wizard(sign_in(root))
    longest = 256 - len("arn:aws:iam::111122223333:mfa/")
    page = wizard.name("x" * (longest + 1))
    assert f"less than or equal to {longest}" in text_of(page)
    assert wizard.enrol("x" * longest).status_code == 302


def test_there_are_eight_devices_and_no_ninth(sign_in, self_service):
    wizard = Wizard(sign_in(self_service))
    for number in range(8):
        assert wizard.enrol(f"phone-{number}").status_code == 302
    page = wizard.name("phone-8")
    assert page.status_code == 422
    assert "Cannot exceed quota for MFADevicesPerUser: 8" in text_of(page)
    assert MFADevice.objects.count() == 8
