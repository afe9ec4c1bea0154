"""A role is taken on, refused what it may not, and left; and two people in one browser."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts import instance
from accounts.actions import inline_policies, login_profiles, roles, users
from tests.cast import allow, document
from tests.journeys.conftest import Site

PASSWORD = "Nine-Purple-Kites-7"


@pytest.fixture
def auditors(site: Site) -> Site:
    """alice and bob, and a role that lists users, which alice may assume."""
    root = instance.root(site.account)
    for name in ("alice", "bob"):
        users.create_user(root, user_name=name)
        login_profiles.create_login_profile(root, user_name=name, password=PASSWORD)
    inline_policies.put_user_policy(
        root,
        user_name="alice",
        policy_name="switch",
        policy_document=document(allow("sts:AssumeRole"), allow("iam:*Group*")),
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": site.account.root_arn},
        "Action": "sts:AssumeRole",
    }
    roles.create_role(
        root,
        role_name="Auditor",
        assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    inline_policies.put_role_policy(
        root,
        role_name="Auditor",
        policy_name="list",
        policy_document=document(allow("iam:ListUsers")),
    )
    return site


def sign_in(page: Page, site: Site, name: str) -> None:
    page.get_by_label("Account ID or alias").fill(site.account.id)
    page.get_by_label("IAM username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()


def menu(page: Page) -> None:
    page.locator("summary", has_text="Account menu").click()


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_alice_takes_on_a_role_and_leaves_it(page: Page, auditors: Site) -> None:
    page.goto("/signin/")
    sign_in(page, auditors, "alice")
    page.goto("/console/iam/users/")
    expect(
        page.get_by_text("You need iam:ListUsers").or_(page.get_by_text("iam:ListUsers")).first
    ).to_be_visible()

    # A tab in which alice has begun something, left open.
    old_tab = page.context.new_page()
    old_tab.goto("/console/iam/create-group/")
    old_tab.get_by_label("User group name").fill("Late")

    menu(page)
    page.get_by_role("link", name="Switch role").click()
    page.get_by_label("Account ID", exact=True).fill(auditors.account.id)
    page.get_by_label("IAM role name").fill("Auditor")
    page.get_by_label("Display name").fill("Auditing")
    page.get_by_role("radio", name="Green").check()
    assert serious(page) == []
    page.get_by_role("button", name="Switch Role").click()

    expect(page.get_by_text("You act as Auditing now.")).to_be_visible()
    badge = page.locator("header .acting-green").first
    expect(badge).to_contain_text("Auditing")
    page.goto("/console/iam/users/")
    expect(page.get_by_role("link", name="bob", exact=True)).to_be_visible()
    page.goto("/console/iam/groups/")
    expect(page.get_by_text("assumed-role/Auditor/alice").first).to_be_visible()

    old_tab.get_by_role("button", name="Create user group").click()
    expect(old_tab.get_by_role("heading", name="The form has expired")).to_be_visible()
    old_tab.close()

    menu(page)
    expect(page.get_by_text("Time left")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="Switch back").click()
    expect(page.get_by_text("You are alice again.")).to_be_visible()
    expect(page.locator("summary .acting")).to_have_count(0)

    # The menu offers the role again: one click.
    menu(page)
    page.get_by_role("button", name="Auditing").click()
    expect(page.get_by_text("You act as Auditing now.")).to_be_visible()


def test_two_people_share_a_browser(page: Page, auditors: Site) -> None:
    page.goto("/signin/")
    sign_in(page, auditors, "alice")
    menu(page)
    page.get_by_role("button", name="Add session").click()
    expect(page.get_by_role("button", name="Go on as alice")).to_be_visible()
    assert serious(page) == []
    sign_in(page, auditors, "bob")
    expect(page.locator("summary", has_text="bob @")).to_be_visible()
    menu(page)
    assert serious(page) == []
    page.get_by_role("button", name="alice @").click()
    expect(page.locator("summary", has_text="alice @")).to_be_visible()
    menu(page)
    page.get_by_role("button", name="Sign out of all sessions").click()
    expect(page.get_by_role("heading", name="IAM user sign in")).to_be_visible()
    expect(page.get_by_text("Signed in already")).to_have_count(0)
