"""A learner in a lab: by mouse, by keyboard, on a narrow screen, and without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from accounts import instance
from accounts.actions import inline_policies, login_profiles, users
from tests.cast import allow, caller_of, document
from tests.console.browsers import new_browser
from tests.journeys.clicks import sign_in
from tests.journeys.conftest import Site
from tests.labs import little_lab
from tests.labs.little_lab import FAIL, HINTS, ID, SOLUTION, Inside

PASSWORD = "Nine-Purple-Kites-7"
#: What the drawer waits before it checks by itself, and how often it looks for news; milliseconds.
CHECKS_WITHIN, LOOKS_EVERY = 2_000, 5_000


@pytest.fixture
def lab(site: Site) -> Inside:
    """alice, who may start the lab."""
    little_lab.offer()
    root = instance.root(site.account)
    alice = users.create_user(root, user_name="alice")
    login_profiles.create_login_profile(root, user_name="alice", password=PASSWORD)
    return Inside(new_browser(), caller_of(alice))


def start(page: Page, site: Site) -> Locator:
    """Sign in and start the lab; its drawer."""
    sign_in(page, site.account.id, "alice", PASSWORD)
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()
    page.goto(f"/labs/{ID}/")
    page.get_by_role("button", name="Start lab").click()
    drawer = page.get_by_role("complementary", name="Lab")
    expect(drawer.get_by_role("heading", name="Let her read")).to_be_visible()
    return drawer


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def give(lab: Inside, name: str, *actions: str) -> None:
    """Give ana a policy, as by a command in a shell."""
    inline_policies.put_user_policy(
        instance.root(lab.account), user_name="ana", policy_name=name,
        policy_document=document(allow(*actions)),
    )  # fmt: skip


def test_a_wrong_turn_is_explained_and_the_right_one_noticed(page: Page, site: Site, lab: Inside):
    drawer = start(page, site)
    expect(page.locator("summary", has_text="admin @")).to_be_visible()
    give(lab, "TooMuch", "s3:GetObject", "iam:ListUsers")
    drawer.get_by_role("button", name="Check", exact=True).click()
    expect(drawer.get_by_text("ana can do too much")).to_be_visible()
    expect(drawer.get_by_text("1 of 2 conditions are met")).to_be_visible()
    expect(drawer.locator(".is-missing")).to_contain_text("inline policy TooMuch")
    assert serious(page) == []

    # Put right elsewhere: the page that stays open finds out.
    page.evaluate("window.here = 1")
    give(lab, "TooMuch", "s3:GetObject")
    within = LOOKS_EVERY + CHECKS_WITHIN + 6_000
    expect(drawer.get_by_text("Step 1 is solved.")).to_be_visible(timeout=within)
    expect(page.locator("#announcer")).to_have_text("Step 1 is solved.")
    expect(drawer.get_by_role("heading", name="Say whose team she is in")).to_be_visible()
    expect(page.locator("#lab-where")).to_contain_text("Step 2 of 2")
    assert page.evaluate("window.here") == 1, "without loading the page anew"

    # Put right in the console: the page that comes next checks.
    page.goto("/console/iam/users/ana/tags/")
    page.get_by_role("link", name="Manage tags").first.click()
    page.get_by_role("button", name="Add new tag").click()
    page.get_by_label("Key", exact=False).last.fill("team")
    page.get_by_label("Value", exact=False).last.fill("reports")
    page.get_by_role("button", name="Save changes").click()
    done = drawer.get_by_role("heading", name="All 2 steps are done")
    expect(done).to_be_visible(timeout=CHECKS_WITHIN + 6_000)
    expect(drawer.get_by_role("link", name="Finish the lab")).to_be_visible()
    assert serious(page) == []

    drawer.get_by_role("button", name="Leave lab").click()
    expect(page.locator("summary", has_text="alice @")).to_be_visible()
    expect(drawer).to_have_count(0)


def test_help_and_what_it_points_at_by_keyboard_alone(page: Page, site: Site, lab: Inside):
    drawer = start(page, site)
    page.goto("/console/iam/groups/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the lab")).to_be_focused()
    page.keyboard.press("Enter")
    expect(drawer).to_be_focused()

    tab_to(page, drawer.get_by_role("button", name="Hint 1 of 3"))
    page.keyboard.press("Enter")
    expect(page.locator("#lab-hint-1")).to_be_focused()
    expect(page.locator("#lab-hint-1")).to_contain_text(HINTS[0])
    tab_to(page, drawer.locator("summary", has_text="Solution"))
    page.keyboard.press("Enter")
    expect(drawer.get_by_text("is noted with your progress")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#lab-solution")).to_be_focused()
    expect(page.locator("#lab-solution")).to_contain_text(SOLUTION)
    tab_to(page, drawer.get_by_role("button", name="Check", exact=True))
    page.keyboard.press("Enter")
    expect(drawer.get_by_text(FAIL.format(user="ana"))).to_be_visible()
    expect(drawer.get_by_role("button", name="Check", exact=True)).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("1 of 2 conditions are met")

    page.keyboard.press("Alt+l")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Alt+l")
    expect(drawer).to_be_focused()
    tab_to(page, drawer.get_by_role("link", name="Show me 1"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/users/ana/#delete-user$"))
    control = page.locator("#delete-user")
    expect(control).to_be_focused()
    assert control.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def test_show_me_opens_what_hides_the_control(page: Page, site: Site, lab: Inside):
    drawer = start(page, site)
    page.locator("#side-navigation > summary").click()
    expect(page.locator("#nav-users")).to_be_hidden()
    drawer.get_by_role("link", name="Show me 2").click()
    expect(page.locator("#nav-users")).to_be_focused()
    page.locator("#side-navigation > summary").click()
    drawer.get_by_role("link", name="Show me 2").click()
    expect(page.locator("#nav-users")).to_be_focused()


def test_it_is_folded_and_stays_so_and_is_reset_by_a_dialog(page: Page, site: Site, lab: Inside):
    drawer = start(page, site)
    page.goto("/console/iam/")
    page.locator("#lab-summary").click()
    expect(drawer.get_by_role("heading", name="Let her read")).to_be_hidden()
    page.goto("/console/iam/users/")
    expect(drawer.get_by_role("heading", name="Let her read")).to_be_hidden()
    page.locator("#lab-summary").click()
    users.create_user(instance.root(lab.account), user_name="somebody")
    drawer.locator("summary", has_text="More").click()
    drawer.get_by_role("link", name="Reset lab").click()
    expect(page.get_by_role("heading", name="Reset the lab?")).to_be_visible()
    expect(page.get_by_text("Users: 3")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="Reset lab").click()
    expect(page.get_by_text("The lab is back at its start.")).to_be_visible()
    assert not lab.account.users.filter(name="somebody").exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_narrow_screen_it_is_a_sheet_that_hides_nothing_for_good(
    page: Page, site: Site, lab: Inside, theme: str
):
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 320, "height": 640})
    drawer = start(page, site)
    page.goto("/console/iam/users/")
    heading = drawer.get_by_role("heading", name="Let her read")
    expect(heading).to_be_hidden()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert serious(page) == []
    for opened in (False, True):
        if opened:
            page.locator("#lab-summary").click()
            expect(heading).to_be_visible()
            page.get_by_role("button", name="Hint 1 of 3").click()
            expect(drawer.get_by_text(HINTS[0])).to_be_visible()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        last = page.locator("footer").bounding_box()
        sheet = drawer.bounding_box()
        assert last is not None
        assert sheet is not None
        assert last["y"] + last["height"] <= sheet["y"] + 1
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert serious(page) == []
    drawer.get_by_role("link", name="Show me 1").click()
    expect(page.locator("#delete-user")).to_be_in_viewport()
    expect(heading).to_be_hidden()


@pytest.fixture
def plain(browser: Browser, site: Site) -> Iterator[Page]:
    """A browser that runs no scripts."""
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    context.set_default_timeout(8000)
    yield context.new_page()
    context.close()


def test_it_works_without_scripts(plain: Page, site: Site, lab: Inside):
    drawer = start(plain, site)
    plain.goto("/console/iam/users/")
    drawer.get_by_role("button", name="Hint 1 of 3").click()
    expect(plain).to_have_url(re.compile("/console/iam/users/#lab-hint-1$"))
    expect(drawer.get_by_text(HINTS[0])).to_be_visible()
    drawer.get_by_role("button", name="Check", exact=True).click()
    expect(drawer.get_by_text(FAIL.format(user="ana"))).to_be_visible()
    drawer.locator("summary", has_text="Solution").click()
    drawer.get_by_role("button", name="Show the solution").click()
    expect(drawer.get_by_text(SOLUTION)).to_be_visible()
    drawer.locator("#lab-summary").click()
    expect(drawer.get_by_text(SOLUTION)).to_be_hidden()
    drawer.locator("#lab-summary").click()
    drawer.locator("summary", has_text="More").click()
    drawer.get_by_role("link", name="Skip step").click()
    plain.get_by_role("button", name="Skip step").click()
    expect(plain).to_have_url(re.compile("/console/iam/users/#lab$"))
    expect(drawer.get_by_role("heading", name="Say whose team she is in")).to_be_visible()
    lab.solve("tag")
    drawer.get_by_role("button", name="Check", exact=True).click()
    expect(drawer.get_by_role("heading", name="All 2 steps are done")).to_be_visible()


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(80):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never comes to {wanted}")
