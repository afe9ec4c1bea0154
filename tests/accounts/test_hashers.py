"""The strength of password hashes, as it is outside of the tests, and how many run at once."""

from __future__ import annotations

import subprocess
import sys
import threading

from django.conf import settings
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    check_password,
    identify_hasher,
    make_password,
)

from accounts import signin
from accounts.hashers import Argon2, weakly


def outside_of_the_tests(program: str, folder: str) -> str:
    """What a program prints under the project's own settings."""
    run = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {program}"],
        env={"DJANGO_SETTINGS_MODULE": "iamconsole.settings", "DATA_DIR": folder},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.strip()


def test_hashes_are_argon2id_with_owasps_parameters(tmp_path):
    program = (
        "from django.contrib.auth.hashers import make_password; print(make_password('correct'))"
    )
    encoded = outside_of_the_tests(program, str(tmp_path))
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("correct", encoded)
    assert not check_password("horse", encoded)


def test_the_hash_of_nobody_costs_as_much_as_anybodys(tmp_path):
    program = "from accounts import signin; print(signin._nobodys_password())"
    encoded = outside_of_the_tests(program, str(tmp_path))
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert not check_password("", encoded)


def test_nobodys_password_is_verified_and_never_right():
    encoded = signin._nobodys_password()
    assert identify_hasher(encoded).algorithm == "argon2"
    assert not identify_hasher(encoded).verify("a password", encoded)


def test_weak_hashes_are_of_one_thread_and_end(monkeypatch):
    monkeypatch.setattr(Argon2, "memory_cost", 16)
    others: list[str] = []
    with weakly():
        assert "$m=8,t=1," in make_password("a password")
        another = threading.Thread(target=lambda: others.append(make_password("a password")))
        another.start()
        another.join()
    assert "$m=16,t=1," in others[0]
    assert "$m=16,t=1," in make_password("a password")


def test_one_hash_at_a_time_runs_in_a_process(monkeypatch):
    running, most = 0, 0
    counting = threading.Lock()
    began = threading.Event()

    def slow(self, password, salt):
        nonlocal running, most
        with counting:
            running += 1
            most = max(most, running)
        began.wait(0.02)
        with counting:
            running -= 1
        return "argon2$"

    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    threads = [threading.Thread(target=Argon2().encode, args=("p", "saltsalt")) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
