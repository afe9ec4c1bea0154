"""After "IAM Essentials": Ram and Shyam develop, Sita and Gita administer, and people move."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import instance
from accounts.actions import groups, users
from tests.journeys import clicks
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root
from tests.journeys.test_first_day import sign_in_as_root, sign_out

PASSWORD = "Nine-Purple-Kites-7"


@pytest.fixture
def team(site: Site) -> Site:
    """The four users; nobody may do anything yet."""
    root = instance.root(site.account)
    for name in ("ram", "shyam", "sita", "gita"):
        users.create_user(root, user_name=name)
    return site


def test_the_root_user_makes_an_administrator_and_then_rests(page: Page, site: Site) -> None:
    sign_in_as_root(page, site)
    clicks.create_group(page, "Administrators", policies=["AdministratorAccess"])
    clicks.begin_users(page, "sita", console=True, programmatic=True)
    page.locator("[name=groups][value=Administrators]").check()
    clicks.finish_users(page)
    password = clicks.secret(page, "password-1")
    expect(page.get_by_text("Secret access key").first).to_be_visible()
    sign_out(page)
    clicks.sign_in(page, site.account.id, "sita", password)
    clicks.choose_password(page, password, PASSWORD)
    clicks.begin_users(page, "ram")
    clicks.finish_users(page)
    expect(page.get_by_text("User created successfully.")).to_be_visible()


def test_four_people_in_two_groups_get_their_permissions_from_them(page: Page, team: Site) -> None:
    sign_in_root(page, team)
    clicks.may_not(page, "ram", "ec2:RunInstances")
    clicks.create_group(page, "Developers", policies=["PowerUserAccess"], users=["ram", "shyam"])
    clicks.create_group(
        page, "Administrators", policies=["AdministratorAccess"], users=["sita", "gita"]
    )
    for developer in ("ram", "shyam"):
        clicks.may(page, developer, "ec2:RunInstances")
        clicks.may_not(page, developer, "iam:CreateUser")
    for administrator in ("sita", "gita"):
        clicks.may(page, administrator, "iam:CreateUser")


def test_a_newcomer_gets_everything_by_joining_and_a_mover_loses_it_by_leaving(
    page: Page, team: Site
) -> None:
    sign_in_root(page, team)
    clicks.create_group(page, "Developers", policies=["PowerUserAccess"], users=["ram", "shyam"])
    clicks.create_group(page, "Administrators", policies=["AdministratorAccess"], users=["sita"])
    clicks.begin_users(page, "mohan")
    page.locator("[name=groups][value=Administrators]").check()
    clicks.finish_users(page)
    clicks.may(page, "mohan", "iam:CreateUser")

    clicks.leave(page, "shyam", "Developers")
    clicks.join(page, "shyam", "Administrators")
    clicks.may(page, "shyam", "iam:CreateUser")
    members = groups.get_group(instance.root(team.account), group_name="Developers").users.items
    assert [member.name for member in members] == ["ram"]


def test_a_user_can_be_an_application_that_has_a_key_and_no_password(
    page: Page, team: Site
) -> None:
    sign_in_root(page, team)
    clicks.begin_users(page, "warehouse-app", programmatic=True)
    page.get_by_label("Attach policies directly").check()
    clicks.choose_policies(page, "AmazonS3ReadOnlyAccess")
    clicks.finish_users(page)
    key = team.account.users.get(name="warehouse-app").access_keys.get()
    expect(page.get_by_text(key.access_key_id).first).to_be_visible()
    expect(page.get_by_text("Console password")).to_have_count(0)
    # Whose key is it? The search knows by the key's ID.
    page.goto(f"{reverse('console:search')}?q={key.access_key_id}")
    expect(page.get_by_text("Belongs to user warehouse-app")).to_be_visible()


def test_a_role_is_assumed_for_a_while_and_left_without_any_keys(page: Page, team: Site) -> None:
    sign_in_root(page, team)
    page.goto(reverse("console:roles-create"))
    page.get_by_role("radio", name="AWS account Let").check()
    page.get_by_role("radio", name="This account").check()
    clicks.next_page(page, "Add permissions")
    clicks.choose_policies(page, "IAMReadOnlyAccess")
    clicks.next_page(page, "Name, review, and create")
    page.get_by_label("Role name").fill("Auditor")
    page.get_by_role("button", name="Create role").locator("visible=true").last.click()
    expect(page.get_by_text("Role Auditor created").first).to_be_visible()
    page.goto(reverse("console:user-security-credentials", args=["sita"]))
    page.get_by_role("link", name="Enable console access").click()
    page.get_by_label("Users must create a new password").uncheck()
    page.get_by_role("button", name="Enable console access").click()
    password = clicks.secret(page, "secret")
    clicks.attach(page, "sita", "AdministratorAccess")

    page.context.clear_cookies()
    clicks.sign_in(page, team.account.id, "sita", password)
    page.goto(reverse("console:switch-role"))
    page.get_by_label("Account ID", exact=True).fill(team.account.id)
    page.get_by_label("IAM role name").fill("Auditor")
    page.get_by_role("button", name="Switch Role").click()
    expect(page.get_by_text("You act as").first).to_be_visible()
    page.goto(reverse("console:users"))
    expect(page.get_by_role("link", name="ram", exact=True)).to_be_visible()
    # An administrator acts with the role's permissions only.
    expect(page.get_by_role("button", name="Create user")).to_have_attribute(
        "aria-disabled", "true"
    )
    page.locator("summary", has_text="Account menu").click()
    expect(page.get_by_text("Time left")).to_be_visible()
    page.get_by_role("button", name="Switch back").click()
    expect(page.get_by_text("You are sita again.")).to_be_visible()
