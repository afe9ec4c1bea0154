"""After "IAM" for cloud administrators: paths, tags, login profiles, boundaries, unused rights."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import instance
from accounts.actions import login_profiles, users
from tests.cast import allow, deny, document
from tests.journeys import clicks
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root

PASSWORD = "Nine-Purple-Kites-7"
PROJECT = "arn:aws:s3:::projects"


@pytest.fixture
def squawks(site: Site) -> Site:
    """The article's three users, two of them below one path."""
    root = instance.root(site.account)
    users.create_user(root, user_name="techsquawks-user", path="/example/path/1/")
    users.create_user(root, user_name="techsquawks-user-2", path="/example/path/2/")
    users.create_user(root, user_name="techsquawks-user-2a", path="/example/path/2/")
    return site


def test_users_of_one_path_are_found_by_it_and_allowed_by_it(page: Page, squawks: Site) -> None:
    sign_in_root(page, squawks)
    page.goto(reverse("console:users"))
    page.get_by_text("Filter by property").click()
    page.get_by_label("Property").select_option("path")
    page.get_by_label("Operator").select_option("^")
    page.get_by_label("Value").fill("/example/path/2/")
    page.get_by_role("button", name="Add filter").click()
    expect(page.get_by_role("link", name="techsquawks-user-2", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="techsquawks-user-2a", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="techsquawks-user", exact=True)).to_have_count(0)

    # "Both for reporting and associating permissions": a policy may name the path.
    users.create_user(instance.root(squawks.account), user_name="chief")
    below = f"arn:aws:iam::{squawks.account.id}:user/example/path/2/"
    clicks.create_policy(page, "SecondPath", document(allow("iam:GetUser", on=f"{below}*")))
    clicks.attach(page, "chief", "SecondPath")
    clicks.may(page, "chief", "iam:GetUser", f"{below}techsquawks-user-2a")
    other = below.replace("/2/", "/1/")
    clicks.may_not(page, "chief", "iam:GetUser", f"{other}techsquawks-user")


def test_a_users_page_shows_what_get_user_answers_tags_included(page: Page, squawks: Site) -> None:
    sign_in_root(page, squawks)
    tag(page, "techsquawks-user", "TagName", "TagValue")
    expect(page.get_by_role("row", name="TagName")).to_contain_text("TagValue")
    arn = f"arn:aws:iam::{squawks.account.id}:user/example/path/1/techsquawks-user"
    expect(page.get_by_text(arn).first).to_be_visible()
    expect(page.get_by_text("Created").first).to_be_visible()


def test_a_login_profile_lets_in_by_account_number_and_by_alias(page: Page, squawks: Site) -> None:
    sign_in_root(page, squawks)
    page.goto(reverse("console:account-alias"))
    page.get_by_label("Preferred alias").fill("techsquawks")
    page.get_by_role("button", name="Create alias").click()
    page.goto(reverse("console:user-security-credentials", args=["techsquawks-user"]))
    page.get_by_role("link", name="Enable console access").click()
    page.get_by_role("button", name="Enable console access").click()
    password = clicks.secret(page, "secret")
    assert len(password) >= 15
    page.context.clear_cookies()
    # The reset that the profile requires comes before anything else.
    clicks.sign_in(page, squawks.account.id, "techsquawks-user", password)
    clicks.choose_password(page, password, PASSWORD)
    clicks.sign_out(page)
    clicks.sign_in(page, "techsquawks", "techsquawks-user", PASSWORD)
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()


def test_one_explicit_deny_outweighs_every_allow(page: Page, squawks: Site) -> None:
    sign_in_root(page, squawks)
    clicks.attach(page, "techsquawks-user", "AdministratorAccess")
    clicks.may(page, "techsquawks-user", "s3:DeleteBucket", PROJECT)
    page.goto(reverse("console:user-create-inline-policy", args=["techsquawks-user"]))
    clicks.write(page, document(deny("s3:DeleteBucket")))
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_label("Policy name").fill("KeepBuckets")
    page.get_by_role("button", name="Create policy").locator("visible=true").last.click()
    expect(page.get_by_role("row", name="KeepBuckets")).to_be_visible()
    clicks.simulate(
        page,
        reverse("console:user-simulate", args=["techsquawks-user"]),
        ["s3:DeleteBucket"],
        [PROJECT],
    )
    clicks.says(page, "denied (explicit)", "s3:DeleteBucket", PROJECT)


def test_a_boundary_limits_what_policies_give_and_gives_nothing_itself(
    page: Page, squawks: Site
) -> None:
    sign_in_root(page, squawks)
    clicks.attach(page, "techsquawks-user", "AmazonS3FullAccess")
    page.goto(reverse("console:user", args=["techsquawks-user"]))
    page.get_by_text("Permissions boundary", exact=False).first.click()
    page.get_by_role("link", name="Set boundary").click()
    clicks.choose_policies(page, "AmazonS3ReadOnlyAccess")
    page.get_by_role("button", name="See what it changes").click()
    expect(page.get_by_role("heading", name="What it changes")).to_be_visible()
    page.get_by_role("button", name="Set boundary").click()
    expect(page.get_by_role("link", name="Change boundary")).to_be_visible()
    clicks.may(page, "techsquawks-user", "s3:GetObject", f"{PROJECT}/plan.txt")
    clicks.may_not(page, "techsquawks-user", "s3:PutObject", f"{PROJECT}/plan.txt")
    arn = squawks.account.users.get(name="techsquawks-user").arn
    clicks.explain(page, "s3:PutObject", f"{PROJECT}/plan.txt", who=arn)
    expect(page.locator("#answer")).to_contain_text("boundary")


def test_attributes_decide_one_policy_for_all_and_each_sees_a_project_of_their_own(
    page: Page, squawks: Site
) -> None:
    sign_in_root(page, squawks)
    own = allow("s3:GetObject", on=f"{PROJECT}/${{aws:PrincipalTag/project}}/*")
    clicks.create_policy(page, "OwnProject", document(own))
    clicks.create_group(
        page,
        "Engineers",
        policies=["OwnProject"],
        users=["techsquawks-user", "techsquawks-user-2"],
    )
    tag(page, "techsquawks-user", "project", "heron")
    tag(page, "techsquawks-user-2", "project", "egret")
    for user, project, verdict in (
        ("techsquawks-user", "heron", "may perform s3:GetObject"),
        ("techsquawks-user-2", "egret", "may perform s3:GetObject"),
        ("techsquawks-user-2", "heron", "may not perform s3:GetObject"),
    ):
        arn = squawks.account.users.get(name=user).arn
        clicks.explain(page, "s3:GetObject", f"{PROJECT}/{project}/plan.txt", who=arn)
        expect(page.locator("#answer")).to_contain_text(verdict)


def test_permissions_that_nobody_uses_are_found_by_when_they_were_last_tried(
    page: Page, squawks: Site
) -> None:
    root = instance.root(squawks.account)
    login_profiles.create_login_profile(root, user_name="techsquawks-user", password=PASSWORD)
    sign_in_root(page, squawks)
    clicks.attach(page, "techsquawks-user", "IAMReadOnlyAccess", "AmazonS3FullAccess")
    page.context.clear_cookies()
    clicks.sign_in(page, squawks.account.id, "techsquawks-user", PASSWORD)
    page.goto(reverse("console:users"))
    expect(page.get_by_role("link", name="techsquawks-user-2", exact=True)).to_be_visible()
    clicks.sign_out(page)

    sign_in_root(page, squawks)
    page.goto(reverse("console:user-last-accessed", args=["techsquawks-user"]))
    page.get_by_label("Find services").fill("S3")
    expect(page.get_by_role("row", name="Amazon S3").first).to_contain_text("Not accessed")
    page.get_by_label("Find services").fill("Identity and Access Management")
    used = page.get_by_role("row", name="Identity and Access Management").first
    expect(used).not_to_contain_text("Not accessed")
    expect(used).to_contain_text("IAMReadOnlyAccess")


def test_the_credential_report_lists_every_user_and_the_root_user(
    page: Page, squawks: Site
) -> None:
    sign_in_root(page, squawks)
    page.goto(reverse("console:credential-report"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download credential report").click()
    header, *rows = clicks.rows_of(download.value)
    assert header[0] == "user"
    assert rows[0][0] == "<root_account>"
    assert {row[0] for row in rows[1:]} == {user.name for user in squawks.account.users.all()}


def tag(page: Page, user: str, key: str, value: str) -> None:
    """Give a user one tag more."""
    page.goto(reverse("console:user-edit-tags", args=[user]))
    page.get_by_label("Key", exact=True).last.fill(key)
    page.get_by_label("Value").last.fill(value)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("row", name=key)).to_be_visible()
