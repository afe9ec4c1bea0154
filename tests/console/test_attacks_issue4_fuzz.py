"""Hostile input to every form and every address: refused or taken, never a crash."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils.http import urlencode

from accounts import caller as callers
from accounts import demo
from accounts.actions import users
from accounts.actions.attachments import attach_user_policy
from accounts.demo import Demo
from tests import pages
from tests.cast import ADMINISTRATOR, caller_of
from tests.console.browsers import signed_in

#: What people who wish ill type into fields. No field takes a lone surrogate: it can't be sent.
HOSTILE = (
    "\0",
    "9" * 5000,
    "-1",
    "<svg/onload=alert(1)>\"'",
    "{{ 7*7 }}{% debug %}",
    "[" * 3000,
    '{"Version":"2012-10-17","Statement":{"Sid":"\\ud800","Effect":"Allow","Action":"*"}}',
    '{"Version":1e999,"Statement":[null,[],{"Condition":{"Bool":[]}}]}',
    "\N{COLLISION SYMBOL}" * 300,
    "arn:aws:iam::111122223333:role/x/../y",
    "arn:",
    "\r\n\u2028",
)


class Forms(HTMLParser):
    """The fields of a page: what a browser would send, and which of them people type into."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self.typed: set[str] = set()
        self.buttons: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an input, a text area, a menu or a button."""
        found = dict(attrs)
        name, value, kind = found.get("name"), found.get("value") or "", found.get("type")
        if not name or name == "csrfmiddlewaretoken":
            return
        if tag == "button" or (tag == "input" and kind == "submit"):
            self.buttons.add((name, value))
        elif tag in ("input", "textarea", "select"):
            self.sent.setdefault(name, value)
            if kind != "hidden":
                self.typed.add(name)


@pytest.fixture
def made(db: None) -> Demo:
    return demo.create()


@pytest.fixture
def boss(made: Demo) -> Client:
    """The account's administrator."""
    chief = callers.root(
        made.account, face=callers.Face.CONSOLE, now=made.account.created_at, request_id="r"
    )
    user = users.create_user(chief, user_name="boss")
    attach_user_policy(chief, user_name="boss", policy_arn=ADMINISTRATOR)
    return signed_in(caller_of(user))


def forms_of(browser: Client, url: str) -> Forms:
    found = Forms()
    answer = browser.get(url)
    if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
        found.feed(answer.content.decode())
    return found


def attempts(found: Forms) -> Iterator[tuple[str, dict[str, str]]]:
    """Every hostile value in what people type, under each button; then everywhere at once."""
    buttons = sorted(found.buttons) or [("", "")]
    for number, bad in enumerate(HOSTILE):
        name, value = buttons[number % len(buttons)]
        typed = dict.fromkeys(found.typed, bad)
        yield "typed", {**found.sent, **typed, **({name: value} if name else {})}
        yield "all", {**dict.fromkeys(found.sent, bad), **({name: bad} if name else {})}


def sent(browser: Client, method: str, url: str, fields: dict[str, str]) -> Any:
    """One request, undone afterwards."""
    try:
        with transaction.atomic():
            if method == "post":
                answer = browser.post(url, fields)
            else:
                answer = browser.get(f"{url}?{urlencode(fields)}")
            transaction.set_rollback(True)
    except Exception as error:
        raise AssertionError(f"{method} {url} {str(fields)[:600]}") from error
    return answer


def addresses(made: Demo) -> dict[str, str]:
    found = pages.addresses(pages.furnish(made))
    return {name: url for name, url in found.items() if name.startswith("console:")}


def test_no_form_crashes_whatever_is_typed_into_it(made: Demo, boss: Client):
    crashed = []
    for name, url in addresses(made).items():
        found = forms_of(boss, url)
        for how, fields in attempts(found):
            for method in ("get", "post"):
                try:
                    answer = sent(boss, method, url, fields)
                except AssertionError as error:
                    crashed.append(f"{name} {how}: {error!r} {error.__cause__!r}")
                    break
                if answer.status_code >= 500:
                    crashed.append(f"{name} {how} {method} {fields}: {answer.status_code}"[:500])
    assert not crashed, "\n".join(crashed)
