"""The counters behind the delays: how they grow, what they forget, and what a race can do."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts import throttle
from accounts.models import Throttle

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
FREE_HERE, FREE_ANYWHERE = 5, 50


def counters(name: str = "alice", address: str = "192.0.2.1"):
    return throttle.password_counters("111122223333", name, address)


def try_once(now: datetime = NOW, *, right: bool = False, **whose: str) -> bool:
    """One attempt; return whether it was checked at all."""
    admitted = throttle.admit(counters(**whose), now)
    throttle.settle(counters(**whose), now, admitted=admitted, right=right)
    return admitted


def fail(times: int, now: datetime = NOW, **whose: Any) -> int:
    """Let so many attempts fail; return how many were checked at all."""
    return sum(try_once(now, **whose) for _ in range(times))


def blocked_until() -> set[datetime | None]:
    return set(Throttle.objects.values_list("blocked_until", flat=True))


def at_once(work: Callable[[], bool], times: int) -> list[bool]:
    """What so many threads got, that all began at the same moment."""
    answers: list[bool] = []
    barrier = threading.Barrier(times)

    def run() -> None:
        barrier.wait()
        try:
            answers.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_delay_doubles_from_two_seconds_to_fifteen_minutes_and_no_further():
    delays = [throttle.delay(failures, 5).total_seconds() for failures in range(4, 17)]
    assert delays == [0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert throttle.delay(10**9, 5) == timedelta(minutes=15)


def test_whoever_keeps_guessing_waits_for_each_further_guess(db):
    now, waited = NOW, []
    assert fail(FREE_HERE) == FREE_HERE
    for _ in range(12):
        began = now
        while not try_once(now):
            now += timedelta(seconds=1)
        waited.append((now - began).total_seconds())
    assert waited == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_an_attempt_during_a_delay_changes_nothing_right_or_wrong(db):
    fail(FREE_HERE)
    before = list(Throttle.objects.order_by("key").values())
    assert not try_once(NOW + timedelta(seconds=1))
    assert not try_once(NOW + timedelta(seconds=1), right=True)
    assert list(Throttle.objects.order_by("key").values()) == before


def test_after_an_hour_without_a_failure_the_count_starts_anew(db):
    fail(FREE_HERE)
    later = NOW + timedelta(hours=1, seconds=1)
    assert fail(FREE_HERE, later) == FREE_HERE
    assert fail(1, later) == 0


def test_a_success_starts_the_name_anew_at_its_address_only(db):
    for number in range(3):
        fail(FREE_HERE - 1, address=f"192.0.2.{number}")
    assert try_once(right=True, address="192.0.2.1")
    assert fail(FREE_HERE, address="192.0.2.1") == FREE_HERE
    assert fail(2, address="192.0.2.2") == 1


def test_a_success_takes_nothing_from_the_count_of_all_addresses_and_adds_nothing(db):
    for number in range(FREE_ANYWHERE - 1):
        fail(1, address=f"198.51.100.{number}")
    for _ in range(3):
        assert try_once(right=True)
    assert fail(1, address="203.0.113.1") == 1
    assert fail(1, address="203.0.113.2") == 0


def test_a_success_after_a_delay_begins_no_new_one(db):
    for number in range(FREE_ANYWHERE + 10):
        fail(1, NOW + timedelta(minutes=16 * number), address=f"198.51.100.{number}")
    now = NOW + timedelta(minutes=16 * (FREE_ANYWHERE + 10))
    for _ in range(3):
        assert try_once(now, right=True)


def test_names_addresses_and_kinds_are_counted_apart(db):
    fail(FREE_HERE)
    assert fail(1) == 0
    assert fail(1, name="bob") == 1
    assert fail(1, address="192.0.2.2") == 1
    other_account = throttle.password_counters("444455556666", "alice", "192.0.2.1")
    assert throttle.admit(other_account, NOW)
    for kind in (throttle.code_counters, throttle.change_counters):
        assert throttle.admit(kind("111122223333\nalice", "192.0.2.1"), NOW)


def test_old_counters_are_pruned_and_young_ones_stay(db):
    fail(1, NOW - timedelta(hours=2), name="old")
    fail(1, name="young")
    throttle.prune(NOW)
    assert Throttle.objects.count() == 2
    assert fail(FREE_HERE, name="young") == FREE_HERE - 1


def test_a_whole_class_may_be_signing_in_as_one_user_at_the_same_moment(db):
    """Nothing is counted before it failed."""
    assert all(throttle.admit(counters(), NOW) for _ in range(60))
    assert blocked_until() == {None}


def test_after_a_delay_one_attempt_is_checked_at_a_time(db):
    fail(FREE_HERE)
    later = NOW + timedelta(seconds=3)
    assert throttle.admit(counters(), later)
    assert not throttle.admit(counters(), later)
    throttle.settle(counters(), later, admitted=True, right=True)
    assert throttle.admit(counters(), later)


@pytest.mark.django_db(transaction=True)
def test_of_parallel_guesses_after_a_delay_exactly_one_is_checked():
    fail(FREE_HERE)
    later = NOW + timedelta(seconds=3)
    assert sum(at_once(lambda: throttle.admit(counters(), later), 12)) == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_first_guesses_are_all_counted():
    checked = sum(at_once(try_once, 12))
    assert set(Throttle.objects.values_list("failures", flat=True)) == {checked}
    assert checked >= FREE_HERE
    assert not try_once()


@pytest.mark.django_db(transaction=True)
def test_parallel_successes_do_not_trip_over_each_other():
    answers = at_once(lambda: all(try_once(right=True) for _ in range(5)), 4)
    assert answers == [True] * 4
    assert set(Throttle.objects.values_list("failures", flat=True)) == {0}


def test_a_good_token_covers_no_bad_ones_and_a_neighbour_waits_for_nobody(db):
    def tried(address: str, *, right: bool = False) -> bool:
        counters = throttle.unsigned_counters(address)
        admitted = throttle.admit(counters, NOW)
        throttle.settle(counters, NOW, admitted=admitted, right=right)
        return admitted

    checked = [tried("192.0.2.1", right=number % 2 == 1) for number in range(60)]
    assert checked.count(True) == 39, "twenty failures, and a success after each but the last"
    assert tried("192.0.2.2", right=True)


def test_an_ipv6_network_counts_as_one_address():
    of = throttle.unsigned_counters
    assert of("2001:db8:0:1::7") == of("2001:db8:0:1:ffff::9") != of("2001:db8:0:2::7")
    assert of("192.0.2.1") != of("192.0.2.2")
    assert of("") == of(""), "a socket of the machine has no address"
