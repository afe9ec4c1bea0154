"""What the visual editor's form asks for, done to the text of a policy.

Every function takes a source and answers with the text after one change of one statement. What
was not asked for stays as it is, and so does everything that has no field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from accounts.engine.jsontext import MAX_NUMBER, Number, Path
from iamconsole.console.policies import visual_text
from iamconsole.console.policies.visual_blocks import MAX_VALUES, Block, Blocks, Row, fits
from iamconsole.console.policies.visual_text import Source

NEW_STATEMENT: dict[str, Any] = {"Effect": "Allow", "Action": [], "Resource": []}

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")


class Refused(ValueError):
    """Something that can't be done to the text; its words say why."""


def set_text(source: Source, block: Block, name: str, value: str) -> str:
    """The statement with this Sid or Effect; an empty one goes away."""
    _require(block, name)
    _check(value)
    path = (*block.path, name)
    if path not in source.places:
        return visual_text.add_members(source, block.path, {name: value})
    if not value:
        return visual_text.remove(source, block.path, [name])
    return visual_text.replace(source, path, value)


def edit_texts(
    source: Source,
    block: Block,
    name: str,
    *,
    replaced: Mapping[int, str] | None = None,
    removed: Sequence[int] = (),
    added: Sequence[str] = (),
) -> str:
    """The statement with other actions or resources. What is there already is not added again."""
    _require(block, name)
    values = block.actions if name == "Action" else block.resources
    new = [each for each in dict.fromkeys(added) if each not in values]
    for each in (*(replaced or {}).values(), *new):
        _check(each)
    path = (*block.path, name)
    if path not in source.places:
        if not new:
            return source.text
        value = new[0] if len(new) == 1 else new
        return visual_text.add_members(source, block.path, {name: value})
    inserted = {len(values): new} if new else {}
    return visual_text.edit_list(
        source, path, replaced=replaced, removed=removed, inserted=inserted
    )


def add_resource(source: Source, block: Block, arn: str) -> str:
    """The statement with one resource more; it takes the place of `*` alone."""
    if block.all_resources:
        return edit_texts(source, block, "Resource", replaced={0: arn})
    return edit_texts(source, block, "Resource", added=[arn])


def all_resources(source: Source, block: Block) -> str:
    """The statement on every resource."""
    _require(block, "Resource")
    path = (*block.path, "Resource")
    if block.all_resources:
        return source.text
    if path not in source.places:
        return visual_text.add_members(source, block.path, {"Resource": "*"})
    return visual_text.replace(source, path, "*")


def add_condition(
    source: Source, block: Block, operator: str, key: str, values: Sequence[str]
) -> str:
    """The statement with one condition more. Raises Refused where it has it already."""
    _require(block, "Condition")
    _check_condition(source, block, operator, key)
    for each in values:
        _check(each)
    value = values[0] if len(values) == 1 else list(values)
    return _put_condition(source, block, operator, key, value)


def set_condition(
    source: Source, block: Block, row: Row, operator: str, key: str, values: Sequence[str]
) -> str:
    """The statement with another operator, key or values of one condition."""
    text = source.text
    if tuple(values) != row.values:
        text = _set_values(source, row, values)
        source = Source(text)
    if operator == row.written_operator and key == row.key:
        return text
    _check_condition(source, block, operator, key, besides=row)
    condition = (*block.path, "Condition")
    if operator == row.written_operator:
        return visual_text.rename(source, row.path, key)
    keys = source.at((*condition, row.written_operator))
    if len(keys) == 1 and (*condition, operator) not in source.places:
        text = visual_text.rename(source, (*condition, row.written_operator), operator)
        return (
            text
            if key == row.key
            else visual_text.rename(Source(text), (*condition, operator, row.key), key)
        )
    value = source.at(row.path)
    text = visual_text.remove(source, *_what_to_remove(source, block, row))
    return _put_condition(Source(text), block, operator, key, value)


def remove_condition(source: Source, block: Block, row: Row) -> str:
    """The statement without one condition, nor the empty objects it would leave."""
    return visual_text.remove(source, *_what_to_remove(source, block, row))


def add_statement(source: Source, blocks: Blocks) -> str:
    """The document with one statement more at its end: an empty Allow."""
    if blocks.alone:
        margin = visual_text.standing(source, ("Statement",))
        new = visual_text.written(source, NEW_STATEMENT, visual_text.deeper(source, margin))
        return visual_text.wrap(source, ("Statement",), [new])
    if ("Statement",) not in source.places:
        return visual_text.add_members(source, (), {"Statement": [NEW_STATEMENT]})
    if not isinstance(source.value["Statement"], list):
        raise Refused("The document's Statement is no list, so nothing can be added to it here.")
    return visual_text.edit_list(
        source, ("Statement",), inserted={len(blocks.blocks): [NEW_STATEMENT]}
    )


def copy_statement(source: Source, blocks: Blocks, block: Block) -> str:
    """The document with a statement twice, one behind the other; the copy gets a Sid of its own."""
    if blocks.alone:
        text = visual_text.wrap(source, ("Statement",), [block.raw])
    else:
        text = visual_text.copy_after(source, ("Statement",), block.index)
    if not block.sid:
        return text
    taken = {each.sid for each in blocks.blocks}
    number = next(n for n in range(2, len(taken) + 3) if f"{block.sid}{n}" not in taken)
    path = ("Statement", block.index + 1, "Sid")
    return visual_text.replace(Source(text), path, f"{block.sid}{number}")


def remove_statement(source: Source, blocks: Blocks, block: Block) -> str:
    """The document without a statement."""
    if blocks.alone:
        return visual_text.replace(source, ("Statement",), [])
    return visual_text.remove(source, ("Statement",), [block.index])


def _set_values(source: Source, row: Row, values: Sequence[str]) -> str:
    # More could not be shown again; and what is many times there takes minutes to compare.
    if len(values) > MAX_VALUES:
        raise Refused(f"There can be {MAX_VALUES} values here: change more of them as JSON.")
    for each in values:
        _check(each)
    value = source.at(row.path)
    old = value if isinstance(value, list) else [value]
    replaced: dict[int, Any] = {}
    removed: list[int] = []
    inserted: dict[int, list[Any]] = {}
    for tag, i, i_end, j, j_end in SequenceMatcher(
        None, row.values, values, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        both = min(i_end - i, j_end - j)
        for step in range(both):
            replaced[i + step] = _like(old[i + step], values[j + step])
        removed += range(i + both, i_end)
        if j + both < j_end:
            inserted[i_end] = list(values[j + both : j_end])
    return visual_text.edit_list(
        source, row.path, replaced=replaced, removed=removed, inserted=inserted
    )


def _like(old: Any, new: str) -> Any:
    """A number for a number and a truth for a truth, where the new text can be one."""
    if isinstance(old, Number) and _NUMBER.fullmatch(new) and len(new) <= MAX_NUMBER:
        return Number(new)
    if isinstance(old, bool) and new in ("true", "false"):
        return new == "true"
    return new


def _put_condition(source: Source, block: Block, operator: str, key: str, value: Any) -> str:
    condition = (*block.path, "Condition")
    if condition not in source.places:
        return visual_text.add_members(source, block.path, {"Condition": {operator: {key: value}}})
    if (*condition, operator) not in source.places:
        return visual_text.add_members(source, condition, {operator: {key: value}})
    return visual_text.add_members(source, (*condition, operator), {key: value})


def _check_condition(
    source: Source, block: Block, operator: str, key: str, besides: Row | None = None
) -> None:
    _check(key)
    if not key:
        raise Refused("A condition needs a key.")
    for row in block.conditions:
        if (besides and row.number == besides.number) or row.written_operator != operator:
            continue
        if row.key == key:
            raise Refused(
                f"There is a condition {operator} on {key} already: add your values to that one."
            )
        if not row.key:
            raise Refused(f"{operator} is not followed by an object here: change it as JSON.")


def _what_to_remove(source: Source, block: Block, row: Row) -> tuple[Path, list[str | int]]:
    """The outermost member that holds nothing but this condition: its object, and its step."""
    condition = (*block.path, "Condition")
    block_of = source.at(condition)
    keys = block_of[row.written_operator]
    if row.key and len(keys) > 1:
        return row.path[:-1], [row.key]
    if len(block_of) > 1:
        return condition, [row.written_operator]
    return block.path, ["Condition"]


def _require(block: Block, name: str) -> None:
    if name not in block.fields:
        raise Refused(f"This statement's {name} can be changed as JSON only.")


def _check(text: str) -> None:
    if not fits(text):
        raise Refused("There are characters in it that a policy can't hold.")
