"""Several identities in one browser: one is current, the others wait."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.caller import Caller
from accounts.models import Account, Event
from tests.cast import CallerWith, allow, caller_of, new_user
from tests.console.browsers import (
    DASHBOARD,
    NEW,
    PASSWORD,
    give_password,
    is_in,
    login_of,
    new_browser,
    session_key,
    sign_in_by_page,
    signed_in,
)

ADD, SWITCH, OUT, OUT_OF_ALL = (
    "/session/add/",
    "/session/switch/",
    "/session/out/",
    "/session/out-of-all/",
)


def parked(browser: Client) -> list[str]:
    """The keys in the second cookie."""
    cookie = browser.cookies.get(settings.PARKED_COOKIE_NAME)
    return cookie.value.split(".") if cookie and cookie.value else []


def who(browser: Client) -> str:
    """The name of whoever the browser's session belongs to."""
    found = browser.get("/nothing/").wsgi_request.caller  # type: ignore[attr-defined]
    return found.display_name if found else ""


def others(browser: Client) -> dict[str, str]:
    """Who else is signed in, with the id by which pages name the session."""
    context = browser.get(DASHBOARD, follow=True).context
    return {each.name: each.id for each in context["identities"]()}


def add(browser: Client, someone: Caller) -> Any:
    """Add a session of somebody's to the browser."""
    login_of(someone)
    browser.post(ADD)
    return sign_in_by_page(browser, someone)


def go_on_as(browser: Client, name: str) -> Any:
    return browser.post(SWITCH, {"session": others(browser)[name]})


@pytest.fixture
def both(alice: Caller, bob: Caller) -> Client:
    """A browser in which bob is signed in and alice waits."""
    browser = signed_in(alice)
    add(browser, bob)
    return browser


def test_another_session_is_added_and_the_first_waits(both: Client):
    assert who(both) == "bob"
    assert list(others(both)) == ["alice"]
    go_on_as(both, "alice")
    assert who(both) == "alice"
    assert list(others(both)) == ["bob"]


def test_while_one_signs_in_the_browser_is_nobodys_and_can_go_back(alice: Caller):
    browser = signed_in(alice)
    answer = browser.post(ADD)
    assert answer["Location"] == "/signin/"
    assert not is_in(browser)
    page = browser.get("/signin/")
    assert "Go on as alice" in page.content.decode()
    waiting = page.context["identities"]()[0].id
    browser.post(SWITCH, {"session": waiting})
    assert who(browser) == "alice"
    assert parked(browser) == []


def test_the_second_cookie_is_as_well_guarded_as_the_first(both: Client):
    first = signed_in_cookie(both)
    second = both.cookies[settings.PARKED_COOKIE_NAME]
    assert settings.PARKED_COOKIE_NAME.startswith("__Host-")
    for flag in ("secure", "httponly", "samesite", "path", "domain"):
        assert second[flag] == first[flag], flag
    assert second["httponly"]
    assert second["secure"]


def signed_in_cookie(browser: Client) -> Any:
    go_on_as(browser, "alice")  # sets both
    return browser.cookies[settings.SESSION_COOKIE_NAME]


def test_no_page_shows_a_session_key(both: Client):
    page = both.get(DASHBOARD).content.decode()
    for key in (*parked(both), session_key(both)):
        assert key not in page


def test_switching_rotates_the_key_and_the_old_one_is_dead(both: Client):
    [before] = parked(both)
    go_on_as(both, "alice")
    assert session_key(both) != before
    thief = new_browser()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not is_in(thief)


def test_a_form_that_was_made_as_one_is_refused_as_another(alice: Caller, bob: Caller):
    browser = new_browser(enforce_csrf_checks=True)
    browser.cookies[settings.SESSION_COOKIE_NAME] = session_key(signed_in(alice))
    login_of(bob)

    def token(page: str = DASHBOARD) -> str:
        return str(browser.get(page).context["csrf_token"])

    of_alice = token()
    assert browser.post(ADD, {"csrfmiddlewaretoken": of_alice}).status_code == 302
    sent = {"account": bob.home.id, "user_name": "bob", "password": PASSWORD}
    browser.post("/signin/", sent | {"csrfmiddlewaretoken": token("/signin/")})
    assert who(browser) == "bob"
    for stale in (of_alice, ""):
        answer = browser.post("/console/iam/create-group/", {"csrfmiddlewaretoken": stale})
        assert answer.status_code == 403
    assert "The form has expired" in answer.content.decode()
    of_bob = token()
    alices = others(browser)["alice"]
    browser.post(SWITCH, {"session": alices, "csrfmiddlewaretoken": of_bob})
    assert who(browser) == "alice"
    for stale in (of_alice, of_bob):
        answer = browser.post("/console/iam/create-group/", {"csrfmiddlewaretoken": stale})
        assert answer.status_code == 403


@pytest.mark.parametrize("address", [ADD, SWITCH, OUT_OF_ALL])
def test_nothing_of_it_happens_by_a_link(both: Client, address: str):
    assert both.get(address).status_code == 405
    assert who(both) == "bob"


def test_five_fit_and_a_sixth_is_refused_with_words(account: Account, alice: Caller):
    browser = signed_in(alice)
    for number in range(4):
        add(browser, caller_of(new_user(account, f"user{number}")))
    assert len(others(browser)) == 4
    answer = browser.post(ADD, follow=True)
    assert "This browser has 5 sessions already" in answer.content.decode()
    assert who(browser) == "user3"
    go_on_as(browser, "alice")
    assert len(others(browser)) == 4


def test_forged_keys_are_ignored(both: Client, eve: Caller):
    [good] = parked(both)
    for forged in ("x" * 32, "../../etc", "a.b.c", "A" * 32, ".", "x" * 9000, session_key(both)):
        both.cookies[settings.PARKED_COOKIE_NAME] = f"{forged}.{good}"
        assert list(others(both)) == ["alice"], forged
    both.cookies[settings.PARKED_COOKIE_NAME] = ".".join("abcdefgh"[n] * 32 for n in range(8))
    assert others(both) == {}
    answer = both.post(SWITCH, {"session": "made-up"}, follow=True)
    assert "That session has ended" in answer.content.decode()
    assert who(both) == "bob"


def test_a_session_that_waits_in_another_browser_can_not_be_named(both: Client, eve: Caller):
    mine = signed_in(eve)
    theirs = others(both)["alice"]
    mine.post(SWITCH, {"session": theirs})
    assert who(mine) == "eve"


def test_a_sign_in_that_is_half_way_is_no_session_to_go_on_with(alice: Caller, bob: Caller):
    login = give_password(bob)
    login.password_reset_required = True
    login.save()
    half = new_browser()
    sign_in_by_page(half, bob)
    browser = signed_in(alice)
    browser.cookies[settings.PARKED_COOKIE_NAME] = session_key(half)
    assert others(browser) == {}


def test_a_new_password_ends_parked_sessions_too(both: Client, alice: Caller):
    login = login_of(alice)
    login.epoch += 1
    login.save()
    assert others(both) == {}


def test_a_deleted_users_parked_session_is_gone(both: Client, alice: Caller):
    alice.user.delete()  # type: ignore[union-attr]
    assert others(both) == {}
    assert who(both) == "bob"


def test_ones_own_new_password_leaves_the_others_alone(caller_with: CallerWith, bob: Caller):
    browser = signed_in(bob)
    add(browser, caller_with(allow("iam:ChangePassword"), name="carol"))
    sent = {"old_password": PASSWORD, "new_password": NEW, "retyped": NEW}
    browser.post("/console/iam/security-credentials/password/", sent)
    assert list(others(browser)) == ["bob"]


def test_signing_out_ends_one_and_the_others_wait_on_the_sign_in_page(both: Client):
    key = session_key(both)
    assert both.post(OUT)["Location"] == "/signin/"
    assert not Session.objects.filter(session_key=key).exists()
    assert not is_in(both)
    assert "Go on as alice" in both.get("/signin/").content.decode()


@pytest.mark.parametrize("signed_in_still", [True, False])
def test_signing_out_of_all_ends_each_on_the_server_and_records_it(
    both: Client, signed_in_still: bool
):
    keys = [*parked(both), session_key(both)]
    if not signed_in_still:
        both.post(OUT)
    both.post(OUT_OF_ALL)
    assert not Session.objects.filter(session_key__in=keys).exists()
    assert parked(both) == []
    assert not is_in(both)
    recorded = Event.objects.filter(action="signin:SignOut")
    names = {event.principal_arn.rpartition("/")[2] for event in recorded}
    assert names == {"alice", "bob"}


def test_identities_of_several_accounts_see_each_their_own(alice: Caller, eve: Caller):
    browser = signed_in(alice)
    add(browser, eve)
    assert "4444-5555-6666" in browser.get(DASHBOARD).content.decode()
    go_on_as(browser, "alice")
    assert "1111-2222-3333" in browser.get(DASHBOARD).content.decode()


def test_who_has_one_identity_pays_no_query_for_the_others(alice: Caller, both: Client):
    alone = signed_in(alice)
    alone.get(DASHBOARD)
    with CaptureQueriesContext(connection) as one:
        alone.get("/console/switch-role/")
    with CaptureQueriesContext(connection) as two:
        both.get("/console/switch-role/")
    assert len(two) - len(one) <= 2


def test_going_on_as_another_identity_is_on_record(both: Client, alice: Caller):
    go_on_as(both, "alice")
    event = Event.objects.get(action="signin:SwitchIdentity")
    assert (event.principal_arn, event.outcome) == (alice.arn, "success")
