"""Wildcards, and that no pattern makes matching slow: the steps are counted, not the seconds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.engine import (
    MAX_LENGTH,
    Document,
    Policies,
    Policy,
    PolicyKind,
    evaluate,
    load,
    parse,
)
from accounts.engine.match import (
    ANY,
    REMEMBERED_BITS,
    PatternSet,
    Places,
    matcher,
    matches,
    one_pass,
    pieces,
    tokens,
)
from accounts.engine.rules import rules

from . import hostile
from .cast import allow, request, text

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

    # What is kept of one text must not be found for another: its steps would not be counted.
    __hash__ = object.__hash__

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
    for match in (matches, lambda pattern, value: matcher(pattern)(value)):
        value = Counted("a" * 2048)
        match(pattern, value)
        assert value.steps <= LIMIT * (len(pattern) + len(value))


@pytest.mark.parametrize("pattern", ["*a?b*", "*a*b*c", "a?*"])
def test_many_patterns_take_no_more_steps_than_one(pattern):
    value = Counted("a" * 2048)
    assert value not in PatternSet(f"{pattern}{number}" for number in range(5000))
    assert value.steps <= LIMIT * len(value)


@pytest.mark.parametrize("slow", hostile.MATCHING.values(), ids=hostile.MATCHING)
def test_no_document_takes_more_steps_than_it_and_the_request_have_characters(slow):
    document = parse(slow.text)
    assert len(slow.text) <= MAX_LENGTH
    own = Policies((Policy(document, "slow"),))
    for (resource, context), allowed in ((slow.near, False), (slow.fits, True)):
        counted = Counted(resource)
        values = {key: counted_values(value) for key, value in context.items()}
        asked = request(resource=counted, context=values)
        assert evaluate(asked, own).allowed is allowed
        asking = [counted, *(value for several in values.values() for value in as_list(several))]
        steps = sum(text.steps for text in asking)
        assert steps <= LIMIT * (len(slow.text) + sum(map(len, asking)))


def counted_values(value):
    return Counted(value) if isinstance(value, str) else list(map(Counted, value))


def as_list(value):
    return [value] if isinstance(value, str) else value


def test_what_is_remembered_of_a_text_stays_small():
    text = Counted("ab" * 50_000)
    places = Places(text)
    for number in range(2_000):
        places.match(("", ANY, f"{number}", ANY, "b"))
    assert len(places._found) * len(text) <= REMEMBERED_BITS


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
    assert matches(pattern, value) == matcher(pattern)(value) == expected
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
