"""The pages of unused access."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions import access_keys, inline_policies, login_profiles, roles, users
from accounts.caller import Caller
from accounts.models import AccessKey, Login, Role, User
from iamconsole.console.unused import SECTIONS
from tests.cast import allow, document, trust
from tests.console.reading import markup_of, queries_of, text_of

KINDS = tuple(SECTIONS)
PAGES = {kind: SECTIONS[kind].url for kind in KINDS}


@pytest.fixture
def forgotten(root: Caller) -> None:
    """carol with a password, two keys and a policy, and a role: all a hundred days old."""
    users.create_user(root, user_name="carol")
    login_profiles.create_login_profile(root, user_name="carol", password="Correct-h0rse-1")
    for _ in range(2):
        access_keys.create_access_key(root, user_name="carol")
    inline_policies.put_user_policy(
        root, user_name="carol", policy_name="own", policy_document=document(allow("s3:Get*"))
    )
    roles.create_role(
        root, role_name="Web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    inline_policies.put_role_policy(
        root, role_name="Web", policy_name="own", policy_document=document(allow("sns:Publish"))
    )
    then = timezone.now() - timedelta(days=100)
    for model in (User, Role, AccessKey, Login):
        model._default_manager.update(created_at=then)


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode(), newline="")))


WHAT = {
    "users": ("carol", "Delete the user"),
    "roles": ("Web", "Delete the role"),
    "keys": ("AKIA", "Deactivate the key"),
    "passwords": ("carol", "Disable console access"),
    "permissions": ("Amazon", "Remove unused"),
}


@pytest.mark.parametrize("kind", ["users", "roles", "keys", "passwords"])
def test_each_kind_is_listed_with_its_last_use_its_age_and_what_to_do(
    kind, admin, sign_in, forgotten
):
    page = text_of(sign_in(admin).get(PAGES[kind]))
    name, advice = WHAT[kind]
    for words in (name, "Never", "100 days", advice, "for 90 days"):
        assert words in page


def test_permissions_are_listed_with_the_services_that_nobody_tried(admin, sign_in, forgotten):
    answer = sign_in(admin).get(PAGES["permissions"], {"search": "carol"})
    page = text_of(answer)
    for words in ("carol", "User", "s3", "Not in this time", "Remove unused"):
        assert words in page
    link = reverse("console:user-last-accessed", args=["carol"]) + "?accessed=no"
    assert link in markup_of(answer)


def test_the_days_stand_in_the_address_and_what_makes_no_sense_is_passed_over(
    admin, sign_in, forgotten
):
    browser = sign_in(admin)
    assert "carol" in text_of(browser.get(PAGES["users"], {"days": "99"}))
    assert "carol" not in text_of(browser.get(PAGES["users"], {"days": "101"}))
    for nonsense in ("0", "-5", "401", "x", "", "٣", "9" * 40, "1e9", "90; drop"):
        page = text_of(browser.get(PAGES["users"], {"days": nonsense}))
        assert "has used for 90 days" in page
    chosen = markup_of(browser.get(PAGES["users"], {"days": "37"}))
    assert '<option value="37" selected>37 days</option>' in chosen
    for preset in (30, 90, 180, 365):
        assert f'<option value="{preset}"' in chosen
    assert f"{PAGES['keys']}?days=37" in chosen, "the other tabs keep it"


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_has_the_rows_of_all_pages_and_is_safe_in_a_spreadsheet(
    kind, admin, sign_in, root, forgotten
):
    for number in range(25):
        root.home.users.create(
            name=f"=cmd{number}", unique_id=f"AIDA{number:017}",
            created_at=timezone.now() - timedelta(days=120),
        )  # fmt: skip
    browser = sign_in(admin)
    rows = rows_of(browser.get(PAGES[kind], {"format": "csv"}))
    assert list(rows[0]) == [
        each.label for each in browser.get(PAGES[kind]).context["table"].columns
    ]
    if kind == "users":
        assert len([row for row in rows if row["User name"].startswith("'=cmd")]) == 25
    searched = rows_of(browser.get(PAGES[kind], {"format": "csv", "search": "nothing-like-it"}))
    assert searched == []


def test_keys_are_told_apart_by_their_status(admin, sign_in, forgotten):
    key = AccessKey.objects.latest("pk")
    AccessKey.objects.filter(pk=key.pk).update(status="Inactive")
    rows = rows_of(sign_in(admin).get(PAGES["keys"], {"format": "csv"}))
    advice = {row["Access key ID"]: (row["Status"], row["What to do"]) for row in rows}
    assert advice.pop(key.access_key_id) == ("Inactive", "Delete the key")
    assert list(advice.values()) == [("Active", "Deactivate the key")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_sorts_both_ways(kind, admin, sign_in, forgotten):
    browser = sign_in(admin)
    for column in browser.get(PAGES[kind]).context["table"].columns:
        assert column.sortable == (kind != "permissions" and column.name != "advice")
        for sort in (column.name, f"-{column.name}"):
            assert browser.get(PAGES[kind], {"sort": sort}).status_code == 200


def test_the_longest_unused_stands_first(admin, sign_in, root, forgotten):
    root.home.users.create(
        name="older", unique_id="AIDA" + "O" * 17, created_at=timezone.now() - timedelta(days=300)
    )
    rows = rows_of(sign_in(admin).get(PAGES["users"], {"format": "csv"}))
    assert rows[0]["User name"] == "older"
    assert "carol" in {row["User name"] for row in rows[1:]}


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_not_know_sees_why_and_gets_no_file(kind, alice, sign_in, forgotten):
    browser = sign_in(alice)
    answer = browser.get(PAGES[kind])
    assert answer.status_code == 200
    page = text_of(answer)
    assert "Access denied" in page
    assert "You don't have permission to iam:" in page.replace("&#x27;", "'")
    assert "carol" not in page
    assert browser.get(PAGES[kind], {"format": "csv"}).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_takes_as_many_queries_for_many_as_for_few(kind, admin, sign_in, root, forgotten):
    browser = sign_in(admin)
    few = queries_of(browser, PAGES[kind])
    for number in range(40):
        root.home.users.create(
            name=f"u{number}", unique_id=f"AIDA{number:017}",
            created_at=timezone.now() - timedelta(days=120),
        )  # fmt: skip
    assert queries_of(browser, PAGES[kind]) == few <= 20


def test_permissions_go_on_where_a_page_ends_and_the_file_has_all(admin, sign_in, root, forgotten):
    for number in range(45):
        user = root.home.users.create(
            name=f"u{number:02}", unique_id=f"AIDA{number:017}",
            created_at=timezone.now() - timedelta(days=120),
        )  # fmt: skip
        inline_policies.put_user_policy(
            root, user_name=user.name, policy_name="own", policy_document=document(allow("s3:Get*"))
        )
    browser, url, seen = sign_in(admin), PAGES["permissions"] + "?owner=user&search=u", []
    while url:
        table = browser.get(url).context["table"]
        seen.append([row.name for row in table.rows])
        url = PAGES["permissions"] + table.after_url if table.after_url else ""
    assert [len(each) for each in seen] == [20, 20, 5]
    names = [name for page in seen for name in page]
    assert names == [f"u{number:02}" for number in range(45)]
    rows = rows_of(browser.get(PAGES["permissions"] + "?owner=user&search=u&format=csv&after=x"))
    assert [row["Name"] for row in rows] == names
    assert browser.get(PAGES["permissions"], {"after": "nonsense~"}).status_code == 200


def test_the_menu_leads_there(admin, sign_in):
    page = markup_of(sign_in(admin).get(reverse("console:dashboard")))
    assert f'href="{PAGES["users"]}"' in page
