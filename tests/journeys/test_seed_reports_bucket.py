"""After "IAM Users and Groups" with its two buckets: reports may be read, classified may not."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts import instance
from accounts.actions import groups, login_profiles, users
from tests.cast import allow, document
from tests.journeys import clicks
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root

REPORTS, CLASSIFIED = "arn:aws:s3:::final-friday-reports", "arn:aws:s3:::final-friday-classified"
READ = allow("s3:ListBucket", "s3:GetObject")
PASSWORD = "Nine-Purple-Kites-7"


def policy(*more: dict[str, object]) -> str:
    """What the article arrives at: list and download, from one bucket."""
    return document(READ | {"Resource": [REPORTS, f"{REPORTS}/*"]}, *more)


def test_the_checklist_of_a_new_account_is_worked_off(page: Page, site: Site) -> None:
    sign_in_root(page, site)
    page.goto(reverse("console:dashboard"))
    expect(page.get_by_role("heading", name="Security recommendations")).to_be_visible()
    expect(page.get_by_text("of 5 complete")).to_be_visible()
    before = page.get_by_text("To do").count()
    clicks.create_group(page, "Developers")
    clicks.begin_users(page, "newbie", console=True)
    page.locator("[name=groups][value=Developers]").check()
    clicks.finish_users(page)
    page.goto(reverse("console:dashboard"))
    assert page.get_by_text("To do").count() == before - 2


def test_newbie_without_policies_sees_access_denied_wherever_he_goes(
    page: Page, site: Site
) -> None:
    root = instance.root(site.account)
    users.create_user(root, user_name="newbie")
    login_profiles.create_login_profile(root, user_name="newbie", password=PASSWORD)
    clicks.sign_in(page, site.account.id, "newbie", PASSWORD)
    for name, action in (("users", "ListUsers"), ("groups", "ListGroups"), ("roles", "ListRoles")):
        page.goto(reverse(f"console:{name}"))
        expect(page.locator("main")).to_contain_text("Access denied")
        expect(page.locator("main")).to_contain_text(f"iam:{action}")


def test_newbie_downloads_reports_and_no_classified_ones_once_the_action_is_added(
    page: Page, site: Site
) -> None:
    sign_in_root(page, site)
    clicks.begin_users(page, "newbie")
    clicks.finish_users(page)
    clicks.create_policy(page, "FinalFridayReports", policy(), "Download what is in the reports.")
    clicks.attach(page, "newbie", "FinalFridayReports")

    # "Error when on the S3 page": the list of all buckets takes an action of its own.
    clicks.may_not(page, "newbie", "s3:ListAllMyBuckets")
    clicks.explain(page, "s3:ListAllMyBuckets", who=site.account.users.get(name="newbie").arn)
    expect(page.locator("#answer")).to_contain_text("may not perform s3:ListAllMyBuckets")

    arn = site.account.policies.get(name="FinalFridayReports").arn
    page.goto(reverse("console:policy-edit", args=[arn]))
    clicks.write(page, policy(allow("s3:ListAllMyBuckets")))
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("What this gives and takes")).to_be_visible()
    page.get_by_role("button", name="Save changes").locator("visible=true").last.click()
    page.goto(reverse("console:policy-versions", args=[arn]))
    expect(page.get_by_role("row", name="v2")).to_contain_text("Default")

    clicks.may(page, "newbie", "s3:ListAllMyBuckets")
    clicks.may(page, "newbie", "s3:ListBucket", REPORTS)
    clicks.may(page, "newbie", "s3:GetObject", f"{REPORTS}/november.pdf")
    clicks.may_not(page, "newbie", "s3:ListBucket", CLASSIFIED)
    clicks.may_not(page, "newbie", "s3:GetObject", f"{CLASSIFIED}/november.pdf")
    # "Failed to upload file": only downloading is allowed.
    clicks.may_not(page, "newbie", "s3:PutObject", f"{REPORTS}/november.pdf")


def test_a_policy_is_tried_before_it_is_saved(page: Page, site: Site) -> None:
    sign_in_root(page, site)
    page.goto(reverse("console:policies-simulate"))
    page.locator("[name=document]").fill(policy())
    page.get_by_label("Actions - optional").fill("s3:GetObject\ns3:PutObject")
    page.get_by_label("Resources - optional").fill(f"{REPORTS}/november.pdf")
    page.get_by_role("button", name="Run simulation").click()
    clicks.says(page, "allowed", "s3:GetObject", f"{REPORTS}/november.pdf")
    clicks.says(page, "denied (implicit)", "s3:PutObject", f"{REPORTS}/november.pdf")
    assert not site.account.policies.exists()


def test_all_users_of_a_group_get_what_its_policies_allow(page: Page, site: Site) -> None:
    root = instance.root(site.account)
    for name in ("holly", "harry"):
        users.create_user(root, user_name=name)
    sign_in_root(page, site)
    # There is no Administrators group, nor any other, until somebody makes one.
    page.goto(reverse("console:groups"))
    expect(page.get_by_text("No user groups")).to_be_visible()
    clicks.create_policy(page, "HumanResources", policy())
    clicks.create_group(page, "HR", policies=["HumanResources"], users=["holly"])
    clicks.may(page, "holly", "s3:ListBucket", REPORTS)
    clicks.may_not(page, "harry", "s3:ListBucket", REPORTS)
    clicks.join(page, "harry", "HR")
    clicks.may(page, "harry", "s3:ListBucket", REPORTS)
    assert len(groups.get_group(root, group_name="HR").users.items) == 2
