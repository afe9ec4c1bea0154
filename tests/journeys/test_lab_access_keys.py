"""The lab "Access keys, replaced and leaked", done as a learner would, with AWS's own client."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests.journeys import labs
from tests.journeys.conftest import Site

LAB = "access-keys"


def test_keys_are_made_replaced_and_stopped(page: Page, site: Site) -> None:
    values = labs.begin(page, site, LAB)
    a_command_line_is_set_up(page, site, values)
    backup = the_backup_gets_a_second_key(page, site, values)
    the_old_key_is_switched_off(page, values, backup)
    the_old_key_is_deleted(page, values)
    the_leaked_key_is_stopped(page, values)
    back_up(backup, values)

    labs.finish(page, LAB)
    expect(page.get_by_role("row", name="2. Give the backup a second key")).to_contain_text("Done")
    certificate = labs.certificate(page, LAB)
    expect(certificate.locator("div", has_text="Steps solved").last).to_contain_text("5")
    expect(certificate.locator("div", has_text="Hints used").last).to_contain_text("1")


def a_command_line_is_set_up(page: Page, site: Site, values: dict[str, str]) -> None:
    key = new_key(page, values["dev"], "Command Line Interface")
    labs.check(page)
    labs.is_told(page, f"No call has come from {values['dev']} yet.")
    caller = client(site, "sts", *key).get_caller_identity()
    assert caller["Arn"] == f"arn:aws:iam::{values['account_id']}:user/{values['dev']}"
    labs.check(page)
    labs.solved(page, 1)


def the_backup_gets_a_second_key(page: Page, site: Site, values: dict[str, str]) -> Any:
    """The client that signs with it."""
    # A wrong turn: the key goes off that the program still signs with.
    switch(page, values["robot"], values["old_key"], "Deactivate")
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        back_up(client(site, "s3", values["old_key"], values["old_secret"]), values)
    labs.check(page)
    labs.is_told(page, "The backup stands still")
    switch(page, values["robot"], values["old_key"], "Activate")

    backup = client(site, "s3", *new_key(page, values["robot"], "Application running outside AWS"))
    back_up(backup, values)
    # The page stays as it is, and notices what came through the API.
    labs.solved(page, 2)
    return backup


def the_old_key_is_switched_off(page: Page, values: dict[str, str], backup: Any) -> None:
    expect(labs.hint(page)).to_contain_text("What is between active and deleted?")
    switch(page, values["robot"], values["old_key"], "Deactivate")
    back_up(backup, values)
    labs.solved_by_itself(page, 3)


def the_old_key_is_deleted(page: Page, values: dict[str, str]) -> None:
    delete(page, values["old_key"])
    labs.solved_by_itself(page, 4)


def the_leaked_key_is_stopped(page: Page, values: dict[str, str]) -> None:
    page.get_by_role("link", name="Search IAM").click()
    page.get_by_role("dialog").get_by_role("searchbox").fill(values["leaked_key"])
    page.get_by_role("dialog").get_by_role("link", name=values["leaked_key"]).first.click()
    switch_here(page, values["leaked_key"], "Deactivate")
    key = row_of(page, values["leaked_key"])
    key.get_by_text("Recent events", exact=True).click()
    expect(key).to_contain_text("GetObject")
    delete(page, values["leaked_key"])
    labs.solved_by_itself(page, 5)


# --- Keys -----------------------------------------------------------------------------------------


def new_key(page: Page, user_name: str, use_case: str) -> tuple[str, str]:
    """Make an access key for a user; the ID and the secret."""
    page.goto(reverse("console:user-security-credentials", args=[user_name]))
    page.locator("#create-access-key").click()
    page.get_by_role("radio", name=use_case).check()
    page.get_by_role("checkbox").locator("visible=true").check()
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="Create access key").click()
    expect(page.get_by_text("Access key created")).to_be_visible()
    shown = page.locator("main .pairs").first
    identifier = shown.locator("dd").first.inner_text().split()[0]
    return identifier, page.locator("#secret").text_content() or ""


def switch(page: Page, user_name: str, key: str, verb: str) -> None:
    """Deactivate or activate a key of a user."""
    page.goto(reverse("console:user-security-credentials", args=[user_name]))
    switch_here(page, key, verb)


def switch_here(page: Page, key: str, verb: str) -> None:
    """Deactivate or activate a key on the page of its user."""
    row = row_of(page, key)
    row.get_by_role("link", name=verb).click()
    page.get_by_role("dialog").get_by_role("button", name=verb).click()
    state = "Inactive" if verb == "Deactivate" else "Active"
    expect(row.get_by_text(state, exact=True)).to_be_visible()


def row_of(page: Page, key: str) -> Locator:
    """Where a key stands on the page of its user."""
    return page.locator(".container-body", has=page.get_by_role("heading", name=key))


def delete(page: Page, key: str) -> None:
    """Delete an inactive key on the page of its user."""
    row = row_of(page, key)
    row.get_by_role("link", name="Delete").click()
    page.get_by_label("To confirm, paste the access key ID").fill(key)
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("main").get_by_role("heading", name=key)).to_have_count(0)


# --- The command line -----------------------------------------------------------------------------


def client(site: Site, service: str, key: str, secret: str) -> Any:
    """A client of AWS, set up as the lab says."""
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=site.url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 0}),
    )


def back_up(s3: Any, values: dict[str, str]) -> None:
    """Write a backup, as the program does each night."""
    s3.put_object(Bucket=values["bucket"], Key="nightly/test.txt", Body=b"test")
