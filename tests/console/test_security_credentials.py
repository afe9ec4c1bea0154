"""My security credentials: one's own password, devices and keys, and nobody else's."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts import ids
from accounts.caller import Caller
from accounts.models import AccessKey, Account, Event, Login, PasswordPolicy
from tests.cast import allow, deny, new_user
from tests.console.browsers import PASSWORD, login_of, signed_in
from tests.console.reading import queries_of, text_of
from tests.console.things import new_device, new_key

CREDENTIALS = reverse("console:security-credentials")
CHANGE = reverse("console:change-password")
NEW = "Another-horse-8"


def root_key(account: Account, status: str = "Active") -> AccessKey:
    return AccessKey.objects.create(
        account=account,
        slot=1 + account.access_keys.filter(user=None).count(),
        access_key_id=ids.access_key_id(account.id),
        sealed_secret="x",
        status=status,
        created_at=account.created_at,
    )


def typed(old: str = PASSWORD, new: str = NEW, retyped: str | None = None) -> dict[str, str]:
    return {
        "old_password": old,
        "new_password": new,
        "retyped": new if retyped is None else retyped,
    }


def address(verb: str, key: AccessKey) -> str:
    return reverse(f"console:key-{verb}", args=[key.access_key_id])


def changed_at(who: Caller) -> datetime:
    return Login.objects.get(account=who.home, user=who.user).password_changed_at


# --- The page ------------------------------------------------------------------------------------


def test_the_root_user_sees_the_accounts_name_and_email(sign_in, root):
    text = text_of(sign_in(root).post(CREDENTIALS, {"continue": "1"}, follow=True))
    for told in (
        "My security credentials (Root user)",
        "You don't have MFA assigned",
        "Example",
        "root@example.com",
        "1111-2222-3333",
    ):
        assert told in text, told


def test_the_root_user_is_warned_once_a_session(sign_in, root, self_service):
    browser = sign_in(root)
    warning = text_of(browser.get(CREDENTIALS))
    assert "You are signed in as the root user" in warning
    assert "Account details" not in warning
    browser.post(CREDENTIALS, {"continue": "1"})
    assert "Account details" in text_of(browser.get(CREDENTIALS))
    assert "You are signed in as the root user" in text_of(sign_in(root).get(CREDENTIALS))
    assert "Account details" in text_of(sign_in(self_service).get(CREDENTIALS))


def test_the_canonical_user_id_is_the_accounts_and_stays(sign_in, root, self_service, eve):
    def canonical(who: Caller) -> str:
        page = sign_in(who).post(CREDENTIALS, {"continue": "1"}, follow=True)
        return str(page.context["canonical_id"])

    assert len(canonical(root)) == 64
    assert int(canonical(root), 16)
    assert canonical(root) == canonical(self_service) != canonical(eve)


def test_a_user_sees_name_and_arn_of_himself(sign_in, self_service):
    text = text_of(sign_in(self_service).get(CREDENTIALS))
    assert "arn:aws:iam::111122223333:user/alice" in text
    assert "(Root user)" not in text
    assert "root@example.com" not in text


def test_each_card_is_refused_alone(sign_in, caller_with):
    for action in (
        "iam:GetUser",
        "iam:GetLoginProfile",
        "iam:ListMFADevices",
        "iam:ListAccessKeys",
    ):
        page = sign_in(caller_with(allow("iam:*"), deny(action))).get(CREDENTIALS)
        assert page.status_code == 200
        assert text_of(page).count("Access denied") == 1, action
        assert f"You don't have permission to {action}." in text_of(page)


def test_without_permissions_every_card_and_button_says_what_is_missing(sign_in, alice):
    text = text_of(sign_in(alice).get(CREDENTIALS))
    assert text.count("Access denied") == 4
    for action in ("iam:ChangePassword", "iam:EnableMFADevice"):
        assert f"You need {action}." in text


def test_only_ones_own_devices_and_keys_are_listed(sign_in, self_service, account, root):
    bob = new_user(account, "bob")
    new_key(bob, "AKIAIOSFODNN7BOBSKEY")
    new_device(bob, "bobs-phone")
    new_device(self_service.user, "alices-phone")
    of_root = root_key(account)
    text = text_of(sign_in(self_service).get(CREDENTIALS))
    assert "alices-phone" in text
    for not_his in ("AKIAIOSFODNN7BOBSKEY", "bobs-phone", of_root.access_key_id):
        assert not_his not in text
    text = text_of(sign_in(root).post(CREDENTIALS, {"continue": "1"}, follow=True))
    assert of_root.access_key_id in text
    assert "alices-phone" not in text


def test_names_of_devices_stay_text(sign_in, self_service):
    new_device(self_service.user, "=1+1@SUM")
    page = sign_in(self_service).get(CREDENTIALS)
    assert "=1+1@SUM" in text_of(page)
    assert "serial=arn%3Aaws%3Aiam%3A%3A111122223333%3Amfa%2F%3D1%2B1%40SUM" in str(page.content)


def test_the_page_takes_as_many_queries_for_eight_devices_as_for_one(sign_in, self_service):
    browser = sign_in(self_service)
    new_device(self_service.user, "phone-0")
    few = queries_of(browser, CREDENTIALS)
    for number in range(1, 8):
        new_device(self_service.user, f"phone-{number}")
    assert queries_of(browser, CREDENTIALS) == few <= 18
    assert "8 devices are assigned already" in text_of(browser.get(CREDENTIALS))


# --- Password ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["root", "self_service"])
def test_a_new_password_keeps_this_session_and_ends_the_others(request, sign_in, name):
    who = request.getfixturevalue(name)
    here, elsewhere = sign_in(who), sign_in(who)
    page = here.post(CHANGE, typed(), follow=True)
    assert "Your password was changed." in text_of(page)
    assert here.get(CREDENTIALS).status_code == 200
    assert elsewhere.get(CREDENTIALS).status_code == 302
    assert login_of(who).check_password(NEW)
    assert not login_of(who).check_password(PASSWORD)


def test_the_browsers_key_changes_with_the_password(sign_in, self_service):
    browser = sign_in(self_service)
    before = browser.session.session_key
    browser.post(CHANGE, typed())
    assert browser.session.session_key != before


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("old_password", typed(old="wrong")),
        ("old_password", typed(old="")),
        ("old_password", typed(old="x" * 5000)),
        ("new_password", typed(new="short")),
        ("new_password", typed(new="")),
        ("new_password", typed(new=PASSWORD)),
        ("new_password", typed(new="Añ1!" * 33)),
        ("new_password", typed(new="Passwörd-ŧ-9")),
        ("retyped", typed(retyped="Another-horse-9")),
    ],
)
@pytest.mark.parametrize("name", ["root", "self_service"])
def test_a_refused_password_is_told_beside_its_field(request, sign_in, name, field, form):
    who = request.getfixturevalue(name)
    browser = sign_in(who)
    before = changed_at(who)
    page = browser.post(CHANGE, form)
    assert page.status_code == 422
    assert page.context["form"].errors[field]
    for secret in (NEW, PASSWORD):
        assert secret not in page.content.decode()
    assert changed_at(who) == before


def test_the_rules_are_those_of_the_policy_in_force_and_roots_are_iams_default(
    sign_in, self_service, root, account
):
    PasswordPolicy.objects.create(
        account=account, minimum_password_length=40, password_reuse_prevention=3
    )
    text = text_of(sign_in(self_service).get(CHANGE))
    assert "Between 40 and 128 characters long" in text
    assert "Not one of the last 3 passwords" in text
    page = sign_in(self_service).post(CHANGE, typed())
    assert "Between 40 and 128 characters long" in page.context["form"].errors["new_password"][0]
    assert "Between 8 and 128 characters long" in text_of(sign_in(root).get(CHANGE))
    assert sign_in(root).post(CHANGE, typed()).status_code == 302


def test_changing_the_password_needs_the_action_or_the_accounts_option(sign_in, alice, account):
    browser = sign_in(alice)
    assert "You need iam:ChangePassword." in text_of(browser.get(CREDENTIALS))
    assert browser.post(CHANGE, typed()).status_code == 403
    assert login_of(alice).check_password(PASSWORD)
    PasswordPolicy.objects.create(account=account, allow_users_to_change_password=True)
    assert "You need iam:ChangePassword." not in text_of(browser.get(CREDENTIALS))
    assert browser.post(CHANGE, typed()).status_code == 302
    changes = Event.objects.filter(action="iam:ChangePassword").order_by("sequence")
    outcomes = changes.values_list("outcome", flat=True)
    assert list(outcomes) == ["denied", "success"]


def test_no_password_is_in_the_events_of_its_change(sign_in, self_service):
    sign_in(self_service).post(CHANGE, typed())
    row = Event.objects.get(action="iam:ChangePassword")
    assert NEW not in str(row.parameters)
    assert PASSWORD not in str(row.parameters)


# --- Access keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["root", "self_service"])
def test_a_key_is_deactivated_activated_and_deleted(request, sign_in, account, name):
    who = request.getfixturevalue(name)
    key = new_key(who.user) if who.user else root_key(account)
    browser = sign_in(who)
    page = browser.post(address("deactivate", key), follow=True)
    assert f"Access key {key.access_key_id} is inactive now." in text_of(page)
    browser.post(address("activate", key))
    key.refresh_from_db()
    assert key.is_active
    browser.post(address("deactivate", key))
    page = browser.post(address("delete", key), {"confirmation": key.access_key_id}, follow=True)
    assert f"Access key {key.access_key_id} deleted." in text_of(page)
    assert not AccessKey.objects.exists()


def test_an_active_key_is_not_deleted(sign_in, self_service):
    key = new_key(self_service.user)
    browser = sign_in(self_service)
    assert "Deactivate the key first." in text_of(browser.get(CREDENTIALS))
    page = browser.post(address("delete", key), {"confirmation": key.access_key_id})
    assert page.status_code == 422
    assert "This key is active" in text_of(page)
    assert AccessKey.objects.filter(pk=key.pk).exists()


@pytest.mark.parametrize("wrong", ["", "delete", "AKIAIOSFODNN7EXAMPLF", "<b>" * 100])
def test_a_key_is_deleted_only_by_its_own_id(sign_in, self_service, wrong):
    key = new_key(self_service.user, status="Inactive")
    page = sign_in(self_service).post(address("delete", key), {"confirmation": wrong})
    assert page.status_code == 422
    assert "<b><b>" not in page.content.decode()
    assert AccessKey.objects.filter(pk=key.pk).exists()


def test_nobody_elses_key_is_here(sign_in, self_service, account, root, eve):
    bobs = new_key(new_user(account, "bob"), "AKIAIOSFODNN7BOBSKEY", "Inactive")
    of_root, hers = root_key(account), new_key(eve.user, "AKIAIOSFODNN7EVESKEY", "Inactive")
    for who, keys in ((self_service, (bobs, of_root, hers)), (root, (bobs, hers))):
        browser = signed_in(who)
        for key in keys:
            for verb in ("activate", "deactivate", "delete"):
                url = address(verb, key)
                assert browser.get(url).status_code == 404
                form = {"confirmation": key.access_key_id}
                assert browser.post(url, form).status_code == 404
    statuses = AccessKey.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["Inactive", "Active", "Inactive"]


@pytest.mark.parametrize(
    ("action", "verb"),
    [("iam:UpdateAccessKey", "activate"), ("iam:DeleteAccessKey", "delete")],
)
def test_each_change_of_a_key_needs_its_own_action(sign_in, caller_with, action, verb):
    who = caller_with(allow("iam:*"), deny(action))
    key = new_key(who.user, status="Inactive")
    browser: Client = sign_in(who)
    assert f"You need {action}." in text_of(browser.get(CREDENTIALS))
    page = browser.post(address(verb, key), {"confirmation": key.access_key_id})
    assert page.status_code == 403
    key.refresh_from_db()
    assert not key.is_active
    assert Event.objects.filter(action=action, outcome="denied").count() == 1
