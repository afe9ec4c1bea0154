"""One thing for all ticked users: reviewed first, then a line for each, and what failed again."""

from __future__ import annotations

import pytest

from accounts.models import Group, Login
from iamconsole.console.components import bulk
from tests.cast import allow, arn, caller_of, deny, new_user
from tests.console.browsers import give_password
from tests.console.reading import markup_of, queries_of, url
from tests.console.things import new_device, new_group, new_key

PAGES = (
    "users-add-to-groups",
    "users-remove-from-groups",
    "users-deactivate-keys",
    "users-require-password-change",
    "users-add-tag",
    "users-delete",
)


@pytest.fixture
def team(account):
    """carol and dave; carol is a Developer."""
    carol, dave = new_user(account, "carol"), new_user(account, "dave")
    new_group(account, "Developers", carol)
    new_group(account, "Testers")
    return [carol, dave]


def names_in(group: str) -> list[str]:
    return [user.name for user in Group.objects.get(name=group).users.order_by("folded_name")]


def test_the_list_offers_each_and_says_what_it_needs(sign_in, admin, caller_with, team):
    page = markup_of(sign_in(admin).get(url("users")))
    for name in PAGES[:-1]:
        assert f'formaction="{url(name)}"' in page
    page = markup_of(sign_in(caller_with(allow("iam:List*"))).get(url("users")))
    assert "formaction" not in page
    assert "You need iam:TagUser." in page


@pytest.mark.parametrize("name", PAGES)
def test_a_review_comes_first_and_does_nothing(sign_in, admin, team, name):
    new_key(team[0])
    response = sign_in(admin).post(url(name), {"user": ["carol", "dave"]})
    assert response.status_code == 200
    page = markup_of(response)
    assert "carol" in page
    assert "dave" in page
    assert names_in("Developers") == ["carol"]
    assert team[0].access_keys.get().is_active


@pytest.mark.parametrize("name", PAGES)
def test_without_users_it_goes_back_and_a_stranger_is_not_there(sign_in, admin, eve, team, name):
    assert sign_in(admin).post(url(name)).status_code == 302
    assert sign_in(admin).post(url(name), {"user": ["carol", "x"]}).status_code == 404
    assert sign_in(eve).post(url(name), {"user": ["carol"]}).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_review_of_many_asks_no_more_than_one_of_few(sign_in, admin, account, name):
    for number in range(40):
        user = new_user(account, f"user-{number:02}")
        group = new_group(account, f"group-{number:02}", user)
        new_key(user, f"AKIA{number:04}", status="Inactive")
        new_device(user, f"phone-{number}")
        assert group.users.count() == 1
    browser = sign_in(admin)
    few, many = (
        queries_of(browser, url(name) + "?" + "&".join(f"user=user-{n:02}" for n in range(count)))
        for count in (2, 40)
    )
    assert many == few <= 20


def test_users_are_added_to_and_removed_from_groups(sign_in, admin, team):
    browser = sign_in(admin)
    both = {"user": ["carol", "dave"], "go": "1"}
    response = browser.post(
        url(PAGES[0]), both | {"groups": ["Developers", "Testers"]}, follow=True
    )
    assert "2 users added to groups." in markup_of(response)
    assert names_in("Developers") == names_in("Testers") == ["carol", "dave"]
    browser.post(url(PAGES[1]), both | {"user": ["dave"], "groups": ["Developers"]})
    response = browser.post(url(PAGES[1]), both | {"groups": ["Developers"]}, follow=True)
    assert "2 users removed from groups." in markup_of(response)
    assert names_in("Developers") == []


def test_no_group_chosen_is_refused_and_searching_them_does_nothing(sign_in, admin, team):
    browser = sign_in(admin)
    response = browser.post(url(PAGES[0]), {"user": ["dave"], "go": "1"})
    assert response.status_code == 422
    assert "Choose groups first." in markup_of(response)
    sent = {"user": ["dave"], "groups": ["Testers"], "groups-find": "1"}
    assert browser.post(url(PAGES[0]), sent).status_code == 200
    assert names_in("Testers") == []


def test_active_keys_are_named_in_the_review_and_deactivated(sign_in, admin, team):
    new_key(team[0])
    browser = sign_in(admin)
    page = markup_of(browser.post(url("users-deactivate-keys"), {"user": ["carol", "dave"]}))
    assert "Deactivate AKIAIOSFODNN7EXAMPLE" in page
    assert "No active access keys." in page
    browser.post(url("users-deactivate-keys"), {"user": ["carol", "dave"], "go": "1"})
    assert not team[0].access_keys.get().is_active


def test_a_new_password_is_required_of_those_who_have_one(sign_in, admin, team):
    give_password(caller_of(team[0]))
    browser = sign_in(admin)
    sent = {"user": ["carol", "dave"], "go": "1"}
    assert browser.post(url("users-require-password-change"), sent).status_code == 302
    assert Login.objects.get(user=team[0]).password_reset_required


def test_a_tag_is_set_on_all_and_a_bad_one_on_nobody(sign_in, admin, team):
    browser = sign_in(admin)
    sent = {"user": ["carol", "dave"], "go": "1", "key": "team", "value": "<red>"}
    response = browser.post(url("users-add-tag"), sent)
    assert response.status_code == 422
    assert "&lt;red&gt;" in markup_of(response)
    browser.post(url("users-add-tag"), sent | {"value": "red"})
    for user in team:
        user.refresh_from_db()
        assert user.tags == {"team": "red"}


def test_each_failure_has_its_line_and_can_be_tried_again(sign_in, caller_with, team, account):
    who = caller_with(
        allow("iam:ListUsers", "iam:TagUser"),
        deny("iam:TagUser", on=arn("user/carol")),
        name="alice",
    )
    browser = sign_in(who)
    sent = {"user": ["carol", "dave"], "go": "1", "key": "team", "value": "red"}
    response = browser.post(url("users-add-tag"), sent)
    page = markup_of(response)
    assert response.status_code == 409
    assert "1 of 2 failed" in page
    assert "with an explicit deny" in page
    assert '<input type="hidden" name="key" value="team">' in page
    assert '<input type="hidden" name="user" value="carol">' in page
    assert '<input type="hidden" name="user" value="dave">' not in page
    assert account.users.get(name="dave").tags == {"team": "red"}


def test_what_takes_long_is_done_in_slices_that_remember(sign_in, admin, team, monkeypatch):
    monkeypatch.setattr(bulk, "SLICE", 0)
    browser = sign_in(admin)
    sent = {"user": ["carol", "dave"], "go": "1", "key": "team", "value": "red"}
    page = markup_of(browser.post(url("users-add-tag"), sent))
    assert "1 of 2 are through" in page
    assert '<input type="hidden" name="done" value="carol">' in page
    assert '<input type="hidden" name="user" value="dave">' in page
    team[1].refresh_from_db()
    assert team[1].tags == {}
    last = sent | {"user": ["dave", "gone"], "done": ["carol"], "failed": "erin", "why": "<b>"}
    page = markup_of(browser.post(url("users-add-tag"), last))
    assert "2 of 4 failed" in page
    assert "This user is not there any more." in page
    assert "&lt;b&gt;" in page
    team[1].refresh_from_db()
    assert team[1].tags == {"team": "red"}


def test_deletion_in_slices_is_confirmed_once(sign_in, admin, team, account, monkeypatch):
    monkeypatch.setattr(bulk, "SLICE", 0)
    browser = sign_in(admin)
    sent = {"user": ["carol", "dave"], "confirmation": "2 users"}
    page = markup_of(browser.post(url("users-delete"), sent))
    assert "1 of 2 are through" in page
    assert "seen_version" not in page
    response = browser.post(url("users-delete"), {"user": ["dave"], "done": ["carol"]}, follow=True)
    assert "2 users deleted." in markup_of(response)
    assert [user.name for user in account.users.all()] == ["admin"]
