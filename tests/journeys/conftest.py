"""What whole stories need: a server, an account, and a browser that notices every complaint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page

from accounts import instance
from accounts.actions import lifecycle
from accounts.models import Account

ROOT_PASSWORD = "correct Horse 7 battery"


@dataclass(frozen=True)
class Site:
    """A running server with one account."""

    url: str
    account: Account
    root_password: str = ROOT_PASSWORD


@pytest.fixture
def site(live_server: Any, settings: Any, transactional_db: None) -> Site:
    """The server at the address that its links say, and an account as `createaccount` makes it."""
    port = live_server.url.rpartition(":")[2]
    settings.BASE_URL = f"http://localhost:{port}"
    made = lifecycle.create_account(
        instance.operator(),
        name="Example",
        root_email="root@site.example",
        root_password=ROOT_PASSWORD,
    )
    return Site(django_settings.BASE_URL, made.account)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A fresh browser. Whatever it complains about, such as a refused inline style, fails the test.

    Expected are the answers that a story provokes: 403, 404 and 422 are logged as failed loads.
    """
    context = browser.new_context(base_url=site.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(8000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if message.type == "error" and "Failed to load resource" not in message.text
            else None
        ),
    )
    yield page
    context.close()
    assert complaints == []
