"""Afterwards somebody asks who deleted the group: the history says who, and who could not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts import caller as callers
from accounts import instance
from accounts.actions import groups, inline_policies, login_profiles, users
from accounts.caller import Face
from accounts.errors import AccessDenied
from accounts.models import User
from tests.cast import allow, document
from tests.journeys.clicks import sign_in
from tests.journeys.conftest import Site

PASSWORD = "Nine-Purple-Kites-7"


@pytest.fixture
def deleted(site: Site) -> Site:
    """Ram could not delete the group, Shyam did, and Sita may read the record."""
    root = instance.root(site.account)
    groups.create_group(root, group_name="Developers")
    for name, action in (
        ("ram", "iam:ListGroups"),
        ("shyam", "iam:DeleteGroup"),
        ("sita", "cloudtrail:LookupEvents"),
    ):
        users.create_user(root, user_name=name)
        inline_policies.put_user_policy(
            root, user_name=name, policy_name="own", policy_document=document(allow(action))
        )
    login_profiles.create_login_profile(root, user_name="sita", password=PASSWORD)
    known = {"face": Face.API, "now": root.now, "request_id": "r", "source_address": "192.0.2.7"}
    ram, shyam = (callers.user(users_row(site, name), **known) for name in ("ram", "shyam"))
    with pytest.raises(AccessDenied):
        groups.delete_group(ram, group_name="Developers")
    groups.delete_group(replace(shyam, now=instance.root(site.account).now),
                        group_name="Developers")  # fmt: skip
    return site


def users_row(site: Site, name: str) -> User:
    return site.account.users.select_related("account").get(name=name)


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def test_who_deleted_the_group_is_found_in_the_history(page: Page, deleted: Site) -> None:
    sign_in(page, deleted.account.id, "sita", PASSWORD)
    page.wait_for_url("**/console/**")
    page.goto("/console/history/")
    page.get_by_text("Filter by property").click()
    page.get_by_label("Property").select_option("resource")
    page.get_by_label("Operator").select_option("=")
    page.get_by_label("Value").fill("Developers")
    page.get_by_role("button", name="Add filter").click()
    expect(page.get_by_role("row")).to_have_count(4)  # with the headings
    page.get_by_label("Outcome").select_option("success")
    page.get_by_label("Read or write").select_option("change")
    expect(page.get_by_role("row")).to_have_count(3)
    newest = page.get_by_role("row").nth(1)
    expect(newest).to_contain_text("DeleteGroup")
    expect(newest).to_contain_text("shyam")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    records = json.loads(Path(download.value.path()).read_text())["Records"]
    assert [each["eventName"] for each in records] == ["DeleteGroup", "CreateGroup"]
    assert records[0]["userIdentity"]["userName"] == "shyam"


def test_a_refusal_leads_to_its_reasons(page: Page, deleted: Site) -> None:
    sign_in(page, deleted.account.id, "sita", PASSWORD)
    page.wait_for_url("**/console/**")
    page.goto("/console/history/?outcome=denied&filter=user%3Dram")
    assert violations(page) == []
    page.get_by_role("link", name="DeleteGroup").click()
    expect(page.get_by_role("heading", name="Decision")).to_be_visible()
    expect(page.get_by_text("Denied: no statement allowed it")).to_be_visible()
    expect(page.get_by_role("link", name="Open in simulator")).to_be_visible()
    assert violations(page) == []
