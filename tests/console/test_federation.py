"""Signing in to the console with temporary credentials: who may, how often, how long, whither."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import caller as callers
from accounts.actions import preferences, sts, sts_tokens
from accounts.caller import Caller
from accounts.models import Event, User
from accounts.sessions import Credentials
from tests.accounts.assuming import MAY, new_role, trusting
from tests.cast import ACCOUNT_ID, allow, document
from tests.console.browsers import DASHBOARD, is_in, new_browser, session_key, signed_in

pytestmark = pytest.mark.django_db
SESSION = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/reader/work"


@pytest.fixture
def today(caller_with: Any) -> Caller:
    """A user who may assume the role and vouch for others, calling now."""
    return calling_now(caller_with(MAY, allow("sts:GetFederationToken", "iam:List*")))


def calling_now(who: Caller) -> Caller:
    """The same, but at the time at which browsers ask."""
    return replace(who, now=timezone.now())


@pytest.fixture
def given(root: Caller, today: Caller) -> Credentials:
    """Credentials of a role, for an hour."""
    new_role(root, trusting(today.arn))
    assumed = sts.assume_role(
        today, role_arn=f"arn:aws:iam::{ACCOUNT_ID}:role/reader", role_session_name="work"
    )
    return assumed.credentials


def session_of(given: Credentials, **instead: Any) -> str:
    return json.dumps(
        {
            "sessionId": given.access_key_id,
            "sessionKey": given.secret_access_key,
            "sessionToken": given.session_token,
        }
        | instead
    )


def ask(session: str, **more: Any) -> Any:
    sent = {"Action": "getSigninToken", "Session": session, **more}
    return new_browser().get("/federation", sent)


def token_for(given: Credentials, **more: Any) -> str:
    answer = ask(session_of(given), **more)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["SigninToken"])


def follow(
    browser: Client, token: str, destination: str = "https://console.aws.amazon.com/"
) -> Any:
    sent = {
        "Action": "login",
        "Issuer": "https://broker.example.com/",
        "Destination": destination,
        "SigninToken": token,
    }
    return browser.get("/federation", sent)


def entered(given: Credentials, **more: Any) -> Client:
    browser = new_browser()
    assert follow(browser, token_for(given, **more)).status_code == 302
    return browser


def caller_in(browser: Client) -> Any:
    return browser.get("/nothing/").wsgi_request.caller  # type: ignore[attr-defined]


def test_a_roles_credentials_open_the_console_as_that_session_of_the_role(given):
    browser = new_browser()
    answer = follow(browser, token_for(given))
    assert (answer.status_code, answer["Location"]) == (302, DASHBOARD)
    assert caller_in(browser).arn == SESSION
    page = browser.get(DASHBOARD).content.decode()
    assert "reader/work" in page
    assert "Switch back" not in page
    assert "Signed in as" not in page
    seen = Event.objects.filter(action__startswith="signin:").order_by("sequence")
    assert list(seen.values_list("action", "principal_arn", "access_key_id", "outcome")) == [
        ("signin:GetSigninToken", SESSION, given.access_key_id, "success"),
        ("signin:EnterConsole", SESSION, given.access_key_id, "success"),
    ]


def test_what_the_session_does_is_held_to_the_roles_policies(given, admin):
    browser = entered(given)
    assert "is not authorized" in browser.get("/console/iam/users/").content.decode()
    made = browser.post("/console/iam/create-user/", {"user_name": "carol"})
    assert made.status_code != 500
    assert not User.objects.filter(name="carol").exists()


def test_a_federated_user_has_pages_and_choices_of_its_own(today):
    made = sts_tokens.get_federation_token(today, name="guest", policy=document(allow("iam:List*")))
    browser = entered(made.credentials)
    assert caller_in(browser).arn.endswith(":federated-user/guest")
    page = browser.get("/console/iam/users/").content.decode()
    assert "alice" in page
    assert "Federated user" in page
    assert "Security credentials</a>" not in page
    assert browser.get("/console/iam/security-credentials/").status_code < 500
    guest = caller_in(browser)
    preferences.set_preference(guest, name="columns", value={"users": ["name"]})
    assert preferences.preferences_of(guest) == {"columns": {"users": ["name"]}}
    of_root = callers.root(today.home, face=guest.face, now=guest.now, request_id="r")
    assert preferences.preferences_of(of_root) == {}


def test_credentials_of_get_session_token_sign_nobody_in(today, admin):
    made = sts_tokens.get_session_token(calling_now(admin))
    answer = ask(session_of(made))
    assert answer.status_code == 400
    assert b"may not call" in answer.content
    event = Event.objects.get(action="signin:GetSigninToken")
    assert (event.outcome, event.principal_arn) == ("denied", admin.arn)


def test_a_token_opens_one_session(given):
    token = token_for(given)
    assert is_in(entered(given))
    first, second = new_browser(), new_browser()
    assert follow(first, token).status_code == 302
    assert follow(second, token).status_code == 400
    assert is_in(first)
    assert not is_in(second)


def test_a_token_waits_for_fifteen_minutes(given, monkeypatch):
    token, late = token_for(given), timezone.now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)
    browser = new_browser()
    assert follow(browser, token).status_code == 400
    assert not is_in(browser)


@pytest.mark.parametrize("token", ["", "x", "é", "AAAA", "djE6", "a" * 3000])
def test_no_other_text_is_a_token(db, token):
    browser = new_browser()
    answer = follow(browser, token)
    assert answer.status_code == 400
    assert b"This link does not work" in answer.content
    assert not is_in(browser)


def test_the_key_under_which_a_token_waits_is_no_session(given):
    token_for(given)
    browser = new_browser()
    browser.cookies[settings.SESSION_COOKIE_NAME] = Session.objects.get().session_key
    assert not is_in(browser)
    assert given.secret_access_key not in str(Session.objects.get().get_decoded())


@pytest.mark.parametrize(
    "instead",
    [
        {"sessionKey": "x" * 40},
        {"sessionKey": "\ud800"},
        {"sessionToken": "x"},
        {"sessionId": "ASIA" + "A" * 16},
        {"sessionId": 7},
        {"sessionToken": None},
    ],
)
def test_credentials_that_do_not_fit_together_get_no_token(given, instead):
    answer = ask(session_of(given, **instead))
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain")
    assert not Session.objects.exists()


@pytest.mark.parametrize("session", ["", "[]", "7", "{", "null", '{"sessionId": "a"}', "[" * 3000])
def test_a_session_that_is_no_json_of_credentials_gets_no_token(db, session):
    assert ask(session).status_code == 400


@pytest.mark.parametrize("duration", ["899", "43201", "-900", "x", "²", "9" * 30])
def test_a_duration_is_fifteen_minutes_to_twelve_hours(given, duration):
    assert ask(session_of(given), SessionDuration=duration).status_code == 400


def test_a_duration_is_for_roles_only(today):
    made = sts_tokens.get_federation_token(today, name="guest", policy=document(allow("iam:List*")))
    assert ask(session_of(made.credentials), SessionDuration="900").status_code == 400


def test_the_session_ends_with_its_duration_and_never_after_the_credentials(given, monkeypatch):
    short, long = entered(given, SessionDuration="900"), entered(given, SessionDuration="43200")
    start = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(minutes=16))
    assert not is_in(short)
    assert is_in(long)
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(minutes=61))
    assert not is_in(long)


def test_the_session_ends_with_the_role(given, root):
    browser = entered(given)
    role = root.home.roles.get(name="reader")
    role.inline_policies.all().delete()
    role.delete()
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("destination", "leads_to"),
    [
        ("/console/iam/users/", "/console/iam/users/"),
        ("http://localhost:8000/console/iam/roles/?q=a", "/console/iam/roles/?q=a"),
        ("https://evil.example/", DASHBOARD),
        ("//evil.example/console/iam/", DASHBOARD),
        ("http://localhost:8000.evil.example/", DASHBOARD),
        ("http://localhost:8000//evil.example/", DASHBOARD),
        ("http://localhost:8000@evil.example/", DASHBOARD),
        ("/\\evil.example/", DASHBOARD),
        ("javascript:alert(1)", DASHBOARD),
        ("/session/out/", DASHBOARD),
        ("/federation?Action=login", DASHBOARD),
        ("", DASHBOARD),
    ],
)
def test_a_link_leads_to_a_page_of_this_console_only(given, destination, leads_to):
    assert follow(new_browser(), token_for(given), destination)["Location"] == leads_to


def test_whoever_is_signed_in_stays_who_they_are(given, bob):
    browser, token = signed_in(bob), token_for(given)
    before = session_key(browser)
    assert follow(browser, token).status_code == 400
    assert caller_in(browser).arn == bob.arn
    assert session_key(browser) == before
    assert follow(new_browser(), token).status_code == 302, "the token was not spent on that"


def test_a_sign_in_gets_a_key_that_was_not_there_before(given, bob):
    planted = SessionStore()
    planted.create()
    browser = new_browser()
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(planted.session_key)
    follow(browser, token_for(given))
    assert is_in(browser)
    assert session_key(browser) != planted.session_key
    assert not SessionStore().exists(str(planted.session_key))


def test_signing_out_ends_it_on_record(given):
    browser = entered(given)
    browser.post("/session/out/")
    assert not is_in(browser)
    assert Event.objects.get(action="signin:SignOut").principal_arn == SESSION


def test_it_is_not_set_aside_and_parked_sessions_stay(given, bob):
    browser = signed_in(bob)
    browser.post("/session/add/")
    follow(browser, token_for(given))
    assert caller_in(browser).arn == SESSION
    answer = browser.post("/session/add/", follow=True)
    assert "Sign out of it first" in answer.content.decode()
    assert caller_in(browser).arn == SESSION
    others = answer.context["identities"]()
    assert [each.name for each in others] == ["bob"]
    browser.post("/session/switch/", {"session": others[0].id})
    assert caller_in(browser).arn == bob.arn


def test_a_program_that_asks_for_something_else_is_told_so(db):
    assert new_browser().get("/federation").status_code == 400
    assert new_browser().get("/federation", {"Action": "logout"}).status_code == 400
    assert new_browser().post("/federation").status_code in (403, 405)
