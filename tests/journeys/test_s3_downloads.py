"""What somebody stored in a bucket, opened in the browser of somebody who is signed in here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from accounts.caller import Caller
from tests.api.clients import key_of
from tests.api.servers import s3_client, serving

PAGE = """<!doctype html><title>before</title><body onload="document.title = 'by attribute'">
<script>document.title = "ran: " + document.cookie</script>
<a id="link" href="javascript:document.title = 'by link'">link</a>
<form action="/console/"><button id="button">send</button></form>"""
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" onload="document.title = 'ran'">
<title>before</title><script>document.title = "ran"</script></svg>"""


@pytest.fixture
def endpoint(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[str]:
    """Where the server is, under the name that the console has."""
    settings.OBJECTS = tmp_path / "objects"
    with serving() as url:
        yield url.replace("127.0.0.1", "localhost")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser that may complain: of scripts that it does not run."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("a.html", "text/html", PAGE),
        ("a.svg", "image/svg+xml", DRAWING),
        ("a.xhtml", "application/xhtml+xml",
         '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>before</title><script>'
         'document.title = "ran"</script></head><body/></html>'),
    ],
)  # fmt: skip
def test_a_page_out_of_a_bucket_runs_no_script_and_has_no_cookie(
    page: Page, endpoint: str, admin: Caller, name: str, kind: str, content: str
):
    s3 = s3_client(key_of(admin), endpoint, signature_version="s3v4")
    s3.create_bucket(Bucket="reports")
    s3.put_object(Bucket="reports", Key=name, Body=content.encode(), ContentType=kind)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "reports", "Key": name})
    page.context.add_cookies([{"name": "session", "value": "secret", "url": endpoint}])
    page.goto(url)
    assert page.title() == "before"
    assert page.evaluate("self.origin") == "null", "it is nobody's page"
    if name == "a.html":
        page.click("#link")
        page.click("#button")
        assert (page.title(), page.url) == ("before", url)
