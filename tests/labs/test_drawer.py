"""The drawer: what it shows, what it keeps to itself, and what its forms do."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import instance
from accounts.actions import inline_policies, roles
from accounts.caller import Caller
from accounts.models import Event
from iamconsole.labs import found
from iamconsole.labs.models import Run, StepProgress
from tests.cast import allow, caller_of, document, trust
from tests.console.browsers import PASSWORD, give_password, new_browser, signed_in
from tests.labs import little_lab
from tests.labs.little_lab import FAIL, HINTS, ID, SOLUTION, Inside, address, inside

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab(alice: Caller) -> Inside:
    """alice, who has started the lab."""
    little_lab.offer()
    return inside(alice)


def drawer(page: str) -> str:
    """The drawer of a page, or nothing."""
    found = re.search(r'<aside class="lab".*?</aside>', page, re.S)
    return unescape(found[0]) if found else ""


# --- Where it is shown ----------------------------------------------------------------------------


def test_every_page_of_the_labs_account_has_it(lab: Inside):
    for path in ("/console/iam/", "/console/s3/buckets/", "/console/iam/users/ana/", "/nothing/"):
        page = lab.browser.get(path, follow=True).content.decode()
        assert "Let her read" in drawer(page), path
        assert 'href="#lab">Skip to the lab' in page


def test_no_page_of_another_account_has_it(lab: Inside, alice: Caller, eve: Caller):
    for other in (alice, eve):
        page = signed_in(other).get("/console/iam/users/").content.decode()
        assert "labs.css" not in page
        assert "Skip to the lab" not in page
        assert drawer(page) == ""


def test_pieces_and_dialogs_come_without_it(lab: Inside):
    for headers in ({"HX-Request": "true"}, {"X-Requested-With": "dialog"}):
        assert drawer(lab.page(**headers)) == ""


def test_it_says_where_one_is(lab: Inside):
    shown = drawer(lab.page())
    assert "A little lab" in shown
    assert "Step 1 of 2" in shown
    assert re.search(r'aria-current="step">.*?1\. Let her read', shown, re.S)
    assert "2. Say whose team she is in" in shown
    assert f"Let <strong>ana</strong> read <code>{lab_bucket(lab)}</code>" in shown
    assert lab.account.id in shown


def lab_bucket(lab: Inside) -> str:
    return found.values_of(lab.run)["bucket"]


def test_show_me_leads_to_the_control(lab: Inside):
    shown = drawer(lab.page())
    assert 'href="/console/iam/users/ana/#delete-user" data-show-me' in shown
    assert "Show me 2" in shown
    assert 'id="delete-user"' in lab.page("/console/iam/users/ana/")


# --- What it keeps to itself ----------------------------------------------------------------------


def test_nothing_that_was_not_asked_for_is_in_any_page(lab: Inside):
    pages = [lab.page(), lab.page(address("step", "read")), lab.post("check", "tag")]
    for page in map(unescape, pages):
        for secret in (*HINTS, SOLUTION, "Secretly", "s3:GetObject", FAIL.format(user="ana")):
            assert secret not in page, secret


def test_hints_come_one_by_one_and_stay(lab: Inside):
    for number, text in enumerate(HINTS, start=1):
        answer = unescape(lab.post("hint", "read", number=str(number)))
        assert text in answer
        assert f'data-focus-on="lab-hint-{number}"' in answer
        assert all(later not in answer for later in HINTS[number:])
    assert all(text in unescape(lab.page()) for text in HINTS)
    assert lab.progress().hints == 3
    lab.post("hint", "read", number="4")
    assert lab.progress().hints == 3


def test_a_hint_asked_for_twice_by_one_form_is_one_hint(lab: Inside):
    lab.post("hint", "read", number="1")
    lab.post("hint", "read", number="1")
    assert lab.progress().hints == 1
    assert HINTS[1] not in unescape(lab.page())


def test_the_solution_is_shown_when_it_is_asked_for_and_noted(lab: Inside, alice: Caller):
    assert SOLUTION in unescape(lab.post("solution", "read"))
    assert SOLUTION in unescape(lab.page())
    assert lab.progress().solution_shown
    assert Event.objects.filter(account=alice.home, action__startswith="lab:").exists()


@pytest.mark.parametrize("name", ["hint", "solution", "check"])
def test_a_step_that_comes_later_tells_nothing(lab: Inside, name: str):
    answer = unescape(lab.post(name, "tag", number="1"))
    assert "Let her read" in answer
    later = lab.progress("tag")
    assert (later.hints, later.solution_shown, later.checked_at) == (0, False, None)
    page = lab.browser.get(address("step", "tag"))
    assert page["Location"] == address("step", "read")


# --- Checking -------------------------------------------------------------------------------------


def test_a_check_says_what_was_found_and_what_was_expected(lab: Inside):
    answer = unescape(lab.post("check", "read"))
    assert "ana still can't read the report." in answer
    assert "1 of 2 conditions are met" in answer
    for words in ("Not met:", "Met:", "Found", "Expected", "1 attempt"):
        assert words in answer
    assert 'data-announce="Not solved yet: 1 of 2 conditions are met."' in answer
    assert "ana still can't read the report." in unescape(lab.page())


def test_a_wrong_turn_names_the_policy(lab: Inside):
    inline_policies.put_user_policy(
        instance.root(lab.account), user_name="ana", policy_name="TooMuch",
        policy_document=document(allow("s3:*", "iam:ListUsers")),
    )  # fmt: skip
    answer = unescape(lab.post("check", "read"))
    assert "ana can do too much" in answer
    assert "TooMuch" in answer


def test_a_solved_step_leads_to_the_next(lab: Inside):
    lab.solve()
    answer = lab.post("check", "read")
    assert "Step 1 is solved." in answer
    assert 'data-focus-on="lab-solved"' in answer
    assert "Say whose team she is in" in answer
    assert re.search(r'id="lab-where" hx-swap-oob="true">\s*Step 2 of 2', answer)
    assert "Step solved" in answer, "where the drawer is folded"
    assert lab.progress().state == StepProgress.State.DONE


def test_at_the_end_it_leads_to_the_finish(lab: Inside):
    for step in ("read", "tag"):
        lab.solve(step)
        answer = lab.post("check", step)
    assert "All 2 steps are done" in answer
    assert f'href="{address("finish")}"' in answer
    assert "All steps done" in drawer(lab.page())


def test_it_checks_by_itself_once_after_a_change(lab: Inside):
    assert 'id="lab-automatic"' not in lab.page(), "nothing has changed yet"
    inline_policies.put_user_policy(
        instance.root(lab.account), user_name="ana", policy_name="Other",
        policy_document=document(allow("s3:ListBucket")),
    )  # fmt: skip
    page = lab.page()
    assert 'hx-trigger="load delay:2s"' in page
    assert "data-changed" in page
    answer = unescape(lab.post("check", "read", automatic="1"))
    assert "ana still can't read the report." in answer
    assert "data-announce" not in answer, "it is calm"
    assert "data-changed" not in answer
    assert lab.progress().attempts == 0
    assert "data-changed" not in lab.page()


def test_a_step_solved_by_itself_is_announced_and_takes_no_focus(lab: Inside):
    lab.solve()
    answer = lab.post("check", "read", automatic="1")
    assert 'data-announce="Step 1 is solved."' in answer
    assert "data-focus-on" not in answer


def test_what_was_solved_meanwhile_is_not_checked_again(lab: Inside):
    lab.solve()
    lab.post("check", "read", automatic="1")
    before = lab.progress().attempts
    assert "Say whose team she is in" in lab.post("check", "read")
    assert lab.progress().attempts == before


# --- The pulse ------------------------------------------------------------------------------------


def pulse_url(page: str) -> str:
    found = re.search(r'hx-get="([^"]+/pulse/[^"]+)"', page)
    assert found is not None
    return unescape(found[1])


def test_the_pulse_is_silent_until_something_changes(lab: Inside):
    url = pulse_url(lab.page())
    assert lab.browser.get(url).status_code == 204
    lab.solve()
    answer = lab.browser.get(url, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "data-changed" in answer.content.decode()
    assert "data-announce" not in answer.content.decode()
    assert lab.browser.get(pulse_url(answer.content.decode())).status_code == 204


def test_the_pulse_leads_back_to_the_page_and_leaves_no_event(lab: Inside):
    url = pulse_url(lab.page("/console/iam/users/?page=1"))
    before = Event.objects.count()
    lab.solve()
    made = Event.objects.count() - before
    answer = lab.browser.get(url, headers={"HX-Request": "true"}).content.decode()
    assert 'name="next" value="/console/iam/users/?page=1"' in unescape(answer)
    assert Event.objects.count() - before == made


# --- Without scripts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sent", "place"),
    [
        ("check", {}, "lab-results"),
        ("hint", {"number": "1"}, "lab-hint-1"),
        ("solution", {}, "lab-solution"),
    ],
)
def test_without_a_script_the_page_comes_again(
    lab: Inside, name: str, sent: dict[str, str], place: str
):
    back = "/console/iam/users/ana/"
    answer = lab.browser.post(address(name, "read"), sent | {"next": back})
    assert answer["Location"] == f"{back}#{place}"
    assert f'id="{place}"' in lab.page(back)


def test_without_a_script_a_solved_step_is_told_above_the_page(lab: Inside):
    lab.solve()
    answer = lab.browser.post(address("check", "read"), {"next": "/console/iam/"}, follow=True)
    assert "Step 1 is solved." in answer.content.decode()


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x", ""],
)
def test_a_form_leads_back_to_pages_of_this_site_only(lab: Inside, elsewhere: str):
    answer = lab.browser.post(address("check", "read"), {"next": elsewhere})
    assert answer["Location"] == "/console/#lab-results"


def test_the_step_is_a_page_of_its_own_also_from_the_home_account(lab: Inside, alice: Caller):
    for browser in (lab.browser, signed_in(alice)):
        page = browser.get(address("step", "read")).content.decode()
        assert "<h1>Let her read</h1>" in page
        assert drawer(page) == ""
        assert f'action="{address("check", "read")}"' in page
    assert "Enter the lab" in page


# --- Whose it is ----------------------------------------------------------------------------------


def test_another_learner_has_no_such_run(lab: Inside, bob: Caller, eve: Caller):
    for other in (bob, eve):
        browser = signed_in(other)
        for name in ("step", "check", "hint", "solution", "step-reset", "step-skip"):
            for answer in (
                browser.get(address(name, "read")),
                browser.post(address(name, "read"), {"number": "1"}),
            ):
                assert answer.status_code in (404, 405), name
        assert browser.get(address("pulse")).status_code == 404
        assert browser.post(address("enter")).status_code == 404
        assert browser.get(address("reset")).status_code == 404
    row = lab.progress()
    assert (row.hints, row.attempts, row.solution_shown) == (0, 0, False)


def test_a_role_switch_into_the_labs_account_shows_nothing(lab: Inside, admin: Caller):
    role = roles.create_role(
        instance.root(lab.account), role_name="Visitor",
        assume_role_policy_document=trust(AWS=admin.home.id),
    )  # fmt: skip
    browser = signed_in(admin)
    sent = {"account": lab.account.id, "role_name": role.name}
    browser.post(reverse("console:switch-role"), sent)
    page = browser.get("/console/iam/")
    assert page.wsgi_request.caller.role.name == "Visitor"  # type: ignore[attr-defined]
    assert drawer(page.content.decode()) == ""
    assert browser.get(address("step", "read")).status_code == 404


def test_a_role_that_the_learner_switches_to_keeps_the_drawer(lab: Inside):
    role = roles.create_role(
        instance.root(lab.account), role_name="Auditor",
        assume_role_policy_document=trust(AWS=lab.account.id),
    )  # fmt: skip
    sent = {"account": lab.account.id, "role_name": role.name}
    lab.browser.post(reverse("console:switch-role"), sent)
    page = lab.browser.get("/console/iam/")
    assert page.wsgi_request.caller.role.name == "Auditor"  # type: ignore[attr-defined]
    assert "Let her read" in drawer(page.content.decode())
    assert HINTS[0] in unescape(lab.post("hint", "read", number="1"))


def test_another_user_of_the_labs_account_has_the_drawer_of_its_learner(lab: Inside):
    ana = lab.account.users.get(name="ana")
    browser = new_browser()
    give_password(caller_of(ana))
    browser.post("/signin/", {"account": lab.account.id, "user_name": "ana", "password": PASSWORD})
    assert "Let her read" in drawer(browser.get("/console/iam/").content.decode())


# --- Half made ------------------------------------------------------------------------------------


def test_a_run_that_is_being_made_offers_only_a_reset(lab: Inside):
    Run.objects.update(state=Run.State.PREPARING)
    shown = drawer(lab.page())
    assert "The lab's accounts are not ready" in shown
    assert f'href="{address("reset")}' in shown
    for name in ("check", "hint", "solution"):
        assert address(name, "read") not in shown
        lab.post(name, "read", number="1")
    row = lab.progress()
    assert (row.hints, row.solution_shown, row.checked_at) == (0, False, None)


# --- What it costs --------------------------------------------------------------------------------


def cost(browser: Client) -> int:
    """How many queries a page takes more than when only a piece of it is wanted."""
    taken = []
    for headers in ({}, {"HX-Request": "true"}):
        browser.get("/console/iam/", headers=headers)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/console/iam/", headers=headers)
        taken.append(len(queries))
    return taken[0] - taken[1]


def test_it_costs_an_ordinary_page_one_query_and_a_piece_none(alice: Caller):
    assert cost(signed_in(alice)) == 1


def test_it_costs_a_page_of_the_lab_six_queries_at_most(lab: Inside):
    assert cost(lab.browser) <= 6


def test_unknown_labs_and_steps_are_not_there(lab: Inside):
    assert lab.browser.post(address("check", "none")).status_code == 404
    assert lab.browser.get(reverse("labs:pulse", args=["no-such-lab"])).status_code == 404
    assert lab.browser.get(reverse("labs:step", args=[ID, "none"])).status_code == 404
