"""The catalogue of labs and each lab's own page: what there is, how far one is, how one goes on."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import sessions
from accounts.caller import Caller, Session
from iamconsole.console import session
from iamconsole.labs import catalogue, urls
from iamconsole.labs.format import reading
from iamconsole.labs.models import Pack, Run
from iamconsole.labs.proving import lint
from tests.cast import ADMINISTRATOR
from tests.console.browsers import new_browser, signed_in
from tests.console.reading import queries_of, text_of
from tests.labs import doing, little_lab, small
from tests.labs.doing import begun, finished
from tests.labs.pack_of_tests import FILES

pytestmark = pytest.mark.django_db
LABS = "/labs/"
SMALL = "/labs/small-lab/"


def federated(caller: Caller) -> Client:
    """A browser with temporary credentials of an administrator."""
    now = timezone.now()
    work = Session("work", now + timedelta(hours=1), policy_arns=(ADMINISTRATOR,))
    given = sessions.issue(caller.home, work, now=now, mfa_at=None, federated=True)
    browser = new_browser()
    request = browser.get("/signin/").wsgi_request
    session.federate(
        request,
        session.Federated(given.access_key_id, given.session_token, given.expiration.timestamp()),
    )
    request.session.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return browser


# --- The catalogue --------------------------------------------------------------------------------


def test_every_lab_that_ships_is_listed_with_what_one_learns(alice: Caller):
    page = unescape(text_of(signed_in(alice).get(LABS)))
    assert len(catalogue.shipped()) > 5
    for lab in catalogue.shipped().values():
        assert all(line in page for line in (lab.title, lab.summary)), lab.id
    assert page.count("You learn to") == len(catalogue.shipped())
    assert page.count("Not started") == len(catalogue.shipped()) + 1  # the filter


def test_a_lab_names_those_to_be_done_before_it(alice: Caller):
    (first, then) = next(
        (catalogue.shipped()[lab.requires[0]], lab) for lab in catalogue.offered() if lab.requires
    )
    for page in (LABS, f"/labs/{then.id}/"):
        assert f'<a href="/labs/{first.id}/">' in signed_in(alice).get(page).content.decode()


@pytest.mark.parametrize(("solved", "words"), [(0, "step 1 of 2"), (1, "step 2 of 2")])
def test_a_lab_under_way_says_at_which_step_one_is_and_leads_there(
    alice: Caller, solved: int, words: str
):
    begun(alice, solved)
    answer = signed_in(alice).get(LABS)
    page = text_of(answer)
    assert f"Under way {words}" in page
    assert "Continue: A small lab" in page
    assert 'action="/labs/small-lab/enter/"' in answer.content.decode()


def test_a_lab_whose_steps_are_done_leads_to_its_finish(alice: Caller):
    begun(alice, solved=2)
    answer = signed_in(alice).get(LABS)
    assert "All steps are done." in text_of(answer)
    assert 'href="/labs/small-lab/finish/"' in answer.content.decode()


def test_a_finished_lab_says_when_and_is_not_to_be_continued(alice: Caller):
    run = finished(alice)
    page = text_of(signed_in(alice).get(LABS))
    assert f"Finished on {run.finished_at:%B} {run.finished_at:%-d}, {run.finished_at:%Y}" in page
    assert "Continue:" not in page


def test_the_lab_to_continue_is_the_one_that_was_worked_on_last(alice: Caller):
    begun(alice)
    little_lab.offer()
    little_lab.inside(alice)
    assert "Continue: A little lab" in text_of(signed_in(alice).get(LABS))
    doing.skip(small.now(alice), Run.objects.get(lab="small-lab"), "group")
    assert "Continue: A small lab" in text_of(signed_in(alice).get(LABS))


def test_a_run_that_was_left_half_made_needs_a_reset(alice: Caller):
    run = begun(alice)
    Run.objects.filter(pk=run.pk).update(state=Run.State.PREPARING)
    for address in (LABS, SMALL):
        answer = signed_in(alice).get(address)
        assert "Needs a reset" in text_of(answer)
        assert 'href="/labs/small-lab/reset/"' in answer.content.decode()
        assert "/enter/" not in answer.content.decode()


def test_nobody_sees_how_far_somebody_else_is(alice: Caller, bob: Caller):
    begun(alice, solved=1)
    page = text_of(signed_in(bob).get(LABS))
    assert "small lab" not in page
    assert "Under way" not in page.replace("Under way Finished", "")


def test_inside_a_lab_the_catalogue_is_still_the_learners_own(alice: Caller):
    little_lab.offer()
    lab = little_lab.inside(alice)
    assert "Continue: A little lab" in text_of(lab.browser.get(LABS))


def test_filters_are_links_and_can_be_combined(alice: Caller):
    browser = signed_in(alice)
    levels = {lab.id: lab.level for lab in catalogue.offered()}
    page = browser.get(f"{LABS}?level=advanced").content.decode()
    assert "advanced" in levels.values()
    for lab, level in levels.items():
        assert (f'id="lab-{lab}"' in page) == (level == "advanced"), lab
    both = browser.get(f"{LABS}?level=advanced&progress=finished")
    assert "No matches" in text_of(both)
    assert 'href="?progress=finished&amp;level=beginner"' in both.content.decode()


def test_a_filter_that_is_not_there_changes_nothing(alice: Caller):
    browser = signed_in(alice)
    all_of_them = browser.get(LABS).content
    for query in ("?level=%00", "?progress=done", "?level=<b>&progress="):
        assert browser.get(f"{LABS}{query}").content.count(b"<article") == all_of_them.count(
            b"<article"
        )


def test_whoever_has_temporary_credentials_is_told_why_labs_are_not_for_them(alice: Caller):
    browser = federated(alice)
    page = text_of(browser.get(LABS))
    assert "Labs need a user who comes back" in page
    assert "Not started" not in page
    (lab, *_) = catalogue.offered()
    one = browser.get(f"/labs/{lab.id}/")
    assert "nobody could keep your progress" in text_of(one)
    assert "/start/" not in one.content.decode()


def test_where_there_are_no_labs_the_page_says_so(alice: Caller, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catalogue, "shipped", dict)
    assert "No labs" in text_of(signed_in(alice).get(LABS))


def test_the_catalogue_takes_as_many_queries_with_many_runs_as_with_one(alice: Caller):
    begun(alice)
    browser = signed_in(alice)
    one = queries_of(browser, LABS)
    for lab in catalogue.offered()[:2]:
        doing.start(small.now(alice), lab)
    assert queries_of(browser, LABS) == one
    assert one <= 12


# --- One lab --------------------------------------------------------------------------------------


def test_a_lab_that_was_not_begun_shows_what_comes_and_a_button_to_start(alice: Caller):
    little_lab.offer()
    answer = signed_in(alice).get(little_lab.address("lab"))
    page = text_of(answer)
    assert all(words in page for words in ("A lab for tests.", "1. Let her read", "15 minutes"))
    assert f'action="{little_lab.address("start")}"' in answer.content.decode()
    assert "Start anew" not in page


def test_before_a_lab_begins_its_names_are_not_known(alice: Caller):
    for lab in catalogue.offered():
        answer = signed_in(alice).get(f"/labs/{lab.id}/")
        assert not [name for name in lab.values if f"{{{name}}}" in answer.content.decode()], lab.id


def test_a_lab_says_what_became_of_each_step(alice: Caller):
    run = begun(alice, solved=1)
    run.steps.filter(step="member").update(attempts=4, hints=2, solution_shown=True)
    page = text_of(signed_in(alice).get(SMALL))
    assert "1. A group Skipped 0 0 -" in page
    assert "2. A member who may read Current step 4 2 Seen" in page


def test_a_lab_can_start_anew_once_one_has_seen_what_goes(alice: Caller):
    begun(alice)
    little_lab.offer()
    little_lab.inside(alice)
    answer = signed_in(alice).get(little_lab.address("lab"))
    page = text_of(answer)
    assert "Your progress, attempts and hints of this lab are forgotten" in page
    assert "Users: 2" in page
    assert "Buckets: 1" in page
    assert '<input type="hidden" name="anew" value="1">' in answer.content.decode()
    # That lab is offered no more.
    assert "Start anew" not in text_of(signed_in(alice).get(SMALL))


def test_a_lab_of_which_there_is_a_newer_version_says_so(alice: Caller):
    lab = little_lab.offer()
    little_lab.inside(alice)
    Pack.objects.filter(lab=lab.id).update(offered=False)
    files = {**little_lab.FILES, "intro.md": "A newer lab.\n"}
    digest = reading.read(files).digest
    Pack.objects.create(
        lab=lab.id, digest=digest, files=files, added_at=timezone.now(), offered=True
    )
    page = text_of(signed_in(alice).get(little_lab.address("lab")))
    assert "There is a newer version of this lab" in page
    assert "A lab for tests." in page


def test_neither_page_tells_hints_solutions_or_checks(alice: Caller):
    little_lab.offer()
    browser = little_lab.inside(alice).browser
    hidden = (*little_lab.HINTS, little_lab.SOLUTION, "s3:GetObject", "can do too much")
    for name in ("lab", "finish"):
        page = browser.get(little_lab.address(name)).content.decode()
        # The drawer beside it is the drawer's own matter.
        main = page.partition("<main")[2].partition("</main>")[0]
        assert not [words for words in hidden if words in main], name


def test_no_lab_can_be_called_like_an_address_of_the_labs_own():
    own = {str(each.pattern).partition("/")[0] for each in urls.urlpatterns} - {"", "<slug:lab>"}
    assert own == lint.TAKEN
    for name in own:
        files = {**FILES, "lab.yaml": FILES["lab.yaml"].replace("id: first-lab", f"id: {name}")}
        assert "its address is taken" in str(lint.problems(reading.read(files)))


def test_a_lab_that_is_not_there_has_no_page(alice: Caller, bob: Caller):
    begun(alice)
    assert signed_in(alice).get("/labs/nowhere/").status_code == 404
    assert signed_in(bob).get(SMALL).status_code == 404
    assert signed_in(alice).get(SMALL).status_code == 200
