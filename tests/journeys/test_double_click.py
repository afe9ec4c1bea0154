"""What is clicked twice is done once, and the form works again when one comes back to it."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root


def test_a_second_click_while_the_first_is_under_way_sends_nothing(site: Site, page: Page):
    sign_in_root(page, site)
    address, sent = reverse("console:groups-create"), list[Route]()
    page.goto(address)
    # Held back here, the answer takes as long as the second click needs.
    page.route(
        f"**{address}",
        lambda route: sent.append(route) if route.request.method == "POST" else route.continue_(),
    )
    page.get_by_label("User group name").fill("Developers")
    create = page.get_by_role("button", name="Create user group")
    create.click(no_wait_after=True)
    expect(create).to_have_attribute("aria-disabled", "true")
    create.click(no_wait_after=True, force=True)
    page.get_by_label("User group name").press("Enter", no_wait_after=True)
    page.wait_for_timeout(300)
    assert len(sent) == 1
    sent[0].continue_()
    expect(page.get_by_text("User group Developers created.")).to_be_visible()
    page.unroute_all()
    page.go_back()
    page.get_by_label("User group name").fill("Testers")
    create.click()
    expect(page.get_by_text("User group Testers created.")).to_be_visible()
