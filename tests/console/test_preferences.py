"""Everybody has each list the way they chose it, and an address says otherwise for one view."""

from __future__ import annotations

import re
from typing import Any

from accounts.models import Preference
from tests.cast import allow, new_user
from tests.console.reading import markup_of, url

EDIT = "/console/preferences/users/"
SHOWN = {"show-groups": "on", "place-groups": "2", "show-path": "on", "place-path": "3"}


def sent(**more: str) -> dict[str, str]:
    """The form with every place filled in and no column but those of `more`."""
    from_form = {
        f"place-{name}": "9"
        for name in (
            "path groups last_activity mfa password_age last_sign_in access_key_id active_key_age "
            "key_last_used arn created console_access signing_certs tags"
        ).split()
    }
    return from_form | {"size": "20", "density": "comfortable"} | more


def headings(page: str) -> list[str]:
    found = re.findall(r'<th scope="col".*?</th>', page)
    return [re.sub(r"<[^>]*>", "", each).strip() for each in found]


def test_columns_order_size_and_look_are_kept_and_restored(sign_in, admin, account):
    for number in range(12):
        new_user(account, f"user-{number:02}")
    browser = sign_in(admin)
    chosen = sent(**SHOWN, size="10", density="compact", stripes="on")
    response = browser.post(EDIT, chosen)
    assert (response.status_code, response.url) == (302, "/console/iam/users/")
    page = markup_of(sign_in(admin).get(url("users")))
    assert headings(page) == ["User name", "Groups", "Path"]
    assert 'data-density="compact" data-stripes data-nowrap' in page
    assert "user-08" in page
    assert "user-09" not in page
    assert 'data-density="comfortable"' in markup_of(browser.get(url("groups")))


def test_the_address_wins_and_what_makes_no_sense_in_it_is_ignored(sign_in, admin):
    browser = sign_in(admin)
    browser.post(EDIT, sent(**SHOWN))
    page = markup_of(browser.get(url("users") + "?columns=mfa,arn,sealed_secret,mfa&size=1000"))
    assert headings(page) == ["User name", "MFA", "ARN"]
    page = markup_of(browser.get(url("users") + "?columns=nothing"))
    assert headings(page) == ["User name", "Groups", "Path"]


def test_each_person_has_their_own(sign_in, admin, caller_with):
    who = caller_with(allow("iam:ListUsers"))
    sign_in(admin).post(EDIT, sent(**SHOWN))
    assert len(headings(markup_of(sign_in(who).get(url("users"))))) == 10


def test_the_dialog_shows_what_holds_and_leads_back_to_the_view(sign_in, admin):
    browser = sign_in(admin)
    browser.post(EDIT, sent(**SHOWN, size="50"))
    page = markup_of(browser.get(EDIT + "?view=search%3Da%26columns%3Dmfa"))
    assert re.search(r'name="show-groups"[^>]*checked', page)
    assert not re.search(r'name="show-mfa"[^>]*checked', page)
    assert 'name="place-groups" value="1"' in page
    response = browser.post(EDIT, sent(view="search=a&columns=mfa&size=10&page=3&sort=-name"))
    assert response.url == "/console/iam/users/?search=a&sort=-name"
    elsewhere = browser.post(EDIT, sent(view="//evil.example/?x=1"))
    assert elsewhere.url.startswith("/console/iam/users/")


def test_a_refused_form_keeps_what_was_typed_and_nothing_changes(sign_in, admin):
    response = sign_in(admin).post(EDIT, sent(size="7", **{"place-mfa": "-1"}))
    assert response.status_code == 422
    assert 'name="place-mfa" value="-1"' in markup_of(response)
    assert not Preference.objects.exists()


def test_there_are_preferences_of_lists_only(sign_in, admin):
    for table in ("users", "groups", "roles", "policies"):
        assert sign_in(admin).get(f"/console/preferences/{table}/").status_code == 200
        assert f"/console/preferences/{table}/" in markup_of(sign_in(admin).get(url(table)))
    assert sign_in(admin).get("/console/preferences/events/").status_code == 404


def test_what_was_kept_by_an_older_version_is_passed_over(sign_in, admin, account):
    kept: list[dict[str, Any]] = [
        {"columns": "x", "size": "many", "wrap": "yes"},
        {"columns": [1, None, {}]},
    ]
    for value in kept:
        Preference.objects.update_or_create(
            account=account,
            principal_id=admin.unique_id,
            name="table-users",
            defaults={"value": value},
        )
        assert len(headings(markup_of(sign_in(admin).get(url("users"))))) == 10
