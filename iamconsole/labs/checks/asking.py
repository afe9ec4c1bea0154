"""Asking checks: their values are filled in, the verb judges, and so does the group they are in."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator

from accounts import events
from iamconsole.labs.checks import place as places
from iamconsole.labs.checks import verbs
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.place import Budget, Unanswerable
from iamconsole.labs.checks.words import clipped, listed, sentence
from iamconsole.labs.checks.world import World
from iamconsole.labs.format import values
from iamconsole.labs.format.pack import Check

#: Groups within groups, and checks in all of them together.
_DEEPEST, _MOST_PARTS = 8, 100


def ask(world: World, check: Check) -> Finding:
    """The finding of one check."""
    return ask_all(world, (check,))[0]


def ask_all(world: World, checks: Sequence[Check]) -> list[Finding]:
    """The findings of a step's checks, in their order. Together they have one budget."""
    if any(_reads_the_record(check, 0) for check in checks):
        events.catch_up()
    budget = Budget()
    return [_told(world, check, _asked(world, check, budget)) for check in checks]


def _reads_the_record(check: Check, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    return check.verb in verbs.OF_RECORDS or any(
        _reads_the_record(each, depth + 1) for each in check.checks
    )


def _asked(world: World, check: Check, budget: Budget) -> Finding:
    """The finding of a check and all its parts; what can't be answered doesn't hold."""
    try:
        return _judged(world, check, "", budget, 0)
    except Unanswerable as error:
        asked = f"The check {clipped(check.verb, 40)} of this lab."
        return Finding(False, asked, str(error), "It can be answered, and holds.")


def _judged(world: World, check: Check, inherited: str, budget: Budget, depth: int) -> Finding:
    if depth > _DEEPEST or len(check.checks) > _MOST_PARTS:
        raise places.TooLarge
    name = check.account or inherited
    if check.verb in verbs.GROUPS:
        parts = [_judged(world, each, name, budget, depth + 1) for each in check.checks]
        if not parts:
            raise Unanswerable(f"{check.verb} has no checks.")
        told = [_told(world, each, part) for each, part in zip(check.checks, parts, strict=True)]
        return _GROUPED[check.verb](told)
    judge = verbs.JUDGES.get(check.verb)
    if judge is None:
        raise Unanswerable(f"There is no check called {clipped(check.verb, 40)}.")
    arguments = values.fill(check.arguments, world.values)
    if not _is_text(arguments):
        raise Unanswerable("It is asked about something that is no text.")
    problem = next(_validator(check.verb).iter_errors(arguments), None)
    if problem is not None:
        raise Unanswerable(f"It is asked wrongly: {clipped(problem.message)}.")
    return _cut(judge(places.enter(world, name, budget), arguments))


def _is_text(thing: Any) -> bool:
    """Whether a database can be asked for it: no NUL, no half of a character."""
    if isinstance(thing, str):
        return "\0" not in thing and not any("\ud800" <= each <= "\udfff" for each in thing)
    if isinstance(thing, Mapping):
        return all(_is_text(key) and _is_text(inner) for key, inner in thing.items())
    return not isinstance(thing, list) or all(map(_is_text, thing))


@functools.cache
def _validator(verb: str) -> Any:
    return Draft202012Validator(verbs.ARGUMENTS[verb])


def _cut(finding: Finding) -> Finding:
    """The finding with no sentence longer than a report needs."""
    return replace(
        finding,
        asked=sentence(finding.asked),
        found=sentence(finding.found),
        expected=sentence(finding.expected),
        through=tuple(clipped(each) for each in finding.through[:10]),
    )


def _told(world: World, check: Check, finding: Finding) -> Finding:
    """The finding with the author's sentences, filled in."""
    if check.asks:
        return _discreet(world, check, _with_message(world, check, finding))
    return _with_message(world, check, finding)


def _discreet(world: World, check: Check, finding: Finding) -> Finding:
    """The finding without what was looked at, which would give the answer away."""
    return replace(
        finding,
        asked=sentence(values.fill(check.asks, world.values)),
        found="It is so." if finding.holds else "It is not so.",
        expected="It is so.",
        through=(),
    )


def _with_message(world: World, check: Check, finding: Finding) -> Finding:
    """The finding with what the learner is told where it does not hold."""
    if finding.holds:
        return replace(finding, message="")
    known: Mapping[str, str] = {
        **world.values,
        "found": finding.found,
        "path": listed(finding.through) or "nothing",
    }
    said = values.fill(check.fail, known) if check.fail else finding.message or finding.found
    return replace(finding, message=sentence(said))


# --- Groups --------------------------------------------------------------------------------------


def _any_of(parts: Sequence[Finding]) -> Finding:
    held = [each for each in parts if each.holds]
    asked = f"One of these: {' '.join(each.asked for each in parts)}"
    if held:
        found = f"This holds: {held[0].asked} {held[0].found}"
        return _cut(Finding(True, asked, found, "One of them holds.", held[0].through))
    found = f"None of them holds. {' '.join(each.found for each in parts)}"
    return _cut(Finding(False, asked, found, "One of them holds.", _through(parts)))


def _all_of(parts: Sequence[Finding]) -> Finding:
    failed = [each for each in parts if not each.holds]
    asked = f"All of these: {' '.join(each.asked for each in parts)}"
    if not failed:
        found = " ".join(each.found for each in parts)
        return _cut(Finding(True, asked, found, "All of them hold.", _through(parts)))
    found = " ".join(f"This does not hold: {each.asked} {each.found}" for each in failed)
    message = failed[0].message
    told = Finding(False, asked, found, "All of them hold.", _through(failed), message)
    return _cut(told)


def _not(parts: Sequence[Finding]) -> Finding:
    (part,) = parts[:1]
    asked = f"This is not so: {part.asked}"
    return _cut(Finding(not part.holds, asked, part.found, f"Not: {part.expected}", part.through))


def _through(parts: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for each in parts for path in each.through))


_GROUPED = {"any_of": _any_of, "all_of": _all_of, "not": _not}
