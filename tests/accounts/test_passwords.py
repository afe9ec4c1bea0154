"""The rules of passwords: each by its name, one hash for the history, and when they run out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from hypothesis import given
from hypothesis import strategies as st

from accounts import passwords
from accounts.actions import login_profiles
from accounts.actions.root import login_of
from accounts.caller import Caller
from accounts.errors import EntityTemporarilyUnmodifiable, PasswordPolicyViolation
from accounts.hashers import Argon2
from accounts.models import Account, Login, PasswordHistory, PasswordPolicy
from accounts.passwords import Expiry
from accounts.types import Password, text_rule
from tests.cast import allow, new_user

GOOD = "Correct-h0rse"
SWITCHES = (
    "require_symbols",
    "require_numbers",
    "require_uppercase_characters",
    "require_lowercase_characters",
)


def an_account() -> Account:
    return Account(id="111122223333", name="Example", root_email="root@example.com")


def broken(policy: PasswordPolicy | None, password: str) -> list[str]:
    """The names of the rules that a password breaks."""
    found = passwords.rules(policy, an_account())
    return [rule.name for rule in found if not rule.holds(password)]


def new_login(account: Account, name: str, password: str, now: Any) -> Login:
    new = passwords.prepare(account, None, password, argument="password")
    return passwords.new_login(account, new_user(account, name), new, now)


# --- The default policy --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "rules"),
    [
        (GOOD, []),
        ("abcDEF12", []),
        ("abcdef1!", []),
        ("ABCDEF1!", []),
        ("abcDEF!!", []),
        ("abcDE12", ["length"]),
        ("Ab1!" * 32, []),
        ("Ab1!" * 32 + "x", ["length"]),
        ("abcdefgh", ["three_classes"]),
        ("abcdEFGH", ["three_classes"]),
        ("abcd\u00c4\u00d6 12", ["three_classes"]),
        ("a1", ["length", "three_classes"]),
        ("Root@Example.com", ["not_account"]),
        ("ROOT@example.com", ["not_account"]),
        ("example", ["length", "three_classes", "not_account"]),
    ],
)
def test_the_default_policy_names_each_rule_that_is_broken(password: str, rules: list[str]):
    assert broken(None, password) == rules


def test_every_symbol_that_aws_lists_counts_and_no_other_does():
    assert passwords.SYMBOLS == "!@#$%^&*()_+-=[]{}|'"
    only_symbols = PasswordPolicy(require_symbols=True)
    for symbol in passwords.SYMBOLS:
        assert broken(only_symbols, "abcdef" + symbol) == []
    for other in '";:,.<>/?`~\\ \u00a7':
        assert broken(only_symbols, "abcdef" + other) == ["symbol"]


# --- A custom policy -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switch", "lacking", "rule"),
    [
        ("require_symbols", "abcDEF123", "symbol"),
        ("require_numbers", "abcDEF!!!", "number"),
        ("require_uppercase_characters", "abcdef1!", "uppercase"),
        ("require_lowercase_characters", "ABCDEF1!", "lowercase"),
    ],
)
def test_each_switch_of_a_custom_policy_is_one_rule(switch: str, lacking: str, rule: str):
    assert broken(PasswordPolicy(**{switch: True}), lacking) == [rule]
    assert broken(PasswordPolicy(), lacking) == []
    assert broken(PasswordPolicy(**{switch: True}), GOOD) == []


def test_letters_and_digits_of_other_alphabets_count_for_nothing():
    everything = PasswordPolicy(**dict.fromkeys(SWITCHES, True))
    assert broken(everything, "\u00c4\u00d6\u00dc\u00e4\u00f6\u00fc\u00b2\u00b3\u00bd") == [
        "uppercase",
        "lowercase",
        "number",
        "symbol",
    ]


def test_a_custom_policy_replaces_the_default_one():
    weak = PasswordPolicy(minimum_password_length=6)
    assert broken(weak, "aaaaaa") == []
    assert broken(weak, "aaaaa") == ["length"]
    assert broken(weak, "root@example.com") == []


def test_a_refusal_names_every_broken_rule_in_words(account: Account):
    policy = PasswordPolicy.objects.create(
        account=account, minimum_password_length=14, **dict.fromkeys(SWITCHES, True)
    )
    with pytest.raises(PasswordPolicyViolation) as refused:
        passwords.prepare(account, None, "short", argument="new_password")
    error = refused.value
    assert error.argument == "new_password"
    assert error.rules == tuple(
        rule.sentence for rule in passwords.rules(policy, account) if rule.name != "lowercase"
    )
    assert error.message.startswith(
        "Password does not conform to the account password policy. It needs: Between 14 and 128"
    )
    assert "short" not in error.message


POLICIES = st.builds(
    PasswordPolicy,
    minimum_password_length=st.integers(6, 128),
    **dict.fromkeys(SWITCHES, st.booleans()),
)


@given(st.none() | POLICIES)
def test_a_generated_password_satisfies_any_policy(policy: PasswordPolicy | None):
    password = passwords.generate(policy)
    assert broken(policy, password) == []
    assert text_rule(Password).problems(password, "password") == []
    assert len(password) == max(20, policy.minimum_password_length if policy else 8)
    assert password[0] not in passwords.SYMBOLS, "spreadsheets take it for a formula"


@given(st.none() | POLICIES, st.text(st.characters(codec="latin-1"), max_size=140))
def test_what_a_page_tests_while_somebody_types_is_what_the_server_tests(
    policy: PasswordPolicy | None, password: str
):
    for rule in passwords.rules(policy, an_account()):
        if rule.pattern and "\n" not in password and "\r" not in password:
            found = re.search(rule.pattern, password) is not None
            assert found == rule.holds(password), (rule.name, rule.pattern)


def test_generated_passwords_differ():
    assert len({passwords.generate(None) for _ in range(50)}) == 50


# --- Root ----------------------------------------------------------------------------------------


@pytest.fixture
def roots_login(account: Account, now: Any) -> Login:
    new = passwords.prepare(account, None, GOOD, argument="password")
    return passwords.new_login(account, None, new, now)


def test_root_is_never_under_the_custom_policy(account: Account, roots_login: Login, now: Any):
    PasswordPolicy.objects.create(
        account=account,
        minimum_password_length=30,
        max_password_age=1,
        hard_expiry=True,
        password_reuse_prevention=24,
        require_symbols=True,
    )
    policy = passwords.policy_of(account)
    passwords.prepare(account, roots_login, "Default1", argument="password")
    passwords.prepare(account, roots_login, GOOD, argument="password")
    assert passwords.expiry(roots_login, policy, now + timedelta(days=5000)) is Expiry.NONE
    assert passwords.expires_at(roots_login, policy) is None
    with pytest.raises(PasswordPolicyViolation):
        passwords.prepare(account, roots_login, "weak", argument="password")


def test_a_weak_custom_policy_does_not_weaken_root(account: Account, roots_login: Login):
    PasswordPolicy.objects.create(account=account, minimum_password_length=6)
    with pytest.raises(PasswordPolicyViolation):
        passwords.prepare(account, roots_login, "aaaaaaaa", argument="password")


# --- Reuse ---------------------------------------------------------------------------------------


@pytest.fixture
def hashes(monkeypatch: Any) -> list[str]:
    """Every hash that is computed: "encode" or "verify"."""
    done: list[str] = []
    for name in ("encode", "verify"):
        genuine = getattr(Argon2, name)

        def counted(self: Any, *args: Any, _name: str = name, _genuine: Any = genuine) -> Any:
            done.append(_name)
            return _genuine(self, *args)

        monkeypatch.setattr(Argon2, name, counted)
    return done


def change(login: Login, password: str, now: Any) -> None:
    new = passwords.prepare(login.account, login, password, argument="password")
    passwords.store(login, new, now)


def test_a_password_of_the_history_is_refused_and_one_before_it_is_not(account: Account, now: Any):
    policy = PasswordPolicy.objects.create(account=account, password_reuse_prevention=3)
    login = new_login(account, "alice", "Pass-word-0", now)
    for number in range(1, 5):
        change(login, f"Pass-word-{number}", now)
    for number in (4, 3, 2):
        with pytest.raises(PasswordPolicyViolation) as refused:
            change(login, f"Pass-word-{number}", now)
        assert refused.value.rules == ("Not one of the last 3 passwords",)
    change(login, "Pass-word-1", now)
    policy.delete()
    change(login, "Pass-word-1", now)


def test_remembering_one_means_the_password_in_use(account: Account, now: Any):
    PasswordPolicy.objects.create(account=account, password_reuse_prevention=1)
    login = new_login(account, "alice", "Pass-word-0", now)
    with pytest.raises(PasswordPolicyViolation, match="Not the password in use"):
        change(login, "Pass-word-0", now)
    change(login, "Pass-word-1", now)
    change(login, "Pass-word-0", now)


def test_the_whole_history_costs_one_hash(account: Account, now: Any, hashes: list[str]):
    PasswordPolicy.objects.create(account=account, password_reuse_prevention=24)
    login = new_login(account, "alice", "Pass-word-0", now)
    for number in range(1, 24):
        change(login, f"Pass-word-{number}", now)
    hashes.clear()
    with pytest.raises(PasswordPolicyViolation):
        change(login, "Pass-word-0", now)
    assert hashes == ["encode"], "compared with all 24"
    hashes.clear()
    change(login, "Pass-word-new", now)
    assert hashes == ["encode", "encode"], "the other one is what is stored to sign in with"


def test_a_password_that_breaks_a_rule_is_not_hashed_at_all(account: Account, hashes: list[str]):
    with pytest.raises(PasswordPolicyViolation):
        passwords.prepare(account, None, "x" * 100, argument="password")
    assert hashes == []


def test_twenty_four_are_remembered_and_no_more(account: Account, now: Any):
    login = new_login(account, "alice", "Pass-word-0", now)
    for number in range(1, 31):
        change(login, f"Pass-word-{number}", now)
    kept = PasswordHistory.objects.filter(login=login)
    assert kept.count() == passwords.MOST_REMEMBERED == 24
    PasswordPolicy.objects.create(account=account, password_reuse_prevention=24)
    with pytest.raises(PasswordPolicyViolation):
        change(login, "Pass-word-7", now)
    change(login, "Pass-word-6", now)


def test_the_history_tells_nobody_who_shares_a_password(account: Account, now: Any):
    for name in ("alice", "bob"):
        new_login(account, name, GOOD, now)
    first, second = PasswordHistory.objects.all()
    assert first.digest != second.digest
    assert first.login.history_salt != second.login.history_salt
    assert passwords.salt_of(first.digest) == first.login.history_salt
    stored = first.digest.rpartition("$")[2]
    assert stored not in first.login.password, "the history is no way to sign in"


# --- Expiry --------------------------------------------------------------------------------------


@pytest.mark.parametrize("hard", [False, True])
def test_a_password_is_fine_then_announced_then_expired(account: Account, now: Any, hard: bool):
    login = new_login(account, "alice", GOOD, now)
    policy = PasswordPolicy(account=account, max_password_age=90, hard_expiry=hard)
    second = timedelta(seconds=1)
    end = now + timedelta(days=90)
    expired = Expiry.HARD if hard else Expiry.EXPIRED
    assert passwords.expires_at(login, policy) == end
    for moment, expected in (
        (now, Expiry.NONE),
        (end - timedelta(days=15) - second, Expiry.NONE),
        (end - timedelta(days=15), Expiry.SOON),
        (end - second, Expiry.SOON),
        (end, expired),
        (end + timedelta(days=1000), expired),
    ):
        assert passwords.expiry(login, policy, moment) is expected, moment


def test_without_an_age_limit_nothing_expires(account: Account, now: Any):
    login = new_login(account, "alice", GOOD, now)
    later = now + timedelta(days=5000)
    for policy in (None, PasswordPolicy(account=account, hard_expiry=True)):
        assert passwords.expiry(login, policy, later) is Expiry.NONE


def test_a_new_limit_holds_at_once_also_for_old_passwords(account: Account, now: Any):
    login = new_login(account, "alice", GOOD, now - timedelta(days=31))
    assert (
        passwords.expiry(login, PasswordPolicy(account=account, max_password_age=30), now)
        is Expiry.EXPIRED
    )


# --- Races ---------------------------------------------------------------------------------------


def test_a_change_that_was_proved_before_a_reset_does_not_undo_the_reset(
    root: Caller, caller_with: Any, monkeypatch: Any
):
    """Between proving the old password and storing the new one an administrator sets another."""
    alice = caller_with(allow("iam:ChangePassword"))
    login_profiles.create_login_profile(root, user_name="alice", password="Stolen-1-pass")
    genuine = login_profiles.changed

    def meanwhile(*args: Any) -> Any:
        proved = genuine(*args)
        login_profiles.update_login_profile(root, user_name="alice", password="Reset-2-pass")
        return proved

    monkeypatch.setattr(login_profiles, "changed", meanwhile)
    with pytest.raises(EntityTemporarilyUnmodifiable):
        login_profiles.change_password(
            alice, old_password="Stolen-1-pass", new_password="Thiefs-3-pass"
        )
    assert check_password("Reset-2-pass", Login.objects.get().password)


def test_the_same_holds_for_roots_password(account: Account, now: Any, roots_login: Login):
    first = login_profiles.changed(roots_login, GOOD, "Second-1-pass")
    passwords.store(roots_login, login_profiles.changed(roots_login, GOOD, "Third-2-pass"), now)
    with pytest.raises(EntityTemporarilyUnmodifiable):
        passwords.store(roots_login, first, now)
    assert login_of(account) == roots_login


def test_sessions_end_with_the_password_and_with_the_epoch(account: Account, now: Any):
    login = new_login(account, "alice", GOOD, now)
    before = login.get_session_auth_hash()
    change(login, "Another-1-pass", now)
    changed = login.get_session_auth_hash()
    assert changed != before
    login.epoch += 1
    assert login.get_session_auth_hash() not in (before, changed)
