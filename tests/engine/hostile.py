"""Documents made to be slow, each within AWS's limit of 131,072 characters.

The tests ask whether they are read, matched and checked rightly and in how many steps;
`tests/bench/bench_engine.py` prints how long that takes.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .cast import allow, text

PREFIX = "arn:aws:s3:::"
TEXT = "a" * 2035
"""What patterns are held against: with the prefix, an ARN of the greatest length."""

# A long value costs its author few characters: every ${...} stands for all of it.
CONTEXT: Mapping[str, str | Sequence[str]] = {
    "aws:username": "a" * 64,
    "aws:PrincipalTag/x": "a" * 256,
    "aws:UserAgent": "a" * 1000,
}


class Slow(NamedTuple):
    """Statements that allow `fits`, and of which `near` comes as close as can be.

    Both are a resource and the request's context.
    """

    statements: Any
    near: tuple[str, Mapping[str, str | Sequence[str]]]
    fits: tuple[str, Mapping[str, str | Sequence[str]]]

    @property
    def text(self) -> str:
        return text(self.statements)


def _resources(patterns: Sequence[str], fits: str) -> Slow:
    return _statements([allow("*", [PREFIX + pattern for pattern in patterns])], fits)


def _statements(statements: Sequence[Mapping[str, Any]], fits: str) -> Slow:
    return Slow(statements, (PREFIX + TEXT, CONTEXT), (PREFIX + fits, CONTEXT))


def _condition(operator: str, values: Any, near: str | Sequence[str], fits: Any) -> Slow:
    statement = allow("*", Condition={operator: {"test:key": values}})
    return Slow(
        [statement],
        ("*", {**CONTEXT, "test:key": near}),
        ("*", {**CONTEXT, "test:key": fits}),
    )


STARS = "*a" * 500 + "*b"
#: Every search for it compares hundreds of characters before it goes on by one.
PERIODIC = "a" * 250 + "b" + "a" * 250

MATCHING = {
    "500 stars, 100 times": _resources([STARS] * 100, TEXT + "b"),
    "5,000 patterns with stars and question marks": _resources(
        [f"*?a*{n}" for n in range(5000)], TEXT + "4999"
    ),
    "240 long pieces that almost fit": _resources(
        [f"*{PERIODIC}*{n}" for n in range(240)], PERIODIC + "239"
    ),
    "3,500 variables in resources": _resources(
        [f"${{aws:username}}*{n}" for n in range(3500)], TEXT + "3499"
    ),
    "1,500 variables before a question mark": _resources(
        ["${aws:username}*?b"] * 1500, TEXT + "b"
    ),
    "2,500 variables with a value of 1,000 characters": _resources(
        [f"*${{aws:UserAgent}}*b{n}" for n in range(2500)], TEXT + "b2499"
    ),
    "2,500 long values before a question mark": _resources(
        [f"*${{aws:PrincipalTag/x}}?b{n}" for n in range(2500)], TEXT + "b2499"
    ),
    "1,500 statements with question marks": _statements(
        [allow("*", f"{PREFIX}*?b{n}") for n in range(1500)], TEXT + "b1499"
    ),
    "1,200 statements with variables": _statements(
        [allow("*", f"{PREFIX}*${{aws:username}}?b{n}") for n in range(1200)], TEXT + "b1199"
    ),
    "500 stars in a condition, 100 times": _condition(
        "StringLike", [STARS] * 100, TEXT, TEXT + "b"
    ),
    "8,000 patterns in a condition": _condition(
        "StringLike", [f"*?a*{n}" for n in range(8000)], TEXT, TEXT + "7999"
    ),
    "4,000 variables in a condition": _condition(
        "StringLike", [f"*${{aws:UserAgent}}?b{n}" for n in range(4000)], TEXT, TEXT + "b3999"
    ),
    "6,000 variables to be equal": _condition(
        "StringEquals", ["${aws:username}"] * 6000, TEXT, "a" * 64
    ),
    "5,000 variables to be equal but for case": _condition(
        "StringEqualsIgnoreCase",
        [f"${{aws:UserAgent}}B{n}" for n in range(5000)], TEXT, "A" * 1000 + "b4999",
    ),
    "4,000 ARNs with wildcards in every part": _condition(
        "ArnLike",
        [f"arn:?*:?*:?*:?*:?*a{n}" for n in range(4000)],
        f"arn:aws:sns:eu:1:{TEXT}", f"arn:aws:sns:eu:1:{TEXT}3999",
    ),
    "2,500 ARNs with long variables": _condition(
        "ArnLike",
        [f"arn:*:*:*:*:*${{aws:UserAgent}}?b{n}" for n in range(2500)],
        f"arn:aws:sns:eu:1:{TEXT}", f"arn:aws:sns:eu:1:{TEXT}b2499",
    ),
    "500 stars against 50 values": _condition(
        "ForAllValues:StringLike", STARS, ["a" * 1000] * 50, ["a" * 1000 + "b"] * 50
    ),
    "6,000 networks": _condition(
        "IpAddress", [f"10.0.{n % 256}.0/24" for n in range(6000)], "192.0.2.1", "10.0.255.1"
    ),
    "5,000 conditions": Slow(
        [allow("*", Condition={"StringLike": {f"test:key{n}": "*a*b" for n in range(5000)}})],
        ("*", {f"test:key{n}": "aab" for n in range(4999)}),
        ("*", {f"test:key{n}": "aab" for n in range(5000)}),
    ),
}  # fmt: skip

SYNTAX = "Syntax errors in policy."
LEGACY = "The policy failed legacy parsing"


def _like(values: Any) -> str:
    return text(allow(Condition={"StringLike": {"a:b": values}}))


READING: Mapping[str, tuple[str, str | None]] = {
    "quotes": ('"' * 131_072, SYNTAX),
    "escaped quotes": ('\\"' * 65_536, SYNTAX),
    "escaped quotes in a text that does not end": ('"' + '\\"' * 65_000, SYNTAX),
    "opening braces": ("{" * 131_072, SYNTAX),
    "one digit after another": ("1" * 131_072, SYNTAX),
    "40,000 lists": ('{"a":[' + "[]," * 40_000 + "[]]}", SYNTAX),
    "40,000 empty statements": ('{"Statement":[' + "{}," * 40_000 + "{}]}", SYNTAX),
    "60,000 numbers for statements": ('{"Statement":[' + ",".join("1" * 60_000) + "]}", SYNTAX),
    "40,000 lists for statements": ('{"Statement":[' + "[]," * 40_000 + "[]]}", SYNTAX),
    "2,700 actions of 40 question marks": (text(allow(["s3:*" + "?" * 40] * 2_700)), None),
    "60,000 stars and question marks": (text(allow(resource=PREFIX + "*?" * 60_000)), None),
    "30,000 variables": (_like("${a}" * 30_000), None),
    "10,000 values with a variable": (_like(["${a:b}"] * 10_000), None),
    "60,000 variables that do not end": (_like("${" * 60_000), SYNTAX),
    "1,500 statements": (text([allow("s3:G*t", "arn:aws:s3:::*?b")] * 1_500), None),
    "7,500 keys": (
        text(allow(Condition={"StringLike": {f"a:{n}": "*b*" for n in range(7_500)}})), None,
    ),
}  # fmt: skip
"""Texts, and the message with which saving refuses them."""

BIG = "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"


def _checked(code: str, **elements: Any) -> tuple[str, str]:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **elements}
    policy = {"Version": "2012-10-17", "Statement": statement}
    return json.dumps(policy, separators=(",", ":")), code


CHECKING: Mapping[str, tuple[str, str]] = {
    "900 actions of 60 stars": _checked(
        "ACTION_MATCHES_NOTHING", Action=["ec2:" + "*a" * 60] * 900
    ),
    "7,000 actions with stars": _checked(
        "ACTION_MATCHES_NOTHING", Action=[f"ec2:*{number}*e*" for number in range(7_000)]
    ),
    "5,000 misspelt actions": _checked(
        "INVALID_ACTION", Action=[f"ec2:Describe{number}" for number in range(5_000)]
    ),
    "5,000 buckets": _checked(BIG, Resource=[f"arn:aws:s3:::{n}*" for n in range(5_000)]),
    "4,000 actions on 3,000 resources": _checked(
        BIG, Action=["ec2:*"] * 4_000, Resource=["arn:aws:ec2:*:*:*x*"] * 3_000
    ),
    "2,000 actions on 2,000 different resources": _checked(
        "REDUNDANT_RESOURCE",
        Action=["ec2:*"] * 2_000,
        Resource=[f"arn:aws:ec2:*:*:*{n}*" for n in range(2_000)],
    ),
    "4,200 condition keys": _checked(
        BIG, Condition={"StringLike": {f"aws:PrincipalTag/{n}": "*" for n in range(4_200)}}
    ),
    "9,000 misspelt regions": _checked(
        "INVALID_REGION", Condition={"StringEquals": {"aws:RequestedRegion": ["eu-wst-1"] * 9_000}}
    ),
    "2,500 principals": _checked(
        "UNSUPPORTED_PRINCIPAL",
        Principal={"AWS": [f"arn:aws:iam::111122223333:role/{n}" for n in range(2_500)]},
    ),
    "60,000 stars and question marks": _checked(BIG, Resource=PREFIX + "*?" * 60_000),
    "60,000 variables that do not end": _checked(
        "MISSING_BRACE_IN_VARIABLE", Resource="${" * 60_000
    ),
    "a variable with 60,000 commas": _checked(
        "MISSING_QUOTE_IN_VARIABLE", Resource=PREFIX + "${" + "a," * 60_000 + "}"
    ),
    "40,000 empty statements": ('{"Statement":[' + "{}," * 40_000 + "{}]}", "MISSING_EFFECT"),
}
"""Texts, and the code of a finding that they must have."""
