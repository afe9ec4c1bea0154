"""Guessing is slowed down, through the pages; what the delays are, tests/accounts/test_throttle."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Event, Throttle
from tests.cast import allow
from tests.console.browsers import (
    NEW,
    PASSWORD,
    change_password,
    code,
    give_device,
    give_password,
    must_change,
    new_browser,
    sign_in_by_page,
)

pytestmark = pytest.mark.django_db
FREE = 5


class Clock:
    """The time that every request sees."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = timezone.now()
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now)

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def fail(who, times: int, browser: Client | None = None) -> None:
    for _ in range(times):
        # A fresh browser each time: no cookies, no session, no token of before.
        answer = sign_in_by_page(browser or new_browser(), who, "wrong")
        assert answer.status_code == 422


def gets_in(who, browser: Client | None = None) -> bool:
    return bool(sign_in_by_page(browser or new_browser(), who).status_code == 302)


def test_the_right_password_during_the_delay_fails_like_any_other_and_works_after_it(alice, clock):
    give_password(alice)
    fail(alice, FREE)
    during = sign_in_by_page(new_browser(), alice)
    assert during.status_code == 422
    assert "Your authentication information is incorrect." in during.content.decode()
    clock.passes(seconds=2.1)
    assert gets_in(alice)
    tries = Event.objects.filter(action="signin:ConsoleLogin").values_list("outcome", flat=True)
    assert sorted(tries) == ["error"] * 6 + ["success"]


def test_an_attempt_during_the_delay_does_not_make_it_longer(alice, clock):
    give_password(alice)
    fail(alice, FREE)
    for _ in range(19):
        clock.passes(seconds=0.1)
        fail(alice, 1)
    clock.passes(seconds=0.2)
    assert gets_in(alice)


def test_successes_are_not_counted(alice, clock):
    """A class shares one address, and one user may have many windows."""
    give_password(alice)
    for _ in range(FREE * 3):
        assert gets_in(alice)


def test_other_users_at_the_same_address_go_on(alice, bob, root, clock):
    for who in (alice, bob, root):
        give_password(who)
    fail(alice, FREE + 1)
    assert gets_in(bob)
    sent = {"email": "root@example.com", "password": PASSWORD}
    assert new_browser().post("/session/root/password/", sent).status_code == 302


def test_somebody_elses_success_resets_nothing(alice, bob, clock):
    give_password(alice)
    give_password(bob)
    fail(alice, FREE - 1)
    assert gets_in(bob)
    fail(alice, 1)
    assert not gets_in(alice)


def test_the_user_gets_in_from_another_address_while_one_is_guessing(alice, clock):
    give_password(alice)
    fail(alice, FREE * 3, new_browser(REMOTE_ADDR="198.51.100.7"))
    assert not gets_in(alice, new_browser(REMOTE_ADDR="198.51.100.7"))
    assert gets_in(alice, new_browser(REMOTE_ADDR="203.0.113.9"))


def test_guessing_from_many_addresses_is_slowed_down_too_and_nobody_is_locked_out(alice, clock):
    give_password(alice)
    for number in range(60):
        fail(alice, 1, new_browser(REMOTE_ADDR=f"198.51.100.{number}"))
    assert not gets_in(alice, new_browser(REMOTE_ADDR="203.0.113.9"))
    clock.passes(minutes=15, seconds=1)
    assert gets_in(alice, new_browser(REMOTE_ADDR="203.0.113.9"))
    # The success begins no delay of its own.
    assert gets_in(alice, new_browser(REMOTE_ADDR="203.0.113.9"))


def test_a_forged_address_is_no_other_address(alice, clock):
    give_password(alice)
    for number in range(FREE):
        sign_in_by_page(
            new_browser(
                headers={
                    "X-Forwarded-For": f"203.0.113.{number}",
                    "X-Real-IP": f"203.0.113.{number}",
                    "User-Agent": str(number),
                }
            ),
            alice,
            "wrong",
        )
    assert not gets_in(alice)


@pytest.mark.parametrize(
    "spelling",
    [
        {"account": "class-one"},
        {"account": "1111-2222-3333"},
        {"account": " CLASS-ONE"},
        {"user_name": "ALICE"},
        {"user_name": " alice "},
    ],
)
def test_another_spelling_is_no_other_name(alice, clock, spelling):
    alice.home.alias = "class-one"
    alice.home.save()
    give_password(alice)
    for _ in range(FREE):
        assert sign_in_by_page(new_browser(), alice, "wrong", **spelling).status_code == 422
    assert not gets_in(alice)
    assert sign_in_by_page(new_browser(), alice, **spelling).status_code == 422


def test_a_name_that_does_not_exist_is_counted_too(alice, clock):
    """Else one would learn from the delay which names exist."""
    for _ in range(FREE):
        sign_in_by_page(new_browser(), alice, user_name="zoe")
    blocked = Throttle.objects.filter(blocked_until__gt=clock.now)
    assert blocked.count() == 1


def test_the_counters_name_nobody(alice, clock):
    """What was typed as a name may be a password."""
    sign_in_by_page(new_browser(), alice, user_name="my-secret-password")
    keys = "".join(Throttle.objects.values_list("key", flat=True))
    assert "secret" not in keys
    assert "alice" not in keys


def test_codes_are_counted_apart_from_passwords(alice, client, clock):
    give_password(alice)
    give_device(alice)
    fail(alice, FREE - 1)
    sign_in_by_page(client, alice)
    for _ in range(FREE):
        client.post("/session/mfa/", {"authentication_code": "000000"})
    during = client.post("/session/mfa/", {"authentication_code": code()})
    assert during.status_code == 422
    assert "This code is wrong." in during.content.decode()
    # The password's own counter began anew with the success.
    assert gets_in(alice)
    clock.passes(seconds=2.1)
    assert client.post("/session/mfa/", {"authentication_code": code()}).status_code == 302


def test_a_new_sign_in_does_not_reset_the_count_of_codes(alice, clock):
    give_password(alice)
    give_device(alice)
    for _ in range(FREE):
        browser = new_browser()
        sign_in_by_page(browser, alice)
        browser.post("/session/mfa/", {"authentication_code": "000000"})
    browser = new_browser()
    sign_in_by_page(browser, alice)
    assert browser.post("/session/mfa/", {"authentication_code": code()}).status_code == 422


def test_resynchronising_counts_as_codes_do(alice, client, clock):
    give_password(alice)
    give_device(alice)
    sign_in_by_page(client, alice)
    for _ in range(FREE):
        client.post(
            "/session/resync/", {"authentication_code1": "000000", "authentication_code2": "000000"}
        )
    sent = {"authentication_code1": code(), "authentication_code2": code(1)}
    assert client.post("/session/resync/", sent).status_code == 422
    clock.passes(seconds=2.1)
    assert client.post("/session/mfa/", {"authentication_code": code()}).status_code == 302


def test_the_old_password_is_not_guessed_on_the_page_that_changes_it(caller_with, client, clock):
    alice = caller_with(allow("iam:ChangePassword"))
    must_change(alice)
    sign_in_by_page(client, alice)
    for _ in range(FREE):
        change_password(client, old="wrong")
    assert change_password(client).status_code == 422
    clock.passes(seconds=2.1)
    assert change_password(client, new=NEW).status_code == 302
