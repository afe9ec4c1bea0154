"""A group is made with policies from several pages of the list, with scripts and without."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts import caller as callers
from accounts.caller import Face
from tests.console.browsers import signed_in
from tests.journeys.conftest import Site

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
CHANGE_PASSWORD = "arn:aws:iam::aws:policy/IAMUserChangePassword"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_choice_outlives_searching_and_paging(site: Site, browser: Browser, scripts: bool):
    context = browser.new_context(base_url=site.url, java_script_enabled=scripts)
    page = context.new_page()
    sign_in_root(page, site)
    page.goto(reverse("console:groups-create"))
    page.get_by_label("User group name").fill("Developers")
    policies = page.locator("#policies-table")
    search(policies.page, "IAMUserChange", scripts)
    policies.locator(f"[value='{CHANGE_PASSWORD}']").check()
    search(policies.page, "", scripts)
    expect(policies.get_by_label("IAMUserChangePassword")).to_be_checked()
    policies.locator(f"[value='{ADMINISTRATOR}']").check()
    policies.get_by_role("button", name="Page 2").click()
    expect(policies.locator("[aria-current=page]")).to_have_text("Page 2")
    expect(policies.get_by_label("AdministratorAccess")).to_be_checked()
    expect(page.get_by_label("User group name")).to_have_value("Developers")
    page.get_by_role("button", name="Create user group").click()
    expect(page.get_by_text("User group Developers created.")).to_be_visible()
    attached = site.account.groups.get(name="Developers").attachments.all()
    assert {row.managed_arn for row in attached} == {ADMINISTRATOR, CHANGE_PASSWORD}
    context.close()


def search(page: Page, words: str, scripts: bool) -> None:
    """Narrow the policies; without scripts the Find button has to be pressed."""
    box = page.get_by_role("searchbox", name="Find policies")
    if scripts:
        with page.expect_response(lambda response: response.request.method == "POST"):
            box.fill(words)
        expect(page.locator("#policies-table-rows.is-loading")).to_have_count(0)
    else:
        box.fill(words)
        page.locator("[name=policies-find]").click()


def sign_in_root(page: Page, site: Site) -> None:
    """Be the root user, without the pages of the sign-in."""
    root = callers.root(site.account, face=Face.CONSOLE, now=timezone.now(), request_id="journey")
    name = settings.SESSION_COOKIE_NAME
    value = signed_in(root).cookies[name].value
    # Chromium takes a __Host- cookie from https only, and sends it to localhost all the same.
    page.context.add_cookies(
        [{"name": name, "value": value, "url": "https://localhost/", "secure": True}]
    )
