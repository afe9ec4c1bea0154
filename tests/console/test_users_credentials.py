"""A user's security credentials: console access, MFA devices, access keys."""

from __future__ import annotations

import html

import pytest

from accounts.models import Login, PasswordPolicy
from tests.cast import allow, arn
from tests.console.browsers import give_password
from tests.console.reading import markup_of, url
from tests.console.things import attach, new_device, new_key

CHANGE_PASSWORD = "arn:aws:iam::aws:policy/IAMUserChangePassword"
KEY = "AKIAIOSFODNN7EXAMPLE"
CUSTOM = {"password_kind": "custom", "password": "Custom-horse-9"}
GENERATED = {"password_kind": "auto"}
MUST = {"password_reset_required": "on"}


def test_the_tab_shows_sign_in_devices_and_keys(sign_in, admin, bob, account):
    give_password(bob)
    new_device(bob.user)
    new_key(bob.user, status="Inactive")
    page = markup_of(sign_in(admin).get(url("user-security-credentials", "bob")))
    assert f"http://localhost:8000/signin/{account.id}/" in page
    assert "Manage console access" in page
    assert arn("mfa/phone") in page
    for action in ("assign", "resync", "remove"):
        assert url(f"user-mfa-{action}", "bob") in page
    assert KEY in page
    assert url("user-key-activate", "bob", KEY) in page
    assert url("user-key-delete", "bob", KEY) in page


def test_a_user_without_anything_is_told_so(sign_in, admin, bob):
    page = markup_of(sign_in(admin).get(url("user-security-credentials", "bob")))
    for words in ("Not enabled", "Enable console access", "No MFA devices", "No access keys"):
        assert words in page


def test_console_access_is_enabled_with_a_generated_password(sign_in, admin, bob):
    browser = sign_in(admin)
    response = browser.post(url("user-console-access", "bob"), GENERATED | MUST, follow=True)
    assert response.redirect_chain == [(url("user-password", "bob"), 302)]
    login = Login.objects.get(user=bob.user)
    assert login.password_reset_required
    assert [row.managed_arn for row in bob.user.attachments.all()] == [CHANGE_PASSWORD]
    page = markup_of(response)
    shown = page[page.index('class="secret-value"') :].partition(">")[2].partition("<")[0]
    assert login.check_password(html.unescape(shown))


def test_a_password_is_reset_and_the_sessions_of_the_user_end(sign_in, admin, bob):
    theirs = sign_in(bob)
    assert theirs.get(url("users")).status_code == 200
    sign_in(admin).post(url("user-console-access", "bob"), CUSTOM)
    login = Login.objects.get(user=bob.user)
    assert login.check_password(CUSTOM["password"])
    assert not login.password_reset_required
    assert not bob.user.attachments.exists()
    assert theirs.get(url("users")).status_code == 302


def test_the_policy_is_not_attached_twice_or_where_it_is_not_needed(sign_in, admin, bob, account):
    attach(bob.user, CHANGE_PASSWORD)
    browser = sign_in(admin)
    browser.post(url("user-console-access", "bob"), GENERATED | MUST)
    assert bob.user.attachments.count() == 1
    bob.user.attachments.all().delete()
    PasswordPolicy.objects.create(account=account, allow_users_to_change_password=True)
    browser.post(url("user-console-access", "bob"), GENERATED | MUST)
    assert not bob.user.attachments.exists()


def test_whoever_only_resets_passwords_need_not_attach_policies(sign_in, caller_with, bob):
    give_password(bob)
    who = caller_with(allow("iam:GetLoginProfile", "iam:UpdateLoginProfile"))
    response = sign_in(who).post(url("user-console-access", "bob"), CUSTOM | MUST)
    assert response.status_code == 302
    assert Login.objects.get(user=bob.user).check_password(CUSTOM["password"])


def test_enabling_is_refused_as_a_whole_where_the_policy_can_not_be_attached(
    sign_in, caller_with, bob
):
    who = caller_with(allow("iam:GetLoginProfile", "iam:CreateLoginProfile"))
    browser = sign_in(who)
    response = browser.post(url("user-console-access", "bob"), CUSTOM | MUST)
    assert response.status_code == 422
    assert "Nothing was done: you also need iam:AttachUserPolicy" in markup_of(response)
    assert not Login.objects.filter(user=bob.user).exists()
    assert browser.post(url("user-console-access", "bob"), CUSTOM).status_code == 302


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "This field is required"),
        ({"password_kind": "custom"}, "Type a password"),
        ({"password_kind": "custom", "password": "alllowercase"}, "At least three of these four"),
        ({"password_kind": "custom", "password": "\0" * 9}, "Null characters"),
        ({"password_kind": "custom", "password": "Ab1-" * 33}, "at most 128 characters"),
    ],
)
def test_a_bad_password_is_told_beside_its_field(sign_in, admin, bob, sent, said):
    response = sign_in(admin).post(url("user-console-access", "bob"), sent | {"x": "1"})
    assert response.status_code == 422
    assert said in markup_of(response)
    assert not Login.objects.filter(user=bob.user).exists()


def test_a_password_used_before_is_refused_with_the_rule(sign_in, admin, bob, account):
    PasswordPolicy.objects.create(account=account, password_reuse_prevention=3)
    browser = sign_in(admin)
    browser.post(url("user-console-access", "bob"), CUSTOM)
    response = browser.post(url("user-console-access", "bob"), CUSTOM)
    assert response.status_code == 422
    assert "Not one of the last 3 passwords" in markup_of(response)
    assert CUSTOM["password"] not in markup_of(response)


def test_console_access_is_disabled_and_keys_stay(sign_in, admin, bob):
    give_password(bob)
    new_key(bob.user)
    browser = sign_in(admin)
    assert "Disable console access?" in markup_of(browser.get(url("user-disable-access", "bob")))
    browser.post(url("user-disable-access", "bob"))
    assert not Login.objects.filter(user=bob.user).exists()
    assert bob.user.access_keys.get().is_active


def test_a_key_is_deactivated_activated_and_deleted_only_when_inactive(sign_in, admin, bob):
    new_key(bob.user)
    browser = sign_in(admin)
    response = browser.post(url("user-key-delete", "bob", KEY), {"confirmation": KEY})
    assert response.status_code == 422
    assert bob.user.access_keys.exists()

    browser.post(url("user-key-deactivate", "bob", KEY))
    assert not bob.user.access_keys.get().is_active
    browser.post(url("user-key-activate", "bob", KEY))
    assert bob.user.access_keys.get().is_active

    browser.post(url("user-key-deactivate", "bob", KEY))
    wrong = browser.post(url("user-key-delete", "bob", KEY), {"confirmation": "AKIA"})
    assert wrong.status_code == 422
    assert bob.user.access_keys.exists()
    browser.post(url("user-key-delete", "bob", KEY), {"confirmation": KEY})
    assert not bob.user.access_keys.exists()


def test_the_keys_of_another_user_are_not_found_under_this_one(sign_in, admin, eve, alice, bob):
    new_key(bob.user)
    for page in ("user-key-deactivate", "user-key-delete"):
        assert sign_in(admin).post(url(page, "alice", KEY)).status_code == 404
        assert sign_in(eve).post(url(page, "bob", KEY)).status_code == 404
    assert bob.user.access_keys.get().is_active


def test_buttons_that_are_not_allowed_say_what_is_needed(sign_in, caller_with, bob):
    give_password(bob)
    new_key(bob.user)
    new_device(bob.user)
    who = caller_with(allow("iam:Get*", "iam:List*"))
    page = markup_of(sign_in(who).get(url("user-security-credentials", "bob")))
    for action in (
        "UpdateLoginProfile",
        "DeleteLoginProfile",
        "DeactivateMFADevice",
        "ResyncMFADevice",
        "EnableMFADevice",
        "UpdateAccessKey",
        "DeleteUser",
    ):
        assert f"You need iam:{action}." in page


def test_posts_that_are_not_allowed_change_nothing(sign_in, alice, bob):
    give_password(bob)
    new_key(bob.user)
    browser = sign_in(alice)
    for page, arguments in (
        ("user-console-access", ()),
        ("user-disable-access", ()),
        ("user-key-deactivate", (KEY,)),
        ("user-key-delete", (KEY,)),
    ):
        sent = CUSTOM | {"confirmation": KEY}
        assert browser.post(url(page, "bob", *arguments), sent).status_code == 403, page
    assert Login.objects.filter(user=bob.user).exists()
    assert bob.user.access_keys.get().is_active
