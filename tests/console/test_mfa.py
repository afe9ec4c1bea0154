"""MFA devices, one's own and a user's: enrolled by QR code, resynchronised, removed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts import totp, vault
from accounts.actions import mfa
from accounts.caller import Caller
from accounts.models import Account, Event, MFADevice
from iamconsole.console import kept_secrets
from tests.cast import CallerWith, allow, caller_of, deny, new_user
from tests.console.people import new_device
from tests.console.things import queries_of, text_of

OWN = "arn:aws:iam::*:user/${aws:username}"
SERIAL = "arn:aws:iam::111122223333:mfa/phone"
VERBS = ("assign", "set-up", "resync", "remove")


class Wizard:
    """A browser and whose devices it is about: "own", or a user's name."""

    def __init__(self, browser: Client, of: str = "own") -> None:
        self.browser, self.of = browser, of

    def url(self, verb: str) -> str:
        if self.of == "own":
            return reverse(f"console:mfa-{verb}")
        return reverse(f"console:user-mfa-{verb}", args=[self.of])

    def name(self, name: str = "phone", **more: str) -> Any:
        return self.browser.post(self.url("assign"), {"virtual_mfa_device_name": name, **more})

    def seed(self) -> str:
        return str(self.browser.get(self.url("set-up")).context["draft"].seed)

    def codes(self, first: str, second: str, **more: str) -> Any:
        form = {"authentication_code1": first, "authentication_code2": second, **more}
        return self.browser.post(self.url("set-up"), form)

    def enrol(self, name: str = "phone") -> Any:
        self.name(name)
        return self.codes(*pair(self.seed()))


def code(seed: str, steps: int = 0) -> str:
    """The code of so many steps from now."""
    return pyotp.TOTP(seed).generate_otp(totp.step_at(timezone.now()) + steps)


def pair(seed: str, steps: int = 0) -> tuple[str, str]:
    """Two consecutive codes, the second of so many steps from now."""
    return code(seed, steps - 1), code(seed, steps)


def real_device(owner: Caller, name: str = "phone") -> tuple[MFADevice, str]:
    """A device with a seed, assigned to a user, or to root."""
    seed = totp.new_seed()
    serial = f"arn:aws:iam::{owner.home.id}:mfa/{name}"
    device = MFADevice.objects.create(
        account=owner.home,
        name=name,
        serial_number=serial,
        sealed_seed=vault.seal(seed, vault.seed_place(owner.home.id, serial)),
        user=owner.user,
        is_root=owner.is_root,
        slot=1,
        created_at=owner.now,
        enabled_at=owner.now,
    )
    return device, seed


@pytest.fixture
def self_service(caller_with: CallerWith) -> Caller:
    """A user who may manage his own devices, as AWS's own policy for it allows."""
    return caller_with(allow("iam:*", on=OWN), allow("iam:*", on="arn:aws:iam::*:mfa/*"))


@pytest.fixture(params=["root", "self_service", "admin"])
def wizard(request, sign_in: Callable[..., Client], account: Account) -> Wizard:
    """The wizard as root, as a user for himself, and as an administrator for bob."""
    of = "own"
    if request.param == "admin":
        new_user(account, "bob")
        of = "bob"
    return Wizard(sign_in(request.getfixturevalue(request.param)), of)


def events(action: str) -> list[str]:
    return list(Event.objects.filter(action=action).values_list("outcome", flat=True))


# --- Assign --------------------------------------------------------------------------------------


def test_two_consecutive_codes_assign_the_device(wizard):
    page = wizard.name()
    assert page.headers["Location"] == wizard.url("set-up")
    assert not MFADevice.objects.exists()
    page = wizard.codes(*pair(wizard.seed()))
    assert page.status_code == 302
    told = text_of(wizard.browser.get(page.headers["Location"]))
    assert "MFA device assigned" in told
    device = MFADevice.objects.get()
    assert (device.serial_number, device.slot) == (SERIAL, 1)
    if wizard.of == "bob":
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


def test_an_abandoned_wizard_leaves_nothing(wizard):
    wizard.name()
    wizard.seed()
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


def test_a_seed_that_the_browser_sends_is_ignored(wizard):
    own = totp.new_seed()
    wizard.name(seed=own, secret=own)
    seed = wizard.seed()
    assert seed != own
    assert wizard.codes(*pair(own), seed=own, secret=own).status_code == 422
    assert not MFADevice.objects.exists()
    assert wizard.codes(*pair(seed)).status_code == 302


def test_of_two_tabs_the_newer_seed_counts(wizard):
    wizard.name("first")
    old = wizard.seed()
    wizard.name("second")
    assert wizard.codes(*pair(old)).status_code == 422
    assert not MFADevice.objects.exists()
    wizard.codes(*pair(wizard.seed()))
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


def test_the_second_page_without_the_first_leads_back_to_it(wizard):
    for page in (wizard.browser.get(wizard.url("set-up")), wizard.codes("123456", "123457")):
        assert page.headers["Location"] == wizard.url("assign")


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
def test_codes_that_are_no_pair_are_told_apart_and_leave_no_device(wizard, steps, told):
    wizard.name()
    seed = wizard.seed()
    page = wizard.codes(*(code(seed, step) for step in steps))
    assert page.status_code == 422
    text = text_of(page)
    assert told in text
    assert re.search(r"The server&#x27;s time is \d\d:\d\d:\d\d UTC", text)
    assert not MFADevice.objects.exists()
    # The same QR code is still good.
    assert wizard.seed() == seed
    assert wizard.codes(*pair(seed)).status_code == 302


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
def test_what_is_no_code_is_refused_without_trying(wizard, bad):
    wizard.name()
    first, second = pair(wizard.seed())
    for codes in ((bad, second), (first, bad)):
        page = wizard.codes(*codes)
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
def test_a_bad_name_is_refused_before_there_is_a_qr_code(wizard, bad):
    page = wizard.name(bad)
    assert page.status_code == 422
    assert page.context["form"].errors["virtual_mfa_device_name"]
    assert b"<b>" not in page.content
    assert wizard.browser.get(wizard.url("set-up")).status_code == 302


def test_a_name_that_somebody_else_took_is_refused_before_there_is_a_qr_code(wizard, account):
    new_device(new_user(account, "dan"), "phone")
    page = wizard.name("PHONE")
    assert page.status_code == 422
    assert "entity at the same path and name already exists" in text_of(page)
    assert wizard.browser.get(wizard.url("set-up")).status_code == 302


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


# --- Resync and remove ---------------------------------------------------------------------------


@pytest.fixture
def owned(wizard: Wizard, account: Account, request) -> tuple[Wizard, MFADevice, str]:
    """A wizard, and a device of the one whom it is about."""
    who = wizard.browser.get(wizard.url("assign")).wsgi_request.caller  # type: ignore[attr-defined]
    if wizard.of == "bob":
        device, seed = real_device(request.getfixturevalue("bob_caller"))
    else:
        device, seed = real_device(who)
    return wizard, device, seed


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
def test_a_serial_number_that_is_nobodys_is_not_found(wizard, serial):
    for verb in ("resync", "remove"):
        url = wizard.url(verb)
        assert wizard.browser.get(url, {"serial": serial}).status_code == 404
        assert wizard.browser.post(url, {"serial": serial}).status_code == 404


def test_nobody_elses_device_is_reached(wizard, account, eve):
    dans = new_device(new_user(account, "dan"), "dans")
    hers = new_device(eve.user, "hers")
    for device in (dans, hers):
        for verb in ("resync", "remove"):
            form = {"serial": device.serial_number, "authentication_code1": "123456"}
            assert wizard.browser.post(wizard.url(verb), form).status_code == 404
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
