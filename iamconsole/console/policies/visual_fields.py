"""What was changed in the fields of the visual editor's form that stand for what is there.

A field that is not in the post was not changed: the form did not show it.
"""

from __future__ import annotations

from django.http import QueryDict

from iamconsole.console.policies.visual_blocks import MAX_RESOURCES, Block, Row, fits
from iamconsole.console.policies.visual_choices import Actions


def changed_ticks(shown: Actions, post: QueryDict) -> tuple[set[str], list[str]]:
    """What was unticked, in lower case, and what was ticked, of the actions that were shown."""
    ticks = set(post.getlist("visual-action"))
    levels = set(post.getlist("visual-level"))
    prefix = shown.service.prefix
    removed, added = set(), []
    for level in shown.levels:
        for tick in level.ticks:
            name = f"{prefix}:{tick.name}"
            if tick.ticked and tick.name not in ticks:
                removed.add(name.lower())
            elif not tick.ticked and not tick.by and tick.name in ticks:
                added.append(name)
        if level.fixed or level.whole == (level.name in levels):
            continue
        names = shown.names(level.name)
        if level.whole:
            removed |= {name.lower() for name in names}
        else:
            removed -= {name.lower() for name in names}
            missing = shown.missing(level.name)
            added += [name for name in missing if name not in added]
    if not shown.all_by and shown.all_ticked != ("visual-all" in post):
        if shown.all_ticked:
            removed.add(shown.all_pattern)
        else:
            added.append(shown.all_pattern)
    return removed, added


def changed_resources(
    block: Block, post: QueryDict, gone: int | None
) -> tuple[dict[int, str], list[int]]:
    """The resources that have another text, by number, and those to remove: `gone`, and emptied."""
    replaced, removed = {}, []
    for index, arn in enumerate(block.resources[:MAX_RESOURCES]):
        sent = post.get(f"visual-resource-{index}", arn)
        if index == gone:
            removed.append(index)
        elif sent == arn or not fits(arn):
            continue
        elif sent.strip():
            replaced[index] = sent.strip()
        else:
            removed.append(index)
    return replaced, removed


def changed_condition(row: Row, post: QueryDict) -> tuple[str, str, list[str]] | None:
    """A condition's operator, key and values as sent; None if they are what they were."""
    field = f"visual-condition-{row.number}-"
    if f"{field}key" not in post:
        return None
    key = post.get(f"{field}key", "")
    operator = operator_name(
        post.get(f"{field}qualifier", ""),
        post.get(f"{field}operator", ""),
        bool(post.get(f"{field}exists")),
    )
    sent = lines(post.get(f"{field}values", ""))
    values = list(row.values) if sent == lines(row.lines) else _without_blank_end(sent)
    if (operator, key, tuple(values)) == (row.written_operator, row.key, row.values):
        return None
    return operator, key.strip(), values


def operator_name(qualifier: str, operator: str, if_exists: bool) -> str:
    """`ForAnyValue`, `StringLike` and True as a policy says it, in one word."""
    name = f"{operator}IfExists" if if_exists else operator
    return f"{qualifier}:{name}" if qualifier else name


def lines(text: str) -> list[str]:
    """The lines of a text area."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _without_blank_end(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def as_number(text: str) -> int | None:
    """The number that a button or a field names, or None."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
