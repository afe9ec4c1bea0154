"""The strict JSON reader: it agrees with `json` on what it takes, and knows where things stand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.engine.jsontext import Lines, MalformedPolicy, decode, places, position

VALUES = st.recursive(
    st.none() | st.booleans() | st.text('ab"\\\n\t{}[],: é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text('ab"\\{}[],:', max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_what_json_writes_is_read_back(value, indent, ascii_only):
    assert decode(json.dumps(value, indent=indent, ensure_ascii=ascii_only)) == value


@given(VALUES, st.sampled_from([None, 2]))
def test_every_value_is_found_where_it_stands(value, indent):
    text = json.dumps(value, indent=indent)
    found = places(text)
    for path, place in found.items():
        expected = value
        for step in path:
            expected = expected[step]
        assert json.loads(text[place.start : place.end]) == expected
        if path and isinstance(path[-1], str):
            name, _ = json.JSONDecoder().raw_decode(text[place.name :])
            assert name == path[-1]
        assert position(text, path) == Lines(text).at(place.name)
    assert len(found) == _count(value)


def _count(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count, inner))


def test_lines_and_columns_count_from_one():
    lines = Lines("a\n\nbc")
    assert [lines.at(offset) for offset in range(5)] == [(1, 1), (1, 2), (2, 1), (3, 1), (3, 2)]


def test_there_is_no_position_for_what_is_not_there():
    assert position('{"a": 1}', ("b",)) is None


@pytest.mark.parametrize("number", ["0", "-1", "1.50", "1e3", "9" * 64])
def test_numbers_keep_their_spelling(number):
    assert decode(f"[{number}]") == [number]


@pytest.mark.parametrize("number", ["01", "+1", ".5", "1.", "0x10", "9" * 65, "1e400", "-1e400"])
def test_numbers_beyond_json_or_reason_are_refused(number):
    with pytest.raises(MalformedPolicy):
        decode(f"[{number}]")
