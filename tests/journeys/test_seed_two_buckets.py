"""After "IAM Users and Groups": of two buckets newbie may download from one, and upload to none."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.cast import allow, document
from tests.journeys import clicks
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root

REPORTS, CLASSIFIED = "final-friday-reports", "final-friday-classified"
ARN = f"arn:aws:s3:::{REPORTS}"
READ = allow("s3:ListBucket", "s3:GetObject") | {"Resource": [ARN, f"{ARN}/*"]}
POLICY, PASSWORD = "FinalFridayReports", "Nine-Purple-Kites-7"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A file to be uploaded."""
    found = tmp_path / "november.txt"
    found.write_text("All is well.\n")
    return found


def test_a_user_downloads_reports_and_no_classified_ones_and_uploads_nothing(
    page: Page, site: Site, report: Path
) -> None:
    # "So we have the buckets".
    sign_in_root(page, site)
    page.goto(reverse("console:dashboard"))
    clicks.create_bucket(page, REPORTS)
    clicks.create_bucket(page, CLASSIFIED)
    clicks.upload(page, REPORTS, report)
    expect(page.get_by_role("alert")).to_contain_text("Upload succeeded")

    # "Create a user that has no permissions, like newbie", then the policy, then try it.
    clicks.begin_users(page, "newbie", console=True)
    clicks.finish_users(page)
    first_password = clicks.secret(page, "password-1")
    clicks.create_policy(page, POLICY, document(READ), "Download what is in the reports.")
    clicks.attach(page, "newbie", POLICY)
    clicks.sign_out(page)

    # "Log in to our new IAM user account": "error when on the S3 page".
    clicks.sign_in(page, site.account.id, "newbie", first_password)
    clicks.choose_password(page, first_password, PASSWORD)
    clicks.open_service(page, "S3")
    main = page.locator("main")
    expect(main).to_contain_text("You don't have permissions to list buckets")
    expect(main).to_contain_text("to allow the s3:ListAllMyBuckets action, refresh this page")
    expect(main).not_to_contain_text(REPORTS)
    main.get_by_role("link", name="Explain this refusal").first.click()
    expect(main).to_contain_text("s3:ListAllMyBuckets")
    clicks.sign_out(page)

    # "We need to add the ListAllMyBuckets action! Let's save this change and go back to S3."
    sign_in_root(page, site)
    edit_policy(page, site, document(READ, allow("s3:ListAllMyBuckets")))
    clicks.sign_out(page)
    sign_in_newbie(page, site)
    clicks.open_service(page, "S3")
    for name in (REPORTS, CLASSIFIED):
        expect(main.get_by_role("link", name=name, exact=True)).to_be_visible()

    # "Access Denied when trying to list the contents of the final-friday-classified bucket".
    main.get_by_role("link", name=CLASSIFIED, exact=True).click()
    expect(main).to_contain_text("Insufficient permissions to list objects")

    # "We can see what is in the final-friday-reports bucket".
    clicks.open_service(page, "S3")
    main.get_by_role("link", name=REPORTS, exact=True).click()
    expect(main.get_by_role("link", name="november.txt")).to_be_visible()

    # "Failed to upload file": by the browser, and refused by nothing but the policy.
    clicks.upload(page, REPORTS, report)
    expect(page.get_by_role("alert")).to_contain_text("Upload failed")
    row = page.get_by_role("row", name="november.txt")
    expect(row).to_contain_text("Failed")
    expect(row).to_contain_text("Access Denied")
    expect(page.locator("[data-sum=failed]")).to_contain_text("1 file")

    # "Download successful!"
    page.get_by_role("link", name="Close").click()
    main.get_by_role("link", name="november.txt").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "november.txt"
    assert Path(download.value.path()).read_text() == "All is well.\n"


def sign_in_newbie(page: Page, site: Site) -> None:
    clicks.sign_in(page, site.account.id, "newbie", PASSWORD)
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()


def edit_policy(page: Page, site: Site, text: str) -> None:
    """Put another text in the place of the policy's."""
    arn = site.account.policies.get(name=POLICY).arn
    page.goto(reverse("console:policy-edit", args=[arn]))
    clicks.write(page, text)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("What this gives and takes")).to_be_visible()
    page.get_by_role("button", name="Save changes").locator("visible=true").last.click()
    expect(page.get_by_text("What this gives and takes")).to_have_count(0)
