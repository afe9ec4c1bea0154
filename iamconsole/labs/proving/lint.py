"""What could be better about a lab that can be read."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from accounts.actions.registry import ACTIONS
from accounts.engine import catalog
from iamconsole.labs import catalogue
from iamconsole.labs.format import documents, texts
from iamconsole.labs.format.contents import shown
from iamconsole.labs.format.form import suggestion
from iamconsole.labs.format.pack import Check, Lab, Operation
from iamconsole.labs.format.problem import Problem
from iamconsole.labs.proving import controls

#: Characters of a text, of one hint, and of all texts: what a learner reads beside the console.
_LONGEST_TEXT = 8_000
_LONGEST_HINT = 600
_LONGEST_FAIL = 240
_ALL_TEXTS = 128 * 1024
_BUILT = frozenset(action.partition(":")[0] for action in ACTIONS)
#: Addresses of the labs' own, where that of a lab would be.
TAKEN = frozenset({"leave"})
#: Markdown that opens more brackets takes longer to read than it could be worth.
_MOST_BRACKETS = 200


def problems(lab: Lab) -> list[Problem]:
    """Everything to put right, in the order of the files."""
    return [
        *_length_problems(lab),
        *_markdown_problems(lab),
        *_catalogue_problems(lab),
        *_step_problems(lab),
        *_value_problems(lab),
        *_action_problems(lab),
        *_file_problems(lab),
    ]


def _markdown(lab: Lab) -> dict[str, str]:
    return {name: text for name, text in lab.files.items() if name.endswith(".md")}


def _length_problems(lab: Lab) -> Iterator[Problem]:
    for name, text in _markdown(lab).items():
        if len(text) > _LONGEST_TEXT:
            yield Problem(name, f"{len(text)} characters; keep a text below {_LONGEST_TEXT}.")
        if text.count("[") > _MOST_BRACKETS:
            yield Problem(name, f"The text has more than {_MOST_BRACKETS} opening brackets.")
        if not text.strip():
            yield Problem(name, "The text is empty.")
    if sum(map(len, _markdown(lab).values())) > _ALL_TEXTS:
        yield Problem("", f"The texts have more than {_ALL_TEXTS} characters together.")
    for step in lab.steps:
        for number, hint in enumerate(step.hints, 1):
            if len(hint) > _LONGEST_HINT:
                message = (
                    f"Hint {number} has {len(hint)} characters; keep it below {_LONGEST_HINT}."
                )
                yield Problem(f"lab.yaml, step {step.id}", message)
        for check in step.checks:
            if len(check.fail) > _LONGEST_FAIL:
                yield Problem(check.place, f"`fail` is longer than {_LONGEST_FAIL} characters.")


def _markdown_problems(lab: Lab) -> Iterator[Problem]:
    found = _markdown(lab)
    if sum(map(len, found.values())) > _ALL_TEXTS:
        return
    for name, text in found.items():
        if len(text) <= _LONGEST_TEXT and text.count("[") <= _MOST_BRACKETS:
            for line, message in texts.problems(text):
                yield Problem(f"{name}:{line}", message)
    for step in lab.steps:
        for number, hint in enumerate(step.hints, 1):
            for _, message in texts.problems(hint):
                yield Problem(f"lab.yaml, step {step.id}, hint {number}", message)


def _catalogue_problems(lab: Lab) -> Iterator[Problem]:
    if lab.id in TAKEN:
        yield Problem("lab.yaml", f"No lab can be called {lab.id}: its address is taken.")
    known = catalogue.ids() if lab.requires else set()
    for needed in lab.requires:
        if needed == lab.id:
            yield Problem("lab.yaml", "The lab requires itself.")
        elif needed not in known:
            meant = suggestion(needed, known)
            yield Problem("lab.yaml", f"requires: there is no lab {shown(needed)}{meant}")


def _step_problems(lab: Lab) -> Iterator[Problem]:
    answered = {answer.step for answer in lab.wrong_answers}
    known = controls.ids()
    for step in lab.steps:
        place = f"lab.yaml, step {step.id}"
        if step.id not in answered:
            yield Problem(place, "The step has no wrong answer in wrong/.")
        if len(set(step.hints)) < len(step.hints):
            yield Problem(place, "Two hints are the same.")
        for show in step.show:
            if known and "{" not in show.control and show.control not in known:
                meant = suggestion(show.control, known)
                yield Problem(place, f"No page has a control {shown(show.control)}{meant}")


def _value_problems(lab: Lab) -> Iterator[Problem]:
    """Values that two names may have at once."""
    choices: Counter[str] = Counter()
    for described in lab.values.values():
        if isinstance(described, str):
            choices[described] += 1
        elif isinstance(described, Mapping):
            choices.update(described.get("one_of", ()))
    for choice, times in choices.items():
        if times > 1:
            yield Problem("lab.yaml", f"Two values may both become {shown(choice)}.")


def _action_problems(lab: Lab) -> Iterator[Problem]:
    """Actions that AWS does not have: nobody is ever allowed them, and nobody calls them."""
    for step in lab.steps:
        for check in _every(step.checks):
            asked = check.arguments.get("name" if check.verb == "event" else "action", ())
            for action in [asked] if isinstance(asked, str) else asked:
                # Sign-ins and our own commands are events, too, and no actions of AWS's.
                if check.verb != "event" or action.partition(":")[0] in _BUILT:
                    yield from _unknown_action(action, check.place)
    if lab.least_privilege is not None:
        for action in lab.least_privilege.needed:
            yield from _unknown_action(action, "lab.yaml, finish")


def _unknown_action(action: str, place: str) -> Iterator[Problem]:
    service, _, name = action.partition(":")
    known = catalog.service(service)
    if "{" in action or action == "*" or "*" in service:
        return
    if not catalog.expand(action) and not fnmatch.filter(ACTIONS, action):
        names = [each.name for each in known.actions.values()] if known is not None else ()
        yield Problem(place, f"AWS has no action {shown(action)}{suggestion(name, names)}")


def _file_problems(lab: Lab) -> Iterator[Problem]:
    for name in sorted(lab.files.keys() - set(_used_files(lab))):
        yield Problem(name, "Nothing uses this file.")


def _used_files(lab: Lab) -> Iterator[str]:
    yield from ("lab.yaml", "intro.md")
    texts_used = {lab.finish_text, *(each.text for each in lab.steps)}
    texts_used |= {each.solution for each in lab.steps}
    # A lab holds its texts, not their names.
    yield from (name for name, text in lab.files.items() if text in texts_used)
    yield from (f"wrong/{answer.name}.yaml" for answer in lab.wrong_answers)
    yield from (comparison.reference for comparison in lab.compare)
    calls: list[Operation] = [*lab.start]
    for step in lab.steps:
        calls += step.solve
    for answer in lab.wrong_answers:
        calls += answer.do
    for operation in calls:
        yield from _files_in(operation.arguments)
    for step in lab.steps:
        for check in _every(step.checks):
            if check.verb == "policy_equivalent":
                yield check.arguments["to"]


def _every(checks: Iterable[Check]) -> Iterator[Check]:
    for check in checks:
        yield check
        yield from _every(check.checks)


def _files_in(thing: Any) -> Iterator[str]:
    """The files that `{file: …}` names, however deep."""
    if (named := documents.file_of(thing)) is not None:
        yield named
    elif isinstance(thing, Mapping):
        yield from (name for inner in thing.values() for name in _files_in(inner))
    elif isinstance(thing, list):
        yield from (name for inner in thing for name in _files_in(inner))
