"""Wildcards, and that no pattern makes matching slow: the steps are counted, not the seconds."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.engine import Document, PolicyKind, evaluate, load, parse
from accounts.engine.match import PatternSet, matches, one_pass, pieces, tokens
from accounts.engine.rules import Rule, rules

from .cast import allow, policies, request, text

LIMIT = 20
"""Steps per character of pattern and text together that matching may take."""


class Counted(str):
    """A text that counts what is done with it: characters read and places searched."""

    __slots__ = ("steps",)
    steps: int

    def __new__(cls, value):
        new = super().__new__(cls, value)
        new.steps = 0
        return new

    def __iter__(self):
        for character in str(self):
            self.steps += 1
            yield character

    def find(self, piece, start=0, end=None):
        end = len(self) if end is None else end
        found = str.find(self, piece, start, end)
        self.steps += (end if found < 0 else found) - start + len(piece)
        return found

    def startswith(self, piece, *bounds):
        self.steps += sum(map(len, piece)) if isinstance(piece, tuple) else len(piece)
        return str.startswith(self, piece, *bounds)

    def endswith(self, piece, *bounds):
        self.steps += len(piece)
        return str.endswith(self, piece, *bounds)


HARD = {
    "500 stars": "*a" * 500 + "*b",
    "500 stars between pairs": "*ab" * 500 + "*c",
    "500 stars and question marks": "*?" * 500 + "b",
    "500 question marks and stars": "?*" * 500 + "b",
    "a long piece that almost fits": "*" + "a" * 1000 + "b*",
    "a long piece with a question mark": "*" + "a" * 500 + "?" + "a" * 500 + "b*",
    "stars alone": "*" * 2000,
    "question marks alone": "?" * 2000,
    "as long as the text": "a" * 2048 + "*",
    "longer than any text": "a*" * 60_000,
}


@pytest.mark.parametrize("pattern", HARD.values(), ids=HARD)
def test_matching_takes_steps_in_proportion_to_pattern_and_text(pattern):
    value = Counted("a" * 2048)
    matches(pattern, value)
    assert value.steps <= LIMIT * (len(pattern) + len(value))


@pytest.mark.parametrize("pattern", ["*a?b*", "*a*b*c", "a?*"])
def test_many_patterns_take_no_more_steps_than_one(pattern):
    value = Counted("a" * 2048)
    assert value not in PatternSet(f"{pattern}{number}" for number in range(5000))
    assert value.steps <= LIMIT * len(value)


@pytest.mark.parametrize(
    "elements",
    [
        {"Resource": ["arn:aws:s3:::" + "*a" * 500 + "*b"] * 100},
        {"Resource": [f"arn:aws:s3:::*?a*{number}" for number in range(5000)]},
        {"Resource": ["arn:aws:s3:::${aws:username}*?b"] * 1500},
        {"Condition": {"StringLike": {"test:key": ["*a" * 500 + "*b"] * 100}}},
        {"Condition": {"StringLike": {"test:key": [f"*?a*{n}" for n in range(8000)]}}},
        {"Condition": {"StringEquals": {"test:key": ["${aws:username}"] * 6000}}},
        {"Condition": {"ArnLike": {"test:arn": [f"arn:?*:?*:?*:?*:?*a{n}" for n in range(4000)]}}},
        {"Condition": {"ForAllValues:StringLike": {"test:keys": "*a" * 500 + "*b"}}},
        {"Condition": {"IpAddress": {"test:ip": [f"10.0.{n % 256}.0/24" for n in range(6000)]}}},
    ],
    ids=lambda elements: str(elements)[:60],
)
def test_no_document_of_the_longest_length_takes_more_than_50_ms_to_match(elements, stopwatch):
    statement = allow("*") | elements
    document = parse(text(statement))
    compiled = stopwatch(lambda: Rule(document.statements[0], document.has_variables))
    assert compiled < 0.2
    asked = request(
        resource="arn:aws:s3:::" + "a" * 2035,
        context={
            "aws:username": "a" * 64,
            "test:key": "a" * 2048,
            "test:keys": ["a" * 256] * 50,
            "test:arn": "arn:aws:s3:::" + "a" * 2035,
            "test:ip": "192.0.2.1",
        },
    )
    own = policies(statement)
    assert stopwatch(lambda: evaluate(asked, own)) < 0.05


@pytest.fixture
def stopwatch():
    """Seconds of processor time of the best of three runs."""

    def measure(work):
        times = []
        for _ in range(3):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
        return min(times)

    return measure


def test_the_one_pass_and_the_pieces_agree_on_where_a_pattern_ends():
    assert pieces(tokens("ab*ba"))("abba")
    assert not pieces(tokens("ab*ba"))("aba")
    assert one_pass([tokens("ab*ba")])("abba")
    assert not one_pass([tokens("ab*ba")])("aba")


PATTERNS = st.text("ab*?:", max_size=12)
TEXTS = st.text("ab*?:", max_size=12)


def by_regex(pattern, value):
    parts = {"*": ".*", "?": "."}
    expression = "".join(parts.get(each, re.escape(each)) for each in pattern)
    return re.fullmatch(expression, value, re.DOTALL) is not None


@given(PATTERNS, TEXTS)
def test_every_way_of_matching_agrees_with_a_regular_expression(pattern, value):
    expected = by_regex(pattern, value)
    assert matches(pattern, value) == expected
    assert one_pass([tokens(pattern)])(value) == expected
    if "?" not in pattern:
        assert pieces(tokens(pattern))(value) == expected


@given(st.lists(PATTERNS, max_size=8), TEXTS)
def test_a_set_of_patterns_matches_what_any_of_them_matches(patterns, value):
    expected = any(by_regex(pattern, value) for pattern in patterns)
    assert (value in PatternSet(patterns)) == expected
    assert one_pass(map(tokens, patterns))(value) == expected


def test_a_document_is_compiled_once_and_forgotten_with_it():
    document = load(text(allow("s3:Forget")), PolicyKind.IDENTITY)
    assert isinstance(document, Document)
    assert rules(document) is rules(document)
