"""Signing in and out through the pages: every step, every refusal."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import caller as callers
from accounts import vault
from accounts.actions import root as root_actions
from accounts.caller import Caller
from accounts.hashers import Argon2
from accounts.models import Account, Event, Login, MFADevice, PasswordPolicy
from accounts.types import Tag
from iamconsole.console.own_pages import own_page
from tests.cast import allow, deny
from tests.console.browsers import HOST, PASSWORD, give_password, new_browser, signed_in

SEED = "JBSWY3DPEHPK3PXP" * 2
NEW = "Battery-staple-8"
DASHBOARD = "/console/iam/"


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here asks the database."""


def sign_in(browser: Client, who: Caller, password: str = PASSWORD, **more):
    sent = {"account": who.home.id, "user_name": who.user.name, "password": password}
    return browser.post("/signin/", sent | more)


def give_device(who: Caller, name: str = "phone", slot: int = 1) -> MFADevice:
    serial = f"arn:aws:iam::{who.home.id}:mfa/{name}"
    return MFADevice.objects.create(
        account=who.home, name=name, serial_number=serial, created_at=timezone.now(),
        user=who.user, is_root=who.user is None, slot=slot,
        sealed_seed=vault.seal(SEED, vault.seed_place(who.home.id, serial)),
    )  # fmt: skip


def code(steps: int = 0) -> str:
    """The code of now, or of so many steps later."""
    return pyotp.TOTP(SEED).at(timezone.now(), steps)


def must_change(who: Caller) -> Login:
    login = give_password(who)
    login.password_reset_required = True
    login.save()
    return login


def session_key(browser: Client) -> str:
    cookie = browser.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie.value if cookie else ""


def is_in(browser: Client) -> bool:
    return browser.get("/nothing/").wsgi_request.caller is not None


# --- A user -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["111122223333", "1111-2222-3333", " Class-One "])
def test_a_user_signs_in_by_account_id_with_or_without_hyphens_or_by_alias(alice, client, account):
    give_password(alice)
    Account.objects.update(alias="class-one")
    answer = client.post(
        "/signin/", {"account": account, "user_name": "ALICE", "password": PASSWORD}
    )
    assert (answer.status_code, answer["Location"]) == (302, DASHBOARD)
    assert client.get("/nothing/").wsgi_request.caller.arn == alice.arn
    alice.user.refresh_from_db()
    assert alice.user.password_last_used is not None
    names = list(Event.objects.order_by("sequence").values_list("action", "outcome"))
    assert names == [("signin:ConsoleLogin", "success"), ("signin:EnterConsole", "success")]


def test_the_account_page_fills_in_the_account_whether_or_not_it_exists(account, client):
    Account.objects.update(alias="class-one")
    real, invented = (client.get(f"/signin/{name}/") for name in ("class-one", "class-two"))
    assert 'value="class-one"' in real.content.decode()
    assert masked(real).replace("class-one", "class-two") == masked(invented)
    hostile = client.get('/signin/"><b>x/')
    assert b"<b>x" not in hostile.content


def test_a_remembered_account_is_filled_in_next_time_also_after_signing_out(alice, client):
    give_password(alice)
    sign_in(client, alice, account="1111-2222-3333", remember="on")
    kept = client.cookies[settings.REMEMBER_COOKIE_NAME]
    assert kept["httponly"]
    assert kept["secure"]
    assert PASSWORD not in kept.value
    client.post("/session/out/")
    page = client.get("/signin/").content.decode()
    assert 'value="1111-2222-3333"' in page
    assert 'value="alice"' in page
    assert 'value="alice"' not in client.get("/signin/other/").content.decode()
    sign_in(client, alice)
    assert client.cookies[settings.REMEMBER_COOKIE_NAME].value == ""


@pytest.mark.parametrize("kept", ["account=<script>", "%FF%00=", "a" * 9000, "&&&==="])
def test_a_forged_memory_does_no_harm(db, client, kept):
    client.cookies[settings.REMEMBER_COOKIE_NAME] = kept
    page = client.get("/signin/")
    assert page.status_code == 200
    assert b"<script>" not in page.content


def test_whoever_is_signed_in_is_sent_on_from_the_doors_to_the_console(sign_in, alice):
    browser = sign_in(alice)
    for url in ("/signin/", "/signin/111122223333/", "/session/root/"):
        assert browser.get(url)["Location"] == DASHBOARD
    assert browser.post("/session/root/password/", {})["Location"] == "/session/root/"


def test_blank_fields_are_named_and_the_password_is_never_shown_again(alice, client):
    answer = client.post("/signin/", {"account": "", "user_name": "", "password": PASSWORD})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("This field is required.") == 4  # above the form, and beside each field
    assert PASSWORD not in page


# --- Failures look alike ------------------------------------------------------------------------------


def masked(answer) -> tuple[int, bytes, list, list]:
    """An answer without its CSRF token and nonce."""
    body = re.sub(rb'(csrfmiddlewaretoken" value=|X-CSRFToken": )"[^"]*"', b"", answer.content)
    headers = {
        name: re.sub(r"'nonce-[^']*'", "", value)
        for name, value in answer.items()
    }  # fmt: skip
    body = re.sub(rb'nonce="[^"]*"', b"", body)
    cookies = [(name, one["path"], one["max-age"]) for name, one in answer.cookies.items()]
    return Masked((answer.status_code, body, sorted(headers.items()), sorted(cookies)))


class Masked(tuple):
    def replace(self, old: str, new: str) -> "Masked":
        status, body, *rest = self
        return Masked((status, body.replace(old.encode(), new.encode()), *rest))


@pytest.fixture
def causes(alice, bob, other):
    """Why a sign-in may fail: what is typed in each case."""
    give_password(alice)
    Account.objects.filter(pk=other.pk).update(alias="other-class")
    right, wrong = {"password": PASSWORD}, {"password": "wrong"}
    here = {"account": "111122223333"}
    return {
        "unknown account": {"account": "999988887777", "user_name": "alice", **right},
        "unknown alias": {"account": "no-such-class", "user_name": "alice", **right},
        "another account": {"account": "other-class", "user_name": "alice", **right},
        "unknown user": {**here, "user_name": "zoe", **right},
        "wrong password": {**here, "user_name": "alice", **wrong},
        "no console access": {**here, "user_name": "bob", **right},
        "endless password": {**here, "user_name": "alice", "password": "x" * 100_000},
    }


def test_every_failure_is_the_same_to_the_byte(causes, client):
    seen = {}
    for cause, typed in causes.items():
        answer = new_browser().post("/signin/", typed)
        assert "Your authentication information is incorrect." in answer.content.decode()
        echoed = masked(answer).replace(typed["account"], "A").replace(
            f'value="{typed["user_name"]}"', 'value="U"'
        )
        seen[cause] = echoed
    for _ in range(6):
        answer = new_browser().post("/signin/", causes["wrong password"])
    right = {**causes["wrong password"], "password": PASSWORD}
    throttled = new_browser().post("/signin/", right)
    seen["throttled"] = masked(throttled).replace("111122223333", "A").replace(
        'value="alice"', 'value="U"'
    )
    for cause, answer in seen.items():
        assert answer == seen["unknown account"], cause
    assert seen["throttled"][0] == 422


def test_root_failures_are_the_same_to_the_byte(root, client):
    give_password(root)
    seen = []
    for email, password in (("root@example.com", "wrong"), ("nobody@example.com", PASSWORD)):
        second = client.post("/session/root/", {"email": email})
        failed = new_browser().post(
            "/session/root/password/", {"email": email, "password": password}
        )
        assert failed.status_code == 422
        seen.append([masked(one).replace(email, "E") for one in (second, failed)])
    assert seen[0] == seen[1]


@pytest.fixture
def hashes(monkeypatch):
    """Counts how many passwords are hashed."""
    counted: list[str] = []
    for name in ("encode", "verify"):
        original = getattr(Argon2, name)

        def count(self, *args, _original=original, _name=name):
            counted.append(_name)
            return _original(self, *args)

        monkeypatch.setattr(Argon2, name, count)
    return counted


def test_every_failure_takes_exactly_one_password_hash(causes, client, root, hashes):
    for cause, typed in causes.items():
        hashes.clear()
        client.post("/signin/", typed)
        # What no password can be is refused at once, whoever's it is.
        assert len(hashes) == (0 if cause == "endless password" else 1), cause
    for _ in range(6):
        client.post("/signin/", causes["wrong password"])
    hashes.clear()
    client.post("/signin/", {**causes["wrong password"], "password": PASSWORD})
    assert hashes == ["verify"], "throttled"
    hashes.clear()
    client.post("/session/root/password/", {"email": "no@example.com", "password": PASSWORD})
    assert hashes == ["verify"], "unknown root"


def test_a_failure_is_recorded_without_what_was_typed(causes, client):
    for typed in causes.values():
        client.post("/signin/", typed)
    failed = Event.objects.filter(action="signin:ConsoleLogin", outcome="error")
    assert failed.count() == len(causes)
    assert set(failed.values_list("account_id", flat=True)) == {
        None, "111122223333", "444455556666"
    }  # fmt: skip
    for event in failed:
        assert event.error_code == "AuthenticationFailed"
        text = f"{event.parameters} {event.resources} {event.error_message}"
        assert "zoe" not in text
        assert PASSWORD not in text


@pytest.mark.parametrize(
    "typed",
    [
        {"account": "a\x00b", "user_name": "x", "password": "x"},
        {"account": "1" * 5000, "user_name": "ß" * 100_000, "password": "x"},
        {"account": "111122223333", "user_name": "' OR 1=1 --", "password": "\x00"},
        {"account": "١١١١٢٢٢٢٣٣٣٣", "user_name": "alice", "password": "x"},
    ],
)
def test_senseless_input_is_refused_with_a_page(db, client, typed):
    assert client.post("/signin/", typed).status_code == 422


def test_ten_thousand_fields_are_refused(client):
    assert client.post("/signin/", {f"f{i}": "x" for i in range(10_000)}).status_code == 400


# --- Root -----------------------------------------------------------------------------------------


def test_root_signs_in_in_two_steps(root, client):
    give_password(root)
    second = client.post("/session/root/", {"email": "Root@Example.com"})
    assert "Forgot password?" in second.content.decode()
    answer = client.post(
        "/session/root/password/", {"email": "Root@Example.com ", "password": PASSWORD}
    )
    assert answer["Location"] == DASHBOARD
    assert client.get("/nothing/").wsgi_request.caller.is_root
    assert client.get("/session/root/password/")["Location"] == "/session/root/"


def test_root_and_users_cannot_use_each_others_door(root, alice, client):
    give_password(root)
    give_password(alice)
    sent = {"account": root.home.id, "user_name": "root@example.com", "password": PASSWORD}
    assert client.post("/signin/", sent).status_code == 422
    sent = {"email": "alice", "password": PASSWORD}
    assert client.post("/session/root/password/", sent).status_code == 422
    assert not is_in(client)


# --- Where it leads ---------------------------------------------------------------------------------

STRANGE = [
    "//e.x", "/\\e.x", "\\\\e.x", "https:e.x", "https://e.x/", "/%09/e.x", "/\t/e.x", "/\n/e.x",
    "javascript:alert(1)", "//e.x@localhost", "///e.x", " //e.x", "http:///e.x", "console/iam/",
    "/no/such/page/", "/session/out/", "/signin/", "/console/iam/\r\nX: y", "",
]  # fmt: skip


@pytest.mark.parametrize("wanted", STRANGE)
def test_a_sign_in_never_leads_to_what_is_no_page_of_the_console(alice, client, wanted):
    give_password(alice)
    assert own_page(wanted) == ""
    assert sign_in(client, alice, next=wanted)["Location"] == DASHBOARD


def test_a_sign_in_leads_to_the_page_that_was_asked_for(alice, client):
    give_device(alice)
    give_password(alice)
    asked = client.get("/console/iam/users/?search=a&page=2")
    query = parse_qs(urlsplit(asked["Location"]).query)
    assert asked["Location"].startswith("/signin/?")
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/console/iam/users/?search=a&amp;page=2"' in page
    assert "/session/root/?next=%2Fconsole%2Fiam%2Fusers%2F%3Fsearch%3Da%26page%3D2" in page
    sign_in(client, alice, next=query["next"][0])
    answer = client.post("/session/mfa/", {"authentication_code": code()})
    assert answer["Location"] == "/console/iam/users/?search=a&page=2"


# --- MFA ------------------------------------------------------------------------------------------


def test_a_code_is_asked_for_after_the_right_password_only(alice, client):
    give_password(alice)
    give_device(alice)
    assert sign_in(client, alice, "wrong").status_code == 422
    answer = sign_in(client, alice)
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
    device = give_device(alice)
    sign_in(client, alice)
    now = code()
    client.post("/session/mfa/", {"authentication_code": now})
    elsewhere = new_browser()
    sign_in(elsewhere, alice)
    for sent, words in (
        (now, "used already"),
        (code(-5), "belongs to another time"),
        ("12345", "This code is wrong"),
        ("1234567", "This code is wrong"),
        ("１２３４５６", "This code is wrong"),
        ("+12345", "This code is wrong"),
        ("1e5", "This code is wrong"),
    ):
        # The throttle has its own tests.
        device.account.logins.model.objects.all()
        answer = elsewhere.post("/session/mfa/", {"authentication_code": sent})
        from accounts.models import Throttle

        Throttle.objects.all().delete()
        assert words in answer.content.decode(), sent
        assert not is_in(elsewhere)


def test_a_code_may_be_typed_with_a_space_but_sent_once_only(alice, client):
    give_password(alice)
    give_device(alice)
    sign_in(client, alice)
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
    sign_in(client, alice)
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
    sign_in(client, alice)
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
    assert device.drift == 9
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
    sign_in(client, alice)
    device.delete()
    answer = client.get("/session/mfa/")
    assert answer["Location"].startswith("/signin/")
    assert not is_in(client)


# --- A password that must be changed -------------------------------------------------------------


def change(browser: Client, old: str = PASSWORD, new: str = NEW, again: str | None = None):
    sent = {"old_password": old, "new_password": new, "retyped": new if again is None else again}
    return browser.post("/session/change-password/", sent)


def test_a_first_password_is_changed_before_anything_else(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    must_change(alice)
    assert sign_in(client, alice)["Location"] == "/session/change-password/"
    page = client.get("/session/change-password/").content.decode()
    assert "Between 8 and 128 characters long" in page
    assert "data-pattern" in page
    answer = change(client)
    assert answer["Location"] == DASHBOARD
    assert is_in(client)
    login = Login.objects.get(user=alice.user)
    assert not login.password_reset_required
    assert sign_in(new_browser(), alice).status_code == 422
    assert sign_in(new_browser(), alice, NEW).status_code == 302


def test_a_code_comes_before_the_forced_change(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    must_change(alice)
    give_device(alice)
    assert sign_in(client, alice)["Location"] == "/session/mfa/"
    answer = client.post("/session/mfa/", {"authentication_code": code()})
    assert answer["Location"] == "/session/change-password/"
    assert change(client)["Location"] == DASHBOARD
    assert client.get("/nothing/").wsgi_request.caller.mfa_at is not None


@pytest.mark.parametrize("statements", [[], [deny("iam:ChangePassword")]])
def test_who_may_not_change_the_password_is_told_so_and_not_that_a_rule_failed(
    caller_with, client, statements
):
    alice = caller_with(*statements)
    if statements:
        PasswordPolicy.objects.create(account=alice.home, allow_users_to_change_password=True)
    must_change(alice)
    sign_in(client, alice)
    answer = change(client)
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
    sign_in(client, alice)
    assert change(client)["Location"] == DASHBOARD


def test_every_broken_rule_of_the_new_password_is_named(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    PasswordPolicy.objects.create(
        account=alice.home, minimum_password_length=12, require_symbols=True,
        require_numbers=True, password_reuse_prevention=3,
    )  # fmt: skip
    must_change(alice)
    sign_in(client, alice)
    for sent, words in (
        ({"new": "short"}, ["Between 12 and 128", "at least one symbol", "at least one number"]),
        ({"again": "another"}, ["The two new passwords are not the same."]),
        ({"old": "wrong"}, ["The old password was incorrect."]),
        ({"new": PASSWORD}, ["A password that differs from the one in use"]),
        ({"new": ""}, ["This field is required."]),
        ({"new": "x" * 129}, ["at most 128 characters"]),
    ):
        answer = change(client, **sent)
        assert answer.status_code == 422, sent
        errors = "".join(re.findall(r"<ul class=.field-errors.*?</ul>", answer.content.decode(), re.S))
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
    assert sign_in(client, alice)["Location"] == "/session/change-password/"
    assert "Your password has expired." in client.get("/session/change-password/").content.decode()
    assert change(client)["Location"] == DASHBOARD


def test_hard_expiry_sends_to_the_administrator_and_only_who_knows_the_password_learns_it(
    alice, client
):
    give_password(alice)
    PasswordPolicy.objects.create(account=alice.home, max_password_age=30, hard_expiry=True)
    Login.objects.update(password_changed_at=timezone.now() - timedelta(days=31))
    assert "expired" not in sign_in(client, alice, "wrong").content.decode()
    for _ in range(8):  # knowing the password is no guessing
        answer = sign_in(client, alice)
        assert "Contact your administrator" in answer.content.decode()
    assert not is_in(client)


# --- Sessions -----------------------------------------------------------------------------------------


def test_every_step_up_has_a_new_session_key_and_the_old_one_is_dead(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    must_change(alice)
    give_device(alice)
    client.cookies[settings.SESSION_COOKIE_NAME] = planted = "a" * 32
    keys = [planted]
    sign_in(client, alice)
    keys.append(session_key(client))
    client.post("/session/mfa/", {"authentication_code": code()})
    keys.append(session_key(client))
    change(client)
    keys.append(session_key(client))
    assert is_in(client)
    assert len(set(keys)) == 4
    for key in keys[:-1]:
        other = new_browser()
        other.cookies[settings.SESSION_COOKIE_NAME] = key
        assert other.get(DASHBOARD)["Location"].startswith("/signin/")


def test_an_anonymous_session_is_not_taken_over_by_signing_in(root, alice, client):
    """Its key and what lay in it go: somebody else may know the key."""
    give_password(root)
    give_password(alice)
    token = root_actions.create_recovery_link(callers.operator(
        root.home, now=timezone.now(), request_id="r"
    ))  # fmt: skip
    client.post(f"/session/recover/{token}/", {"new_password": NEW, "retyped": NEW})
    before = session_key(client)
    assert before
    sign_in(client, alice)
    assert session_key(client) != before


def test_a_session_ends_after_twelve_hours_whatever_is_done_in_it(sign_in, alice, monkeypatch):
    browser, start = sign_in(alice), timezone.now()
    for hours, alive in ((6, True), (11.9, True), (12.1, False)):
        moment = start + timedelta(hours=hours)
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        assert is_in(browser) is alive, hours


def test_a_half_session_ends_after_ten_minutes(alice, client, monkeypatch):
    give_password(alice)
    give_device(alice)
    sign_in(client, alice)
    start = timezone.now()
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(minutes=9))
    assert client.get("/session/mfa/").status_code == 200
    monkeypatch.setattr("django.utils.timezone.now", lambda: start + timedelta(minutes=11))
    answer = client.post("/session/mfa/", {"authentication_code": code()})
    assert answer["Location"].startswith("/signin/")
    assert not is_in(client)


def gone(login: Login) -> None:
    login.user.delete()


def without_access(login: Login) -> None:
    login.delete()


def changed_elsewhere(login: Login) -> None:
    from accounts import passwords

    passwords.store(login, passwords.hashed(NEW, passwords.new_history_salt()), timezone.now())


@pytest.mark.parametrize("happens", [gone, without_access, changed_elsewhere])
@pytest.mark.parametrize("half", [False, True])
def test_a_session_ends_at_the_next_request_when(alice, happens, half):
    login = give_password(alice)
    if half:
        give_device(alice)
        browser = new_browser()
        sign_in(browser, alice)
        assert browser.get("/session/mfa/").status_code == 200
    else:
        browser = signed_in(alice)
        assert is_in(browser)
    happens(login)
    assert browser.get(DASHBOARD)["Location"].startswith("/signin/")
    assert browser.get("/session/mfa/")["Location"].startswith("/signin/")


def test_changing_ones_password_keeps_this_session_and_ends_the_others(caller_with, client):
    alice = caller_with(allow("iam:ChangePassword"))
    other = signed_in(alice)
    Login.objects.update(password_reset_required=True)
    sign_in(client, alice)
    change(client)
    assert is_in(client)
    assert not is_in(other)


def test_signing_out_ends_the_session_on_the_server_and_clears_the_browser(sign_in, alice):
    browser = sign_in(alice)
    key = session_key(browser)
    assert browser.get("/session/out/").status_code == 405
    answer = browser.post("/session/out/")
    assert answer["Location"] == "/signin/"
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert session_key(browser) == ""
    thief = new_browser()
    thief.cookies[settings.SESSION_COOKIE_NAME] = key
    assert not is_in(thief)
    event = Event.objects.get(action="signin:SignOut")
    assert event.principal_arn == alice.arn


def test_a_sign_in_can_be_given_up_half_way(alice, client):
    give_password(alice)
    give_device(alice)
    sign_in(client, alice)
    client.post("/session/out/")
    assert client.get("/session/mfa/")["Location"].startswith("/signin/")
    assert not Event.objects.filter(action="signin:SignOut").exists()


# --- The way back for root -------------------------------------------------------------------------


@pytest.fixture
def link(root):
    """A recovery link of the root user, made just now."""
    give_password(root)
    operator = callers.operator(root.home, now=timezone.now(), request_id="of-recovery")
    return f"/session/recover/{root_actions.create_recovery_link(operator)}/"


def recover(browser: Client, link: str, new: str = NEW, again: str = NEW):
    return browser.post(link, {"new_password": new, "retyped": again})


def root_signs_in(browser: Client, password: str):
    return browser.post(
        "/session/root/password/", {"email": "root@example.com", "password": password}
    )


def test_a_recovery_link_sets_the_root_password_once(root, link, client):
    before = signed_in(root)
    shown = client.get(link)
    assert "root@example.com" in shown.content.decode()
    assert shown["Referrer-Policy"] == "strict-origin"
    assert recover(client, link)["Location"] == "/session/root/"
    assert "was changed" in client.get("/session/root/").content.decode()
    assert not is_in(before)
    assert root_signs_in(new_browser(), PASSWORD).status_code == 422
    assert root_signs_in(new_browser(), NEW)["Location"] == DASHBOARD
    for answer in (client.get(link), recover(client, link, "Another-one-9", "Another-one-9")):
        assert answer.status_code == 404
        assert answer["Referrer-Policy"] == "strict-origin"
    assert root_signs_in(new_browser(), NEW).status_code == 302
    event = Event.objects.get(action="root:RecoverPassword", outcome="success")
    assert NEW not in str(event.parameters)
    assert link.split("/")[-2] not in str(event.parameters)


def test_a_recovery_link_does_not_remove_mfa(root, link, client):
    give_device(root)
    recover(client, link)
    assert root_signs_in(client, NEW)["Location"] == "/session/mfa/"
    assert not is_in(client)


def test_a_recovery_link_dies_after_fifteen_minutes(link, client, monkeypatch):
    later = timezone.now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert client.get(link).status_code == 404
    assert recover(client, link).status_code == 404
    monkeypatch.undo()
    assert root_signs_in(client, PASSWORD).status_code == 302


def test_a_recovery_link_holds_the_new_password_to_the_rules(link, client):
    for new, again, words in (
        ("short", "short", "Between 8 and 128"),
        (NEW, "other", "not the same"),
        ("root@example.com", "root@example.com", "Not the same as the account"),
    ):
        answer = recover(client, link, new, again)
        assert answer.status_code == 422
        errors = "".join(re.findall(r"<ul class=.field-errors.*?</ul>", answer.content.decode(), re.S))
        assert words in errors
    assert recover(client, link).status_code == 302


@pytest.mark.parametrize("token", ["x", "%00", "é", "a" * 3000])
def test_an_invented_recovery_link_leads_nowhere(db, client, token):
    assert client.get(f"/session/recover/{token}/").status_code == 404
