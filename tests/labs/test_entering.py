"""Into a lab, out of it, and back to its start: what becomes of the browser's session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import instance
from accounts.actions import users
from accounts.caller import Caller
from accounts.models import Account, Event, Login
from iamconsole.labs.models import Run, StepProgress
from tests.cast import caller_of, new_user
from tests.console.browsers import (
    PASSWORD,
    give_device,
    login_of,
    new_browser,
    session_key,
    sign_in_by_page,
    signed_in,
)
from tests.labs import little_lab
from tests.labs.little_lab import ID, Inside, address, inside

pytestmark = pytest.mark.django_db
DASHBOARD = "/console/iam/#lab"
LEAVE = "/labs/leave/"


@pytest.fixture
def lab(alice: Caller) -> Inside:
    """alice, who has started the lab."""
    little_lab.offer()
    return inside(alice)


def who(browser: Client) -> Any:
    """Whoever the browser's session belongs to."""
    return browser.get("/nothing/").wsgi_request.person  # type: ignore[attr-defined]


def parked(browser: Client) -> list[str]:
    """The names of those whose sessions wait."""
    return [each.name for each in browser.get("/console/iam/").context["identities"]()]


def add(browser: Client, someone: Caller) -> None:
    """Add a session of somebody's to the browser."""
    login_of(someone)
    browser.post("/session/add/")
    assert sign_in_by_page(browser, someone).status_code == 302


# --- Start and enter ------------------------------------------------------------------------------


def test_starting_signs_the_learner_in_and_sets_the_home_session_aside(alice: Caller):
    little_lab.offer()
    browser = signed_in(alice)
    answer = browser.post(address("start"))
    assert answer["Location"] == DASHBOARD
    person = who(browser)
    assert person.user.name == "admin"
    assert person.account.lab_account.run.lab == ID
    assert parked(browser) == ["alice"]


def test_entering_asks_neither_for_a_new_password_nor_for_mfa(lab: Inside):
    admin = lab.account.users.get(name="admin")
    assert admin.login.password_reset_required
    give_device(caller_of(admin))
    browser = signed_in(lab.learner)
    browser.post(address("enter"))
    assert who(browser).user == admin
    assert who(browser).mfa_at is None, "it was not given"
    assert browser.get("/console/iam/").status_code == 200


def test_a_session_of_a_lab_leaves_nothing_in_its_history(lab: Inside):
    signin = Event.objects.filter(account=lab.account, action__startswith="signin:")
    assert not signin.exists()
    lab.browser.post(address("enter"))
    assert not signin.exists()


def test_the_key_and_the_csrf_token_are_new(alice: Caller):
    little_lab.offer()
    browser = signed_in(alice)
    browser.get("/console/iam/")
    key, token = session_key(browser), browser.cookies[settings.CSRF_COOKIE_NAME].value
    browser.post(address("start"))
    assert session_key(browser) not in ("", key)
    assert browser.cookies[settings.CSRF_COOKIE_NAME].value != token


def test_a_key_that_was_planted_is_not_the_one_of_the_lab(alice: Caller):
    little_lab.offer()
    browser = signed_in(alice)
    browser.cookies[settings.PARKED_COOKIE_NAME] = "a" * 32
    browser.post(address("start"))
    assert session_key(browser) != "a" * 32
    assert parked(browser) == ["alice"]


def test_starting_twice_starts_once(lab: Inside):
    before = lab.run
    again = signed_in(lab.learner)
    assert again.post(address("start"))["Location"] == DASHBOARD
    assert Run.objects.get() == before
    assert who(again).account == lab.account


def test_starting_anew_forgets_what_was_done(lab: Inside):
    lab.solve()
    lab.post("check", "read")
    lab.browser.post(address("start"), {"anew": "1"})
    assert lab.progress().state == StepProgress.State.OPEN
    assert who(lab.browser).account == lab.account


def test_entering_from_a_lab_replaces_its_session(lab: Inside):
    lab.browser.post(address("enter"))
    assert who(lab.browser).user.name == "admin"
    assert parked(lab.browser) == ["alice"]


def test_sessions_of_labs_that_wait_end_when_a_lab_is_entered(lab: Inside):
    ana = caller_of(lab.account.users.get(name="ana"))
    add(lab.browser, ana)
    assert sorted(parked(lab.browser)) == ["admin", "alice"]
    lab.browser.post(address("enter"))
    assert parked(lab.browser) == ["alice"]
    assert who(lab.browser).user.name == "admin"


def test_a_browser_that_is_full_says_so(account: Account, alice: Caller):
    little_lab.offer()
    browser = signed_in(alice)
    for name in ("u1", "u2", "u3", "u4"):
        add(browser, caller_of(new_user(account, name)))
    answer = browser.post(address("start"), follow=True)
    assert "This browser has 5 sessions already" in answer.content.decode()
    assert not Run.objects.exists()
    assert who(browser).user.name == "u4"


def test_a_lab_needs_a_post_and_a_token(alice: Caller):
    little_lab.offer()
    browser = signed_in(alice)
    for name in ("start", "enter"):
        assert browser.get(address(name)).status_code == 405
    assert browser.get(LEAVE).status_code == 405
    strict = new_browser(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post(address("start")).status_code == 403
    assert not Run.objects.exists()


def test_nobody_enters_a_lab_without_having_started_it(lab: Inside, bob: Caller, eve: Caller):
    for other in (bob, eve):
        browser = signed_in(other)
        assert browser.post(address("enter")).status_code == 404
        assert who(browser).user == other.user
    assert new_browser().post(address("enter")).status_code == 302
    assert new_browser().post(address("enter"))["Location"].startswith("/signin/")


def test_a_lab_that_is_not_there_cannot_be_started(alice: Caller):
    assert signed_in(alice).post(address("start")).status_code == 404


def test_a_learner_who_removed_the_labs_user_is_led_to_the_reset(lab: Inside):
    Login.objects.filter(user__account=lab.account, user__name="admin").delete()
    browser = signed_in(lab.learner)
    answer = browser.post(address("enter"), follow=True)
    assert answer.request["PATH_INFO"] == address("reset")
    assert "Reset the lab" in answer.content.decode()
    browser.post(address("reset"))
    assert who(browser).user.name == "admin"


# --- Leave ----------------------------------------------------------------------------------------


def test_leaving_leads_back_home(lab: Inside):
    key = session_key(lab.browser)
    answer = lab.browser.post(LEAVE)
    assert answer["Location"] == address("lab")
    assert who(lab.browser).user == lab.learner.user
    assert parked(lab.browser) == []
    assert session_key(lab.browser) != key
    assert Event.objects.filter(
        account=lab.learner.home, action="signin:SwitchIdentity", principal_arn=lab.learner.arn
    ).exists()
    stale = new_browser()
    stale.cookies[settings.SESSION_COOKIE_NAME] = key
    assert who(stale) is None


def test_leaving_ends_every_session_of_the_lab(lab: Inside):
    add(lab.browser, caller_of(lab.account.users.get(name="ana")))
    lab.browser.post(LEAVE)
    assert who(lab.browser).user == lab.learner.user
    assert parked(lab.browser) == []


def test_leaving_without_a_home_session_leads_to_the_sign_in(lab: Inside):
    ana = caller_of(lab.account.users.get(name="ana"))
    browser = signed_in(ana)
    assert browser.post(LEAVE)["Location"] == "/signin/"
    assert who(browser) is None


def test_leaving_does_not_lead_into_somebody_elses_session(lab: Inside, bob: Caller):
    ana = caller_of(lab.account.users.get(name="ana"))
    browser = signed_in(bob)
    add(browser, ana)
    assert browser.post(LEAVE)["Location"] == "/signin/"
    assert who(browser) is None


def test_at_home_there_is_nothing_to_leave(alice: Caller):
    browser = signed_in(alice)
    assert browser.post(LEAVE)["Location"] == "/labs/"
    assert who(browser).user == alice.user


# --- Reset and skip -------------------------------------------------------------------------------


def test_a_reset_says_what_goes_and_what_stays(lab: Inside):
    page = lab.page(address("reset"))
    assert "data-dialog-card" in page
    assert "What goes" in page
    assert "Users: 2" in page
    assert "Buckets: 1" in page
    assert "your attempts" in page


def test_a_reset_of_the_lab_says_that_done_steps_lose_their_work_and_what_keeps_it(lab: Inside):
    page = lab.page(address("reset"))
    assert "builds on the steps before it" not in page
    assert "stays done" not in page
    lab.solve()
    lab.post("check", "read")
    page = lab.page(address("reset"))
    assert "The 1 step that you have done stays done, though what you made in it goes." in page
    assert f'href="{address("step-reset", "tag")}?' in page
    page = lab.page(address("step-reset", "tag"))
    assert "The 1 step that you have done stays done." in page
    assert "instead" not in page


def test_a_reset_brings_the_start_back_and_signs_in_anew(lab: Inside):
    lab.solve()
    lab.post("check", "read")
    lab.post("hint", "tag", number="1")
    users.create_user(instance.root(lab.account), user_name="somebody")
    before, account = session_key(lab.browser), lab.account.id
    answer = lab.browser.post(address("reset"))
    assert answer["Location"] == DASHBOARD
    assert "The lab is back at its start." in lab.page("/console/iam/")
    assert who(lab.browser).account.id == account
    assert session_key(lab.browser) != before
    assert not lab.account.users.filter(name="somebody").exists()
    assert lab.progress().state == StepProgress.State.DONE
    assert lab.progress("tag").hints == 1
    assert parked(lab.browser) == ["alice"]


def test_a_step_is_reset_on_top_of_those_before_it(lab: Inside):
    lab.solve()
    lab.post("check", "read")
    assert "Reset step 2?" in lab.page(address("step-reset", "tag"))
    lab.browser.post(address("step-reset", "tag"))
    assert lab.account.users.get(name="ana").inline_policies.get().name == "Secretly"
    assert who(lab.browser).user.name == "admin"


def test_a_step_that_comes_later_can_be_neither_reset_nor_skipped(lab: Inside):
    assert lab.browser.post(address("step-reset", "tag")).status_code == 404
    lab.browser.post(address("step-skip", "tag"))
    assert lab.progress("tag").state == StepProgress.State.OPEN


def test_a_reset_from_the_home_account_enters_the_lab(lab: Inside):
    browser = signed_in(lab.learner)
    assert browser.post(address("reset"))["Location"] == DASHBOARD
    assert who(browser).account.id == lab.account.id
    assert parked(browser) == ["alice"]


def test_a_start_that_was_cut_short_is_begun_again_by_the_reset(lab: Inside):
    long_ago = timezone.now() - timedelta(hours=1)
    Run.objects.update(state=Run.State.PREPARING, state_since=long_ago)
    StepProgress.objects.all().delete()
    browser = signed_in(lab.learner)
    assert browser.post(address("enter"))["Location"] == address("reset")
    assert browser.get(address("reset")).status_code == 200
    assert browser.post(address("reset"))["Location"] == DASHBOARD
    assert lab.progress().state == StepProgress.State.OPEN


def test_skipping_does_the_step_and_leads_back_to_the_page(lab: Inside):
    back = "/console/iam/users/ana/"
    assert "Skip step 1?" in lab.page(address("step-skip", "read"))
    answer = lab.browser.post(f"{address('step-skip', 'read')}?next={back}")
    assert answer["Location"] == f"{back}#lab"
    assert lab.progress().state == StepProgress.State.SKIPPED
    page = lab.page(back)
    assert "Step 1 was done for you." in page
    assert "Say whose team she is in" in page


def test_skipping_signs_in_anew_where_the_accounts_are_made_anew(lab: Inside):
    root = instance.root(lab.account)
    ana = lab.account.users.get(name="ana")
    users.delete_user(root, user_name=ana.name)
    lab.browser.post(address("step-skip", "read"))
    assert lab.account.users.filter(name="ana").exists()
    assert who(lab.browser).user.name == "admin"
    assert lab.progress().state == StepProgress.State.SKIPPED


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil"])
def test_skipping_leads_to_pages_of_this_site_only(lab: Inside, elsewhere: str):
    answer = lab.browser.post(address("step-skip", "read"), {"next": elsewhere})
    assert answer["Location"] == "/console/#lab"


def test_somebody_of_the_labs_account_signs_in_by_its_own_address_too(lab: Inside):
    ana = caller_of(lab.account.users.get(name="ana"))
    login_of(ana)
    browser = new_browser()
    sign_in_by_page(browser, ana, PASSWORD)
    assert 'id="lab"' in browser.get("/console/iam/").content.decode()
