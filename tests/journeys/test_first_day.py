"""The first day of an account, from the root user's sign-in to a refusal that says why."""

from __future__ import annotations

import io
import re
import time

import pyotp
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from accounts import instance
from accounts.actions import policies
from accounts.demo import OWN_CREDENTIALS, OWN_CREDENTIALS_DOCUMENT
from tests.journeys.conftest import Site

NEW_PASSWORD = "Nine-Purple-Kites-7"


def test_from_roots_first_sign_in_to_a_users_refusal(page: Page, site: Site) -> None:
    # Policies have no editor yet: this one is there already, as in the demo account.
    policies.create_policy(
        instance.root(site.account),
        policy_name=OWN_CREDENTIALS,
        policy_document=OWN_CREDENTIALS_DOCUMENT,
    )
    sign_in_as_root(page, site)
    set_alias(page, "pied-piper")
    set_password_policy(page)
    create_group(page, "Auditors", ["IAMReadOnlyAccess", OWN_CREDENTIALS])
    password = create_user(page, "richard", "Auditors")
    sign_out(page)

    sign_in(page, "pied-piper", "richard", password)
    change_first_password(page, password)
    authenticator, used = enrol_mfa(page)
    sign_out(page)

    sign_in(page, "pied-piper", "richard", NEW_PASSWORD)
    expect(page).to_have_url(re.compile("/session/mfa/$"))
    code = next_code(authenticator, after=used)
    page.get_by_label("MFA code").fill(code)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()
    sign_out(page)

    sign_in(page, "pied-piper", "richard", NEW_PASSWORD)
    page.get_by_label("MFA code").fill(code)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("This code was used already").first).to_be_visible()
    page.get_by_label("MFA code").fill(next_code(authenticator, after=code))
    page.get_by_role("button", name="Submit").click()

    what_the_group_allows_works(page)
    what_it_does_not_allow_says_why(page, site)


def sign_in_as_root(page: Page, site: Site) -> None:
    page.goto("/")
    page.get_by_role("link", name="Sign in using root user email").click()
    page.get_by_label("Root user email address").fill(site.account.root_email)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password", exact=True).fill(site.root_password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()


def set_alias(page: Page, alias: str) -> None:
    page.get_by_role("link", name="Create", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Preferred alias").fill(alias)
    expect(dialog.get_by_text(f"/signin/{alias}/")).to_be_visible()
    dialog.get_by_role("button", name="Create alias").click()
    expect(page.get_by_text(f"Alias {alias} created for this account.")).to_be_visible()


def set_password_policy(page: Page) -> None:
    page.get_by_role("link", name="Account settings").first.click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Custom").check()
    page.get_by_label("Password minimum length").fill("12")
    page.get_by_label("Require at least one number").check()
    expect(page.locator("#preview")).to_contain_text("Between 12 and 128 characters")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("button", name="Set custom").click()
    expect(page.get_by_text("Custom").first).to_be_visible()


def create_group(page: Page, name: str, wanted: list[str]) -> None:
    page.get_by_role("link", name="User groups").first.click()
    page.get_by_role("link", name="Create group").first.click()
    page.get_by_label("User group name").fill(name)
    for policy in wanted:
        page.get_by_label("Find policies").fill(policy)
        page.get_by_role("checkbox", name=policy, exact=False).first.check()
    page.get_by_role("button", name="Create user group").click()
    expect(page.get_by_text(f"User group {name} created.")).to_be_visible()


def create_user(page: Page, name: str, group: str) -> str:
    """Make a user with a generated password, and return the password."""
    page.get_by_role("link", name="Users", exact=True).first.click()
    page.get_by_role("link", name="Create user").first.click()
    page.get_by_label("User name").fill(name)
    page.get_by_label("Provide user access to the console").check()
    expect(page.get_by_label("Users must create a new password")).to_be_checked()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("checkbox", name=group, exact=False).check()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Create user").click()
    page.get_by_role("button", name="Show console password").click()
    return page.locator(".secret-value").inner_text()


def sign_out(page: Page) -> None:
    page.locator("header .menu summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="IAM user sign in")).to_be_visible()


def sign_in(page: Page, account: str, user_name: str, password: str) -> None:
    page.goto(f"/signin/{account}/")
    expect(page.get_by_label("Account ID or alias")).to_have_value(account)
    page.get_by_label("IAM username").fill(user_name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def change_first_password(page: Page, old: str) -> None:
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    page.goto("/console/iam/users/")
    expect(page.get_by_role("heading", name="Change your password")).to_be_visible()
    page.get_by_label("Old password").fill(old)
    page.get_by_label("New password", exact=True).fill("short")
    page.get_by_label("Retype new password").fill("short")
    page.get_by_role("button", name="Confirm password change").click()
    expect(page.get_by_text("Between 12 and 128 characters").first).to_be_visible()
    page.get_by_label("Old password").fill(old)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Retype new password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Confirm password change").click()
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()


def enrol_mfa(page: Page) -> tuple[pyotp.TOTP, str]:
    """Scan the QR code off the page, as a phone would, and enter two codes in a row."""
    page.goto("/console/security-credentials/")
    page.get_by_role("link", name="Assign MFA device").click()
    page.get_by_label("Device name").fill("phone")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Set up device")).to_be_visible()
    screenshot = Image.open(io.BytesIO(page.screenshot(full_page=True)))
    (code,) = zxingcpp.read_barcodes(screenshot)
    assert code.text.startswith("otpauth://totp/IAM%20Console%20Lab:phone@pied-piper?secret=")
    authenticator = pyotp.parse_uri(code.text)
    assert isinstance(authenticator, pyotp.TOTP)
    now = int(time.time())
    page.get_by_label("MFA code 1").fill(authenticator.at(now - 30))
    page.get_by_label("MFA code 2").fill(authenticator.at(now))
    page.get_by_role("button", name="Add MFA").click()
    expect(page.get_by_text("MFA device assigned").first).to_be_visible()
    return authenticator, authenticator.at(now)


def next_code(authenticator: pyotp.TOTP, *, after: str) -> str:
    """The code of the first step after the one of `after` that is accepted now, waiting for it."""
    while True:
        now = int(time.time())
        for step in (now - 30, now, now + 30):
            if authenticator.at(step) == after:
                return authenticator.at(step + 30) if step <= now else wait(authenticator, step)
        return authenticator.at(now)


def wait(authenticator: pyotp.TOTP, step: int) -> str:
    """Wait until the step after a future one may be used: one step early is early enough."""
    time.sleep(max(0, step // 30 * 30 - time.time()) + 1)
    return authenticator.at(step + 30)


def what_the_group_allows_works(page: Page) -> None:
    page.get_by_role("link", name="Users", exact=True).first.click()
    expect(page.get_by_role("heading", name="IAM users")).to_be_visible()
    page.get_by_role("link", name="richard").click()
    expect(page.get_by_text("Group Auditors").first).to_be_visible()


def what_it_does_not_allow_says_why(page: Page, site: Site) -> None:
    page.goto("/console/iam/create-group/")
    page.get_by_label("User group name").fill("Admins")
    page.get_by_role("button", name="Create user group").click()
    arn = f"arn:aws:iam::{site.account.id}:group/Admins"
    expect(page.get_by_text("Access denied").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("iam:CreateGroup")
    expect(page.locator("main")).to_contain_text(arn)
    expect(page.locator("main")).to_contain_text(
        "because no identity-based policy allows the iam:CreateGroup action"
    )
