"""Access keys: the wizard that makes one, the secret that is shown once, and descriptions."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import vault
from accounts.caller import Caller
from accounts.models import AccessKey, Event
from iamconsole.console.credentials import clients
from tests.cast import allow, deny
from tests.console.reading import markup_of, queries_of, url
from tests.console.things import new_key

KEY, SECOND = "AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"
OTHER = {"use_case": "other", "go": "create"}


def secret_of(page: str) -> str:
    rest = page[page.index('class="secret-value"') :].partition(">")[2]
    return rest.partition("<")[0]


def stored_secret(key: AccessKey) -> str:
    return vault.unseal(key.sealed_secret, vault.key_place(key.account_id, key.access_key_id))


def address(owner: str, verb: str, *more: str) -> str:
    """A page of the keys of "own", or of the named user."""
    return url(f"key-{verb}", *more) if owner == "own" else url(f"user-key-{verb}", owner, *more)


# --- The wizard ----------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["own", "bob"])
def test_a_key_is_made_described_and_shown_with_its_secret(sign_in, admin, bob, owner):
    browser = sign_in(admin)
    create = address(owner, "create")
    page = markup_of(browser.get(create))
    assert "Access key best practices &amp; alternatives" in page
    page = markup_of(browser.post(create, {"use_case": "cli", "understood": "on", "go": "2"}))
    assert 'name="use_case" value="cli"' in page
    assert 'name="understood" value="on"' in page
    sent = {"use_case": "cli", "understood": "on", "description": "nightly copy", "go": "create"}
    response = browser.post(create, sent, follow=True)
    user = admin.user if owner == "own" else bob.user
    key = user.access_keys.get()
    assert response.redirect_chain == [(address(owner, "retrieve", key.access_key_id), 302)]
    page = markup_of(response)
    assert key.access_key_id in page
    assert secret_of(page) == stored_secret(key)
    user.refresh_from_db()
    assert user.tags == {key.access_key_id: "nightly copy"}
    listed = (
        url("security-credentials") if owner == "own" else url("user-security-credentials", owner)
    )
    assert "nightly copy" in markup_of(browser.get(listed))


def test_the_root_user_confirms_and_has_no_description(sign_in, root):
    browser = sign_in(root)
    create = address("own", "create")
    assert "I understand creating a root access key is not a best practice" in markup_of(
        browser.get(create)
    )
    assert browser.post(create, {"go": "create"}).status_code == 422
    assert not AccessKey.objects.exists()
    response = browser.post(create, {"go": "create", "understood": "on"}, follow=True)
    key = AccessKey.objects.get(user=None)
    assert secret_of(markup_of(response)) == stored_secret(key)
    file = browser.post(address("own", "file", key.access_key_id))
    assert file["Content-Disposition"] == 'attachment; filename="rootkey.csv"'


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose what the key is for."),
        ({"use_case": "cli"}, "Tick this box to go on."),
        ({"use_case": "mining", "understood": "on"}, "Select a valid choice"),
        ({"use_case": "other", "description": "a<b>"}, "Letters, digits, spaces"),
        ({"use_case": "other", "description": "x" * 257}, "at most 256 characters"),
        ({"use_case": "other", "description": "a\0b"}, "Null characters"),
    ],
)
def test_a_form_that_is_not_filled_in_right_makes_no_key(sign_in, admin, bob, sent, said):
    response = sign_in(admin).post(address("bob", "create"), sent | {"go": "create"})
    assert response.status_code == 422
    assert said in markup_of(response)
    assert "<b>" not in markup_of(response)
    assert not bob.user.access_keys.exists()


def test_only_other_needs_no_confirmation(sign_in, admin, bob):
    browser = sign_in(admin)
    assert browser.post(address("bob", "create"), OTHER).status_code == 302
    assert bob.user.access_keys.count() == 1
    assert Event.objects.filter(action="iam:TagUser").count() == 0


def test_there_is_no_third_key(sign_in, admin, bob):
    new_key(bob.user, KEY)
    new_key(bob.user, SECOND, "Inactive")
    browser = sign_in(admin)
    tab = markup_of(browser.get(url("user-security-credentials", "bob")))
    assert "There are 2 access keys already, active or not." in tab
    assert address("bob", "create") not in tab
    assert "No more keys can be created" in markup_of(browser.get(address("bob", "create")))
    response = browser.post(address("bob", "create"), OTHER)
    assert response.status_code == 422
    assert "Cannot exceed quota for AccessKeysPerUser: 2" in markup_of(response)
    assert bob.user.access_keys.count() == 2


def test_making_a_key_needs_its_permission_and_a_description_the_tags(sign_in, caller_with, bob):
    who = caller_with(allow("iam:Get*", "iam:List*", "iam:CreateAccessKey"))
    browser = sign_in(who)
    response = browser.post(address("bob", "create"), OTHER | {"description": "x"})
    assert response.status_code == 422
    assert "you also need iam:TagUser" in markup_of(response)
    assert not bob.user.access_keys.exists()
    assert browser.post(address("bob", "create"), OTHER).status_code == 302
    browser = sign_in(caller_with(allow("iam:*"), deny("iam:CreateAccessKey")))
    assert "You need iam:CreateAccessKey" in markup_of(browser.get(address("bob", "create")))
    assert browser.post(address("bob", "create"), OTHER).status_code == 403
    assert bob.user.access_keys.count() == 1


def test_nobody_elses_user_gets_a_key(sign_in, eve, admin, bob):
    for who, name in ((eve, "bob"), (admin, "nobody")):
        browser = sign_in(who)
        assert browser.get(address(name, "create")).status_code == 404
        assert browser.post(address(name, "create"), OTHER).status_code == 404
    assert not AccessKey.objects.exists()


# --- The secret ----------------------------------------------------------------------------------


def made(browser: Any, user: Any) -> tuple[str, str]:
    """A new key of bob's: its id and its secret."""
    page = markup_of(browser.post(address("bob", "create"), OTHER, follow=True))
    return user.access_keys.get().access_key_id, secret_of(page)


def test_the_file_holds_key_and_secret_and_is_the_last_that_is_seen_of_it(sign_in, admin, bob):
    browser = sign_in(admin)
    key_id, secret = made(browser, bob.user)
    page = address("bob", "retrieve", key_id)
    assert secret in markup_of(browser.get(page))  # a reload shows it again
    response = browser.post(address("bob", "file", key_id))
    assert response["Content-Type"].startswith("text/csv")
    assert response["Content-Disposition"] == 'attachment; filename="bob_accessKeys.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode(), newline="")))
    assert rows == [["Access key ID", "Secret access key"], [key_id, secret]]
    assert browser.get(page).status_code == 410
    assert browser.post(address("bob", "file", key_id)).status_code == 302


def test_the_secret_is_gone_after_ten_minutes(sign_in, admin, bob, monkeypatch):
    browser = sign_in(admin)
    key_id, secret = made(browser, bob.user)
    later = timezone.now() + timedelta(minutes=10, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    page = browser.get(address("bob", "retrieve", key_id))
    assert page.status_code == 410
    assert secret not in markup_of(page)


def test_the_secret_is_readable_nowhere_else(sign_in, admin, root, bob):
    browser = sign_in(admin)
    key_id, secret = made(browser, bob.user)
    assert secret not in str(dict(browser.session.items()))
    assert sign_in(root).get(address("bob", "retrieve", key_id)).status_code == 410
    # Nor as somebody else's.
    assert browser.get(address("own", "retrieve", key_id)).status_code == 410
    for event in Event.objects.all():
        assert secret not in f"{event.parameters}{event.resources}{event.reasons}"


# --- What is done to a key -----------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["own", "bob"])
def test_a_description_is_changed_and_removed(sign_in, admin, bob, owner):
    user = admin.user if owner == "own" else bob.user
    new_key(user, KEY)
    browser = sign_in(admin)
    page = address(owner, "describe", KEY)
    browser.post(page, {"description": "one"})
    assert 'value="one"' in markup_of(browser.get(page))
    browser.post(page, {"description": "two"})
    user.refresh_from_db()
    assert user.tags == {KEY: "two"}
    browser.post(page, {"description": ""})
    user.refresh_from_db()
    assert user.tags == {}


def test_a_key_takes_its_description_with_it(sign_in, admin, bob):
    new_key(bob.user, KEY, "Inactive")
    browser = sign_in(admin)
    browser.post(address("bob", "describe", KEY), {"description": "old"})
    browser.post(address("bob", "delete", KEY), {"confirmation": KEY})
    bob.user.refresh_from_db()
    assert bob.user.tags == {}
    assert not bob.user.access_keys.exists()


def test_a_key_that_somebody_switched_meanwhile_is_not_switched_unseen(sign_in, admin, bob):
    key = new_key(bob.user, KEY, "Inactive")
    browser = sign_in(admin)
    seen = _hidden(markup_of(browser.get(address("bob", "activate", KEY))))
    AccessKey.objects.update(status="Active")
    response = browser.post(address("bob", "deactivate", KEY), {"seen_version": seen})
    assert response.status_code == 409
    assert "Status: Active" in markup_of(response)
    key.refresh_from_db()
    assert key.is_active


def test_a_description_that_was_changed_meanwhile_is_not_overwritten(sign_in, admin, bob):
    new_key(bob.user, KEY)
    browser = sign_in(admin)
    page = address("bob", "describe", KEY)
    seen = _hidden(markup_of(browser.get(page)))
    bob.user.tags = {KEY: "theirs"}
    bob.user.save()
    response = browser.post(page, {"description": "mine", "seen_version": seen})
    assert response.status_code == 409
    assert "theirs" in markup_of(response)
    assert "mine" in markup_of(response)
    bob.user.refresh_from_db()
    assert bob.user.tags == {KEY: "theirs"}


def test_a_hostile_description_stays_text(sign_in, admin, bob):
    new_key(bob.user, KEY)
    # Written past the actions' own rules.
    bob.user.tags = {KEY: "<script>alert(1)</script>"}
    bob.user.save()
    page = markup_of(sign_in(admin).get(url("user-security-credentials", "bob")))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_the_summary_has_two_slots(sign_in, admin, caller_with, bob):
    new_key(bob.user, KEY)
    page = markup_of(sign_in(admin).get(url("user", "bob")))
    assert f"<dt>Access key 1</dt> <dd><code>{KEY}</code> - Active" in page
    assert f'<dt>Access key 2</dt> <dd><a href="{address("bob", "create")}"' in page
    who: Caller = caller_with(allow("iam:Get*", "iam:List*"))
    assert address("bob", "create") not in markup_of(sign_in(who).get(url("user", "bob")))


def test_two_keys_take_as_many_queries_as_none(sign_in, admin, bob):
    browser = sign_in(admin)
    tab = url("user-security-credentials", "bob")
    none = queries_of(browser, tab)
    new_key(bob.user, KEY)
    new_key(bob.user, SECOND)
    assert queries_of(browser, tab) == none <= 20


def _hidden(page: str) -> str:
    return page.partition('name="seen_version" value="')[2].partition('"')[0]


# --- Lines for AWS's clients ---------------------------------------------------------------------


def test_lines_for_each_client_are_copied_with_the_secret_and_shown_without(sign_in, admin, bob):
    browser = sign_in(admin)
    browser.post(address("bob", "create"), OTHER, follow=True)
    key = bob.user.access_keys.get()
    page = Page(markup_of(browser.get(address("bob", "retrieve", key.access_key_id))))
    known = {"aws configure", "Environment variables", "Ansible", "Terraform", "Pulumi"}
    assert known <= page.shown.keys()
    assert page.shown.keys() == page.copied.keys()
    secret = stored_secret(key)
    for client, shown in page.shown.items():
        assert settings.BASE_URL in shown or client == "Python (boto3)"
        assert secret not in shown
        assert shown == page.copied[client].replace(secret, clients.MASK)
    assert f"AWS_SECRET_ACCESS_KEY='{secret}'" in page.copied["Environment variables"]
    assert key.access_key_id in page.copied["aws configure"]


def test_the_account_menu_says_where_clients_of_aws_have_to_go(sign_in, bob):
    page = markup_of(sign_in(bob).get(url("dashboard")))
    assert f'data-copy="{settings.BASE_URL}" aria-label="Copy endpoint URL"' in page


class Page(HTMLParser):
    """The lines of the CLI panel: what is shown and what is copied, by client."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.shown: dict[str, str] = {}
        self.copied: dict[str, str] = {}
        self._client = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        label = given.get("aria-label") or ""
        if label.startswith("Copy the lines for "):
            self.copied[label.removeprefix("Copy the lines for ")] = given.get("data-copy") or ""
        self._client = label if tag == "pre" else ""

    def handle_data(self, text: str) -> None:
        if self._client:
            self.shown[self._client] = self.shown.get(self._client, "") + text

    def handle_endtag(self, tag: str) -> None:
        self._client = ""
