"""Hostile input to every form and every address: refused or taken, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils.http import urlencode

from accounts import caller as callers
from accounts import demo, instance
from accounts.actions import attachments, groups, inline_policies, policies, roles, users
from accounts.caller import Caller
from accounts.demo import Demo
from tests import pages
from tests.cast import ADMINISTRATOR, allow, caller_of, document
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


#: What would run if a browser took it for markup.
MARKUP = "<svg/onload=alert(1)>"
#: Parameters of addresses that pages show again.
ASKED = (
    "search", "q", "filter", "property", "value", "action", "resource", "principal", "key",
    "document", "view", "account", "displayName", "roleName", "service", "version", "copy", "name",
)  # fmt: skip


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
    attachments.attach_user_policy(chief, user_name="boss", policy_arn=ADMINISTRATOR)
    return signed_in(caller_of(user))


def forms_of(browser: Client, url: str) -> Forms:
    found = Forms()
    answer = browser.get(url)
    if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
        found.feed(answer.content.decode())
    return found


def attempts(found: Forms, turn: int) -> Iterator[dict[str, str]]:
    """Hostile values in what people type, then in hidden fields and buttons as well.

    Each field has another one, and on each page it is another field's turn.
    """
    bad = {name: HOSTILE[(turn + n) % len(HOSTILE)] for n, name in enumerate(sorted(found.sent))}
    buttons = sorted(found.buttons) or [("", "")]
    name, value = buttons[turn % len(buttons)]
    typed = {name: value for name, value in bad.items() if name in found.typed}
    yield {**found.sent, **typed, **({name: value} if name else {})}
    yield {**bad, **({name: HOSTILE[turn % len(HOSTILE)]} if name else {})}


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
    for turn, (name, url) in enumerate(addresses(made).items()):
        found = forms_of(boss, url)
        for method, fields in product(("get", "post"), attempts(found, turn)):
            answer = sent(boss, method, url, fields)
            if answer.status_code >= 500:
                crashed.append(f"{name} {method} {fields}: {answer.status_code}"[:500])
    assert not crashed, "\n".join(crashed)


def test_no_page_runs_what_paths_descriptions_and_documents_hold(made: Demo, boss: Client):
    """AWS allows such texts; every page shows them, and a browser must not take them for markup."""
    chief = instance.root(made.account)
    samples = pages.furnish(made) | hostile_things(chief)
    shown = 0
    for name, url in pages.addresses(samples).items():
        if name.startswith("console:"):
            for query in ("", f"?{urlencode(dict.fromkeys(ASKED, MARKUP))}"):
                page = boss.get(url + query).content.decode()
                assert MARKUP.lower() not in page.lower(), f"{name}{query}"
                shown += "&lt;svg/onload" in page
    # Else this would hold of pages that show nothing of it.
    assert shown > 50


def hostile_things(chief: Caller) -> dict[str, str]:
    """A user, a group, a role and a policy with markup wherever one may put it."""
    path = f"/{MARKUP.replace(' ', '')}/"
    text = document(
        allow(
            "s3:Get*",
            on=f"arn:aws:s3:::{MARKUP}</textarea>{MARKUP}",
            Condition={"StringLike": {"aws:UserAgent": [f'"{MARKUP}']}},
        )
    )
    policy = policies.create_policy(
        chief, policy_name="Odd", path="/odd/", policy_document=text, description=MARKUP
    )
    users.create_user(chief, user_name="odd", path=path, permissions_boundary=policy.arn)
    groups.create_group(chief, group_name="Odd", path=path)
    condition = {"StringEquals": {"sts:ExternalId": MARKUP}}
    trusted = {"Effect": "Allow", "Principal": {"AWS": chief.arn}, "Action": "sts:AssumeRole"}
    roles.create_role(
        chief,
        role_name="Odd",
        path=path,
        description=MARKUP,
        assume_role_policy_document=json.dumps(
            {"Version": "2012-10-17", "Statement": [trusted | {"Condition": condition}]}
        ),
    )
    for name, attach, put in (
        ("user_name", attachments.attach_user_policy, inline_policies.put_user_policy),
        ("group_name", attachments.attach_group_policy, inline_policies.put_group_policy),
        ("role_name", attachments.attach_role_policy, inline_policies.put_role_policy),
    ):
        owner = {name: "odd" if name == "user_name" else "Odd"}
        attach(chief, policy_arn=policy.arn, **owner)
        put(chief, policy_name="Odd", policy_document=text, **owner)
    return {
        "user_name": "odd",
        "group_name": "Odd",
        "role_name": "Odd",
        "policy_arn": policy.arn,
        "policy_name": "Odd",
    }
