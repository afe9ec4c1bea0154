"""S3's pages in a browser: axe and reflow where addresses need a key, uploads, the keyboard."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from accounts import instance
from accounts.caller import Caller
from iamconsole.console.s3 import keys
from iamconsole.sandbox.actions.s3_buckets import create_bucket
from iamconsole.sandbox.actions.s3_objects import put_object
from iamconsole.sandbox.models import StoredObject
from tests.cast import caller_of, new_user
from tests.console.browsers import signed_in
from tests.journeys import clicks
from tests.journeys.conftest import Site
from tests.journeys.test_choosing import sign_in_root
from tests.journeys.test_every_page import problems

BUCKET = "final-friday-reports"
#: One word of 1,024 letters, and one that nobody wrote with a good intention.
KEYS = ("k" * 1024, "2026/<img src=x onerror=alert(1)>\r\n\u202egnp.exe", "a//b", "..")


@pytest.fixture
def root(site: Site) -> Caller:
    """The root user, who has a bucket."""
    found = instance.root(site.account)
    create_bucket(found, bucket=BUCKET)
    return found


def put(root: Caller, *names: str) -> None:
    for key in names:
        put_object(root, bucket=BUCKET, key=key, body=io.BytesIO(b"hello"), content_length=5)


def address(view: str, **query: str) -> str:
    return keys.address(view, BUCKET, **query)


def test_pages_about_hostile_keys_pass_axe_and_fit_a_narrow_screen(
    page: Page, site: Site, root: Caller
) -> None:
    put(root, *KEYS)
    sign_in_root(page, site)
    found = problems(page, address("s3-bucket")) + problems(
        page, address("s3-bucket", prefix="2026/")
    )
    for key in KEYS[:2]:
        found += problems(page, address("s3-object", key=key))
    assert found == []


def test_refused_pages_pass_axe_and_fit_a_narrow_screen(
    page: Page, site: Site, root: Caller
) -> None:
    put(root, "november.pdf")
    nobody = caller_of(new_user(site.account, "nobody"))
    value = signed_in(nobody).cookies[settings.SESSION_COOKIE_NAME].value
    add_cookie(page.context, value)
    views = ("s3-bucket", "s3-bucket-properties", "s3-bucket-permissions", "s3-upload")
    found = [each for view in views for each in problems(page, address(view))]
    found += problems(page, reverse("console:s3-buckets"))
    found += problems(page, address("s3-object", key="november.pdf"))
    found += problems(page, address("s3-download", key="november.pdf"))
    assert found == []


def add_cookie(context: BrowserContext, value: str) -> None:
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies(
        [{"name": name, "value": value, "url": "https://localhost/", "secure": True}]
    )


def test_several_files_are_uploaded_with_progress_and_summed_up(
    page: Page, site: Site, root: Caller, tmp_path: Path
) -> None:
    """One is too large, which is told without sending it; the others arrive."""
    sign_in_root(page, site)
    files = []
    for name, size in (("a <b>.txt", 10), ("large.bin", 17 * 1024 * 1024), ("c.txt", 3_000_000)):
        files.append(tmp_path / name)
        files[-1].write_bytes(b"x" * size)
    clicks.upload(page, BUCKET, *files)
    expect(page.get_by_role("alert")).to_contain_text("Upload failed")
    expect(page.locator("[data-sum=succeeded]")).to_contain_text("2 files, 2.9")
    expect(page.locator("[data-sum=failed]")).to_contain_text("1 file, 17.0")
    expect(page.get_by_role("row", name="large.bin")).to_contain_text("Larger than 16.0")
    expect(page.get_by_role("row", name="a <b>.txt")).to_contain_text("Succeeded")
    expect(page.get_by_role("heading", name="Upload: status")).to_be_focused()
    assert sorted(StoredObject.objects.values_list("key", flat=True)) == ["a <b>.txt", "c.txt"]


def test_an_upload_whose_connection_is_lost_says_so(
    page: Page, site: Site, root: Caller, tmp_path: Path
) -> None:
    sign_in_root(page, site)
    file = tmp_path / "a.txt"
    file.write_text("x")
    page.goto(address("s3-upload"))
    page.get_by_label("Add files").set_input_files(file)
    page.route("**/upload/", lambda route: route.abort())
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("row", name="a.txt")).to_contain_text("The connection was lost.")
    expect(page.get_by_role("alert")).to_contain_text("Upload failed")


def test_files_are_uploaded_without_scripts(
    new_context: Callable[..., BrowserContext], site: Site, root: Caller, tmp_path: Path
) -> None:
    context = new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    sign_in_root(page, site)
    file = tmp_path / "a.txt"
    file.write_text("x")
    clicks.upload(page, BUCKET, file)
    expect(page.get_by_role("alert")).to_contain_text("Upload succeeded")


def test_objects_are_deleted_from_the_list_after_typing_the_words(
    page: Page, site: Site, root: Caller
) -> None:
    put(root, *KEYS)
    sign_in_root(page, site)
    page.goto(address("s3-bucket"))
    download = page.get_by_role("button", name="Download")
    expect(download).to_be_disabled()
    page.get_by_label("Select all on this page").check()
    expect(download).to_be_disabled()
    page.get_by_role("button", name="Delete", exact=True).click()
    go = page.get_by_role("button", name="Delete objects")
    expect(go).to_be_disabled()
    page.get_by_label("To confirm").fill("permanently delete")
    go.click()
    expect(page.get_by_text("Successfully deleted 4 objects.")).to_be_visible()
    assert not StoredObject.objects.exists()


def test_the_services_menu_works_by_keyboard(page: Page, site: Site) -> None:
    sign_in_root(page, site)
    page.goto(reverse("console:dashboard"))
    menu = page.locator("summary", has_text="Services")
    menu.focus()
    page.keyboard.press("Enter")
    s3 = page.get_by_role("navigation", name="Services").get_by_role("link", name="S3")
    expect(s3).to_be_visible()
    page.keyboard.press("Escape")
    expect(s3).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    s3.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Buckets")).to_be_visible()
