"""The list of users and the tabs of one user's page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.signing_certificates import upload_signing_certificate
from accounts.actions.users import SORTABLE
from accounts.models import InlinePolicy
from tests.accounts import pems
from tests.cast import allow, arn, caller_of, document, new_user
from tests.console.browsers import give_password
from tests.console.reading import markup_of, queries_of, url
from tests.console.things import attach, new_device, new_group, new_key

LIST = "/console/iam/users/"
TABS = ("user", "user-groups", "user-tags", "user-security-credentials")


def test_the_list_shows_every_column_and_keeps_never_none_and_dash_apart(sign_in, admin, account):
    now = timezone.now()
    used, unused, without = (new_user(account, name) for name in ("used", "unused", "without"))
    new_group(account, "Developers", used)
    new_group(account, "Testers", used)
    new_device(used)
    for user, days in ((used, 40), (unused, 1)):
        login = give_password(caller_of(user))
        login.password_changed_at = now - timedelta(days=days)
        login.save()
    used.password_last_used = now - timedelta(hours=3)
    used.save()

    page = markup_of(sign_in(admin).get(LIST))

    row = _row(page, "used")
    assert _cells(row)[1:6] == ["/", "2", "3 hours ago", "Virtual", "40 days"]
    assert _cells(row)[6:] == ["3 hours ago", "-", "-", "-"]
    assert _cells(_row(page, "unused"))[2:7] == ["0", "-", "-", "1 day", "Never"]
    assert _cells(_row(page, "without"))[2:7] == ["0", "-", "-", "-", "None"]
    assert "IAM users" in page
    assert without.name in page


def test_keys_are_listed_with_state_age_and_use_and_colour_tells_how_long_ago(
    sign_in, admin, account
):
    now = timezone.now()
    both, idle, new = (new_user(account, name) for name in ("both", "idle", "new"))
    for user, key_id, status, made, used in (
        (both, "AKIA1", "Active", 400, 100),
        (both, "AKIA2", "Inactive", 10, 366),
        (idle, "AKIA3", "Active", 5, None),
    ):
        key = new_key(user, key_id, status)
        key.created_at = now - timedelta(days=made)
        key.last_used_at = None if used is None else now - timedelta(days=used)
        key.save()
    new.password_last_used = now - timedelta(days=366)
    new.save()
    page = markup_of(sign_in(admin).get(LIST))
    keys = "Active - AKIA1Inactive - AKIA2"
    assert _cells(_row(page, "both"))[7:] == [keys, "400 days", "100 days ago"]
    assert _cells(_row(page, "idle"))[7:] == ["Active - AKIA3", "5 days", "Never"]
    assert "status-warning" in _row(page, "both")  # the last activity
    assert "status-error" in _row(page, "both")  # the age of the key
    assert "status-error" in _row(page, "new")


def test_the_optional_columns_show_what_they_are_called(sign_in, admin, account):
    user = new_user(account, "ana")
    user.tags = {"team": "red", "note": "x"}
    user.save()
    new_device(user)
    give_password(caller_of(user))
    columns = "arn,created,console_access,signing_certs,tags"
    page = markup_of(sign_in(admin).get(f"{LIST}?columns={columns}"))
    row = _cells(_row(page, "ana"))
    assert (row[1], *row[3:]) == (user.arn, "Enabled with MFA", "-", "2")


def test_signing_certificates_are_counted(sign_in, admin, root, account):
    new_user(account, "ana")
    for _ in range(2):
        upload_signing_certificate(root, user_name="ana", certificate_body=pems.identity().body)
    page = markup_of(sign_in(admin).get(f"{LIST}?columns=signing_certs"))
    assert _cells(_row(page, "ana"))[-1] == "2"


def test_last_activity_takes_what_reading_the_keys_takes(sign_in, caller_with, account):
    user = new_user(account, "ana")
    user.password_last_used = timezone.now()
    user.save()
    page = markup_of(sign_in(caller_with(allow("iam:ListUsers", "iam:ListAccessKeys"))).get(LIST))
    row = _row(page, "ana")
    assert "You need iam:GetAccessKeyLastUsed" in row
    assert "just now" in row  # the last sign-in, which ListUsers tells


@pytest.mark.parametrize("column", SORTABLE)
def test_every_sortable_column_sorts_both_ways(sign_in, admin, alice, column):
    for order in (column, f"-{column}"):
        page = markup_of(sign_in(admin).get(f"{LIST}?sort={order}&columns={column}"))
        assert f"?sort={column}" in page or f"?sort=-{column}" in page
        assert "alice" in page


def test_the_list_asks_as_many_questions_for_500_users_as_for_5(sign_in, caller_with, account):
    # Not an administrator: every cell is decided by policy, some by tags of the user.
    team = {"StringEquals": {"iam:ResourceTag/team": "red"}}
    who = caller_with(
        allow("iam:ListUsers", "iam:ListGroupsForUser"),
        allow("iam:ListMFADevices", "iam:GetLoginProfile", Condition=team),
    )
    browser = sign_in(who)
    for number in range(4):
        new_user(account, f"user-{number}")
    few = queries_of(browser, LIST)
    for number in range(4, 499):
        new_user(account, f"user-{number}")
    many = queries_of(browser, LIST)
    assert account.users.count() == 500
    assert many == few
    assert few <= 12


def test_each_cell_that_may_not_be_read_says_what_it_needs(sign_in, caller_with, bob, account):
    who = caller_with(
        allow("iam:ListUsers"),
        allow("iam:ListMFADevices", on=arn("user/bob")),
    )
    new_device(bob.user)
    page = markup_of(sign_in(who).get(LIST))
    row = _row(page, "bob")
    assert "You need iam:ListGroupsForUser" in row
    assert "<td>Virtual</td>" in row
    assert row.count("You need iam:GetLoginProfile") == 2  # the age and the last sign-in
    assert "You need iam:ListMFADevices" in _row(page, "alice")


def test_nobody_sorts_by_what_he_may_not_read(sign_in, caller_with, admin):
    page = markup_of(sign_in(caller_with(allow("iam:ListUsers"))).get(LIST + "?sort=-mfa"))
    assert "?sort=mfa" not in page
    assert 'aria-sort="ascending"' in page  # by name, as if nothing had been asked for
    assert "?sort=mfa" in markup_of(sign_in(admin).get(LIST))


def test_the_list_is_searched_sorted_and_paged_by_its_address(sign_in, admin, account):
    for number in range(25):
        new_user(account, f"worker-{number:02}")
    browser = sign_in(admin)
    page = markup_of(browser.get(LIST + "?search=WORKER&sort=-name"))
    assert "25 matches" in page
    assert page.index("worker-24") < page.index("worker-23")
    assert "worker-04" not in page
    assert "worker-04" in markup_of(browser.get(LIST + "?search=worker&sort=-name&page=2"))
    assert "worker-00" in markup_of(
        browser.get(LIST + "?search=worker&page=notanumber&sort=nothing")
    )
    assert "No matches" in markup_of(browser.get(LIST + "?search=nobody"))


def test_an_account_without_users_is_offered_the_first_one(sign_in, root):
    page = markup_of(sign_in(root).get(LIST))
    assert "No users" in page
    assert page.count(url("users-create")) == 2


def test_the_list_is_refused_in_awss_sentence(sign_in, alice):
    page = markup_of(sign_in(alice).get(LIST))
    assert "Access denied" in page
    assert "You don&#x27;t have permission to iam:ListUsers" in page or (
        "You don't have permission to iam:ListUsers" in page
    )
    assert arn("user/") in page
    assert "no identity-based policy allows the iam:ListUsers action" in page


def test_each_panel_of_a_new_user_is_refused_by_itself(sign_in, alice, bob):
    browser = sign_in(alice)
    for tab, actions in {
        "user": ("ListAttachedUserPolicies", "ListUserPolicies", "ListGroupsForUser"),
        "user-groups": ("ListGroupsForUser",),
        "user-tags": ("ListUserTags",),
        "user-security-credentials": ("GetLoginProfile", "ListMFADevices", "ListAccessKeys"),
    }.items():
        response = browser.get(url(tab, "bob"))
        assert response.status_code == 200
        page = markup_of(response)
        for action in ("GetUser", *actions):
            assert f"no identity-based policy allows the iam:{action} action" in page
        assert arn("user/bob") in page


def test_what_may_not_be_read_is_not_called_empty(sign_in, alice, bob):
    page = markup_of(sign_in(alice).get(url("user", "bob")))
    assert "Not known" in page
    assert "No policies" not in page
    assert "(0)" not in page


def test_creating_is_offered_unless_no_policy_allows_it_on_anything(sign_in, caller_with, account):
    lists = {"users": "User", "groups": "Group", "roles": "Role"}
    read = allow("iam:List*", "iam:Get*")
    browser = sign_in(caller_with(read, name="reader"))
    for page, kind in lists.items():
        assert f"You need iam:Create{kind}." in markup_of(browser.get(url(page)))
    some = allow("iam:Create*", on="arn:aws:iam::*:*/lab-*", Condition={"Bool": {"x:y": "true"}})
    browser = sign_in(caller_with(read, some, name="tutor"))
    for page, kind in lists.items():
        assert f"You need iam:Create{kind}." not in markup_of(browser.get(url(page)))


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_that_browsers_take_out_of_addresses_has_no_dead_link(sign_in, admin, account, name):
    new_user(account, name)
    browser = sign_in(admin)
    page = markup_of(browser.get(LIST))
    assert f"/console/iam/users/{name}/" not in page
    assert f'value="{name}"' in page
    for create in ("users-create", "groups-create"):
        sent = {"user_name": name, "group_name": name, "go": "2"}
        response = browser.post(url(create), sent)
        assert response.status_code == 422
        assert "no browser could open a page" in markup_of(response)


def test_one_allowed_panel_is_shown_among_refused_ones(sign_in, caller_with, bob, account):
    new_group(account, "Developers", bob.user)
    page = markup_of(
        sign_in(caller_with(allow("iam:ListGroupsForUser"))).get(url("user-groups", "bob"))
    )
    assert "Developers" in page
    assert "allows the iam:GetUser action" in page
    assert "allows the iam:ListGroupsForUser action" not in page


def test_a_stranger_and_a_missing_name_get_the_same_404(sign_in, eve, admin, alice):
    for tab in (
        *TABS,
        "user-delete",
        "user-add-to-groups",
        "user-add-permissions",
        "user-console-access",
    ):
        assert sign_in(eve).get(url(tab, "alice")).status_code == 404, tab
        assert sign_in(admin).get(url(tab, "nobody")).status_code == 404, tab


def test_whoever_may_see_nothing_learns_nothing_of_who_is_there(sign_in, alice, bob):
    browser = sign_in(alice)
    for tab in TABS:
        there = markup_of(browser.get(url(tab, "bob"))).replace("bob", "X")
        missing = markup_of(browser.get(url(tab, "bib"))).replace("bib", "X")
        assert _masked(there) == _masked(missing), tab


def test_the_permissions_say_through_what_each_policy_comes(sign_in, admin, alice, account):
    group = new_group(account, "Developers", alice.user)
    attach(alice.user)
    attach(group, "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
    InlinePolicy.objects.create(
        account=account, user=alice.user, name="mine", document=document(allow("s3:*"))
    )
    InlinePolicy.objects.create(
        account=account, group=group, name="ours", document=document(allow("s3:*"))
    )
    page = markup_of(sign_in(admin).get(url("user", "alice")))
    assert "AWS managed</td><td>Directly</td>" in page
    assert "Customer inline</td><td>Inline</td>" in page
    assert "AWS managed - job function</td><td>Group <a" in page
    assert page.count("Group <a") == 2
    # What comes through a group can't be taken from the user.
    assert page.count('name="policy"') == 2


def test_the_summary_tells_console_access_apart(sign_in, admin, alice, account):
    browser = sign_in(admin)
    assert "<span>Disabled</span>" in markup_of(browser.get(url("user", "alice")))
    give_password(alice)
    page = markup_of(browser.get(url("user", "alice")))
    assert "<span>Enabled without MFA</span>" in page
    assert "<dd>Never</dd>" in page
    new_device(alice.user)
    new_key(alice.user)
    page = markup_of(browser.get(url("user", "alice")))
    assert "<span>Enabled with MFA</span>" in page
    assert "AKIAIOSFODNN7EXAMPLE</code> - Active" in page


@pytest.mark.parametrize("name", ["=1+1", "@SUM", "-2+3", "+cmd", "create", "a,b"])
def test_names_that_look_like_something_else_have_their_pages(sign_in, admin, account, name):
    new_user(account, name)
    browser = sign_in(admin)
    assert url("user", name) in markup_of(browser.get(LIST))
    for tab in TABS:
        assert browser.get(url(tab, name)).status_code == 200


def test_markup_in_names_and_tags_stays_text(sign_in, admin, account):
    user = new_user(account, "mallory")
    user.path = '/<b>"x"</b>/'
    user.tags = {"<script>alert(1)</script>": "<img src=x onerror=alert(1)>"}
    user.save()
    browser = sign_in(admin)
    for address in (LIST, url("user", "mallory"), url("user-tags", "mallory")):
        page = browser.get(address).content.decode()
        assert "<b>" not in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>" not in browser.get(LIST + "?search=<b>").content.decode()


def test_a_name_that_no_user_can_have_is_no_crash(sign_in, admin):
    browser = sign_in(admin)
    for name in ("<b>", "a b", "x" * 200, "ünïcode", "%00", "'; drop"):
        for tab in (*TABS, "user-delete", "user-add-permissions", "user-edit-tags"):
            assert browser.get(url(tab, name)).status_code in (400, 404), (name, tab)


def _row(page: str, name: str) -> str:
    start = page.index(f'value="{name}"')
    return page[start : page.index("</tr>", start)]


def _masked(page: str) -> str:
    start = page.index("<main")
    # Each request has an id of its own.
    return re.sub(r"[0-9a-f-]{36}", "ID", page[start : page.index("</main>")])


def _cells(row: str) -> list[str]:
    """The texts of a row's cells, but for the box."""
    cells = re.findall(r"<(?:td|th)[ >].*?</(?:td|th)>", row)
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in cells]
