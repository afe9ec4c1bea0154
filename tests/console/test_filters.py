"""Property filters stand in the address, as chips on the page, and tell nobody's secrets."""

from __future__ import annotations

import pytest

from tests.cast import allow, deny, new_user
from tests.console.reading import markup_of, url
from tests.console.things import new_device, new_group, new_key

LIST = "/console/iam/users/"


@pytest.fixture
def two(account):
    """carol, in a group and with MFA; dave, with nothing."""
    carol, dave = new_user(account, "carol"), new_user(account, "dave")
    new_group(account, "Developers", carol)
    new_device(carol)
    return carol, dave


def test_conditions_are_joined_and_each_can_be_taken_away(sign_in, admin, two):
    page = markup_of(sign_in(admin).get(LIST + "?filter=groups>%3D1&filter=mfa%3DVirtual&search=a"))
    assert "carol" in page
    assert "dave" not in page
    assert "1 match" in page
    assert "Groups &gt;= 1" in page
    assert 'href="?filter=mfa%3DVirtual&amp;search=a"' in page
    assert 'href="?"' in page  # clears all


def test_the_form_adds_a_condition_without_scripts(sign_in, admin, two):
    browser = sign_in(admin)
    asked = {"filter": "name^c", "property": "groups", "operator": "=", "value": "1", "size": "50"}
    page = markup_of(browser.get(LIST, asked))
    assert "User name ^ c" in page
    assert "Groups = 1" in page
    assert '<input type="hidden" name="filter" value="groups=1">' in page
    assert '<input type="hidden" name="size" value="50">' in page
    assert 'name="property" value' not in page


def test_what_makes_no_sense_is_left_out_and_said(sign_in, admin, two):
    for text in ("groups:x", "secret=1", "groups=<b>", "", "groups", "mfa=Virtual%00"):
        page = markup_of(sign_in(admin).get(f"{LIST}?filter={text}"))
        assert "dave" in page, text
        assert "<b>" not in page
        if text:
            assert "Left out" in page, text


def test_nobody_filters_or_sorts_by_what_he_may_not_read_of_everybody(sign_in, caller_with, two):
    lists = allow("iam:ListUsers", "iam:ListGroupsForUser")
    one_hidden = deny("iam:ListGroupsForUser", on="arn:aws:iam::*:user/dave")
    for statements in ([allow("iam:ListUsers")], [lists, one_hidden]):
        browser = sign_in(caller_with(*statements))
        page = markup_of(browser.get(LIST + "?filter=groups%3D0&sort=groups"))
        assert "carol" in page
        assert "Left out" in page
        assert "?sort=" not in page.split("Groups</")[0].split("Path")[-1]
        assert '<option value="groups"' not in page
    assert "carol" not in markup_of(sign_in(caller_with(lists)).get(LIST + "?filter=groups%3D0"))


def test_the_file_holds_the_filtered_rows_of_all_pages_and_no_formula(sign_in, admin, account, two):
    new_user(account, "=1+1")
    new_user(account, "@SUM")
    for number in range(30):
        new_user(account, f"worker-{number:02}")
    browser = sign_in(admin)
    response = browser.get(LIST + "?search=work&columns=path,groups&format=csv&size=10&page=2")
    assert response["Content-Disposition"] == 'attachment; filename="users.csv"'
    lines = response.content.decode().splitlines()
    assert lines[0] == "User name,Path,Groups"
    assert [line.split(",")[0] for line in lines[1:]] == [f"worker-{n:02}" for n in range(30)]
    text = browser.get(LIST + "?format=csv").content.decode()
    assert "'=1+1," in text
    assert "'@SUM," in text


def test_the_file_says_no_more_than_the_page(sign_in, caller_with, alice, two):
    new_key(two[0])
    browser = sign_in(caller_with(allow("iam:ListUsers"), name="bob"))
    text = browser.get(LIST + "?format=csv").content.decode()
    assert "AKIA" not in text
    assert "(needs iam:ListAccessKeys)" in text
    assert sign_in(alice).get(LIST + "?format=csv").status_code == 403


def test_groups_and_roles_have_the_same(sign_in, admin, account, two):
    browser = sign_in(admin)
    page = markup_of(browser.get(url("groups") + "?filter=users%3D1&columns=arn"))
    assert "group/Developers" in page
    assert "No matches" in markup_of(browser.get(url("groups") + "?filter=permissions%3DDefined"))
    text = browser.get(url("groups") + "?format=csv").content.decode()
    assert "Developers,1,Not defined," in text
    text = browser.get(url("roles") + "?format=csv&columns=max_session").content.decode()
    assert text.startswith("Role name,Maximum session duration")
