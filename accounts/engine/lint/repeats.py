"""Checks for what is said twice, and for statements that can never apply."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from ..match import Matcher, matcher
from .entries import ConditionEntry, DocumentEntry, Entry, StatementEntry
from .report import Report, shown
from .texts import has_wildcard

MAX_COMPARISONS = 100_000
"""Pairs of patterns compared in one document; beyond, only equal ones are found."""


def check(document: DocumentEntry, report: Report) -> None:
    """Report redundant actions, resources and statements, and statements without effect."""
    if not document.complete:
        return
    budget = [MAX_COMPARISONS]
    for statement in document.statements:
        for entries in (statement.actions, statement.not_actions):
            _check_redundant(entries, "action", _action_bucket, str.lower, budget, report)
        for entries in (statement.resources, statement.not_resources):
            _check_redundant(entries, "resource", _one_bucket, str, budget, report)
        _check_excluding_all(statement, report)
        _check_contradiction(statement, report)
    _check_statements(document, report)
    _check_denied(document, budget, report)


def _action_bucket(text: str) -> str:
    return text.partition(":")[0].lower()


def _one_bucket(text: str) -> str:
    return ""


def _check_redundant(
    entries: Sequence[Entry],
    kind: str,
    bucket: Callable[[str], str],
    fold: Callable[[str], str],
    budget: list[int],
    report: Report,
) -> None:
    redundant = _redundant(entries, bucket, fold, budget)
    if not redundant:
        return
    first, by = redundant[0]
    how = f"adds nothing to {shown(by.text)}" if by.text != first.text else "stands here twice"
    more = f", and {len(redundant) - 1} more" if len(redundant) > 1 else ""
    message = f"{shown(first.text)} {how}{more}. Remove what is redundant."
    report.add(f"REDUNDANT_{kind.upper()}", message, first.path)


def _redundant(
    entries: Sequence[Entry],
    bucket: Callable[[str], str],
    fold: Callable[[str], str],
    budget: list[int],
) -> list[tuple[Entry, Entry]]:
    """The entries that another one covers, each with that one."""
    covering: dict[str, list[tuple[Entry, Matcher]]] = {}
    for entry in entries:
        if "*" in entry.text and "?" not in entry.text:
            place = "" if entry.text == "*" else bucket(entry.text)
            covering.setdefault(place, []).append((entry, matcher(fold(entry.text))))
    found, seen = [], dict[str, Entry]()
    for entry in entries:
        text = fold(entry.text)
        if text in seen:
            found.append((entry, seen[text]))
            continue
        seen[text] = entry
        places = {bucket(entry.text), ""}
        for other, covers in (each for place in places for each in covering.get(place, ())):
            budget[0] -= 1
            if budget[0] < 0:
                return found
            if fold(other.text) != text and covers(text):
                found.append((entry, other))
                break
    return found


def _check_excluding_all(statement: StatementEntry, report: Report) -> None:
    for name, entries in (
        ("NotAction", statement.not_actions),
        ("NotResource", statement.not_resources),
    ):
        if any(entry.text == "*" for entry in entries):
            message = f"{name} with * leaves nothing over, so the statement never applies."
            report.add("STATEMENT_NEVER_APPLIES", message, (*statement.path, name), name=True)


def _check_contradiction(statement: StatementEntry, report: Report) -> None:
    """Conditions on one key that no request can meet together."""
    absent = {
        condition.lower
        for condition in statement.conditions
        if condition.operator.name == "Null"
        and condition.qualifier is None
        and [value.text for value in condition.values] == ["true"]
    }
    fixed: dict[str, tuple[ConditionEntry, set[str]]] = {}
    for condition in statement.conditions:
        if condition.lower in absent and condition.needs_key:
            message = (
                f"One condition wants {shown(condition.key)} absent, this one wants it present: "
                "the statement never applies."
            )
            report.add("STATEMENT_NEVER_APPLIES", message, condition.path, name=True)
        if (wanted := _only_values(condition)) is None:
            continue
        known = fixed.setdefault(condition.lower, (condition, wanted))[1]
        if not known & wanted:
            message = (
                f"No value of {shown(condition.key)} meets both this condition and the one above: "
                "the statement never applies."
            )
            report.add("STATEMENT_NEVER_APPLIES", message, condition.path, name=True)


def _only_values(condition: ConditionEntry) -> set[str] | None:
    """The values a condition is content with, in lower case, where they can be told."""
    if condition.qualifier is not None or condition.if_exists or not condition.values:
        return None
    if condition.operator.name not in ("StringEquals", "StringEqualsIgnoreCase", "StringLike"):
        return None
    like = condition.operator.name == "StringLike"
    texts = [value.text for value in condition.values]
    if any("${" in text or (like and has_wildcard(text)) for text in texts):
        return None
    return {text.lower() for text in texts}


def _check_statements(document: DocumentEntry, report: Report) -> None:
    seen: dict[Hashable, StatementEntry] = {}
    for statement in document.statements:
        if statement.effect is None:
            continue
        first = seen.setdefault(_meaning(statement), statement)
        if first is not statement:
            message = "Another statement above says exactly the same. Remove one of them."
            report.add("REDUNDANT_STATEMENT", message, statement.path)


def _meaning(statement: StatementEntry) -> Hashable:
    return (
        statement.effect,
        frozenset(entry.text.lower() for entry in statement.actions),
        frozenset(entry.text.lower() for entry in statement.not_actions),
        frozenset(entry.text for entry in statement.resources),
        frozenset(entry.text for entry in statement.not_resources),
        frozenset((each.type, each.name) for each in statement.principals),
        frozenset((each.type, each.name) for each in statement.not_principals),
        frozenset(
            (each.written, each.lower, frozenset(value.text for value in each.values))
            for each in statement.conditions
        ),
        # What could not be read is never equal.
        repr(statement.raw.get("Condition")) if _is_odd(statement) else None,
    )


def _is_odd(statement: StatementEntry) -> bool:
    block = statement.raw.get("Condition")
    if block is None:
        return False
    return not isinstance(block, dict) or len(statement.conditions) != sum(
        len(keys) if isinstance(keys, dict) else 1 for keys in block.values()
    )


def _check_denied(document: DocumentEntry, budget: list[int], report: Report) -> None:
    """Report an Allow that a Deny without conditions takes back whole."""
    denying = [
        each
        for each in document.statements
        if each.effect == "Deny"
        and "Condition" not in each.raw
        and each.actions
        and (each.resources or "Resource" not in each.raw)
        and "NotResource" not in each.raw
        and not each.not_principals
    ]
    for statement in document.statements:
        if not statement.allows or not statement.actions or statement.not_resources:
            continue
        for deny in denying:
            budget[0] -= len(deny.actions) * len(statement.actions)
            budget[0] -= len(deny.resources) * len(statement.resources)
            if budget[0] < 0:
                return
            if _takes_back(deny, statement):
                message = "A Deny in this policy covers all of it, so the statement never applies."
                report.add("STATEMENT_NEVER_APPLIES", message, statement.path)
                break


def _takes_back(deny: StatementEntry, allow: StatementEntry) -> bool:
    everybody = not deny.principals or any(each.name == "*" for each in deny.principals)
    same = {(each.type, each.name) for each in allow.principals} <= {
        (each.type, each.name) for each in deny.principals
    }
    return (
        (everybody or same)
        and _covers(deny.actions, allow.actions, str.lower)
        and _covers(deny.resources, allow.resources, str)
    )


def _covers(wide: Sequence[Entry], narrow: Sequence[Entry], fold: Callable[[str], str]) -> bool:
    texts = {fold(entry.text) for entry in wide}
    patterns = [
        matcher(fold(entry.text))
        for entry in wide
        if "*" in entry.text and "?" not in entry.text and "${" not in entry.text
    ]
    return all(
        (text := fold(entry.text)) in texts or any(covers(text) for covers in patterns)
        for entry in narrow
    )
