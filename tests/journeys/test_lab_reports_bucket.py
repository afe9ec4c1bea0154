"""The lab "Read the reports bucket, not the classified one", done as a learner would."""

from __future__ import annotations

from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.cast import allow, document
from tests.journeys import clicks, labs
from tests.journeys.conftest import Site

LAB = "reports-bucket"
READS_ALL = "AmazonS3ReadOnlyAccess"


def test_one_bucket_is_read_and_the_other_shut(page: Page, site: Site) -> None:
    values = labs.begin(page, site, LAB)
    lists = allow("s3:ListBucket", on=f"arn:aws:s3:::{values['reports']}")
    reads = allow("s3:GetObject", on=f"arn:aws:s3:::{values['reports']}/*")
    clicks.create_policy(page, "ReadReports", document(lists))
    clicks.attach(page, values["user"], "ReadReports")
    labs.solved_by_itself(page, 1)
    edit(page, values, document(lists, reads))
    labs.solved_by_itself(page, 2)
    edit(page, values, document(lists, reads, allow("s3:ListAllMyBuckets")))
    labs.solved_by_itself(page, 3)
    she_tries_it(page, values)
    the_other_bucket_is_shut(page, values)

    labs.finish(page, LAB)
    expect(page.get_by_text("They allow exactly the same.")).to_be_visible()
    expect(page.get_by_text("Just what is needed")).to_be_visible()
    expect(page.get_by_role("row", name="5. Shut it for the accountant")).to_contain_text("Seen")
    certificate = labs.certificate(page, LAB)
    expect(certificate.locator("div", has_text="Least privilege score").last).to_contain_text("100")
    expect(certificate).to_contain_text("and 1 solution seen")


def edit(page: Page, values: dict[str, str], text: str) -> None:
    """Save another version of her policy."""
    arn = f"arn:aws:iam::{values['account_id']}:policy/ReadReports"
    page.goto(reverse("console:policy", args=[arn]))
    page.locator("#edit-policy").click()
    clicks.write(page, text)
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="Save changes").locator("visible=true").last.click()
    expect(page.locator("#edit-policy")).to_be_visible()


def she_tries_it(page: Page, values: dict[str, str]) -> None:
    expect(labs.hint(page)).to_contain_text("You have to be Nora for this")
    labs.add_session(page, values, values["user"], values["password"])
    labs.is_signed_in(page, values["user"])
    clicks.open_service(page, "S3")
    page.get_by_role("link", name=values["reports"]).click()
    page.get_by_role("link", name="monthly").click()
    page.get_by_role("link", name="november.csv").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert clicks.rows_of(download.value)[0] == ["route", "passengers"]
    clicks.open_service(page, "S3")
    page.get_by_role("link", name=values["classified"]).click()
    expect(page.get_by_text("Insufficient permissions to list objects")).to_be_visible()
    # What only reads is not noticed by itself.
    labs.check(page)
    labs.solved(page, 4)
    labs.switch_to(page, "admin")


def the_other_bucket_is_shut(page: Page, values: dict[str, str]) -> None:
    accountant = reverse("console:user", args=[values["accountant"]])
    # A wrong turn: taking all away shuts every bucket.
    page.goto(accountant)
    page.get_by_role("row", name=READS_ALL).get_by_role("radio").check()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Remove policy").click()
    expect(page.get_by_role("row", name=READS_ALL)).to_have_count(0)
    labs.check(page)
    labs.is_told(page, "Ivo can't look into the other buckets any more.")

    labs.reset_step(page, 5)
    page.goto(accountant)
    expect(page.get_by_role("row", name=READS_ALL)).to_be_visible()
    text = labs.document_of(labs.solution(page))
    page.locator("#create-inline-policy").click()
    clicks.write(page, text)
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_label("Policy name").fill("not-the-classified-bucket")
    page.get_by_role("button", name="Create policy").locator("visible=true").last.click()
    labs.solved(page, 5)
