"""After "AWS IAM: roles" and "IAM users, groups and roles": an instance reads S3 without a key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError
from django.urls import reverse
from playwright.sync_api import Page, expect

from iamconsole.sandbox.models import Instance
from tests.journeys import clicks
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root

BUCKET, ROLE = "reports-of-the-team", "EC2toS3"
S3Client = Callable[[], Any]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A file to be uploaded."""
    found = tmp_path / "november.txt"
    found.write_text("All is well.\n")
    return found


@pytest.fixture
def machine(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> S3Client:
    """A program's S3 client on a machine that knows no key: only the address of its metadata."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
                 "AWS_EC2_METADATA_DISABLED"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "absent"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", site.url)

    def client() -> Any:
        once = Config(retries={"max_attempts": 0})
        return botocore.session.Session().create_client("s3", "us-east-1", config=once)

    return client


def test_an_instance_reads_a_bucket_by_its_role_and_nobody_stored_a_key(
    page: Page, site: Site, report: Path, machine: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_root(page, site)
    page.goto(reverse("console:dashboard"))
    clicks.create_bucket(page, BUCKET)
    clicks.upload(page, BUCKET, report)
    create_role(page)
    instance = launch(page)

    # All that the program is told stands on the instance's page.
    page.get_by_role("link", name="Metadata", exact=True).click()
    line = page.get_by_role("region", name="List buckets as the instance").inner_text()
    told = dict(part.split("=", 1) for part in line.split() if "=" in part)
    address = told["AWS_EC2_METADATA_SERVICE_ENDPOINT"]
    assert address.startswith(f"{site.url}/metadata/")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
    s3 = machine()
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == [BUCKET]
    found = s3.get_object(Bucket=BUCKET, Key="november.txt")
    assert found["Body"].read() == report.read_bytes()
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=BUCKET, Key="december.txt", Body=b"?")
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert f"assumed-role/{ROLE}/{instance.id} is not authorized" in error["Message"]

    run_as_the_instance(page, instance)

    # A stopped instance hands nothing out.
    page.goto(reverse("console:ec2-instance", args=[instance.region, instance.id]))
    page.locator("summary", has_text="Instance state").click()
    page.get_by_role("link", name="Stop instance").click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(f"Successfully stopped {instance.id}.")).to_be_visible()
    with pytest.raises(NoCredentialsError):
        machine().list_buckets()


def create_role(page: Page) -> None:
    """A role that EC2 hands out, with a policy that reads S3; its profile is called like it."""
    page.goto(reverse("console:roles"))
    page.get_by_role("link", name="Create role").first.click()
    page.get_by_role("radio", name="AWS service").check()
    page.get_by_role("radio", name="EC2 Instances").check()
    clicks.next_page(page, "Add permissions")
    clicks.choose_policies(page, "AmazonS3ReadOnlyAccess")
    clicks.next_page(page, "Name, review, and create")
    page.get_by_label("Role name").fill(ROLE)
    page.get_by_role("button", name="Create role").locator("visible=true").last.click()
    expect(page.get_by_text(f"Role {ROLE} created").first).to_be_visible()


def launch(page: Page) -> Instance:
    """An instance with that role."""
    clicks.open_service(page, "EC2")
    page.get_by_role("link", name="Launch instance").first.click()
    page.get_by_label("Name - optional").fill("reader")
    page.get_by_label("IAM instance profile").select_option(ROLE)
    page.get_by_role("button", name="Launch instance").click()
    expect(page.get_by_text("Successfully launched")).to_be_visible()
    expect(page.get_by_role("heading", name="(reader)")).to_be_visible()
    return Instance.objects.get()


def run_as_the_instance(page: Page, instance: Instance) -> None:
    """The browser does the same as the program, and is oneself again afterwards."""
    page.goto(reverse("console:ec2-instance", args=[instance.region, instance.id]))
    page.get_by_role("link", name="Run as this instance").click()
    page.get_by_role("button", name="Run as this instance").locator("visible=true").last.click()
    expect(page.get_by_text(f"You act as instance {instance.id} now.")).to_be_visible()
    page.get_by_role("link", name=BUCKET, exact=True).click()
    expect(page.get_by_role("link", name="november.txt")).to_be_visible()
    page.goto(reverse("console:users"))
    expect(page.locator("main")).to_contain_text("iam:ListUsers")
    page.locator("summary", has_text="Account menu").click()
    page.get_by_role("button", name="Switch back").click()
    expect(page.get_by_role("heading", name="IAM Dashboard")).to_be_visible()
