"""Ten tasks without a mouse: every stop on the way shows where the keyboard is."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from accounts import instance
from accounts.actions import (
    attachments,
    groups,
    login_profiles,
    policies,
    policy_versions,
    roles,
    users,
)
from tests.cast import ADMINISTRATOR, allow, document, trust
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root

PASSWORD = "Nine-Purple-Kites-7"
#: Far more stops than any page has before what is looked for.
MOST_STOPS = 120

#: What the keyboard is on: its name as a screen reader would say it, and what is wrong with it.
_STOP = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return { name: "", wrong: "" };
  const words = (text) => (text || "").replace(/\\s+/g, " ").trim();
  const label = here.labels && here.labels.length ? here.labels[0].innerText : "";
  const name = words(here.getAttribute("aria-label") || label || here.innerText);
  const outlined = (one) => {
    const style = one && getComputedStyle(one);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  };
  const marked =
    outlined(here) ||
    outlined(here.closest(".tile")) ||
    outlined(here.closest(".tag-remove")?.querySelector(".button")) ||
    // The code editor shows its cursor, or rings its line numbers.
    here.closest(".ace_focus") ||
    getComputedStyle(here).boxShadow.includes("inset");
  const box = here.getBoundingClientRect();
  const there = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const wrong = !marked ? "its focus can't be seen" : !there ? "it is not on the screen" : "";
  return { name, wrong: wrong && `${here.outerHTML.slice(0, 120)}: ${wrong}` };
}"""


class Keyboard:
    """Somebody who has a keyboard only."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type into whatever the keyboard is on, in the place of what is there."""
        self.press("Control+A")
        self.page.keyboard.type(text)

    def tab_to(self, name: str, key: str = "Tab") -> None:
        """Press Tab until the keyboard is on something of a name, or one that begins so."""
        for _ in range(MOST_STOPS):
            self.press(key)
            stop = self.page.evaluate(_STOP)
            assert stop["wrong"] == ""
            if stop["name"].lower().startswith(name.lower()):
                return
        pytest.fail(f"Tab never comes to {name!r}")

    def fill(self, name: str, text: str) -> None:
        """Tab to a field and type."""
        self.tab_to(name)
        self.type(text)

    def activate(self, name: str, key: str = "Enter") -> None:
        """Tab to a link, button or box and press it."""
        self.tab_to(name)
        self.press(key)

    def search(self, words: str, hit: str) -> None:
        """Open the search from wherever one is, and follow a hit."""
        self.press("Control+K")
        expect(self.page.get_by_role("dialog")).to_be_visible()
        self.type(words)
        found = self.page.locator("[data-hits] a", has_text=hit).first
        expect(found).to_be_visible()
        for _ in range(MOST_STOPS):
            self.press("ArrowDown")
            stop = self.page.evaluate(_STOP)
            assert stop["wrong"] == ""
            if stop["name"].startswith(hit):
                break
        with self.page.expect_navigation():
            self.press("Enter")

    def sees(self, heading: str) -> None:
        """See the heading of a page."""
        expect(self.page.get_by_role("heading", name=heading).first).to_be_visible()


@pytest.fixture
def keyboard(page: Page) -> Keyboard:
    """The keyboard of a browser in which nobody is signed in."""
    return Keyboard(page)


@pytest.fixture
def at_work(page: Page, site: Site) -> Site:
    """The root user on the dashboard; a user, a group, a role, a policy with two versions."""
    root = instance.root(site.account)
    users.create_user(root, user_name="richard")
    groups.create_group(root, group_name="Auditors")
    roles.create_role(
        root, role_name="Worker", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    arn = policies.create_policy(
        root, policy_name="Reports", policy_document=document(allow("s3:GetObject"))
    ).arn
    policy_versions.create_policy_version(
        root, policy_arn=arn, policy_document=document(allow("s3:*")), set_as_default=True
    )
    attachments.attach_user_policy(root, user_name="richard", policy_arn=arn)
    sign_in_root(page, site)
    page.goto(reverse("console:dashboard"))
    return site


def test_1_sign_in_and_out(page: Page, site: Site, keyboard: Keyboard) -> None:
    root = instance.root(site.account)
    users.create_user(root, user_name="richard")
    login_profiles.create_login_profile(root, user_name="richard", password=PASSWORD)
    page.goto("/")
    keyboard.fill("Account ID or alias", site.account.id)
    keyboard.fill("IAM username", "richard")
    keyboard.fill("Password", PASSWORD)
    keyboard.press("Enter")
    keyboard.sees("IAM Dashboard")
    keyboard.activate("richard @")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    # Escape closes the menu and stays on its button.
    keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    keyboard.press("Enter")
    keyboard.activate("Sign out")
    keyboard.sees("IAM user sign in")


def test_2_search_and_open_a_user(page: Page, at_work: Site, keyboard: Keyboard) -> None:
    keyboard.press("Control+K")
    expect(page.get_by_role("dialog")).to_be_visible()
    keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    keyboard.search("rich", "richard")
    expect(page).to_have_url(re.compile("/users/richard/$"))
    keyboard.tab_to("Permissions")


def test_what_is_typed_before_the_search_is_open_is_not_lost(
    page: Page, at_work: Site, keyboard: Keyboard
) -> None:
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/console/search/", hold)
    keyboard.press("Control+K")
    page.keyboard.type("rich")
    expect(page.get_by_role("dialog")).to_have_count(0)
    waiting[0].continue_()
    expect(page.get_by_role("searchbox", name="Users, groups")).to_have_value("rich")
    page.keyboard.type("ard")
    expect(page.get_by_role("searchbox", name="Users, groups")).to_have_value("richard")
    expect(page.locator("[data-hits] a", has_text="richard").first).to_be_visible()


def test_3_create_a_user(page: Page, at_work: Site, keyboard: Keyboard) -> None:
    keyboard.search("create user", "Create user")
    keyboard.sees("Specify user details")
    keyboard.fill("User name", "gilfoyle")
    keyboard.activate("Programmatic access", "Space")
    keyboard.activate("Next")
    keyboard.sees("Set permissions")
    keyboard.activate("Select Auditors", "Space")
    keyboard.activate("Next")
    keyboard.sees("Review and create")
    keyboard.activate("Create user")
    expect(page.get_by_text("Secret access key").first).to_be_visible()
    keyboard.activate("Show secret access key")
    assert at_work.account.users.get(name="gilfoyle").memberships.count() == 1


def test_4_add_a_user_to_a_group(page: Page, at_work: Site, keyboard: Keyboard) -> None:
    keyboard.search("richard", "richard")
    keyboard.activate("Groups")
    keyboard.sees("User groups membership")
    keyboard.activate("Add user to groups")
    keyboard.sees("Add user richard to groups")
    keyboard.activate("Select Auditors", "Space")
    keyboard.activate("Add to groups")
    expect(page.locator("main").get_by_role("link", name="Auditors")).to_be_visible()


def test_5_create_a_policy_in_the_json_editor(
    page: Page, at_work: Site, keyboard: Keyboard
) -> None:
    keyboard.search("create policy", "Create policy")
    keyboard.sees("Specify permissions")
    keyboard.activate("JSON")
    expect(page.locator(".policy-code")).to_be_visible()
    write(keyboard, document(allow("s3:ListBucket")))
    keyboard.activate("Next")
    keyboard.sees("Review and create")
    keyboard.fill("Policy name", "Lister")
    keyboard.activate("Create policy")
    expect(page.get_by_text("Policy Lister created.")).to_be_visible()


def test_6_edit_a_trust_policy(page: Page, at_work: Site, keyboard: Keyboard) -> None:
    keyboard.search("Worker", "Worker")
    keyboard.activate("Trust relationships")
    keyboard.sees("Trusted entities")
    keyboard.activate("Edit trust policy")
    keyboard.sees("Edit trust policy")
    write(keyboard, trust(Service="lambda.amazonaws.com"))
    keyboard.activate("Next")
    keyboard.sees("Review and save")
    keyboard.activate("Update policy")
    keyboard.sees("Worker")
    role = at_work.account.roles.get(name="Worker")
    expect(page.get_by_text("lambda.amazonaws.com").first).to_be_visible()
    assert "lambda.amazonaws.com" in role.trust_policy


def test_7_make_an_earlier_version_the_default(
    page: Page, at_work: Site, keyboard: Keyboard
) -> None:
    keyboard.search("Reports", "Reports")
    keyboard.activate("Policy versions")
    expect(page.get_by_role("table")).to_be_visible()
    keyboard.activate("Select v1", "Space")
    keyboard.tab_to("Set as default", "Shift+Tab")
    keyboard.press("Enter")
    keyboard.sees("Set v1 of Reports as default?")
    keyboard.activate("Set as default")
    expect(page.get_by_role("row", name="v1")).to_contain_text("Default")


def test_8_simulate_what_a_user_may_do(page: Page, at_work: Site, keyboard: Keyboard) -> None:
    keyboard.search("richard", "richard")
    keyboard.activate("Simulate")
    keyboard.sees("Simulate policies of richard")
    keyboard.fill("Actions", "s3:GetObject")
    keyboard.activate("Run simulation")
    keyboard.sees("Results")
    keyboard.activate("allowed s3:GetObject")
    expect(page.locator("#results details[open]")).to_be_visible()


def test_9_switch_to_a_role_and_back(page: Page, site: Site, keyboard: Keyboard) -> None:
    root = instance.root(site.account)
    users.create_user(root, user_name="richard")
    login_profiles.create_login_profile(root, user_name="richard", password=PASSWORD)
    attachments.attach_user_policy(root, user_name="richard", policy_arn=ADMINISTRATOR)
    roles.create_role(
        root,
        role_name="Auditor",
        assume_role_policy_document=trust(AWS=site.account.root_arn),
    )
    page.goto(f"/signin/{site.account.id}/")
    keyboard.fill("IAM username", "richard")
    keyboard.fill("Password", PASSWORD)
    keyboard.press("Enter")
    keyboard.sees("IAM Dashboard")
    keyboard.activate("richard @")
    keyboard.activate("Switch role")
    keyboard.sees("Switch role")
    keyboard.fill("Account ID", site.account.id)
    keyboard.fill("IAM role name", "Auditor")
    keyboard.activate("Switch Role")
    expect(page.get_by_text("You act as")).to_be_visible()
    keyboard.activate("Auditor")
    keyboard.activate("Switch back")
    expect(page.get_by_text("You are richard again.")).to_be_visible()


def test_10_delete_a_user_by_typing_the_name(page: Page, at_work: Site, keyboard: Keyboard) -> None:
    keyboard.search("richard", "richard")
    keyboard.activate("Delete")
    keyboard.sees("Delete richard?")
    keyboard.fill("To confirm, type richard", "richard")
    keyboard.activate("Delete user")
    expect(page.get_by_text("richard").first).to_be_visible()
    expect(page).to_have_url(re.compile("/users/$"))
    assert not at_work.account.users.filter(name="richard").exists()


def write(keyboard: Keyboard, text: str) -> None:
    """Go into the code editor, put a text there, and come out of it again."""
    for _ in range(MOST_STOPS):
        keyboard.press("Tab")
        if keyboard.page.evaluate("document.activeElement.matches('.ace_scroller')"):
            break
    else:
        pytest.fail("Tab never comes to the editor")
    assert keyboard.page.evaluate(_STOP)["wrong"] == ""
    keyboard.press("Enter", "Control+A", "Delete")
    keyboard.page.keyboard.insert_text(text)
    keyboard.press("Escape")
    keyboard.press("Tab")
    assert keyboard.page.evaluate("!document.activeElement.closest('.policy-code')")
