"""What is clicked twice is done once, and the form works again when one comes back to it."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root

TWICE = """async (button) => {
  const pause = () => new Promise((done) => setTimeout(done, 200));
  button.click();
  await pause();
  button.click();
  button.form.requestSubmit();
  await pause();
}"""


def test_a_second_click_while_the_first_is_under_way_sends_nothing(site: Site, page: Page):
    sign_in_root(page, site)
    address, sent = reverse("console:groups-create"), list[Route]()
    page.goto(address)

    def hold(route: Route) -> None:
        # Until the second click was made. (At once, the browser itself would drop the first.)
        sent.append(route)

    page.route(f"**{address}", hold)
    page.get_by_label("User group name").fill("Developers")
    create = page.get_by_role("button", name="Create user group")
    create.evaluate(TWICE)
    assert len(sent) == 1
    sent[0].continue_()
    expect(page.get_by_text("User group Developers created.")).to_be_visible()
    page.unroute(f"**{address}")
    page.go_back()
    page.get_by_label("User group name").fill("Testers")
    create.click()
    expect(page.get_by_text("User group Testers created.")).to_be_visible()
