"""Account settings: the password policy is shown, previewed, confirmed, and then enforced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.caller import Caller
from accounts.models import Account, Event, PasswordPolicy
from tests.cast import allow, deny
from tests.console.reading import queries_of, text_of

SignIn = Callable[..., Client]

SETTINGS = reverse("console:account-settings")
EDIT = reverse("console:password-policy")
UPDATE, DELETE = "iam:UpdateAccountPasswordPolicy", "iam:DeleteAccountPasswordPolicy"
#: What the form sends when everything is filled in.
FULL = {
    "kind": "custom",
    "minimum_password_length": "14",
    "require_uppercase_characters": "on",
    "require_lowercase_characters": "on",
    "require_numbers": "on",
    "require_symbols": "on",
    "expires": "on",
    "max_password_age": "90",
    "hard_expiry": "on",
    "allow_users_to_change_password": "on",
    "prevents_reuse": "on",
    "password_reuse_prevention": "24",
}


@pytest.fixture
def as_admin(sign_in: SignIn, admin: Caller) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


def sent(**changes: Any) -> dict[str, Any]:
    """The full form with some fields changed, or left out where they are None."""
    return {name: value for name, value in (FULL | changes).items() if value is not None}


def stored(account: Account) -> dict[str, Any] | None:
    row = PasswordPolicy.objects.filter(account=account).values().first()
    return None if row is None else dict(row)


def confirmed(browser: Client, **changes: Any) -> Any:
    return browser.post(EDIT, sent(confirm="1", **changes), follow=True)


# --- Show ----------------------------------------------------------------------------------------


def test_an_account_without_a_policy_shows_iams_default(as_admin):
    text = text_of(as_admin.get(SETTINGS))
    assert "IAM default" in text
    assert "Between 8 and 128 characters long" in text
    assert "At least three of these four" in text


def test_a_custom_policy_is_shown_rule_by_rule(as_admin, account):
    PasswordPolicy.objects.create(
        account=account,
        minimum_password_length=20,
        require_numbers=True,
        max_password_age=1,
        hard_expiry=True,
        password_reuse_prevention=1,
        allow_users_to_change_password=True,
    )
    text = text_of(as_admin.get(SETTINGS))
    for told in (
        "Custom",
        "Between 20 and 128 characters long",
        "At least one number (0-9)",
        "Not the password in use",
        "Passwords expire 1 day after they were set",
        "An expired password must be reset by an administrator",
        "Users may change their own password",
    ):
        assert told in text, told
    assert "uppercase" not in text


def test_the_form_opens_with_the_policy_in_force(as_admin, account):
    assert as_admin.get(EDIT).context["form"]["kind"].value() == "default"
    PasswordPolicy.objects.create(account=account, minimum_password_length=33, max_password_age=7)
    form = as_admin.get(EDIT).context["form"]
    values = [form[name].value() for name in ("kind", "minimum_password_length", "expires")]
    assert values == ["custom", 33, True]
    assert form["max_password_age"].value() == 7
    assert form["prevents_reuse"].value() is False


# --- Set -----------------------------------------------------------------------------------------


def test_save_changes_asks_first_and_set_custom_sets_every_rule(as_admin, account):
    page = as_admin.post(EDIT, sent())
    assert page.status_code == 200
    assert "Set custom" in text_of(page)
    assert stored(account) is None
    # The confirmation sends on what it was shown.
    hidden = {name: page.context["form"][name].value() for name in FULL}
    page = as_admin.post(EDIT, hidden | {"confirm": "1"}, follow=True)
    assert "Custom password policy set for this account." in text_of(page)
    assert stored(account) == {
        "account_id": account.id,
        "minimum_password_length": 14,
        "require_symbols": True,
        "require_numbers": True,
        "require_uppercase_characters": True,
        "require_lowercase_characters": True,
        "allow_users_to_change_password": True,
        "max_password_age": 90,
        "password_reuse_prevention": 24,
        "hard_expiry": True,
    }


def test_what_is_left_out_goes_back_to_off(as_admin, account):
    confirmed(as_admin)
    confirmed(as_admin, minimum_password_length="6", **dict.fromkeys(list(FULL)[2:]))
    policy = stored(account)
    assert policy is not None
    assert policy["minimum_password_length"] == 6
    assert [policy[name] for name in ("max_password_age", "password_reuse_prevention")] == [
        None,
        None,
    ]
    assert not any(value is True for value in policy.values())


def test_numbers_count_only_where_their_box_is_ticked(as_admin, account):
    confirmed(as_admin, expires=None, prevents_reuse=None, max_password_age="not a number")
    policy = stored(account)
    assert policy is not None
    assert policy["max_password_age"] is None
    assert policy["password_reuse_prevention"] is None


def test_set_default_deletes_the_policy_whatever_else_the_form_holds(as_admin, account):
    confirmed(as_admin)
    nonsense = {"kind": "default", "minimum_password_length": "x", "max_password_age": "-1"}
    page = as_admin.post(EDIT, sent(**nonsense))
    assert "Set default" in text_of(page)
    assert stored(account) is not None
    page = confirmed(as_admin, **nonsense)
    assert "IAM default password policy set for this account." in text_of(page)
    assert stored(account) is None


def test_setting_the_default_twice_is_no_error(as_admin, account):
    assert confirmed(as_admin, kind="default").status_code == 200
    assert stored(account) is None


def test_back_returns_to_the_form_with_everything_that_was_typed(as_admin, account):
    page = as_admin.post(EDIT, sent(edit="1"))
    assert page.status_code == 200
    assert 'value="14"' in page.content.decode()
    assert stored(account) is None


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("kind", "other"),
        ("kind", None),
        *(
            ("minimum_password_length", bad)
            for bad in ("", "5", "129", "-8", "8.5", "1e2", "abc", "9" * 400, None)
        ),
        *(("max_password_age", bad) for bad in ("", "0", "1096", "x", "99999999999999", None)),
        *(("password_reuse_prevention", bad) for bad in ("", "0", "25", "<b>5</b>", None)),
    ],
)
def test_a_bad_value_is_told_beside_its_field_and_nothing_is_stored(as_admin, account, field, bad):
    for confirm in ({}, {"confirm": "1"}):
        page = as_admin.post(EDIT, sent(**{field: bad}) | confirm)
        assert page.status_code == 422
        assert list(page.context["form"].errors) == [field]
        assert "<b>5" not in page.content.decode()
    assert stored(account) is None


# --- Preview -------------------------------------------------------------------------------------


def test_the_preview_lists_the_rules_as_typed_and_stores_nothing(as_admin, account):
    page = as_admin.post(EDIT, sent(preview="1", minimum_password_length="30"))
    assert page.status_code == 200
    assert "Between 30 and 128 characters long" in page.context["sentences"]
    assert "Not one of the last 24 passwords" in page.context["sentences"]
    assert stored(account) is None
    page = as_admin.post(EDIT, sent(preview="1", kind="default"))
    assert "Between 8 and 128 characters long" in page.context["sentences"]


def test_the_preview_leaves_out_what_makes_no_sense_yet(as_admin):
    page = as_admin.post(EDIT, sent(preview="1", minimum_password_length="9" * 9))
    assert page.status_code == 200
    assert "Between 6 and 128 characters long" in page.context["sentences"]


# --- Who may -------------------------------------------------------------------------------------


def test_who_may_not_read_the_policy_sees_why(sign_in, alice):
    browser = sign_in(alice)
    page = browser.get(SETTINGS)
    assert page.status_code == 200
    assert "You don't have permission to iam:GetAccountPasswordPolicy." in text_of(page)
    assert "You need iam:UpdateAccountPasswordPolicy." in text_of(page)
    assert browser.get(EDIT).status_code == 403


@pytest.mark.parametrize(("action", "kind"), [(UPDATE, "custom"), (DELETE, "default")])
def test_each_way_of_setting_needs_its_own_action(sign_in, caller_with, account, action, kind):
    browser = sign_in(caller_with(allow("iam:*"), deny(action)))
    PasswordPolicy.objects.create(account=account, minimum_password_length=50)
    # The other way is allowed, so the button is alive.
    assert f"You need {action}" not in text_of(browser.get(SETTINGS))
    page = confirmed(browser, kind=kind)
    assert page.status_code == 403
    policy = stored(account)
    assert policy is not None
    assert policy["minimum_password_length"] == 50
    assert Event.objects.filter(action=action, outcome="denied").count() == 1


def test_another_account_keeps_its_own_policy(as_admin, other):
    PasswordPolicy.objects.create(account=other, minimum_password_length=99)
    assert "99" not in text_of(as_admin.get(SETTINGS))
    confirmed(as_admin)
    policy = stored(other)
    assert policy is not None
    assert policy["minimum_password_length"] == 99


def test_the_pages_take_a_fixed_number_of_queries(as_admin):
    assert queries_of(as_admin, SETTINGS) <= 12
    assert queries_of(as_admin, EDIT) <= 12


# --- The session tokens of STS's global endpoint --------------------------------------------------

TOKENS = reverse("console:session-tokens")
DEFAULT_REGIONS, ALL_REGIONS = "Valid only in AWS Regions enabled by default", "all AWS Regions"


def test_session_tokens_begin_as_those_of_the_regions_enabled_by_default(as_admin):
    page = text_of(as_admin.get(SETTINGS))
    assert "Security Token Service (STS)" in page
    assert DEFAULT_REGIONS in page
    form = as_admin.get(TOKENS).context["form"]
    assert form["global_endpoint_token_version"].value() == "v1Token"


def test_session_tokens_are_changed_and_changed_back(as_admin, account):
    for chosen, number, words in (("v2Token", 2, ALL_REGIONS), ("v1Token", 1, DEFAULT_REGIONS)):
        answer = as_admin.post(TOKENS, {"global_endpoint_token_version": chosen}, follow=True)
        assert answer.redirect_chain == [(SETTINGS, 302)]
        account.refresh_from_db()
        assert account.global_endpoint_token_version == number
        shown = answer.content.decode().partition("STS global endpoint</dt>")[2]
        assert words in shown.partition("</dd>")[0]


@pytest.mark.parametrize("chosen", ["", "v3Token"])
def test_session_tokens_of_no_kind_are_refused(as_admin, account, chosen):
    answer = as_admin.post(TOKENS, {"global_endpoint_token_version": chosen})
    assert answer.status_code == 422
    account.refresh_from_db()
    assert account.global_endpoint_token_version == 1


def test_session_tokens_need_actions_of_their_own(sign_in, caller_with, account):
    browser = sign_in(caller_with(allow("iam:GetAccountPasswordPolicy")))
    page = text_of(browser.get(SETTINGS))
    assert "iam:GetAccountSummary" in page
    assert "You need iam:SetSecurityTokenServicePreferences" in page
    answer = browser.post(TOKENS, {"global_endpoint_token_version": "v2Token"})
    assert answer.status_code == 403
    account.refresh_from_db()
    assert account.global_endpoint_token_version == 1
