"""What comes between the right password and the console: codes, and a password to be changed."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Event, Login, MFADevice, PasswordPolicy, Throttle
from tests.cast import allow, deny
from tests.console.browsers import (
    DASHBOARD,
    NEW,
    PASSWORD,
    change_password,
    code,
    field_errors,
    give_device,
    give_password,
    is_in,
    must_change,
    new_browser,
    sign_in_by_page,
)

pytestmark = pytest.mark.django_db


def test_a_code_is_asked_for_after_the_right_password_only(alice, client):
    give_password(alice)
    give_device(alice)
    assert sign_in_by_page(client, alice, "wrong").status_code == 422
    answer = sign_in_by_page(client, alice)
    assert answer["Location"] == "/session/mfa/"
    assert not is_in(client)
    wrong = client.post("/session/mfa/", {"authentication_code": "000000"})
    assert wrong.status_code == 422
    assert "This code is wrong." in wrong.content.decode()
    assert re.search(r"The server&#x27;s time is \d\d:\d\d:\d\d UTC", wrong.content.decode())
    assert "000000" not in wrong.content.decode()
    right = client.post("/session/mfa/", {"authentication_code": code()})
    assert right["Location"] == DASHBOARD
    caller = client.get("/nothing/").wsgi_request.caller
    assert caller.mfa_at is not None
    assert Event.objects.get(action="signin:EnterConsole").mfa_authenticated


def test_wrong_used_and_late_codes_are_told_apart(alice, client):
    give_password(alice)
    give_device(alice)
    sign_in_by_page(client, alice)
    now = code()
    client.post("/session/mfa/", {"authentication_code": now})
    elsewhere = new_browser()
    sign_in_by_page(elsewhere, alice)
    for sent, words in (
        (now, "used already"),
        (code(-5), "belongs to another time"),
        ("12345", "This code is wrong"),
        ("1234567", "This code is wrong"),
        ("１２３４５６", "This code is wrong"),
        ("+12345", "This code is wrong"),
        ("1e5", "This code is wrong"),
    ):
        answer = elsewhere.post("/session/mfa/", {"authentication_code": sent})
        Throttle.objects.all().delete()  # which has tests of its own
        assert words in answer.content.decode(), sent
        assert not is_in(elsewhere)


def test_a_code_may_be_typed_with_a_space_but_sent_once_only(alice, client):
    give_password(alice)
    give_device(alice)
    sign_in_by_page(client, alice)
    good = code()
    twice = client.post("/session/mfa/", {"authentication_code": ["000000", good]})
    assert twice.status_code == 422
    spaced = f" {good[:3]} {good[3:]} "
    assert client.post("/session/mfa/", {"authentication_code": spaced}).status_code == 302


def test_one_of_several_devices_is_chosen_and_no_one_elses(alice, bob, client):
    give_password(alice)
    give_device(alice, "phone", 1)
    tablet = give_device(alice, "tablet", 2)
    foreign = give_device(bob, "bobs", 1)
    sign_in_by_page(client, alice)
    page = client.get("/session/mfa/").content.decode()
    assert "phone" in page
    assert "tablet" in page
    assert "bobs" not in page
    sent = {"authentication_code": code()}
    refused = client.post("/session/mfa/", sent | {"serial_number": foreign.serial_number})
    assert refused.status_code == 422
    chosen = client.post("/session/mfa/", sent | {"serial_number": tablet.serial_number})
    assert chosen.status_code == 302
    tablet.refresh_from_db()
    assert tablet.last_step > 0
    assert MFADevice.objects.get(name="phone").last_step == 0


def test_after_three_refused_codes_resynchronising_is_offered_and_signs_in(alice, client):
    give_password(alice)
    device = give_device(alice)
    sign_in_by_page(client, alice)
    offer = "The codes keep being refused?"
    for attempt in range(3):
        page = client.post("/session/mfa/", {"authentication_code": code(8)}).content.decode()
        assert (offer in page) == (attempt == 2)
    order = client.post(
        "/session/resync/",
        {"authentication_code1": code(8), "authentication_code2": code(10)},
    )
    assert "not the code that follows" in order.content.decode()
    done = client.post(
        "/session/resync/", {"authentication_code1": code(8), "authentication_code2": code(9)}
    )
    assert done["Location"] == DASHBOARD
    device.refresh_from_db()
    assert device.drift in (8, 9)  # a step may end meanwhile
    assert client.get("/nothing/").wsgi_request.caller.mfa_at is not None


def test_a_root_user_with_mfa_is_asked_for_a_code_too(root, client):
    give_password(root)
    give_device(root)
    sent = {"email": "root@example.com", "password": PASSWORD}
    assert client.post("/session/root/password/", sent)["Location"] == "/session/mfa/"
    assert client.post("/session/mfa/", {"authentication_code": code()}).status_code == 302
    assert is_in(client)


def test_a_device_removed_half_way_lets_nobody_in(alice, client):
    give_password(alice)
    device = give_device(alice)
    sign_in_by_page(client, alice)
    device.delete()
    answer = client.get("/session/mfa/")
    assert answer["Location"].startswith("/signin/")
    assert not is_in(client)


# --- A password that must be changed --------------------------------------------------------------


def test_a_first_password_is_changed_before_anything_else(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    must_change(alice)
    assert sign_in_by_page(client, alice)["Location"] == "/session/change-password/"
    page = client.get("/session/change-password/").content.decode()
    assert "Between 8 and 128 characters long" in page
    assert "data-pattern" in page
    answer = change_password(client)
    assert answer["Location"] == DASHBOARD
    assert "Your password was changed." in client.get(DASHBOARD).content.decode()
    assert is_in(client)
    login = Login.objects.get(user=alice.user)
    assert not login.password_reset_required
    assert sign_in_by_page(new_browser(), alice).status_code == 422
    assert sign_in_by_page(new_browser(), alice, NEW).status_code == 302


def test_a_code_comes_before_the_forced_change(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    must_change(alice)
    give_device(alice)
    assert sign_in_by_page(client, alice)["Location"] == "/session/mfa/"
    answer = client.post("/session/mfa/", {"authentication_code": code()})
    assert answer["Location"] == "/session/change-password/"
    assert change_password(client)["Location"] == DASHBOARD
    assert client.get("/nothing/").wsgi_request.caller.mfa_at is not None


@pytest.mark.parametrize("statements", [[], [deny("iam:ChangePassword")]])
def test_who_may_not_change_the_password_is_told_so_and_not_that_a_rule_failed(
    caller_with, client, statements
):
    alice = caller_with(*statements)
    if statements:
        PasswordPolicy.objects.create(account=alice.home, allow_users_to_change_password=True)
    must_change(alice)
    sign_in_by_page(client, alice)
    answer = change_password(client)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "You need iam:ChangePassword" in page
    assert "an administrator must allow it" in page
    assert "is not authorized to perform: iam:ChangePassword" in page
    assert not is_in(client)
    assert Login.objects.get(user=alice.user).password_reset_required


def test_the_account_option_is_enough_to_change_ones_password(alice, client):
    PasswordPolicy.objects.create(account=alice.home, allow_users_to_change_password=True)
    must_change(alice)
    sign_in_by_page(client, alice)
    assert change_password(client)["Location"] == DASHBOARD


def test_every_broken_rule_of_the_new_password_is_named(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    PasswordPolicy.objects.create(
        account=alice.home, minimum_password_length=12, require_symbols=True,
        require_numbers=True, password_reuse_prevention=3,
    )  # fmt: skip
    must_change(alice)
    sign_in_by_page(client, alice)
    for sent, words in (
        ({"new": "short"}, ["Between 12 and 128", "at least one symbol", "at least one number"]),
        ({"again": "another"}, ["The two new passwords are not the same."]),
        ({"old": "wrong"}, ["The old password was incorrect."]),
        # Of several faults all are told at once.
        ({"new": "short", "again": "other"}, ["are not the same", "Between 12", "one symbol"]),
        ({"old": "wrong", "new": "short", "again": "short"}, ["was incorrect", "Between 12"]),
        ({"new": PASSWORD}, ["A password that differs from the one in use"]),
        ({"new": ""}, ["This field is required."]),
        ({"new": "x" * 129}, ["at most 128 characters"]),
    ):
        answer = change_password(client, **sent)
        assert answer.status_code == 422, sent
        errors = field_errors(answer)
        for word in words:
            assert word.lower() in errors.lower(), (word, errors)
    page = client.get("/session/change-password/").content.decode()
    assert "Not one of the last 3 passwords" in page
    assert Login.objects.get(user=alice.user).password_reset_required
    assert not is_in(client)


def test_an_expired_password_is_changed_at_sign_in(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    give_password(alice)
    PasswordPolicy.objects.create(account=alice.home, max_password_age=30)
    Login.objects.update(password_changed_at=timezone.now() - timedelta(days=31))
    assert sign_in_by_page(client, alice)["Location"] == "/session/change-password/"
    assert "Your password has expired." in client.get("/session/change-password/").content.decode()
    assert change_password(client)["Location"] == DASHBOARD


def test_hard_expiry_sends_to_the_administrator_and_only_who_knows_the_password_learns_it(
    alice, client
):
    give_password(alice)
    PasswordPolicy.objects.create(account=alice.home, max_password_age=30, hard_expiry=True)
    Login.objects.update(password_changed_at=timezone.now() - timedelta(days=31))
    assert "expired" not in sign_in_by_page(client, alice, "wrong").content.decode()
    for _ in range(8):  # knowing the password is no guessing
        answer = sign_in_by_page(client, alice)
        assert "Contact your administrator" in answer.content.decode()
    assert not is_in(client)
