"""Sessions: how they begin, what ends them, and that a stolen or planted key is worth nothing."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import caller as callers
from accounts import passwords
from accounts.actions import root as root_actions
from accounts.models import Event, Login
from tests.cast import allow
from tests.console.browsers import (
    DASHBOARD,
    NEW,
    change_password,
    code,
    give_device,
    give_password,
    is_in,
    must_change,
    new_browser,
    session_key,
    sign_in_by_page,
    signed_in,
)

pytestmark = pytest.mark.django_db


def test_every_step_up_has_a_new_session_key_and_the_old_one_is_dead(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    must_change(alice)
    give_device(alice)
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = "a" * 32
    keys = [planted]
    sign_in_by_page(client, alice)
    keys.append(session_key(client))
    client.post("/session/mfa/", {"authentication_code": code()})
    keys.append(session_key(client))
    change_password(client)
    keys.append(session_key(client))
    assert is_in(client)
    assert len(set(keys)) == 4
    for key in keys[:-1]:
        other = new_browser()
        other.cookies[settings.SESSION_COOKIE_NAME] = key
        assert other.get(DASHBOARD)["Location"].startswith("/signin/")


def test_an_anonymous_session_is_not_taken_over_by_signing_in(root, alice, client):
    """Its key and what lay in it go: somebody else may know the key."""
    give_password(root)
    give_password(alice)
    token = root_actions.create_recovery_link(callers.operator(
        root.home, now=timezone.now(), request_id="r"
    ))  # fmt: skip
    client.post(f"/session/recover/{token}/", {"new_password": NEW, "retyped": NEW})
    before = session_key(client)
    assert before
    sign_in_by_page(client, alice)
    assert session_key(client) != before


def test_a_session_ends_after_twelve_hours_whatever_is_done_in_it(sign_in, alice, monkeypatch):
    browser, start = sign_in(alice), timezone.now()
    for hours, alive in ((6, True), (11.9, True), (12.1, False)):
        moment = start + timedelta(hours=hours)
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        assert is_in(browser) is alive, hours


def test_a_half_session_ends_after_ten_minutes(alice, client, monkeypatch):
    give_password(alice)
    give_device(alice)
    sign_in_by_page(client, alice)
    start = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(minutes=9))
    assert client.get("/session/mfa/").status_code == 200
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(minutes=11))
    answer = client.post("/session/mfa/", {"authentication_code": code()})
    assert answer["Location"].startswith("/signin/")
    assert not is_in(client)


def gone(login: Login) -> None:
    assert login.user is not None
    login.user.delete()


def without_access(login: Login) -> None:
    login.delete()


def changed_elsewhere(login: Login) -> None:
    passwords.store(login, passwords.hashed(NEW, passwords.new_history_salt()), timezone.now())


@pytest.mark.parametrize("happens", [gone, without_access, changed_elsewhere])
@pytest.mark.parametrize("half", [False, True])
def test_a_session_ends_at_the_next_request_when(alice, happens, half):
    login = give_password(alice)
    if half:
        give_device(alice)
        browser = new_browser()
        sign_in_by_page(browser, alice)
        assert browser.get("/session/mfa/").status_code == 200
    else:
        browser = signed_in(alice)
        assert is_in(browser)
    happens(login)
    assert browser.get(DASHBOARD)["Location"].startswith("/signin/")
    assert browser.get("/session/mfa/")["Location"].startswith("/signin/")


def test_changing_ones_password_keeps_this_session_and_ends_the_others(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    other = signed_in(alice)
    Login.objects.update(password_reset_required=True)
    sign_in_by_page(client, alice)
    change_password(client)
    assert is_in(client)
    assert not is_in(other)


def test_signing_out_ends_the_session_on_the_server_and_clears_the_browser(sign_in, alice):
    browser = sign_in(alice)
    key = session_key(browser)
    assert browser.get("/session/out/").status_code == 405
    answer = browser.post("/session/out/")
    assert answer["Location"] == "/signin/"
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert session_key(browser) == ""
    thief = new_browser()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    assert not is_in(thief)
    event = Event.objects.get(action="signin:SignOut")
    assert event.principal_arn == alice.arn


def test_a_sign_in_can_be_given_up_half_way(alice, client):
    give_password(alice)
    give_device(alice)
    sign_in_by_page(client, alice)
    client.post("/session/out/")
    assert client.get("/session/mfa/")["Location"].startswith("/signin/")
    assert not Event.objects.filter(action="signin:SignOut").exists()
