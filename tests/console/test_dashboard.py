"""The dashboard: the checklist, the account's alias, the counts; each panel allowed by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.caller import Caller
from accounts.models import Account, Event, Login, PasswordPolicy
from tests.cast import allow, deny, new_user
from tests.console.browsers import login_of
from tests.console.reading import queries_of, text_of
from tests.console.things import attach, new_device, new_group, new_key

SignIn = Callable[..., Client]

DASHBOARD = reverse("console:dashboard")
ALIAS = reverse("console:account-alias")
DELETE = reverse("console:account-alias-delete")
SUMMARY = "iam:GetAccountSummary"


@pytest.fixture
def as_admin(sign_in: SignIn, admin: Caller) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


@pytest.fixture
def as_root(sign_in: SignIn, root: Caller) -> Client:
    """The root user's browser."""
    return sign_in(root)


def alias_of(account: Account) -> str | None:
    return Account.objects.get(pk=account.pk).alias


def open_items(page) -> int:
    return int(page.context["recommendations"].open_items)


# --- Recommendations -----------------------------------------------------------------------------


def test_the_checklist_counts_what_is_done_and_badges_what_is_open(as_root):
    page = as_root.get(DASHBOARD)
    text = text_of(page)
    # Root keys are the one thing that is in order on a new account.
    assert "1 of 5 complete" in text
    # Four classic steps, and MFA once more among today's.
    assert open_items(page) == 5
    assert text.count("To do ") == 5
    for title in ("Activate MFA on your root account", "Root user has no active access keys"):
        assert title in text


def test_every_step_turns_green_when_it_is_done(as_root, root, account):
    new_group(account, "Developers", new_user(account, "dora"))
    PasswordPolicy.objects.create(account=account)
    device = new_device(new_user(account, "dan"))
    device.user, device.is_root = None, True
    device.save()
    page = as_root.get(DASHBOARD)
    assert "5 of 5 complete" in text_of(page)
    assert open_items(page) == 0
    assert "To do" not in text_of(page)


def test_a_user_is_told_of_his_own_mfa_and_his_own_old_keys(sign_in, admin):
    browser = sign_in(admin)
    assert "Add MFA for yourself" in text_of(browser.get(DASHBOARD))
    new_device(admin.user)
    new_key(admin.user)  # made in January: not yet unused for a year
    text = text_of(browser.get(DASHBOARD))
    assert "You have MFA" in text
    assert "Your user, admin, does not have any active access keys" in text
    admin.user.access_keys.update(created_at=timezone.now() - timedelta(days=400))
    assert "Deactivate or delete unused access keys" in text_of(browser.get(DASHBOARD))


def test_a_heading_divides_the_classic_steps_from_what_is_recommended_today(as_root):
    page = as_root.get(DASHBOARD).content.decode()
    _before, classic, today = page.split('<ul class="checklist"')
    assert '<h3 id="today">More recommendations</h3>' in classic
    assert 'aria-labelledby="today"' in today


def test_only_the_root_user_gets_buttons_for_the_root_users_credentials(as_admin, as_root):
    own = "Manage security credentials"
    assert own in text_of(as_root.get(DASHBOARD))
    text = text_of(as_admin.get(DASHBOARD))
    assert own not in text
    assert "Only the root user can do this" in text


# --- Panels --------------------------------------------------------------------------------------


def test_without_the_summary_its_panels_are_refused_and_the_rest_works(sign_in, caller_with):
    browser = sign_in(caller_with(allow("*"), deny(SUMMARY)))
    page = browser.get(DASHBOARD)
    text = text_of(page)
    assert page.status_code == 200
    assert text.count(f"You don't have permission to {SUMMARY}.") == 2
    assert "an explicit deny in an identity-based policy" in text
    assert "of 5 complete" not in text
    assert "Add MFA for yourself" in text
    assert "1111-2222-3333" in text


def test_each_panel_is_refused_alone(sign_in, caller_with):
    refused = {
        "iam:GetAccountPasswordPolicy": "You need iam:GetAccountPasswordPolicy to see how this",
        "iam:ListMFADevices": "You need iam:ListMFADevices to see how this stands",
        "iam:ListAccessKeys": "You need iam:ListAccessKeys to see how this stands",
        "iam:ListAccountAliases": "You don't have permission to iam:ListAccountAliases.",
        "iam:CreateAccountAlias": "You need iam:CreateAccountAlias.",
    }
    for action, told in refused.items():
        page = sign_in(caller_with(allow("*"), deny(action))).get(DASHBOARD)
        text = text_of(page)
        assert told in text, action
        assert "of 5 complete" in text, action
        assert text.count("Not known") == (1 if told.endswith(("this", "stands")) else 0), action


def test_a_user_without_permissions_sees_a_page_all_the_same(sign_in, alice):
    page = sign_in(alice).get(DASHBOARD)
    assert page.status_code == 200
    assert "/signin/111122223333/" in text_of(page)
    denied = Event.objects.filter(outcome="denied").values_list("action", flat=True)
    assert {SUMMARY, "iam:ListAccountAliases", "iam:ListMFADevices"} <= set(denied)


def test_the_counts_link_to_their_lists_and_are_of_this_account(as_admin, account, eve):
    new_group(account, "Developers", new_user(account, "dora"))
    attach(new_user(account, "dan"))
    page = as_admin.get(DASHBOARD).content.decode()
    counts = {"users": 3, "groups": 1, "roles": 0, "policies": 0, "providers": 0}
    for view, count in counts.items():
        link = page.partition(f'<a href="{reverse(f"console:{view}")}" aria-label="')[2]
        assert link.partition('"')[0].endswith(f": {count}"), view


def test_the_dashboard_takes_as_many_queries_for_fifty_users_as_for_five(as_admin, account):
    for number in range(5):
        new_key(new_user(account, f"u{number}"), f"AKIAIOSFODNN7EXAMP{number:02}")
    few = queries_of(as_admin, DASHBOARD)
    for number in range(5, 50):
        new_key(new_user(account, f"u{number}"), f"AKIAIOSFODNN7EXAMP{number:02}")
    assert queries_of(as_admin, DASHBOARD) == few <= 16


# --- Alias ---------------------------------------------------------------------------------------


def test_an_alias_is_set_replaced_and_deleted_and_the_sign_in_url_follows(as_admin, account):
    assert "/signin/111122223333/" in text_of(as_admin.get(DASHBOARD))
    page = as_admin.post(ALIAS, {"account_alias": " acme-corp "}, follow=True)
    assert "Alias acme-corp created for this account." in text_of(page)
    assert "/signin/acme-corp/" in text_of(page)
    as_admin.post(ALIAS, {"account_alias": "acme-two"})
    assert alias_of(account) == "acme-two"
    page = as_admin.post(DELETE, {"account_alias": "acme-two"}, follow=True)
    assert "Alias acme-two deleted for this account." in text_of(page)
    assert alias_of(account) is None
    assert as_admin.get(DELETE).status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "ab",
        "a" * 64,
        "Acme",
        "-acme",
        "acme-",
        "ac--me",
        "ac_me",
        "ac me",
        "222233334444",
        "<b>acme</b>",
        "=1+1",
        "acmé",
        "acme\n",
        "acme\x00x",
        "１２３",
    ],
)
def test_a_bad_alias_is_refused_beside_its_field_and_nothing_is_stored(as_admin, account, bad):
    page = as_admin.post(ALIAS, {"account_alias": bad, "unknown": "x"})
    if bad == "acme\n":
        # White space around what is typed is no part of it.
        assert alias_of(account) == "acme"
        return
    assert page.status_code == 422
    refusals = page.context["form"].errors["account_alias"]
    assert refusals
    assert not any("regular expression" in refusal for refusal in refusals)
    assert "<b>acme" not in page.content.decode()
    assert alias_of(account) is None


def test_an_alias_belongs_to_one_account(as_admin, account, other):
    Account.objects.filter(pk=other.pk).update(alias="taken")
    page = as_admin.post(ALIAS, {"account_alias": "taken"})
    assert page.status_code == 422
    assert "The account alias taken already exists." in text_of(page)
    assert alias_of(account) is None
    assert alias_of(other) == "taken"


def test_the_preview_shows_the_new_url_and_sets_nothing(as_admin, account):
    page = as_admin.post(ALIAS, {"account_alias": "a<b>/../c", "preview": "1"})
    assert page.status_code == 200
    assert page.context["signin_url"].endswith("/signin/a%3Cb%3E%2F..%2Fc/")
    assert alias_of(account) is None


def test_who_may_not_set_or_delete_an_alias_is_told_so_and_changes_nothing(sign_in, account, alice):
    Account.objects.filter(pk=account.pk).update(alias="acme")
    browser = sign_in(alice)
    for url in (ALIAS, DELETE):
        page = browser.post(url, {"account_alias": "acme"})
        assert page.status_code == 403
        assert "Access denied" in text_of(page)
    assert alias_of(account) == "acme"
    assert Event.objects.filter(action="iam:CreateAccountAlias", outcome="denied").exists()


def test_deleting_an_alias_that_was_replaced_meanwhile_deletes_nothing(as_admin, account):
    Account.objects.filter(pk=account.pk).update(alias="newer")
    assert as_admin.post(DELETE, {"account_alias": "older"}).status_code == 404
    assert alias_of(account) == "newer"


# --- The notice of a password that expires -------------------------------------------------------


def test_a_password_that_expires_within_fifteen_days_is_announced_on_every_page(sign_in, admin):
    PasswordPolicy.objects.create(account=admin.home, max_password_age=30)
    browser = sign_in(admin)
    pages = (DASHBOARD, reverse("console:account-settings"))
    assert all("Your password expires" not in text_of(browser.get(page)) for page in pages)
    changed = timezone.now() - timedelta(days=16)
    Login.objects.filter(pk=login_of(admin).pk).update(password_changed_at=changed)
    for page in pages:
        assert "Your password expires in 13 days" in text_of(browser.get(page))


def test_the_notice_costs_no_query_and_never_concerns_the_root_user(sign_in, admin, root):
    browsers = [sign_in(who) for who in (admin, root)]
    before = [queries_of(browser, ALIAS) for browser in browsers]
    PasswordPolicy.objects.create(account=admin.home, max_password_age=10)
    assert [queries_of(browser, ALIAS) for browser in browsers] == before
    shown = ["Your password expires" in text_of(browser.get(ALIAS)) for browser in browsers]
    assert shown == [True, False]
