"""Every page of the project, in both themes and on a narrow screen: axe, reflow, complaints."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import demo
from accounts.demo import Demo
from tests import pages

SERIOUS = {"serious", "critical"}


@pytest.fixture
def addresses(page: Page, site: Any, account: Demo) -> list[str]:
    """The address of every page, most of them with something on it."""
    found = pages.addresses(pages.furnish(account))
    # Options for a list of a page, and no page.
    del found["console:action-names"]
    return list(found.values())


@pytest.fixture
def account(transactional_db: None) -> Demo:
    """The demo account."""
    return demo.create()


def test_every_page_passes_axe_in_both_themes_and_fits_a_narrow_screen(
    page: Page, site: Any, account: Demo, addresses: list[str]
) -> None:
    inside = ("/console/", "/labs/")
    anonymous = [address for address in addresses if not address.startswith(inside)]
    console = [address for address in addresses if address.startswith(inside)]
    assert len(console) > 30
    found = [problem for address in anonymous for problem in problems(page, address)]
    sign_in_as_root(page, account)
    found += [problem for address in console for problem in problems(page, address)]
    assert found == []


def test_refused_pages_pass_axe_too(
    page: Page, site: Any, account: Demo, addresses: list[str]
) -> None:
    sign_in(page, "shyam", account.passwords["shyam"])
    chosen = ["/console/iam/", "/console/iam/users/mira/security-credentials/", "/console/nowhere/"]
    assert [problem for address in chosen for problem in problems(page, address)] == []


def problems(page: Page, address: str) -> list[str]:
    """What is wrong with a page, light, dark and 320 pixels wide."""
    found = []
    if page.request.get(address).status == 405:
        return []  # takes posts only
    for theme in ("light", "dark"):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        answer = page.goto(address)
        assert answer is not None
        if answer.status >= 500:
            return [f"{address}: status {answer.status}"]
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in SERIOUS:
                nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
                found.append(f"{address} ({theme}): {violation['id']}: {nodes}")
    page.set_viewport_size({"width": 320, "height": 800})
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > 320:
        found.append(f"{address}: {width} pixels wide on a screen of 320")
    return found


def sign_in_as_root(page: Page, account: Demo) -> None:
    page.goto(reverse("signin:root"))
    page.get_by_label("Root user email address").fill(demo.ROOT_EMAIL)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Password", exact=True).fill(account.root_password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()


def sign_in(page: Page, user_name: str, password: str) -> None:
    page.goto(f"/signin/{quote(demo.ALIAS)}/")
    page.get_by_label("IAM username").fill(user_name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()
