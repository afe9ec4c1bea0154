"""Values: drawn for each run, filled in where their names stand."""

from __future__ import annotations

import random
import re

from accounts import passwords
from accounts.models import Account, PasswordPolicy
from iamconsole.labs.format import values
from iamconsole.labs.format.reading import read
from tests.labs.pack_of_tests import with_lab

DESCRIBED = (
    "values:\n  colleague: {one_of: [ben, carla]}\n  token: {pattern: 'a-{4}-{12}'}\n"
    "  password: {password: true}\n"
)
LAB = read(with_lab("values:\n", DESCRIBED))


def test_values_are_drawn_as_described_and_differ_between_runs():
    drawn = [values.draw(LAB, random.Random(seed)) for seed in range(40)]
    assert {each["user"] for each in drawn} == {"ana"}
    assert {each["colleague"] for each in drawn} == {"ben", "carla"}
    assert all(re.fullmatch("reports-[a-z][a-z0-9]{5}", each["bucket"]) for each in drawn)
    assert all(re.fullmatch("a-[a-z0-9]{4}-[a-z0-9]{12}", each["token"]) for each in drawn)
    assert len({each["bucket"] for each in drawn}) == 40


def test_the_same_randomness_draws_the_same_values():
    assert values.draw(LAB, random.Random(7)) == values.draw(LAB, random.Random(7))


def test_passwords_pass_strict_policies():
    strict = PasswordPolicy(
        minimum_password_length=24,
        require_symbols=True,
        require_numbers=True,
        require_uppercase_characters=True,
        require_lowercase_characters=True,
    )
    for seed in range(200):
        password = values.draw(LAB, random.Random(seed))["password"]
        assert all(rule.holds(password) for rule in passwords.rules(strict, Account()))
        assert password[0].isalpha()
        assert not set(password) & set("$`\"'\\|*_<>& ")


def test_names_are_replaced_in_texts_lists_and_mappings():
    filled = values.fill(
        {"a{x}": ["{x}", {"n": 1, "t": True, "none": None}], "b": "${x} {y} ${aws:username}"},
        {"x": "{y}", "aws": "no"},
    )
    # What a value holds is no name: "{y}" stays, where it came from {x}, too.
    assert filled == {
        "a{y}": ["{y}", {"n": 1, "t": True, "none": None}],
        "b": "${x} {y} ${aws:username}",
    }


def test_policies_keep_their_braces():
    policy = '{"Statement":[{"Resource":"arn:aws:s3:::{bucket}/${aws:username}/*"}]}'
    assert values.fill(policy, {"bucket": "b"}) == policy.replace("{bucket}", "b")
    assert sorted(set(values.used([policy, {"{k}": ("{v}",)}]))) == ["bucket", "k", "v"]
