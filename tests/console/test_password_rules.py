"""The checklist of password rules: what ticks while somebody types is what the server will say."""

import re
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts import passwords
from accounts.models import Account, PasswordPolicy
from tests.cast import allow
from tests.console.browsers import NEW, PASSWORD, give_device, must_change

SAMPLES = [
    "", "a", "abcdefgh", "ABCDEFG1", "abcDEF12", "abc-DEF-", "12345678", "a1-", "a" * 128,
    "a" * 129,
    "Ab1" * 43, "]^\\-Aa1a", "Aa\n1aaaa", "ÄÖÜäöü12", "\U0001f600" * 8, "\U0001f600" * 7,
]  # fmt: skip
STRICT = {
    "minimum_password_length": 12, "require_symbols": True, "require_numbers": True,
    "require_uppercase_characters": True, "require_lowercase_characters": True,
}  # fmt: skip


@pytest.mark.parametrize("policy", [None, SimpleNamespace(**STRICT)])
def test_a_rules_pattern_and_its_test_agree(policy):
    account = Account(name="Example", root_email="root@example.com")
    patterned = 0
    for rule in passwords.rules(policy, account):
        for password in SAMPLES if rule.pattern else []:
            patterned += 1
            found = re.search(rule.pattern, password, re.S) is not None
            assert found == rule.holds(password), (rule.name, password)
    assert patterned >= 2 * len(SAMPLES)


def test_names_of_the_account_are_in_no_pattern():
    """They would tell every user the root user's address."""
    account = Account(name="Example", root_email="root@example.com")
    for rule in passwords.rules(None, account):
        assert "xample" not in rule.pattern + rule.sentence


@pytest.fixture
def half_way(live_server, page: Page, caller_with):
    """A browser page on which alice must change her password."""
    alice = caller_with(allow("iam:ChangePassword"))
    PasswordPolicy.objects.create(account=alice.home, **STRICT)
    must_change(alice)
    page.goto(f"{live_server.url}/signin/{alice.home.id}/")
    page.get_by_label("IAM username").fill("alice")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change your password")
    return page


@pytest.mark.django_db(transaction=True)
def test_rules_are_ticked_off_while_the_password_is_typed_and_the_change_leads_in(half_way):
    met = half_way.locator(".rules [data-met]:visible")
    new = half_way.get_by_label("New password", exact=True)
    assert met.count() == 0
    new.fill("abc")
    expect(met).to_have_text(["At least one lowercase letter (a-z)"])
    new.fill("abcD1")
    assert met.count() == 3
    new.fill(NEW)
    assert met.count() == 5
    half_way.get_by_label("Retype new password").fill(NEW)
    assert met.count() == 6
    new.fill("")
    assert met.count() == 0
    new.fill(NEW)
    half_way.get_by_label("Old password").fill(PASSWORD)
    half_way.get_by_role("button", name="Confirm password change").click()
    half_way.wait_for_url("**/console/iam/")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_signing_in(live_server, page: Page, alice, scheme):
    must_change(alice)
    give_device(alice, "phone", 1)
    give_device(alice, "tablet", 2)
    page.emulate_media(color_scheme=scheme)

    def check(where: str) -> None:
        found = Axe().run(page)
        assert found.violations_count == 0, f"{where}: {found.generate_report()}"
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, where
        page.set_viewport_size({"width": 1280, "height": 900})

    for path in ("/session/root/", f"/signin/{alice.home.id}/"):
        page.goto(live_server.url + path)
        check(path)
    page.get_by_label("IAM username").fill("alice")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Authentication failed")).to_be_visible()
    check("refused")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    for _ in range(3):
        page.get_by_label("MFA code").fill("000000")
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    expect(page.get_by_text("The codes keep being refused?")).to_be_visible()
    check("code refused")
    page.get_by_role("link", name="Resynchronize", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Resynchronize MFA device")
    check("resync")
