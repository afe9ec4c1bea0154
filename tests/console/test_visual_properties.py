"""Promises of the visual editor for any document, however it is written."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.engine.jsontext import decode
from iamconsole.console.policies import visual_blocks, visual_edits, visual_text
from iamconsole.console.policies.visual import breaks, with_breaks
from iamconsole.console.policies.visual_text import Source
from tests.console.visual_pages import VisualPage

WORDS = st.sampled_from(
    [
        "s3:GetObject",
        "s3:Get*",
        "iam:*",
        "*",
        "ec2:RunInstances",
        "no such",
        "",
        "a b ",
        "é\n",
        "<b>",
    ]
)
TEXTS = WORDS | st.lists(WORDS, max_size=4)
NUMBERS = st.sampled_from([0, 1.5, -2, 10**20, True, False])
VALUES = TEXTS | NUMBERS | st.lists(NUMBERS | WORDS, max_size=3)
CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "ForAnyValue:StringLike", "BoolIfExists", "Nonsense"]),
    st.dictionaries(st.sampled_from(["aws:a", "aws:b", "s3:prefix"]), VALUES, max_size=3) | WORDS,
    max_size=3,
)
ODDITIES = st.none() | NUMBERS | st.lists(NUMBERS, max_size=2)
STATEMENTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "Sid": WORDS | ODDITIES,
        "Effect": st.sampled_from(["Allow", "Deny", "allow", None]),
        "Action": TEXTS | ODDITIES,
        "NotAction": TEXTS,
        "Resource": TEXTS | ODDITIES,
        "NotResource": TEXTS,
        "Principal": st.just({"AWS": "*"}),
        "Condition": CONDITIONS | ODDITIES,
        "Other": st.just([{"deep": {}}]),
    },
)
BLANKS = st.text(" \t\r\n", max_size=4)


@st.composite
def written(draw: st.DrawFn, value: Any) -> str:
    """A value as JSON with white space anywhere, and members in any order."""

    def blank() -> str:
        return draw(BLANKS)

    if isinstance(value, dict):
        names = draw(st.permutations(list(value)))
        members = (
            f"{blank()}{draw(written(name))}{blank()}:{blank()}{draw(written(value[name]))}{blank()}"
            for name in names
        )
        return "{" + (",".join(members) or blank()) + "}"
    if isinstance(value, list):
        return (
            "["
            + (",".join(blank() + draw(written(each)) + blank() for each in value) or blank())
            + "]"
        )
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A policy of a few statements, sound or not, in any style."""
    found = draw(st.lists(STATEMENTS, min_size=1, max_size=3))
    statement = found[0] if len(found) == 1 and draw(st.booleans()) else found
    policy = {"Version": "2012-10-17", "Statement": statement}
    style = draw(st.sampled_from(["any", "indented", "tabs", "compact"]))
    if style == "any":
        return draw(BLANKS) + draw(written(policy)) + draw(BLANKS)
    if style == "compact":
        return json.dumps(policy, separators=(",", ":"))
    return json.dumps(policy, indent="\t" if style == "tabs" else 2)


EXAMPLES = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEWER = settings(EXAMPLES, max_examples=40)


def pieces(text: str) -> list[str]:
    source = Source(text)
    blocks = visual_blocks.read(source)
    assert blocks is not None
    return [block.raw for block in blocks.blocks]


@FEWER
@given(documents(), st.data())
def test_opening_any_statement_and_going_on_leaves_every_byte(
    text: str, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(pieces(text)) - 1))
    opened = VisualPage(text).press(f"open:{number}")
    assert opened.document == text
    assert opened.press("keep").document == text
    assert opened.press(None).document == text


@EXAMPLES
@given(documents(), st.data())
def test_one_change_is_made_and_nothing_else(text: str, data: st.DataObject) -> None:
    source = Source(text)
    blocks = visual_blocks.read(source)
    assert blocks is not None
    block = data.draw(st.sampled_from(blocks.blocks))
    new = data.draw(WORDS.filter(visual_blocks.fits) | st.just("arn:aws:s3:::漢"))
    name = data.draw(st.sampled_from(["Action", "Resource"]))
    try:
        after = visual_edits.edit_texts(source, block, name, added=[new])
    except visual_edits.Refused:
        assert name not in block.fields
        return
    wanted = source.at(block.path)
    old = list(block.actions if name == "Action" else block.resources)
    if new not in old:
        both = [*old, new]
        listed = isinstance(wanted.get(name), list) or len(both) > 1
        wanted = {**wanted, name: both if listed else new}
    assert Source(after).at(block.path) == wanted
    assert _others(after, block.index) == _others(text, block.index)
    # What is outside of the statement is not touched either.
    start, end = source.places[block.path].start, source.places[block.path].end
    assert after.startswith(text[:start])
    assert after.endswith(text[end:])


@EXAMPLES
@given(documents(), st.data())
def test_what_is_taken_away_is_gone_and_nothing_else(text: str, data: st.DataObject) -> None:
    source = Source(text)
    blocks = visual_blocks.read(source)
    assert blocks is not None
    block = data.draw(st.sampled_from(blocks.blocks))
    if not block.resources:
        return
    numbers = data.draw(st.sets(st.integers(0, len(block.resources) - 1), min_size=1))
    after = visual_edits.edit_texts(source, block, "Resource", removed=sorted(numbers))
    left = [each for number, each in enumerate(block.resources) if number not in numbers]
    assert Source(after).at((*block.path, "Resource")) == left
    assert _others(after, block.index) == _others(text, block.index)


@EXAMPLES
@given(documents(), st.data())
def test_a_condition_means_what_its_fields_say(text: str, data: st.DataObject) -> None:
    source = Source(text)
    blocks = visual_blocks.read(source)
    assert blocks is not None
    block = data.draw(st.sampled_from(blocks.blocks))
    rows = [row for row in block.conditions if not row.reason]
    if not rows:
        return
    row = data.draw(st.sampled_from(rows))
    operator = data.draw(st.sampled_from([row.written_operator, "StringLike", "Bool"]))
    key = data.draw(st.sampled_from([row.key, "aws:a", "aws:new"]))
    values = data.draw(st.lists(WORDS.filter(visual_blocks.fits), max_size=3))
    try:
        after = visual_edits.set_condition(source, block, row, operator, key, values)
    except visual_edits.Refused:
        return
    again = visual_blocks.read(Source(after))
    assert again is not None
    found = {
        (each.written_operator, each.key): each.values
        for each in again.blocks[block.index].conditions
        if not each.reason
    }
    assert found[operator, key] == tuple(values)
    assert len(again.blocks[block.index].conditions) == len(block.conditions)
    assert _others(after, block.index) == _others(text, block.index)


@EXAMPLES
@given(documents(), st.data())
def test_statements_come_and_go_without_a_change_to_the_others(
    text: str, data: st.DataObject
) -> None:
    source = Source(text)
    blocks = visual_blocks.read(source)
    assert blocks is not None
    before = [block.raw for block in blocks.blocks]
    block = data.draw(st.sampled_from(blocks.blocks))
    assert pieces(visual_edits.add_statement(source, blocks))[:-1] == before
    removed = pieces(visual_edits.remove_statement(source, blocks, block))
    assert removed == before[: block.index] + before[block.index + 1 :]
    copied = visual_edits.copy_statement(source, blocks, block)
    assert pieces(copied)[: block.index + 1] == before[: block.index + 1]
    assert pieces(copied)[block.index + 2 :] == before[block.index + 1 :]
    twin = decode(pieces(copied)[block.index + 1])
    assert twin == source.at(block.path) or {**twin, "Sid": block.sid} == source.at(block.path)


@EXAMPLES
@given(
    documents(), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=4), st.data()
)
def test_any_row_of_list_edits_gives_the_list_that_was_meant(
    text: str, changes: list[tuple[int, int]], data: st.DataObject
) -> None:
    for path in (("Statement", 0, "Action"), ("Statement", "Action")):
        source = Source(text)
        value = source.at(path)
        if not isinstance(value, list | str) or path not in source.places:
            continue
        old = value if isinstance(value, list) else [value]
        size = len(old)
        replaced = {i: f"r{n}" for i, n in changes if i < size and n % 2}
        removed = [i for i, n in changes if i < size and n % 2 == 0]
        inserted = {data.draw(st.integers(0, size)): ["new", "newer"]} if changes else {}
        after = visual_text.edit_list(
            source, path, replaced=replaced, removed=removed, inserted=inserted
        )
        wanted: list[Any] = []
        for index in range(size + 1):
            wanted += inserted.get(index, [])
            if index < size and index not in removed:
                wanted.append(replaced.get(index, old[index]))
        found = Source(after).at(path)
        assert (found if isinstance(found, list) else [found]) == wanted


@given(st.text("ab\r\n"))
def test_line_ends_survive_a_browser(text: str) -> None:
    sent = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    assert with_breaks(sent, breaks(text)) == text


def _others(text: str, index: int) -> list[str]:
    return [raw for number, raw in enumerate(pieces(text)) if number != index]
