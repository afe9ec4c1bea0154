"""What holds for every page there is: who gets in, and what nobody else is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import caller as callers
from accounts import demo, sessions
from accounts.actions import login_profiles, mfa, users
from accounts.actions.attachments import attach_user_policy
from accounts.caller import Caller, Session
from accounts.demo import Demo
from accounts.models import Account, Login
from accounts.types import Tag
from iamconsole.console import session
from tests import pages
from tests.cast import caller_of, new_user
from tests.console.browsers import SEED, is_in, new_browser, signed_in

#: What is in the account and must be seen by nobody else.
MARK = "known-at-home-only"
#: 400 is the answer to an address that leaves out what the page is about, 410 to a token or secret
#: that was shown already.
OK = {200, 302, 400, 405, 410}


@pytest.fixture
def made(db: None) -> Demo:
    """The demo account, whose ram has a tag that must not get out."""
    made = demo.create()
    chief = callers.root(made.account, face=callers.Face.CONSOLE, now=made.account.created_at,
                         request_id="r")  # fmt: skip
    users.tag_user(chief, user_name="ram", tags=[Tag("note", MARK)])
    return made


@pytest.fixture
def addresses(made: Demo) -> dict[str, str]:
    """The pages of the console and of the labs."""
    found = pages.addresses(pages.furnish(made))
    return {name: url for name, url in found.items() if name.startswith(("console:", "labs:"))}


def caller_named(account: Account, name: str) -> Caller:
    return caller_of(account.users.get(name=name))


def test_whoever_is_signed_out_is_sent_to_the_sign_in(addresses):
    browser = new_browser()
    for name, url in addresses.items():
        for answer in (browser.get(url), browser.post(url)):
            assert answer.status_code in (302, 403), name
            assert MARK not in answer.content.decode()
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/signin/"), name


def test_whoever_is_half_signed_in_gets_no_further(made, addresses):
    """With the password alone where there is a device, and with one that must be changed."""
    for name, step in (("ram", "signin:mfa"), ("shyam", "signin:change-password")):
        browser = half_way(made, name)
        for page, url in addresses.items():
            answer = browser.get(url)
            assert answer.status_code == 302, page
            assert answer.headers["Location"] == reverse(step), page


def half_way(made: Demo, name: str) -> Client:
    """A browser in which the password was given, and something else is still asked for."""
    chief = callers.root(made.account, face=callers.Face.CONSOLE, now=made.account.created_at,
                         request_id="r")  # fmt: skip
    if name == "ram":
        device = mfa.create_virtual_mfa_device(chief, virtual_mfa_device_name="d", seed=SEED)
        user = made.account.users.get(name=name)
        type(device).objects.filter(pk=device.pk).update(user=user, slot=1)
    else:
        login_profiles.update_login_profile(chief, user_name=name, password_reset_required=True)
    browser = new_browser()
    where = reverse("signin:account", args=[made.account.alias])
    sent = {"account": made.account.alias, "user_name": name, "password": made.passwords[name]}
    browser.post(where, sent)
    return browser


def test_the_administrator_gets_every_page(made, addresses):
    chief = callers.root(made.account, face=callers.Face.CONSOLE, now=made.account.created_at,
                         request_id="r")  # fmt: skip
    users.create_user(chief, user_name="boss")
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    attach_user_policy(chief, user_name="boss", policy_arn=administrator)
    browser = signed_in(caller_named(made.account, "boss"))
    for name, url in addresses.items():
        answer = browser.get(url)
        assert answer.status_code in OK | missing_ones(name), f"{name}: {answer.status_code}"


def missing_ones(name: str) -> set[int]:
    """Answers about what is not there: another's key as an own one, devices, one-time tokens, a lab
    that somebody else does.
    """
    if name.startswith("labs:"):
        return {404}
    if name.startswith("console:key-") or name == "console:users-created":
        return {403, 404}
    if name.endswith(
        ("-mfa-remove", "-mfa-resync", "-remove-policy", ":mfa-remove", ":mfa-resync", "-password")
    ):
        return {404}
    return {409} if name.endswith("-resume") else set()


def test_a_user_without_permissions_gets_refusals_and_no_contents(made, addresses):
    """ram's own pages apart, which are asked for by somebody else."""
    new_user(made.account, "nobody")
    browser = signed_in(caller_named(made.account, "nobody"))
    for name, url in addresses.items():
        answer = browser.get(url)
        assert answer.status_code in OK | {403, 404}, f"{name}: {answer.status_code}"
        assert MARK not in answer.content.decode(), name
        assert "PowerUserAccess" not in answer.content.decode(), name


def test_the_administrator_of_another_account_finds_nothing_of_this_one(made, addresses, eve):
    browser = signed_in(eve)
    for name, url in addresses.items():
        answer = browser.get(url)
        assert answer.status_code in OK | {403, 404}, f"{name}: {answer.status_code}"
        page = answer.content.decode()
        assert MARK not in page, name
        # The ids and the alias of the account are in nothing but an address that she typed.
        assert made.account.alias not in page.replace(url, ""), name


def test_a_page_that_changes_something_does_not_do_it_by_being_looked_at(made, addresses):
    browser = signed_in(caller_named(made.account, "mira"))
    before = Login.objects.count(), made.account.users.count(), made.account.policies.count()
    for url in addresses.values():
        browser.get(url)
        browser.head(url)
    after = Login.objects.count(), made.account.users.count(), made.account.policies.count()
    assert after == before


@pytest.mark.parametrize("federated", [False, True])
def test_who_came_with_temporary_credentials_gets_every_page(made, addresses, federated):
    now = timezone.now()
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    holder = made.account if federated else made.account.roles.filter(path="/").first()
    work = Session("work", now + timedelta(hours=1), policy_arns=(administrator,))
    began = sessions.issue(holder, work, now=now, mfa_at=None, federated=federated)
    browser = new_browser()
    request = browser.get("/signin/").wsgi_request
    session.federate(
        request,
        session.Federated(began.access_key_id, began.session_token, began.expiration.timestamp()),
    )
    request.session.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    assert is_in(browser)
    for name, url in addresses.items():
        answer = browser.get(url)
        assert answer.status_code in OK | {403, 404, 409}, f"{name}: {answer.status_code}"
