"""The lab "MFA or nothing", done as a learner would: by an administrator and one locked out."""

from __future__ import annotations

import time

import pyotp
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.journeys import clicks, labs
from tests.journeys.conftest import Site

LAB = "force-mfa"


def test_a_studio_is_locked_out_and_comes_in_with_mfa(page: Page, site: Site) -> None:
    values = labs.begin(page, site, LAB)
    what_comes_without_mfa_is_refused(page, values)
    nobody_can_enrol(page, values)
    a_door_is_built(page, values)
    authenticator, used = ana_enrols(page, values)
    ana_comes_in_with_a_code(page, values, authenticator, used)

    labs.finish(page, LAB)
    expect(page.get_by_text("They allow exactly the same.")).to_be_visible()
    certificate = labs.certificate(page, LAB)
    expect(certificate.locator("div", has_text="Steps solved").last).to_contain_text("5")
    expect(certificate).to_contain_text("and 1 solution seen")


def what_comes_without_mfa_is_refused(page: Page, values: dict[str, str]) -> None:
    expect(labs.hint(page)).to_contain_text("read its condition once more")
    # A wrong turn: the policy is put in force as the colleague has left it.
    page.goto(reverse("console:group-permissions", args=["Studio"]))
    page.locator("#attach-policies").click()
    clicks.choose_policies(page, values["policy"])
    page.locator("main").get_by_role("button", name="Attach policies").click()
    expect(page.locator("main").get_by_role("link", name=values["policy"])).to_be_visible()
    labs.check(page)
    labs.is_told(page, f"With an access key {values['ben']} still gets in")

    text = labs.document_of(labs.drawer(page).locator(".lab-task"))
    assert '"Bool"' in text
    edit(page, values, text.replace('"Bool"', '"BoolIfExists"'))
    labs.solved(page, 1)


def nobody_can_enrol(page: Page, values: dict[str, str]) -> None:
    labs.add_session(page, values, values["ana"], values["ana_password"])
    labs.is_signed_in(page, values["ana"])
    labs.own_credentials(page)
    expect(page.get_by_role("link", name="Assign MFA device")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("iam:ListMFADevices")
    # What only reads is not noticed by itself.
    labs.check(page)
    labs.solved(page, 2)


def a_door_is_built(page: Page, values: dict[str, str]) -> None:
    labs.switch_to(page, values["admin"])
    edit(page, values, labs.document_of(labs.solution(page)))
    labs.solved_by_itself(page, 3)


def ana_enrols(page: Page, values: dict[str, str]) -> tuple[pyotp.TOTP, int]:
    """The app on her phone, and the time of the code that she used last."""
    labs.switch_to(page, values["ana"])
    labs.own_credentials(page)
    page.get_by_role("link", name="Assign MFA device").click()
    page.get_by_role("button", name="Next", exact=True).click()
    authenticator = pyotp.TOTP(clicks.secret(page, "secret-key").replace(" ", ""))
    now = int(time.time())
    page.get_by_label("MFA code 1").fill(authenticator.at(now - 30))
    page.get_by_label("MFA code 2").fill(authenticator.at(now))
    page.get_by_role("button", name="Add MFA").click()
    expect(page.get_by_text("MFA device assigned").first).to_be_visible()
    labs.solved_by_itself(page, 4)
    return authenticator, now


def ana_comes_in_with_a_code(
    page: Page, values: dict[str, str], authenticator: pyotp.TOTP, used: int
) -> None:
    labs.sign_out_of_this(page)
    labs.sign_in_beside(page, values, values["ana"], values["ana_password"])
    # A code is good once. The next one is taken already, for clocks that are a little off.
    page.get_by_label("MFA code").fill(authenticator.at(used + 30))
    page.get_by_role("button", name="Submit").click()
    labs.is_signed_in(page, values["ana"])
    clicks.open_service(page, "S3")
    page.get_by_role("link", name=values["bucket"]).click()
    page.get_by_role("link", name="plans").click()
    expect(page.get_by_role("link", name="library.txt")).to_be_visible()
    labs.check(page)
    labs.solved(page, 5)


def edit(page: Page, values: dict[str, str], text: str) -> None:
    """Save another version of the policy."""
    page.goto(reverse("console:policy", args=[values["policy_arn"]]))
    page.locator("#edit-policy").click()
    clicks.write(page, text)
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="Save changes").locator("visible=true").last.click()
    expect(page.locator("#edit-policy")).to_be_visible()
