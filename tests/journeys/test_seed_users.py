"""After "How IAM users and groups work": console and programmatic access, keys, one-topic users."""

from __future__ import annotations

import json

from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import AccessKey
from tests.cast import allow, document
from tests.journeys import clicks
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root

TOPIC = "arn:aws:sns:eu-west-1:111122223333:contact-form"
FILE = "arn:aws:s3:::text-bucket/text.txt"


def test_a_new_user_gets_a_password_and_a_key_and_the_classic_file_holds_both(
    page: Page, site: Site
) -> None:
    sign_in_root(page, site)
    clicks.begin_users(page, "tamas", console=True, programmatic=True)
    clicks.finish_users(page)
    expect(page.get_by_text("This is the only time that you can see")).to_be_visible()
    password, secret = clicks.secret(page, "password-1"), clicks.secret(page, "key-1")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download classic .csv file").click()
    header, row = clicks.rows_of(download.value)
    assert header == [
        "User name",
        "Password",
        "Access key ID",
        "Secret access key",
        "Console login link",
    ]
    key = site.account.users.get(name="tamas").access_keys.get()
    link = f"{site.url}/signin/{site.account.id}/"
    assert row == ["tamas", password, key.access_key_id, secret, link]

    # Shown once: after the file was taken the page has nothing more to show.
    page.reload()
    expect(page.get_by_text("These can't be shown any more")).to_be_visible()

    # The link of the file leads to the door that the password opens, once it was changed.
    page.context.clear_cookies()
    page.goto(row[4])
    expect(page.get_by_label("Account ID or alias")).to_have_value(site.account.id)
    clicks.sign_in(page, site.account.id, "tamas", password)
    clicks.choose_password(page, password, "Nine-Purple-Kites-7")

    # As a rule of thumb a new user has no access to anything, but for that one change.
    page.goto(reverse("console:users"))
    expect(page.get_by_text("iam:ListUsers").first).to_be_visible()


def test_a_key_is_rotated_create_update_deactivate_delete_and_two_are_the_most(
    page: Page, site: Site
) -> None:
    sign_in_root(page, site)
    clicks.begin_users(page, "script", programmatic=True)
    clicks.finish_users(page)
    old = site.account.users.get(name="script").access_keys.get()
    credentials = reverse("console:user-security-credentials", args=["script"])

    page.goto(credentials)
    page.locator("main").get_by_role("link", name="Create access key", exact=True).click()
    page.get_by_role("radio", name="Other None").check()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Description").fill("From now on")
    page.get_by_role("button", name="Create access key").click()
    expect(page.get_by_text("Access key created")).to_be_visible()
    assert len(clicks.secret(page, "secret")) == 40

    page.goto(credentials)
    expect(page.get_by_role("button", name="Create access key")).to_have_attribute(
        "aria-disabled", "true"
    )
    first = page.locator(".container-body", has=page.get_by_role("heading", name=old.access_key_id))
    first.get_by_role("link", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(first.get_by_text("Inactive")).to_be_visible()
    first.get_by_role("link", name="Delete").click()
    page.get_by_label("To confirm, paste the access key ID").fill(old.access_key_id)
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("main").get_by_role("heading", name=old.access_key_id)).to_have_count(0)
    left = AccessKey.objects.get(user__name="script")
    assert (left.access_key_id != old.access_key_id, left.is_active) == (True, True)


def test_a_technical_user_may_publish_to_one_topic_and_nothing_else(page: Page, site: Site) -> None:
    sign_in_root(page, site)
    # The policy is put together in the visual editor: one action on one resource.
    page.goto(reverse("console:policies-create"))
    clicks.write(page, '{"Version": "2012-10-17", "Statement": []}')
    page.get_by_role("button", name="Visual").click()
    page.get_by_role("button", name="Add more permissions").click()
    page.get_by_label("Add actions by pattern").fill("sns:Publish")
    page.locator("#visual-pattern-button").click()
    expect(page.get_by_text("sns:Publish").first).to_be_visible()
    page.get_by_label("Add a resource as text").fill(TOPIC)
    page.locator("#visual-resource-add").click()
    expect(page.get_by_role("textbox", name="Resource 1")).to_have_value(TOPIC)
    clicks.name_policy(page, "PublishContactForm", "For the script outside of AWS.")
    stored = site.account.policies.get(name="PublishContactForm").versions.get().document
    (statement,) = json.loads(stored)["Statement"]
    assert (statement["Action"], statement["Resource"]) in (
        ("sns:Publish", TOPIC),
        (["sns:Publish"], [TOPIC]),
    )

    clicks.begin_users(page, "contact-form", programmatic=True)
    page.get_by_label("Attach policies directly").check()
    clicks.choose_policies(page, "PublishContactForm")
    clicks.finish_users(page)
    expect(page.get_by_text("Secret access key").first).to_be_visible()

    clicks.may(page, "contact-form", "sns:Publish", TOPIC)
    clicks.may_not(page, "contact-form", "sns:Publish", TOPIC.replace("contact-form", "payroll"))
    clicks.may_not(page, "contact-form", "sns:DeleteTopic", TOPIC)
    # There is a key and no password: nobody can sign in as this user.
    page.goto(reverse("console:user-security-credentials", args=["contact-form"]))
    expect(page.get_by_text("Disabled").first).to_be_visible()


def test_a_policy_opens_one_file_to_a_user_who_had_no_access_at_all(page: Page, site: Site) -> None:
    sign_in_root(page, site)
    clicks.begin_users(page, "reader")
    clicks.finish_users(page)
    clicks.may_not(page, "reader", "s3:GetObject", FILE)
    clicks.create_policy(page, "ReadText", document(allow("s3:GetObject", on=FILE)))
    clicks.attach(page, "reader", "ReadText")
    clicks.may(page, "reader", "s3:GetObject", FILE)
    clicks.may_not(page, "reader", "s3:GetObject", FILE.replace("text.txt", "other.txt"))


def test_permissions_come_with_the_group_and_change_when_somebody_moves(
    page: Page, site: Site
) -> None:
    sign_in_root(page, site)
    clicks.create_group(page, "Engineering", policies=["AmazonS3FullAccess"])
    clicks.create_group(page, "QA", policies=["AmazonS3ReadOnlyAccess"])
    clicks.begin_users(page, "bob", "alice", "elena", "dave")
    page.locator("[name=groups][value='Engineering']").check()
    clicks.finish_users(page)
    expect(page.get_by_text("4 users created successfully.")).to_be_visible()
    clicks.join(page, "dave", "QA")
    clicks.leave(page, "dave", "Engineering")

    clicks.may(page, "elena", "s3:DeleteBucket", "arn:aws:s3:::builds")
    clicks.may(page, "dave", "s3:GetObject", "arn:aws:s3:::builds/1.zip")
    clicks.may_not(page, "dave", "s3:DeleteBucket", "arn:aws:s3:::builds")
    # Where it comes from stands beside each policy.
    page.goto(reverse("console:user", args=["dave"]))
    expect(page.get_by_role("row", name="AmazonS3ReadOnlyAccess")).to_contain_text("Group QA")


def test_a_password_policy_binds_the_passwords_that_users_choose(page: Page, site: Site) -> None:
    sign_in_root(page, site)
    page.goto(reverse("console:password-policy"))
    page.get_by_label("Custom").check()
    page.get_by_label("Password minimum length").fill("14")
    for kind in ("uppercase letter", "lowercase letter", "number", "nonalphanumeric character"):
        page.get_by_label(f"at least one {kind}").check()
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("button", name="Set custom").click()

    clicks.begin_users(page, "weak", console=True)
    page.get_by_role("button", name="Previous").click()
    page.get_by_label("Custom password", exact=False).first.check()
    page.get_by_label("Custom password", exact=True).fill("password")
    page.get_by_role("button", name="Next", exact=True).locator("visible=true").last.click()
    expect(page.get_by_role("heading", name="Specify user details")).to_be_visible()
    expect(page.locator(".field-errors").first).to_contain_text("14")
